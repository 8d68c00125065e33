"""Reference requests and asks over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.reference_cases import matching, partner_requests, requests
from api.reference_cases.request_schemas import (
    ReferenceAskCreate,
    ReferenceAskPage,
    ReferenceAskQuery,
    ReferenceAskRead,
    ReferenceAskUpdate,
    ReferenceMatches,
    ReferenceRequestCreate,
    ReferenceRequestPage,
    ReferenceRequestQuery,
    ReferenceRequestRead,
    ReferenceRequestUpdate,
)
from api.reference_cases.requests import ASKS, REQUESTS

router = resource_router("/reference-requests", tag="reference-requests")
ask_router = resource_router("/reference-asks", tag="reference-requests")

CanReadRequests = Annotated[Tx, reads("reference_requests:read")]
CanWriteRequests = Annotated[Tx, writes("reference_requests:write")]


@router.get("", response_model=ReferenceRequestPage, openapi_extra=REQUESTS.documented())
async def list_reference_requests(
    tx: CanReadRequests, query: Annotated[ReferenceRequestQuery, asked(ReferenceRequestQuery)]
) -> Response:
    """List requests for references, the next due first."""
    return await answers.page(tx, REQUESTS, ReferenceRequestRead, query)


@router.post("", response_model=ReferenceRequestRead, status_code=201)
async def create_reference_request(tx: CanWriteRequests, body: ReferenceRequestCreate) -> Response:
    """Ask for a reference for a prospect."""
    request = await requests.create_request(tx, body.model_dump(mode="python") | {"act": body.act.value})
    return await answers.created(tx, REQUESTS, ReferenceRequestRead, request.id)


@router.get("/{request_id}", response_model=ReferenceRequestRead, openapi_extra=REQUESTS.documented())
async def get_reference_request(
    tx: CanReadRequests, request_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one request."""
    return await answers.item(tx, REQUESTS, ReferenceRequestRead, request_id, query)


@router.patch("/{request_id}", response_model=ReferenceRequestRead)
async def update_reference_request(
    tx: CanWriteRequests, request_id: UUID, version: Version, body: ReferenceRequestUpdate
) -> Response:
    """Change a request, or note what became of it. Cancelling gives back the places that were reserved.

    If a partner asked, it sees the state and your `answer`, and nothing else that is noted here.
    """
    await partner_requests.update_request(tx, request_id, version, body.given())
    return await answers.changed(tx, REQUESTS, ReferenceRequestRead, request_id)


@router.get("/{request_id}/matches", response_model=ReferenceMatches)
async def match_reference_request(tx: CanReadRequests, request_id: UUID) -> Response:
    """Who fits a request: each with its case, whom to ask, and its score by criterion.

    `left_out` are those who would fit but are not to be asked now, and why: asked often already, a renewal soon, health,
    no consent for this act, the prospect excluded. These reasons are for people of the workspace only.
    """
    request = await requests.request_by_id(tx, request_id)
    return answers.represented(tx, await matching.matches(tx, request), None)


@router.post("/{request_id}:reserve", response_model=ReferenceAskRead, status_code=201)
async def reserve_reference(tx: CanWriteRequests, request_id: UUID, body: ReferenceAskCreate) -> Response:
    """Reserve a customer for a request, before somebody asks them. However many try at once, limits hold."""
    ask = await requests.reserve(tx, request_id, body.model_dump())
    return await answers.created(tx, ASKS, ReferenceAskRead, ask.id, location="/v1/reference-asks")


@ask_router.get("", response_model=ReferenceAskPage, openapi_extra=ASKS.documented())
async def list_reference_asks(
    tx: CanReadRequests, query: Annotated[ReferenceAskQuery, asked(ReferenceAskQuery)]
) -> Response:
    """List who was asked for what, the latest first."""
    return await answers.page(tx, ASKS, ReferenceAskRead, query)


@ask_router.get("/{ask_id}", response_model=ReferenceAskRead, openapi_extra=ASKS.documented())
async def get_reference_ask(
    tx: CanReadRequests, ask_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one ask."""
    return await answers.item(tx, ASKS, ReferenceAskRead, ask_id, query)


@ask_router.patch("/{ask_id}", response_model=ReferenceAskRead)
async def update_reference_ask(
    tx: CanWriteRequests, ask_id: UUID, version: Version, body: ReferenceAskUpdate
) -> Response:
    """Note what became of an ask. Released means that nobody was asked: it counts no more."""
    await requests.update_ask(tx, ask_id, version, body.given())
    return await answers.changed(tx, ASKS, ReferenceAskRead, ask_id)
