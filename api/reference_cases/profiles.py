"""What accounts and contacts would do as references."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account
from api.accounts.resource import ACCOUNTS
from api.contacts.models import Contact
from api.contacts.resource import CONTACTS
from api.kit import write
from api.kit.db import Tx
from api.kit.erasure import ERASED
from api.kit.resources import Condition, Expansion, Resource
from api.reference_cases.consent_models import ReferenceProfile

_profile: sa.Table = ReferenceProfile.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_contact: sa.Table = Contact.__table__  # type: ignore[attr-defined]


def _of(table: Any, column: str) -> Condition:  # noqa: ANN401
    return sa.and_(table.c.workspace_id == _profile.c.workspace_id, table.c.id == _profile.c[column])


PROFILES: Final = Resource(
    "reference_profile",
    ReferenceProfile,
    filters={"act": lambda value: sa.cast(value, sa.Text()) == sa.any_(_profile.c.acts)},
    sorts={"created_at": _profile.c.created_at},
    default_sort="-created_at",
    expands={
        "account": Expansion(_account, _of(_account, "account_id")),
        "contact": Expansion(_contact, _of(_contact, "contact_id")),
    },
)


async def set_for_account(tx: Tx, account_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Replace what an account would do; the profile's id."""
    await write.lock(tx, ACCOUNTS, Account, account_id)
    return await _set(tx, {"account_id": account_id, "contact_id": None}, values)


async def set_for_contact(tx: Tx, contact_id: UUID, values: Mapping[str, Any]) -> UUID:
    """Replace what a contact would do; the profile's id."""
    contact = await write.lock(tx, CONTACTS, Contact, contact_id)
    if contact.erased_at is not None:
        raise ERASED(what=CONTACTS.name)
    return await _set(tx, {"account_id": contact.account_id, "contact_id": contact_id}, values)


async def _set(tx: Tx, whose: Mapping[str, Any], values: Mapping[str, Any]) -> UUID:
    """Create or replace; whose it is stays locked meanwhile."""
    contact_id = whose["contact_id"]
    mine = (
        sa.and_(col(ReferenceProfile.account_id) == whose["account_id"], col(ReferenceProfile.contact_id).is_(None))
        if contact_id is None
        else col(ReferenceProfile.contact_id) == contact_id
    )
    known = await tx.session.scalar(
        sa.select(ReferenceProfile).where(col(ReferenceProfile.workspace_id) == tx.workspace_id, mine).with_for_update()
    )
    stored = {**values, "acts": list(dict.fromkeys(act.value for act in values["acts"]))}
    told = {"account_id": str(whose["account_id"])}
    if known is None:
        return (await write.create(tx, PROFILES, ReferenceProfile, {**whose, **stored}, announce=told)).id
    await write.change(tx, PROFILES, known, {**stored, "account_id": whose["account_id"]}, announce=told)
    return known.id
