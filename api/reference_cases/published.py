"""The one place that is told when something changes what may be seen of an account's cases outside.

Approval and retirement of cases, consents and their ends, contacts who leave or come back, customers who churn, are
archived, merged or renamed: whatever may change the answer of :mod:`api.reference_cases.visibility` comes here, in the
transaction of the change. Who keeps a copy of what is consented follows with :func:`after_change`. Days that pass are
no change: a copy must carry the days of its consents and compare them itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from uuid import UUID

from api.accounts.merging import after_merge
from api.accounts.resource import ACCOUNTS
from api.contacts.resource import CONTACTS
from api.kit import following
from api.kit.db import Tx

Rebuild = Callable[[Tx, Sequence[UUID]], Awaitable[None]]
_COPIES: Final[list[Rebuild]] = []


def after_change(rebuild: Rebuild) -> Rebuild:
    """Declare a function that gets the ids of accounts of whose cases something may be seen otherwise now."""
    _COPIES.append(rebuild)
    return rebuild


async def changed(tx: Tx, account_ids: Sequence[UUID]) -> None:
    """Bring all copies of these accounts' cases up to date, in this transaction."""
    if not account_ids or not _COPIES:
        return
    await tx.flush()
    for rebuild in _COPIES:
        await rebuild(tx, account_ids)


_WITH_CASES: Final = """
SELECT a.id FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = ANY(%(ids)s)
AND EXISTS (SELECT FROM reference_cases c WHERE c.workspace_id = %(ws)s AND c.account_id = a.id)
"""
_OF_GRANTERS: Final = """
SELECT DISTINCT k.account_id FROM reference_consents k WHERE k.workspace_id = %(ws)s AND k.contact_id = ANY(%(ids)s)
"""


@following.after_change(
    ACCOUNTS.name,
    "phase", "archived_at", "merged_into_id", "name", "legal_name", "domain", "industry", "employee_count",
)  # fmt: skip
async def _follow_accounts(tx: Tx, account_ids: Sequence[UUID]) -> None:
    await changed(tx, await _ids(tx, _WITH_CASES, account_ids))


@following.after_change(CONTACTS.name, "left_on", "archived_at", "erased_at", "account_id")
async def _follow_contacts(tx: Tx, contact_ids: Sequence[UUID]) -> None:
    await changed(tx, await _ids(tx, _OF_GRANTERS, contact_ids))


@after_merge
async def _follow_merger(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    await changed(tx, [winner_id, loser_id])


async def _ids(tx: Tx, statement: str, ids: Sequence[UUID]) -> list[UUID]:
    if not _COPIES:
        return []
    return [row[0] for row in await tx.fetch(statement, {"ws": tx.workspace_id, "ids": list(ids)})]
