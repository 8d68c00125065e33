"""What one can do with accounts."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.assignment import assign_new
from api.accounts.merging import FORMER_ID
from api.accounts.models import Account, AccountRef, Phase
from api.accounts.resource import ACCOUNTS
from api.accounts.schemas import AccountCreate, AccountUpsert
from api.accounts.standing import begin_standing, refresh_standing
from api.auth.service import workspace_today
from api.kit import audit, clock, outbox, write
from api.kit.bulk import ItemResult, Upsert, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.errors import constraint_means
from api.kit.problems import NOT_FOUND, problem_type
from api.kit.tables import new_id

_DERIVED_FROM: Final = {"industry", "country", "language", "employee_count", "tags", "touch_model_override"}

CIRCULAR_HIERARCHY = problem_type(
    "circular_hierarchy",
    409,
    en=("Circular hierarchy", "An account cannot stand above itself in its group."),
    ja=("階層が循環しています", "アカウントを自分自身の上位に置くことはできません。"),
)
constraint_means("ck_accounts_is_not_its_own_parent", CIRCULAR_HIERARCHY)
REF_TAKEN = problem_type(
    "external_ref_taken",
    409,
    en=("Reference in use", "Another account has this id in `{source}`."),
    ja=("参照 ID は使用中です", "`{source}` のこの ID は別のアカウントに付いています。"),
)


async def create_account(tx: Tx, values: Mapping[str, Any]) -> Account:
    """Add an account; it starts in onboarding today."""
    account = await write.create(tx, ACCOUNTS, Account, {**values, "phase_since": await workspace_today(tx)})
    await _begin(tx, [account.id])
    return account


async def update_account(tx: Tx, account_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change an account's own fields."""
    account = await write.lock(tx, ACCOUNTS, Account, account_id, version=version)
    changed = await write.change(tx, ACCOUNTS, account, values)
    await _follow_up(tx, [account_id], changed)


async def archive_account(tx: Tx, account_id: UUID, version: int) -> None:
    """Hide an account from lists; everything about it stays."""
    await write.archive(tx, ACCOUNTS, Account, account_id, version)


async def restore_account(tx: Tx, account_id: UUID) -> None:
    """Bring an archived account back."""
    await write.restore(tx, ACCOUNTS, Account, account_id)


async def upsert_account(tx: Tx, external_id: str, version: int | None, values: Mapping[str, Any]) -> UUID:
    """Create or update one account by external id; its id."""
    if version is not None:
        query = sa.select(col(Account.id)).where(
            col(Account.workspace_id) == tx.workspace_id, col(Account.external_id) == external_id
        )
        existing = await tx.session.scalar(query) or await account_by_ref(tx, FORMER_ID, external_id)
        if existing is None:
            raise NOT_FOUND(what=ACCOUNTS.name)
        await write.lock(tx, ACCOUNTS, Account, existing, version=version)
    (result,) = await upsert_accounts(tx, [{**values, "external_id": external_id}])
    if result.problem is not None:
        raise result.problem
    assert result.id is not None
    return result.id


async def upsert_accounts(tx: Tx, items: Sequence[object], *, atomic: bool = False) -> list[ItemResult]:
    """Create or update accounts by external id; see :mod:`api.kit.bulk`."""
    shape = Upsert(ACCOUNTS, Account, AccountUpsert, AccountCreate, prepare=_follow_merges)
    new_values = {"phase_since": await workspace_today(tx)}
    results = await upsert(tx, shape, items, atomic=atomic, new_values=new_values)
    await _begin(tx, [r.id for r in results if r.status is BulkStatus.created and r.id])
    updated = [r for r in results if r.status is BulkStatus.updated and r.id]
    changed = {name for r in results for name in r.changed}
    await _follow_up(tx, [r.id for r in updated if r.id], changed)
    if "parent_id" in changed:
        await _refuse_circles(tx, [r.id for r in results if "parent_id" in r.changed and r.id])
    return results


