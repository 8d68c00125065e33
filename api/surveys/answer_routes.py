"""Invitations to surveys, answers without a login, and responses over HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.auth.access import Access, reads, writes
from api.auth.secret_tokens import SecretToken
from api.auth.sessions import ATTEMPTS_PER_MINUTE
from api.auth.shown_once import MARKER
from api.kit import answers
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery, or_none
from api.surveys import links, responses
from api.surveys.answer_schemas import (
    SurveyAnswer,
    SurveyAnswered,
    SurveyInvitationPage,
    SurveyInvitationQuery,
    SurveyInvitationRead,
    SurveyInvitationsSend,
    SurveyInvitationsSent,
    SurveyOpen,
    SurveyOpened,
    SurveyResponseBulkUpsert,
    SurveyResponsePage,
    SurveyResponseQuery,
    SurveyResponseRead,
    SurveyResponseUpdate,
)
from api.surveys.resource import INVITATIONS, RESPONSES

invitation_router = resource_router("/survey-invitations", tag="surveys")
answer_router = resource_router("/survey-answers", tag="survey-answers")
response_router = resource_router("/survey-responses", tag="survey-answers")

CanReadInvitations = Annotated[Tx, reads("survey_invitations:read")]
CanSend = Annotated[Tx, writes("survey_invitations:write")]
CanReadResponses = Annotated[Tx, reads("survey_responses:read")]
CanWriteResponses = Annotated[Tx, writes("survey_responses:write")]
CanBulkWriteResponses = Annotated[Tx, writes("survey_responses:write", key_required=True)]

_GONE: Final[dict[str, Any]] = {"responses": {"410": {"$ref": "#/components/responses/Problem410"}}}


@invitation_router.get("", response_model=SurveyInvitationPage, openapi_extra=INVITATIONS.documented())
async def list_survey_invitations(
    tx: CanReadInvitations, query: Annotated[SurveyInvitationQuery, asked(SurveyInvitationQuery)]
) -> Response:
    """List who was asked, who waits to be asked, and who was not asked for which reason; the latest first."""
    return await answers.page(tx, INVITATIONS, SurveyInvitationRead, query)


@invitation_router.get(
    "/{survey_invitation_id}", response_model=SurveyInvitationRead, openapi_extra=INVITATIONS.documented()
)
async def get_survey_invitation(
    tx: CanReadInvitations, survey_invitation_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one survey invitation."""
    return await answers.item(tx, INVITATIONS, SurveyInvitationRead, survey_invitation_id, query)


@invitation_router.post(":send", response_model=SurveyInvitationsSent)
async def send_survey_invitations(tx: CanSend, body: SurveyInvitationsSend) -> Response:
    """Hand out due invitations with their links, to be mailed by the caller; they count as sent from then on.

    Two callers at once get different ones. Tokens are shown once: if the mails could not be sent, name the invitations
    in `ids` and they get new links.
    """
    sent = await links.hand_out(tx, ids=or_none(body.ids), survey_ids=or_none(body.survey_id), limit=body.limit)
    shown = SurveyInvitationsSent(data=sent)
    stored = SurveyInvitationsSent(data=[each.model_copy(update={"token": MARKER}) for each in sent])
    response = await answers.done(tx, shown, stored=stored)
    response.headers["Cache-Control"] = "no-store"
    return response


@asynccontextmanager
async def _held(request: Request, text: str) -> AsyncIterator[tuple[Tx, SecretToken]]:
    """The transaction of whoever holds a link; each link has its own rate limit."""
    token = links.read_token(text)
    access: Access = request.app.state.access
    await access.limiter.count(f"survey {token.id}", limit=ATTEMPTS_PER_MINUTE)
    with access.limiter.place_for(token.workspace_id):
        async with access.database.write(token.workspace_id) as tx:
            tx.request = request
            request.scope["tx"] = tx
            yield tx, token


@answer_router.post(":open", response_model=SurveyOpened, openapi_extra=_GONE)
async def open_survey(request: Request, body: SurveyOpen) -> Response:
    """What the person who followed a link is asked: the question in both languages, its scale, until when.

    Needs no credential but the token, which goes into the body so that it appears in no log.
    """
    async with _held(request, body.token) as (tx, token):
        return await answers.done(tx, SurveyOpened.model_validate(await links.opened(tx, token)))


@answer_router.post("", response_model=SurveyAnswered, openapi_extra=_GONE)
async def answer_survey(request: Request, body: SurveyAnswer) -> Response:
    """Answer a survey with the token of a link; each link answers once."""
    async with _held(request, body.token) as (tx, token):
        response = await links.answer(tx, token, body.score, body.comment)
        return await answers.done(tx, SurveyAnswered(score=response.score, answered_at=response.answered_at))


@response_router.get("", response_model=SurveyResponsePage, openapi_extra=RESPONSES.documented())
async def list_survey_responses(
    tx: CanReadResponses, query: Annotated[SurveyResponseQuery, asked(SurveyResponseQuery)]
) -> Response:
    """List the answers, the latest first."""
    return await answers.page(tx, RESPONSES, SurveyResponseRead, query)


@response_router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_survey_responses(
    tx: CanBulkWriteResponses,
    body: SurveyResponseBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Take over up to 5,000 responses of another survey tool, by external id; known from now on.

    Each item has its own result. A response that is there already can get another score or comment; the score that it
    supersedes is kept. For a history that counts as known in its time, use an import.
    """
    return await answers.bulk(tx, await responses.upsert_responses(tx, body.items, atomic=atomic))


@response_router.get("/{survey_response_id}", response_model=SurveyResponseRead, openapi_extra=RESPONSES.documented())
async def get_survey_response(
    tx: CanReadResponses, survey_response_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one answer."""
    return await answers.item(tx, RESPONSES, SurveyResponseRead, survey_response_id, query)


@response_router.patch("/{survey_response_id}", response_model=SurveyResponseRead)
async def correct_survey_response(
    tx: CanWriteResponses, survey_response_id: UUID, version: Version, body: SurveyResponseUpdate
) -> Response:
    """Correct an answer. Another score counts from now on; what was known before stays known for its time."""
    await responses.correct_response(tx, survey_response_id, version, body.given())
    return await answers.changed(tx, RESPONSES, SurveyResponseRead, survey_response_id)


@response_router.delete("/{survey_response_id}", response_model=SurveyResponseRead)
async def archive_survey_response(tx: CanWriteResponses, survey_response_id: UUID, version: Version) -> Response:
    """Archive an answer, such as a test: it leaves lists and figures, and can be restored."""
    await responses.archive_response(tx, survey_response_id, version)
    return await answers.changed(tx, RESPONSES, SurveyResponseRead, survey_response_id)


@response_router.post("/{survey_response_id}:restore", response_model=SurveyResponseRead)
async def restore_survey_response(tx: CanWriteResponses, survey_response_id: UUID) -> Response:
    """Restore an archived answer."""
    await responses.restore_response(tx, survey_response_id)
    return await answers.changed(tx, RESPONSES, SurveyResponseRead, survey_response_id)
