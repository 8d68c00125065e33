"""What one can do with partners: outside organisations that look for reference cases."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.models import Partner
from api.kit import write
from api.kit.db import Tx
from api.kit.following import tell_followers
from api.kit.problems import ARCHIVED, FieldError, invalid
from api.kit.resources import Resource

PARTNERS: Final = Resource("partner", Partner, sorts={"name": col(Partner.name)})


async def create_partner(tx: Tx, values: Mapping[str, Any]) -> Partner:
    """Add a partner; its people are invited, its keys made, with its id."""
    partner = await write.create(tx, PARTNERS, Partner, values)
    await tell_followers(tx, PARTNERS.name, type(partner).model_fields, [partner.id])
    return partner


async def update_partner(tx: Tx, partner_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a partner."""
    partner = await write.lock(tx, PARTNERS, Partner, partner_id, version=version)
    await write.change(tx, PARTNERS, partner, values)


async def archive_partner(tx: Tx, partner_id: UUID, version: int) -> None:
    """End the work with a partner: its people and keys are refused from their next request on."""
    await write.archive(tx, PARTNERS, Partner, partner_id, version)


async def restore_partner(tx: Tx, partner_id: UUID) -> None:
    """Take a partner back, with the people and keys that it had."""
    await write.restore(tx, PARTNERS, Partner, partner_id)


async def require(tx: Tx, partner_id: UUID | None) -> None:
    """Refuse a partner that is not there, and an archived one."""
    if partner_id is None:
        return
    query = sa.select(col(Partner.archived_at)).where(
        col(Partner.workspace_id) == tx.workspace_id, col(Partner.id) == partner_id
    )
    found = (await tx.session.execute(query.with_for_update(read=True))).first()
    if found is None:
        raise invalid(
            FieldError(
                "/partner_id", "reference_not_found", "There is no such partner", "該当するパートナーがありません"
            )
        )
    if found[0] is not None:
        raise ARCHIVED(what=PARTNERS.name)


async def is_active(tx: Tx, partner_id: UUID | None) -> bool:
    """Whether people of this partner, or of the workspace itself, may come in."""
    if partner_id is None:
        return True
    return bool(
        await tx.fetch(
            "SELECT 1 FROM partners WHERE workspace_id = %s AND id = %s AND archived_at IS NULL",
            [tx.workspace_id, partner_id],
        )
    )
