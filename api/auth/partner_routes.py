"""Partners over HTTP, for the workspace's own people; what partners themselves call is in ``reference_cases``."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth import partners
from api.auth.access import reads, writes
from api.auth.partner_schemas import PartnerCreate, PartnerPage, PartnerQuery, PartnerRead, PartnerUpdate
from api.auth.partners import PARTNERS
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/partners", tag="partners")

CanReadPartners = Annotated[Tx, reads("partners:read")]
CanWritePartners = Annotated[Tx, writes("partners:write")]


@router.get("", response_model=PartnerPage, openapi_extra=PARTNERS.documented())
async def list_partners(tx: CanReadPartners, query: Annotated[PartnerQuery, asked(PartnerQuery)]) -> Response:
    """List the partners of the workspace."""
    return await answers.page(tx, PARTNERS, PartnerRead, query)


@router.post("", response_model=PartnerRead, status_code=201)
async def create_partner(tx: CanWritePartners, body: PartnerCreate) -> Response:
    """Add a partner. Then invite its people and make its keys with the partner's id."""
    partner = await partners.create_partner(tx, body.given())
    return await answers.created(tx, PARTNERS, PartnerRead, partner.id)


@router.get("/{partner_id}", response_model=PartnerRead, openapi_extra=PARTNERS.documented())
async def get_partner(tx: CanReadPartners, partner_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one partner."""
    return await answers.item(tx, PARTNERS, PartnerRead, partner_id, query)


@router.patch("/{partner_id}", response_model=PartnerRead)
async def update_partner(tx: CanWritePartners, partner_id: UUID, version: Version, body: PartnerUpdate) -> Response:
    """Change a partner."""
    await partners.update_partner(tx, partner_id, version, body.given())
    return await answers.changed(tx, PARTNERS, PartnerRead, partner_id)


@router.delete("/{partner_id}", response_model=PartnerRead)
async def archive_partner(tx: CanWritePartners, partner_id: UUID, version: Version) -> Response:
    """Archive a partner: its people and keys are refused from their next request on."""
    await partners.archive_partner(tx, partner_id, version)
    return await answers.changed(tx, PARTNERS, PartnerRead, partner_id)


@router.post("/{partner_id}:restore", response_model=PartnerRead)
async def restore_partner(tx: CanWritePartners, partner_id: UUID) -> Response:
    """Restore an archived partner, with the people and keys it had."""
    await partners.restore_partner(tx, partner_id)
    return await answers.changed(tx, PARTNERS, PartnerRead, partner_id)
