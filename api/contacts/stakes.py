"""What a contact personally gains or risks: for the people on the account's team today, and nobody else.

To everybody else, administrators and API keys included, there is no such thing. Changes are audited but not
announced: the event log has more readers.
"""

from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.contacts.models import Contact, Stake
from api.contacts.resource import CONTACTS, STAKES
from api.contacts.service import lock_contact
from api.kit import audit, clock, write
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND

_ON_TEAM_TODAY: Final = """
    SELECT 1 FROM contacts c
    JOIN workspaces w ON w.workspace_id = c.workspace_id
    JOIN account_team t ON t.workspace_id = c.workspace_id AND t.account_id = c.account_id
    CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE w.time_zone)::date AS day) AS today
    WHERE c.workspace_id = %(ws)s AND c.id = %(contact)s AND t.user_id = %(user)s AND t.archived_at IS NULL
    AND t.starts_on <= today.day AND (t.ends_before IS NULL OR t.ends_before > today.day)
    LIMIT 1
"""


async def admit(tx: Tx, contact_id: UUID) -> None:
    """Let in who is on the account's team today; for others the stake does not exist."""
    keys = {"ws": tx.workspace_id, "contact": contact_id, "user": tx.actor.user_id, "now": clock.now()}
    if tx.actor.user_id is None or not await tx.fetch(_ON_TEAM_TODAY, keys):
        raise NOT_FOUND(what=STAKES.name)


async def set_stake(tx: Tx, contact_id: UUID, version: int | None, text: str) -> UUID:
    """Note the contact's stake, or change it; its id."""
    await admit(tx, contact_id)
    await lock_contact(tx, contact_id)
    stake_id = await _stake_id(tx, contact_id)
    if stake_id is None:
        stake = await write.create(tx, STAKES, Stake, {"contact_id": contact_id, "text": text})
        return stake.id
    stake = await write.lock(tx, STAKES, Stake, stake_id, version=version)
    await write.change(tx, STAKES, stake, {"text": text})
    return stake.id


async def delete_stake(tx: Tx, contact_id: UUID) -> None:
    """Delete the stake for good: what is this personal is not kept for a restore."""
    await admit(tx, contact_id)
    await write.lock(tx, CONTACTS, Contact, contact_id, archived=True)
    stake_id = await _stake_id(tx, contact_id)
    if stake_id is None:
        raise NOT_FOUND(what=STAKES.name)
    stake = await write.lock(tx, STAKES, Stake, stake_id)
    await tx.session.delete(stake)
    audit.record(tx, "deleted", STAKES.name, stake_id)


async def _stake_id(tx: Tx, contact_id: UUID) -> UUID | None:
    return await tx.session.scalar(
        sa.select(col(Stake.id)).where(col(Stake.workspace_id) == tx.workspace_id, col(Stake.contact_id) == contact_id)
    )
