"""What one can do with contacts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.service import workspace_today
from api.contacts.models import Contact
from api.contacts.primary import lock_account_of, step_down
from api.contacts.resource import CONTACTS
from api.kit import clock, erasure, write
from api.kit.db import Tx
from api.kit.erasure import ERASED
from api.kit.problems import FieldError, invalid


async def create_contact(tx: Tx, values: Mapping[str, Any]) -> Contact:
    """Add a person to an account."""
    await _refuse_future(tx, values.get("left_on"))
    return await write.create(tx, CONTACTS, Contact, values, announce={"account_id": str(values["account_id"])})


async def lock_contact(tx: Tx, contact_id: UUID, version: int | None = None) -> Contact:
    """The contact, locked for a change; erased ones cannot be changed any more."""
    contact = await write.lock(tx, CONTACTS, Contact, contact_id, version=version)
    if contact.erased_at is not None:
        raise ERASED(what=CONTACTS.name)
    return contact


async def update_contact(tx: Tx, contact_id: UUID, version: int | None, values: Mapping[str, Any]) -> None:
    """Change a contact. A move to another account, or a day of leaving, ends being primary."""
    values = dict(values)
    left_on = values.pop("left_on") if values.get("left_on") is not None else None
    if left_on is not None or "account_id" in values:
        await lock_account_of(tx, contact_id, *([values["account_id"]] if "account_id" in values else []))
    contact = await lock_contact(tx, contact_id, version)
    if values.get("account_id", contact.account_id) != contact.account_id:
        await step_down(tx, contact)
    await write.change(tx, CONTACTS, contact, values)
    if left_on is not None:
        await _leave(tx, contact, left_on)


async def upsert_contact(tx: Tx, external_id: str, version: int | None, values: Mapping[str, Any]) -> tuple[UUID, bool]:
    """Create or change the contact that another system knows by this id; its id, and whether it is new."""
    # Two requests for the same new id wait for each other, instead of one of them failing.
    await tx.fetch(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{tx.workspace_id} contact {external_id}"]
    )
    contact_id = await tx.session.scalar(
        sa.select(col(Contact.id)).where(
            col(Contact.workspace_id) == tx.workspace_id, col(Contact.external_id) == external_id
        )
    )
    if contact_id is None:
        contact = await create_contact(tx, {**values, "external_id": external_id})
        return contact.id, True
    await update_contact(tx, contact_id, version, values)
    return contact_id, False


async def leave(tx: Tx, contact_id: UUID, left_on: dt.date | None) -> None:
    """Note that a person left the customer; they are no longer the primary contact."""
    await lock_account_of(tx, contact_id)
    contact = await lock_contact(tx, contact_id)
    await _leave(tx, contact, left_on or await workspace_today(tx))


async def archive_contact(tx: Tx, contact_id: UUID, version: int) -> None:
    """Hide a contact from lists; an archived one is not primary."""
    await lock_account_of(tx, contact_id)
    contact = await write.lock(tx, CONTACTS, Contact, contact_id, version=version)
    await step_down(tx, contact)
    await write.change(tx, CONTACTS, contact, {"archived_at": clock.now()}, action="archived")


async def restore_contact(tx: Tx, contact_id: UUID) -> None:
    """Bring an archived contact back."""
    await write.restore(tx, CONTACTS, Contact, contact_id)


async def erase_contact(tx: Tx, contact_id: UUID) -> None:
    """Erase the personal data of a person, here and wherever a table refers to them; facts stay."""
    await lock_account_of(tx, contact_id)
    contact = await write.lock(tx, CONTACTS, Contact, contact_id, archived=True)
    await step_down(tx, contact)
    await erasure.erase(tx, CONTACTS, contact)


async def _leave(tx: Tx, contact: Contact, day: dt.date) -> None:
    await _refuse_future(tx, day)
    await step_down(tx, contact)
    announce = {"account_id": str(contact.account_id), "left_on": day.isoformat()}
    await write.change(tx, CONTACTS, contact, {"left_on": day}, action="left", announce=announce)


async def _refuse_future(tx: Tx, day: dt.date | None) -> None:
    if day is not None and day > await workspace_today(tx):
        raise invalid(FieldError("/left_on", "out_of_range", "Not a day in the future", "未来の日付は指定できません"))
