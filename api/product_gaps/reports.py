"""Reports: which account misses what."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.accounts.service import merged_into as account_merged_into
from api.auth.service import workspace_today
from api.kit import outbox, write
from api.kit.db import Tx
from api.kit.problems import ARCHIVED, FieldError, invalid
from api.kit.settings import settings
from api.product_gaps.models import GapReport
from api.product_gaps.resource import PRODUCT_GAPS, REPORTS
from api.product_gaps.service import create_gap, follow_accounts

_UNKNOWN: Final = ("There is no such record", "該当するデータがありません")


async def create_gap_with_report(tx: Tx, values: Mapping[str, Any], report: Mapping[str, Any] | None) -> UUID:
    """Add a gap, and the first report of it where there is one; the gap's id."""
    gap = await create_gap(tx, values)
    if report is not None:
        await create_report(tx, {**report, "gap_id": gap.id}, at="/report")
    return gap.id


async def create_report(tx: Tx, values: Mapping[str, Any], *, at: str = "") -> UUID:
    """Add a report; its id. A merged account or gap stands for its winner. ``at`` is where the body has the report."""
    values = dict(values)
    values["gap_id"] = await standing_gap(tx, values["gap_id"])
    values["account_id"] = await _standing_account(tx, values["account_id"], at)
    await _refuse_unknown(tx, values, values["account_id"], at)
    if values.get("reported_on") is None:
        values["reported_on"] = await workspace_today(tx)
    if values.get("reported_by_id") is None:
        values["reported_by_id"] = tx.actor.user_id
    told = {name: str(values[name]) for name in ("gap_id", "account_id")}
    blocks = bool(values.get("blocks_renewal"))
    report = await write.create(tx, REPORTS, GapReport, values, announce={**told, "blocks_renewal": blocks})
    await announce_reported(tx, {report.gap_id: [report.account_id]})
    await follow_accounts(tx, [report.account_id])
    return report.id


async def update_report(tx: Tx, report_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a report, or move it to another gap."""
    values = dict(values)
    report = await write.lock(tx, REPORTS, GapReport, report_id, version=version)
    if "gap_id" in values:
        values["gap_id"] = await standing_gap(tx, values["gap_id"])
    await _refuse_unknown(tx, values, report.account_id, "")
    await write.change(tx, REPORTS, report, values, announce={**_told(report), **_as_told(values)})
    await follow_accounts(tx, [report.account_id])


async def archive_report(tx: Tx, report_id: UUID, version: int) -> None:
    """Take a report back: it counts no more."""
    report = await write.archive(tx, REPORTS, GapReport, report_id, version, announce=_told)
    await follow_accounts(tx, [report.account_id])


async def restore_report(tx: Tx, report_id: UUID) -> None:
    """Bring an archived report back."""
    report = await write.restore(tx, REPORTS, GapReport, report_id, announce=_told)
    await follow_accounts(tx, [report.account_id])


async def standing_gap(tx: Tx, gap_id: UUID) -> UUID:
    """The gap itself, or the one it was merged into, kept from being merged away meanwhile."""
    waiting: UUID | None = gap_id
    while waiting is not None:
        gap_id = waiting
        rows = await tx.fetch(
            "SELECT merged_into_id, archived_at FROM product_gaps WHERE workspace_id = %s AND id = %s FOR KEY SHARE",
            [tx.workspace_id, gap_id],
        )
        if not rows:
            raise invalid(FieldError("/gap_id", "reference_not_found", *_UNKNOWN))
        waiting, archived_at = rows[0]
        if waiting is None and archived_at is not None:
            raise ARCHIVED(what=PRODUCT_GAPS.name)
    return gap_id


async def announce_reported(tx: Tx, reported: Mapping[UUID, Sequence[UUID]]) -> None:
    """Announce on each gap which accounts reported it just now."""
    rows = await tx.fetch(
        "SELECT id, title, area, severity, status, issue_url FROM product_gaps WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, list(reported)],
    )
    facts = [
        (
            "reported", gap_id,
            {
                "title": title, "area": area, "severity": severity, "status": status, "issue_url": issue_url,
                "url": f"{settings().public_url}/v1/product-gaps/{gap_id}",
                "account_ids": [str(account) for account in reported[gap_id][:100]],
                "reports": len(reported[gap_id]),
            },
        )
        for gap_id, title, area, severity, status, issue_url in rows
    ]  # fmt: skip
    await outbox.record_many(tx, PRODUCT_GAPS.name, facts)


async def _standing_account(tx: Tx, account_id: UUID, at: str) -> UUID:
    rows = await tx.fetch(
        "SELECT merged_into_id FROM accounts WHERE workspace_id = %s AND id = %s FOR KEY SHARE",
        [tx.workspace_id, account_id],
    )
    if not rows:
        raise invalid(FieldError(f"{at}/account_id", "reference_not_found", *_UNKNOWN))
    return account_id if rows[0][0] is None else await account_merged_into(tx, account_id) or account_id


OF_ACCOUNTS: Final = {
    "contact_id": "contacts",
    "interaction_id": "interactions",
    "ticket_id": "tickets",
    "survey_response_id": "survey_responses",
}
"""What a report may refer to, and where that is: the account's own only."""
OF_OTHERS: Final = ("The account has no such record", "このアカウントに該当するデータはありません")


async def _refuse_unknown(tx: Tx, values: Mapping[str, Any], account_id: UUID, at: str) -> None:
    """Refuse references to rows that are not there or are another account's, at the place where the body has them."""
    if (reporter := values.get("reported_by_id")) is not None and not await tx.fetch(
        "SELECT 1 FROM users WHERE workspace_id = %s AND id = %s FOR KEY SHARE", [tx.workspace_id, reporter]
    ):
        raise invalid(FieldError(f"{at}/reported_by_id", "reference_not_found", *_UNKNOWN))
    for name, table in OF_ACCOUNTS.items():
        if values.get(name) is not None:
            found = await tx.fetch(
                f"SELECT 1 FROM {table} WHERE workspace_id = %s AND id = %s AND account_id = %s FOR KEY SHARE",  # noqa: S608
                [tx.workspace_id, values[name], account_id],
            )
            if not found:
                raise invalid(FieldError(f"{at}/{name}", "reference_not_found", *OF_OTHERS))


def _told(report: GapReport) -> dict[str, Any]:
    return {
        "gap_id": str(report.gap_id),
        "account_id": str(report.account_id),
        "blocks_renewal": report.blocks_renewal,
    }


def _as_told(values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a change :func:`_told` will say."""
    told = {"blocks_renewal": values["blocks_renewal"]} if "blocks_renewal" in values else {}
    return told | ({"gap_id": str(values["gap_id"])} if "gap_id" in values else {})
