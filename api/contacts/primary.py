"""The primary contact of an account (担当): who it is, who it was, and taking a change back.

Every change leaves a row, and the latest row that was not reverted says who is primary now. The account
is locked before its contacts, here and wherever a contact stops being primary: changes follow one another.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account
from api.accounts.resource import ACCOUNTS
from api.auth.service import workspace_today
from api.contacts.models import Contact, PrimaryContactChange
from api.contacts.resource import CONTACTS, PRIMARY_CONTACT_CHANGES
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.erasure import ERASED
from api.kit.problems import ARCHIVED, NOT_FOUND, FieldError, invalid, problem_type

HAS_LEFT = problem_type(
    "contact_has_left", 409,
    en=("Contact has left", "The contact left on {day}, so it cannot be the primary contact."),
    ja=("退職・異動済みの連絡先です", "この連絡先は {day} に離れているため、主担当にできません。"),
)  # fmt: skip
NOT_LATEST_CHANGE = problem_type(
    "not_latest_change", 409,
    en=("Not the latest change", "Only the latest change that was not reverted yet can be reverted."),
    ja=("最新の変更ではありません", "取り消せるのは、まだ取り消されていない最新の変更だけです。"),
)  # fmt: skip


AfterPrimaryChange = Callable[[Tx, PrimaryContactChange], Awaitable[None]]
AFTER_PRIMARY_CHANGE: Final[list[AfterPrimaryChange]] = []
"""What upper packages do in the transaction of a change, or of taking it back."""


def after_primary_change(follow: AfterPrimaryChange) -> AfterPrimaryChange:
    """Declare a function that runs when a primary contact changed, and when the change was reverted."""
    AFTER_PRIMARY_CHANGE.append(follow)
    return follow


async def see_account(tx: Tx, account_id: UUID) -> None:
    """Refuse an account that the caller cannot see."""
    if not await tx.fetch(
        "SELECT 1 FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NULL",
        [tx.workspace_id, account_id],
    ):
        raise NOT_FOUND(what=ACCOUNTS.name)


async def set_primary_contact(tx: Tx, account_id: UUID, contact_id: UUID, reason: str | None) -> None:
    """Make a contact of the account its primary one; nothing happens when it already is."""
    await write.lock(tx, ACCOUNTS, Account, account_id)
    before, after = await _locked(tx, account_id, contact_id)
    _refuse_unfit(after)
    if before is not after:
        await _move(tx, account_id, before, after, reason)


async def step_down(tx: Tx, contact: Contact) -> None:
    """Leave the account without a primary contact, if it is this one. The account is locked already."""
    if contact.is_primary:
        await _move(tx, contact.account_id, contact, None, None)


async def revert_change(tx: Tx, change_id: UUID) -> None:
    """Take back the latest change: the contact before it is primary again, or nobody."""
    change = await tx.session.scalar(
        sa.select(PrimaryContactChange).where(
            col(PrimaryContactChange.workspace_id) == tx.workspace_id,
            col(PrimaryContactChange.id) == change_id,
        )
    )
    if change is None:
        raise NOT_FOUND(what=PRIMARY_CONTACT_CHANGES.name)
    account_id = change.account_id
    await write.lock(tx, ACCOUNTS, Account, account_id)
    now, again = await _locked(tx, account_id, change.from_contact_id)
    if await _latest(tx, account_id) != change_id:
        raise NOT_LATEST_CHANGE()
    if change.from_contact_id is not None:
        _refuse_unfit(again)
    await _swap(tx, now, again)
    change.reverted_at = clock.now()
    _note(tx, change, "primary_contact_change_reverted")
    await _tell_others(tx, change)


async def lock_account_of(tx: Tx, contact_id: UUID, *others: UUID) -> None:
    """Lock a contact's account, and ``others``, before the contact itself."""
    await tx.fetch(
        "SELECT id FROM accounts WHERE workspace_id = %(ws)s AND (id = ANY(%(others)s) OR id = "
        "(SELECT account_id FROM contacts WHERE workspace_id = %(ws)s AND id = %(contact)s)) "
        "ORDER BY id FOR UPDATE",
        {"ws": tx.workspace_id, "contact": contact_id, "others": list(others)},
    )


async def _locked(tx: Tx, account_id: UUID, wanted: UUID | None) -> tuple[Contact | None, Contact | None]:
    """The account's primary contact and the wanted one, locked in the order of ids, as every bulk locks."""
    contacts = await tx.session.scalars(
        sa.select(Contact)
        .where(
            col(Contact.workspace_id) == tx.workspace_id,
            col(Contact.account_id) == account_id,
            sa.or_(
                col(Contact.id) == wanted,
                sa.and_(col(Contact.is_primary), col(Contact.archived_at).is_(None)),
            ),
        )
        .order_by(col(Contact.id))
        .with_for_update(),
        execution_options={"populate_existing": True},
    )
    found = contacts.all()
    return _first(c for c in found if c.is_primary), _first(c for c in found if c.id == wanted)


def _first(contacts: Iterable[Contact]) -> Contact | None:
    return next(iter(contacts), None)


def _refuse_unfit(contact: Contact | None) -> None:
    if contact is None:
        raise invalid(
            FieldError(
                "/contact_id", "reference_not_found",
                "The account has no such contact", "このアカウントに該当する連絡先はありません",
            )
        )  # fmt: skip
    if contact.archived_at is not None:
        raise ARCHIVED(what=CONTACTS.name)
    if contact.erased_at is not None:
        raise ERASED(what=CONTACTS.name)
    if contact.left_on is not None:
        raise HAS_LEFT(day=contact.left_on)


async def _latest(tx: Tx, account_id: UUID) -> UUID | None:
    return await tx.session.scalar(
        sa.select(col(PrimaryContactChange.id))
        .where(
            col(PrimaryContactChange.workspace_id) == tx.workspace_id,
            col(PrimaryContactChange.account_id) == account_id,
            col(PrimaryContactChange.reverted_at).is_(None),
        )
        .order_by(col(PrimaryContactChange.changed_at).desc(), col(PrimaryContactChange.id).desc())
        .limit(1)
    )


async def _move(tx: Tx, account_id: UUID, before: Contact | None, after: Contact | None, reason: str | None) -> None:
    await _swap(tx, before, after)
    change = PrimaryContactChange.model_validate(
        {
            "workspace_id": tx.workspace_id,
            "account_id": account_id,
            "from_contact_id": before and before.id,
            "to_contact_id": after and after.id,
            "reason": reason,
            "changed_on": await workspace_today(tx),
        }
    )
    tx.session.add(change)
    _note(tx, change, "primary_contact_changed")
    await _tell_others(tx, change)


async def _tell_others(tx: Tx, change: PrimaryContactChange) -> None:
    await tx.flush()
    for follow in AFTER_PRIMARY_CHANGE:
        await follow(tx, change)


async def _swap(tx: Tx, before: Contact | None, after: Contact | None) -> None:
    # The old one first, and flushed: the account may never have two.
    if before is not None:
        await write.change(tx, CONTACTS, before, {"is_primary": False})
    if after is not None:
        await write.change(tx, CONTACTS, after, {"is_primary": True})


def _note(tx: Tx, change: PrimaryContactChange, action: str) -> None:
    data = {
        "change_id": str(change.id),
        "from_contact_id": change.from_contact_id and str(change.from_contact_id),
        "to_contact_id": change.to_contact_id and str(change.to_contact_id),
    }
    audit.record(tx, action, ACCOUNTS.name, change.account_id, data)
    outbox.record(tx, f"{ACCOUNTS.name}.{action}", ACCOUNTS.name, change.account_id, data)
