"""Contacts in bulk, with their accounts by our ids or by the caller's."""

from collections.abc import Sequence
from typing import Final

from api.accounts.references import find_accounts
from api.contacts.models import Contact
from api.contacts.resource import CONTACTS
from api.contacts.schemas import ContactBulkItem, ContactCreate
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid


async def upsert_contacts(tx: Tx, items: Sequence[object], *, atomic: bool = False) -> list[ItemResult]:
    """Create or update contacts by external id; see :mod:`api.kit.bulk`."""
    return await upsert(tx, _CONTACT_UPSERT, items, atomic=atomic)


async def _refuse_moves(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Fail items that move a person or make them leave: that may end being primary, one contact at a time."""
    rows = await tx.fetch(
        "SELECT id, account_id, left_on FROM contacts WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [result.id for result in results]],
    )
    known = {contact_id: (account_id, left_on) for contact_id, account_id, left_on in rows}
    for result in good(results):
        account_id, left_on = known[result.id]
        if result.given.get("account_id", account_id) != account_id:
            _refuse(result, "account_id")
        elif result.given.get("left_on") not in {None, left_on}:
            _refuse(result, "left_on")


def _refuse(result: ItemResult, field: str) -> None:
    result.fail(
        invalid(
            FieldError(
                f"/{field}", "not_allowed",
                "Not in bulk for an existing contact; change it by itself", "既存の連絡先では一括変更できません。個別に変更してください",
            )
        )
    )  # fmt: skip


_CONTACT_UPSERT: Final = Upsert(
    CONTACTS,
    Contact,
    ContactBulkItem,
    ContactCreate,
    prepare=find_accounts,
    refuse=_refuse_moves,
    announced=("account_id",),
)
