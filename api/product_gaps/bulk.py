"""Reports in bulk, with their gaps and accounts by our ids or by the caller's."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.accounts.references import find_accounts
from api.auth.service import workspace_today
from api.kit import clock
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.problems import ARCHIVED, FieldError, invalid
from api.product_gaps.models import GapReport
from api.product_gaps.report_schemas import GapReportCreate, GapReportItem
from api.product_gaps.reports import OF_ACCOUNTS, OF_OTHERS, announce_reported
from api.product_gaps.resource import PRODUCT_GAPS, REPORTS
from api.product_gaps.service import follow_accounts

_KNOWN_THEN: Final = """
UPDATE product_gap_reports r SET backfilled = true, recorded_at = least(r.reported_on::timestamp AT TIME ZONE w.time_zone, %(now)s)
FROM workspaces w WHERE w.workspace_id = r.workspace_id AND r.workspace_id = %(ws)s AND r.id = ANY(%(ids)s)
"""


async def upsert_reports(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, known_at: KnownAt = KnownAt.import_time
) -> list[ItemResult]:
    """Create or update reports by external id; see :mod:`api.kit.bulk`."""
    told_by = {"reported_on": await workspace_today(tx), "reported_by_id": tx.actor.user_id}
    results = await upsert(tx, _REPORT_UPSERT, items, atomic=atomic, new_values=told_by)
    new = [result for result in results if result.status is BulkStatus.created]
    if known_at is KnownAt.fact_date and new:
        ids = [result.id for result in new]
        await tx.execute(_KNOWN_THEN, {"ws": tx.workspace_id, "ids": ids, "now": clock.now()})
    reported: dict[UUID, list[UUID]] = defaultdict(list)
    for result in new:
        reported[result.given["gap_id"]].append(result.given["account_id"])
    await announce_reported(tx, reported)
    written = [result.id for result in results if result.status in {BulkStatus.created, BulkStatus.updated}]
    rows = await tx.fetch(
        "SELECT DISTINCT account_id FROM product_gap_reports WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, written],
    )
    await follow_accounts(tx, [row[0] for row in rows])
    return results


async def _prepare(tx: Tx, results: Sequence[ItemResult]) -> None:
    await find_accounts(tx, results)
    await _find_gaps(tx, good(results))
    await _follow_merged_accounts(tx, good(results))
    await _refuse_of_others(tx, [(each, each.given.get("account_id")) for each in good(results)])


async def _find_gaps(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Put gap ids in place of ``gap_external_id``; the id of a merged gap leads to the winner."""
    external_ids = [result.given["gap_external_id"] for result in results if "gap_external_id" in result.given]
    ids = [result.given["gap_id"] for result in results if "gap_id" in result.given]
    rows = await tx.fetch(
        "SELECT g.external_id, g.id, coalesce(w.id, g.id), coalesce(w.archived_at, "
        "CASE WHEN w.id IS NULL THEN g.archived_at END) IS NOT NULL "
        "FROM product_gaps g LEFT JOIN product_gaps w ON w.workspace_id = g.workspace_id AND w.id = g.merged_into_id "
        "WHERE g.workspace_id = %(ws)s AND (g.external_id = ANY(%(external)s) OR g.id = ANY(%(ids)s)) "
        "FOR KEY SHARE OF g",
        {"ws": tx.workspace_id, "external": external_ids, "ids": ids},
    )
    known: dict[object, tuple[UUID, bool]] = {}
    for external_id, gap_id, standing, archived in rows:
        known[gap_id] = known[external_id] = (standing, archived)
    for result in results:
        external_id = result.given.pop("gap_external_id", None)
        name, wanted = ("gap_id", result.given.get("gap_id"))
        if wanted is None:
            name, wanted = ("gap_external_id", external_id)
        if wanted is None:
            continue
        if wanted not in known:
            told = ("There is no such gap", "該当するギャップがありません")
            result.fail(invalid(FieldError(f"/{name}", "reference_not_found", *told)))
            continue
        result.given["gap_id"], archived = known[wanted]
        if archived:
            result.fail(ARCHIVED(what=PRODUCT_GAPS.name))


async def _follow_merged_accounts(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Let the id of an account that was merged away mean its winner."""
    rows = await tx.fetch(
        "SELECT id, merged_into_id FROM accounts WHERE workspace_id = %s AND id = ANY(%s) AND merged_into_id IS NOT NULL",
        [tx.workspace_id, [result.given["account_id"] for result in results if "account_id" in result.given]],
    )
    winners = dict(rows)
    for result in results:
        if result.given.get("account_id") in winners:
            result.given["account_id"] = winners[result.given["account_id"]]


async def _refuse(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Fail items that move a report to another account."""
    rows = await tx.fetch(
        "SELECT id, account_id FROM product_gap_reports WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [result.id for result in results]],
    )
    accounts = dict(rows)
    await _refuse_of_others(tx, [(each, accounts[each.id]) for each in good(results)])
    for result in good(results):
        if result.given.get("account_id", accounts[result.id]) != accounts[result.id]:
            told = ("Cannot change on an existing report", "既存の報告では変更できません")
            result.fail(invalid(FieldError("/account_id", "not_allowed", *told)))


async def _refuse_of_others(tx: Tx, items: Sequence[tuple[ItemResult, UUID | None]]) -> None:
    """Fail items that refer to what is another account's; what is not there at all is found by the write."""
    for name, table in OF_ACCOUNTS.items():
        named = [result.given[name] for result, _ in items if result.given.get(name) is not None]
        if not named:
            continue
        rows = await tx.fetch(
            f"SELECT id, account_id FROM {table} WHERE workspace_id = %s AND id = ANY(%s)",  # noqa: S608
            [tx.workspace_id, named],
        )
        whose = dict(rows)
        for result, account_id in items:
            if account_id is not None and whose.get(result.given.get(name), account_id) != account_id:
                result.fail(invalid(FieldError(f"/{name}", "reference_not_found", *OF_OTHERS)))


_REPORT_UPSERT: Final = Upsert(
    REPORTS,
    GapReport,
    GapReportItem,
    GapReportCreate,
    prepare=_prepare,
    refuse=_refuse,
    announced=("gap_id", "account_id"),
)