async def _follow_merges(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Let the external id of an account that was merged away mean the account it was merged into."""
    rows = await tx.fetch(
        "SELECT r.ref, a.external_id FROM account_refs r "
        "JOIN accounts a ON a.workspace_id = r.workspace_id AND a.id = r.account_id "
        "WHERE r.workspace_id = %(ws)s AND r.source = %(source)s AND r.ref = ANY(%(keys)s) AND a.external_id IS NOT NULL "
        "AND NOT EXISTS (SELECT FROM accounts b WHERE b.workspace_id = %(ws)s AND b.external_id = r.ref)",
        {"ws": tx.workspace_id, "source": FORMER_ID, "keys": [result.key for result in results]},
    )
    winners = dict(rows)
    for result in results:
        if result.key in winners:
            result.key = result.given["external_id"] = winners[result.key]


async def require_account(tx: Tx, account_id: UUID) -> None:
    """Raise ``not_found`` unless the caller can see the account."""
    rows = await tx.fetch(
        "SELECT 1 FROM accounts WHERE workspace_id = %s AND id = %s AND merged_into_id IS NULL",
        [tx.workspace_id, account_id],
    )
    if not rows:
        raise NOT_FOUND(what=ACCOUNTS.name)


async def set_external_ref(tx: Tx, account_id: UUID, source: str, ref: str) -> None:
    """Note the account's id in another system; replaces the one it had there."""
    account = await write.lock(tx, ACCOUNTS, Account, account_id)
    taken = await account_by_ref(tx, source, ref)
    if taken is not None and taken != account_id:
        raise REF_TAKEN(source=source)
    if taken == account_id:
        return
    await tx.execute(
        "DELETE FROM account_refs WHERE workspace_id = %(ws)s AND account_id = %(account)s AND source = %(source)s",
        {"ws": tx.workspace_id, "account": account_id, "source": source},
    )
    tx.session.add(AccountRef(workspace_id=account.workspace_id, account_id=account_id, source=source, ref=ref))
    _note_refs(tx, account_id)
    await tx.flush()


async def remove_external_ref(tx: Tx, account_id: UUID, source: str) -> None:
    """Forget the account's id in another system."""
    await write.lock(tx, ACCOUNTS, Account, account_id)
    removed = await tx.execute(
        "DELETE FROM account_refs WHERE workspace_id = %(ws)s AND account_id = %(account)s AND source = %(source)s",
        {"ws": tx.workspace_id, "account": account_id, "source": source},
    )
    if removed:
        _note_refs(tx, account_id)


def _note_refs(tx: Tx, account_id: UUID) -> None:
    audit.record(tx, "updated", "account", account_id, ["external_refs"])
    outbox.record(tx, "account.updated", "account", account_id, {"fields": ["external_refs"]})


async def account_by_ref(tx: Tx, source: str, ref: str) -> UUID | None:
    """The account that another system knows by this id."""
    rows = await tx.fetch(
        "SELECT account_id FROM account_refs WHERE workspace_id = %s AND source = %s AND ref = %s",
        [tx.workspace_id, source, ref],
    )
    return rows[0][0] if rows else None


async def merged_into(tx: Tx, account_id: UUID) -> UUID | None:
    """The account that now stands for one that was merged away; None when it was not."""
    rows = await tx.fetch(
        """
        WITH RECURSIVE chain AS (
            SELECT merged_into_id FROM accounts WHERE workspace_id = %(ws)s AND id = %(id)s
            UNION
            SELECT a.merged_into_id FROM accounts a JOIN chain ON a.id = chain.merged_into_id
            WHERE a.workspace_id = %(ws)s
        )
        SELECT c.merged_into_id FROM chain c
        JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = c.merged_into_id AND a.merged_into_id IS NULL
        """,
        {"ws": tx.workspace_id, "id": account_id},
    )
    return rows[0][0] if rows else None


async def _begin(tx: Tx, account_ids: Sequence[UUID]) -> None:
    if not account_ids:
        return
    await begin_standing(tx, account_ids)
    await tx.execute(
        "INSERT INTO account_phases (workspace_id, id, account_id, phase, starts_on, recorded_at) "
        "SELECT %(ws)s, id, account_id, %(phase)s, %(today)s, %(now)s "
        "FROM unnest(%(ids)s::uuid[], %(accounts)s::uuid[]) AS new (id, account_id)",
        {
            "ws": tx.workspace_id,
            "ids": [new_id() for _ in account_ids],
            "accounts": list(account_ids),
            "phase": Phase.onboarding.value,
            "today": await workspace_today(tx),
            "now": clock.now(),
        },
    )
    await assign_new(tx, account_ids)


async def _follow_up(tx: Tx, account_ids: Sequence[UUID], changed: Iterable[str]) -> None:
    if account_ids and _DERIVED_FROM & set(changed):
        await refresh_standing(tx, account_ids)
    if account_ids and "parent_id" in changed:
        await _refuse_circles(tx, account_ids)


async def _refuse_circles(tx: Tx, account_ids: Sequence[UUID]) -> None:
    rows = await tx.fetch(
        """
        WITH RECURSIVE above AS (
            SELECT id AS start, parent_id, 1 AS depth FROM accounts
            WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)
            UNION ALL
            SELECT above.start, a.parent_id, above.depth + 1 FROM accounts a
            JOIN above ON a.id = above.parent_id
            WHERE a.workspace_id = %(ws)s AND above.parent_id <> above.start AND above.depth < 50
        )
        SELECT 1 FROM above WHERE parent_id = start OR depth >= 50 LIMIT 1
        """,
        {"ws": tx.workspace_id, "ids": list(account_ids)},
    )
    if rows:
        raise CIRCULAR_HIERARCHY()
