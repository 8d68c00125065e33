"""Surveys over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.auth.shown_once import created_with_secret
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.surveys import links, service
from api.surveys.answer_schemas import SurveyInvitationCreated, SurveyInvite
from api.surveys.resource import INVITATIONS, SURVEYS
from api.surveys.schemas import SurveyCreate, SurveyPage, SurveyQuery, SurveyRead, SurveyUpdate

router = resource_router("/surveys", tag="surveys")

CanReadSurveys = Annotated[Tx, reads("surveys:read")]
CanWriteSurveys = Annotated[Tx, writes("surveys:write")]
CanInvite = Annotated[Tx, writes("survey_invitations:write")]


@router.get("", response_model=SurveyPage, openapi_extra=SURVEYS.documented())
async def list_surveys(tx: CanReadSurveys, query: Annotated[SurveyQuery, asked(SurveyQuery)]) -> Response:
    """List the surveys with their schedules."""
    return await answers.page(tx, SURVEYS, SurveyRead, query)


@router.post("", response_model=SurveyRead, status_code=201)
async def create_survey(tx: CanWriteSurveys, body: SurveyCreate) -> Response:
    """Add a survey.

    While it is active, the worker makes an invitation for each occasion of its schedule on the day it is due.
    """
    survey = await service.create_survey(tx, body.given())
    return await answers.created(tx, SURVEYS, SurveyRead, survey.id)


@router.get("/{survey_id}", response_model=SurveyRead, openapi_extra=SURVEYS.documented())
async def get_survey(tx: CanReadSurveys, survey_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one survey."""
    return await answers.item(tx, SURVEYS, SurveyRead, survey_id, query)


@router.patch("/{survey_id}", response_model=SurveyRead)
async def update_survey(tx: CanWriteSurveys, survey_id: UUID, version: Version, body: SurveyUpdate) -> Response:
    """Change a survey. Invitations that were made stay as they are."""
    await service.update_survey(tx, survey_id, version, body.given())
    return await answers.changed(tx, SURVEYS, SurveyRead, survey_id)


@router.delete("/{survey_id}", response_model=SurveyRead)
async def archive_survey(tx: CanWriteSurveys, survey_id: UUID, version: Version) -> Response:
    """Archive a survey: nobody is asked any more; its answers stay."""
    await service.archive_survey(tx, survey_id, version)
    return await answers.changed(tx, SURVEYS, SurveyRead, survey_id)


@router.post("/{survey_id}:restore", response_model=SurveyRead)
async def restore_survey(tx: CanWriteSurveys, survey_id: UUID) -> Response:
    """Restore an archived survey."""
    await service.restore_survey(tx, survey_id)
    return await answers.changed(tx, SURVEYS, SurveyRead, survey_id)


@router.post("/{survey_id}/invitations", response_model=SurveyInvitationCreated, status_code=201)
async def invite_to_survey(tx: CanInvite, survey_id: UUID, body: SurveyInvite) -> Response:
    """Ask one person now, outside the schedule. The token of the link is shown once; mailing it is up to you."""
    invitation, token = await links.invite(tx, survey_id, body.contact_id)
    return await created_with_secret(
        tx, INVITATIONS, SurveyInvitationCreated, invitation.id, location="/v1/survey-invitations", token=token
    )
