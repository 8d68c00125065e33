"""What partners call: reference cases as far as their customers agreed, and asking for one who speaks."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.reference_cases import partner_requests
from api.reference_cases.partner_requests import PARTNER_REQUESTS
from api.reference_cases.partner_resource import PARTNER_CASES, PARTNER_ENTRIES
from api.reference_cases.partner_schemas import (
    PartnerReferenceCasePage,
    PartnerReferenceCaseQuery,
    PartnerReferenceCaseRead,
    PartnerReferenceRequestCreate,
    PartnerReferenceRequestPage,
    PartnerReferenceRequestQuery,
    PartnerReferenceRequestRead,
)
from api.reference_cases.partner_search import list_partner_cases

case_router = resource_router("/partner/reference-cases", tag="for-partners")
request_router = resource_router("/partner/reference-requests", tag="for-partners")

CanSeeCases = Annotated[Tx, reads("partner_reference_cases:read")]
CanSeeRequests = Annotated[Tx, reads("partner_reference_requests:read")]
CanAsk = Annotated[Tx, writes("partner_reference_requests:write")]


@case_router.get("", response_model=PartnerReferenceCasePage, openapi_extra=PARTNER_ENTRIES.documented())
async def list_partner_reference_cases(
    tx: CanSeeCases, query: Annotated[PartnerReferenceCaseQuery, asked(PartnerReferenceCaseQuery)]
) -> Response:
    """Find customers that did this and improved that by so much, as far as they agreed to be shown to you.

    A consent that ends, or is taken back, takes the case out of every answer at once.
    """
    body, following = await list_partner_cases(tx, query)
    return answers.with_next(tx, answers.represented(tx, body, None), following)


@case_router.get("/{case_id}", response_model=PartnerReferenceCaseRead, openapi_extra=PARTNER_CASES.documented())
async def get_partner_reference_case(
    tx: CanSeeCases, case_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one case; 404 from the moment its customer no longer agrees."""
    return await answers.item(tx, PARTNER_CASES, PartnerReferenceCaseRead, case_id, query)


@request_router.get("", response_model=PartnerReferenceRequestPage, openapi_extra=PARTNER_REQUESTS.documented())
async def list_partner_reference_requests(
    tx: CanSeeRequests, query: Annotated[PartnerReferenceRequestQuery, asked(PartnerReferenceRequestQuery)]
) -> Response:
    """List what you asked for, the newest first."""
    return await answers.page(tx, PARTNER_REQUESTS, PartnerReferenceRequestRead, query)


@request_router.post("", response_model=PartnerReferenceRequestRead, status_code=201)
async def create_partner_reference_request(tx: CanAsk, body: PartnerReferenceRequestCreate) -> Response:
    """Ask that a customer speaks to a prospect of yours."""
    request = await partner_requests.ask(tx, body.given())
    return await answers.created(tx, PARTNER_REQUESTS, PartnerReferenceRequestRead, request.id)


@request_router.get(
    "/{request_id}", response_model=PartnerReferenceRequestRead, openapi_extra=PARTNER_REQUESTS.documented()
)
async def get_partner_reference_request(
    tx: CanSeeRequests, request_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one of your requests: how far it is, and what you were answered."""
    return await answers.item(tx, PARTNER_REQUESTS, PartnerReferenceRequestRead, request_id, query)
