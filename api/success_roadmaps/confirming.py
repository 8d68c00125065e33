"""Confirming the goals with a new primary contact (担当).

The roadmap stands when the contact changes; each open one gets the milestone to confirm its goals with the new person,
unless it waits for one already. Taking the change back withdraws what the change asked for, as long as it was not
reached. Once no open roadmap of the account waits any more, its goals count as confirmed.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from typing import Final
from uuid import UUID

from api.auth.service import workspace_today
from api.contacts.models import PrimaryContactChange
from api.contacts.primary import after_primary_change
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.success_roadmaps.models import OPEN_SQL, MilestoneKind
from api.success_roadmaps.parts import MILESTONE, Written
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.settings import roadmap_settings

TITLES: Final = {"en": "Confirm the goals with the new contact", "ja": "新しい担当者と目標を確認する"}

AfterGoalsConfirmed = Callable[[Tx, UUID], Awaitable[None]]
AFTER_GOALS_CONFIRMED: Final[list[AfterGoalsConfirmed]] = []
"""What upper packages do in the transaction in which an account's goals became confirmed."""


def after_goals_confirmed(follow: AfterGoalsConfirmed) -> AfterGoalsConfirmed:
    """Declare a function that runs when the last open roadmap of an account had its goals confirmed."""
    AFTER_GOALS_CONFIRMED.append(follow)
    return follow


_ADD: Final = f"""
INSERT INTO roadmap_milestones (
    workspace_id, id, version, created_at, updated_at, roadmap_id, account_id, kind, position, title, detail, weight, due_on,
    contact_change_id
)
SELECT r.workspace_id, uuidv7(), 1, %(now)s, %(now)s, r.id, r.account_id, 'confirm_goals', coalesce((
    SELECT max(m.position) + 1 FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.roadmap_id = r.id
), 0), %(title)s, '', 0, %(due)s, %(change)s
FROM success_roadmaps r WHERE r.workspace_id = %(ws)s AND r.account_id = %(account)s AND r.{OPEN_SQL.replace("archived_at", "r.archived_at")}
AND NOT EXISTS (
    SELECT FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.roadmap_id = r.id AND m.kind = 'confirm_goals'
    AND m.reached_on IS NULL AND m.archived_at IS NULL
)
RETURNING id, roadmap_id, version
"""  # noqa: S608
_WITHDRAW: Final = """
UPDATE roadmap_milestones SET archived_at = %(now)s, updated_at = %(now)s, version = version + 1
WHERE workspace_id = %(ws)s AND contact_change_id = %(change)s AND reached_on IS NULL AND archived_at IS NULL
RETURNING id, roadmap_id, version
"""
_REACH: Final = """
UPDATE roadmap_milestones SET reached_on = %(today)s, reached_recorded_at = %(now)s, human_touch = true,
    updated_at = %(now)s, version = version + 1
WHERE workspace_id = %(ws)s AND account_id = %(account)s AND kind = 'confirm_goals' AND reached_on IS NULL
AND archived_at IS NULL
RETURNING id, roadmap_id, version
"""
_WAITING: Final = f"""
SELECT 1 FROM roadmap_milestones m
JOIN success_roadmaps r ON r.workspace_id = m.workspace_id AND r.id = m.roadmap_id
WHERE m.workspace_id = %(ws)s AND m.account_id = %(account)s AND m.kind = 'confirm_goals' AND m.reached_on IS NULL
AND m.archived_at IS NULL AND r.{OPEN_SQL.replace("archived_at", "r.archived_at")} LIMIT 1
"""  # noqa: S608
_CONFIRMED: Final = """
SELECT 1 FROM roadmap_milestones m
WHERE m.workspace_id = %(ws)s AND m.account_id = %(account)s AND m.kind = 'confirm_goals' AND m.archived_at IS NULL
AND m.reached_recorded_at >= coalesce((
    SELECT max(c.changed_at) FROM primary_contact_changes c WHERE c.workspace_id = %(ws)s
    AND c.account_id = %(account)s AND c.from_contact_id IS NOT NULL AND c.reverted_at IS NULL
), '-infinity') LIMIT 1
"""


@after_primary_change
async def follow_primary_contact(tx: Tx, change: PrimaryContactChange) -> None:
    """Ask for the goals to be confirmed with whoever follows, or take that back."""
    if change.reverted_at is not None:
        await _change(tx, _WITHDRAW, change.account_id, "archived", change=change.id)
    elif change.from_contact_id is not None:
        settings = await roadmap_settings(tx)
        due_on = await workspace_today(tx) + dt.timedelta(days=settings.confirm_goals_days)
        title = await _title(tx, change.account_id)
        await _change(tx, _ADD, change.account_id, "created", change=change.id, due=due_on, title=title)


async def reach_confirmations(tx: Tx, account_id: UUID) -> None:
    """Note that the goals of all the account's roadmaps are confirmed."""
    await _change(tx, _REACH, account_id, "reached", today=await workspace_today(tx))


async def follow_milestones(tx: Tx, account_id: UUID, milestones: Iterable[Written]) -> None:
    """Tell the packages above when the milestones just written leave nothing to confirm."""
    if any(
        each.action in {"reached", "archived"} and each.row["kind"] == MilestoneKind.confirm_goals
        for each in milestones
    ):
        await follow_confirmations(tx, account_id)


async def follow_confirmations(tx: Tx, account_id: UUID) -> None:
    """Tell the packages above when the goals were confirmed on one roadmap and no open one waits for that any more.

    Whatever the order: the last one that waited may have been confirmed, ended or archived.
    """
    about = {"ws": tx.workspace_id, "account": account_id}
    if await tx.fetch(_CONFIRMED, about) and not await tx.fetch(_WAITING, about):
        for follow in AFTER_GOALS_CONFIRMED:
            await follow(tx, account_id)


async def _title(tx: Tx, account_id: UUID) -> str:
    """In the account's language."""
    rows = await tx.fetch(
        "SELECT language FROM accounts WHERE workspace_id = %s AND id = %s", [tx.workspace_id, account_id]
    )
    return TITLES["ja" if rows and rows[0][0] == "ja" else "en"]


async def _change(tx: Tx, statement: str, account_id: UUID, action: str, **parameters: object) -> None:
    """Run a statement over milestones; each, and the roadmap whose tree it is in, is audited and announced."""
    now = clock.now()
    # The roadmap before its parts, as every edit locks.
    await tx.fetch(
        "SELECT id FROM success_roadmaps WHERE workspace_id = %s AND account_id = %s ORDER BY id FOR UPDATE",
        [tx.workspace_id, account_id],
    )
    rows = await tx.fetch(statement, {"ws": tx.workspace_id, "account": account_id, "now": now, **parameters})
    if not rows:
        return
    of_account = {"account_id": str(account_id)}
    told = [
        (action, row_id, {"fields": ["kind"], "version": version, "roadmap_id": str(roadmap_id), **of_account})
        for row_id, roadmap_id, version in rows
    ]
    await audit.record_many(tx, MILESTONE.resource.name, [(action, row_id, ["kind"]) for row_id, _, _ in rows])
    await outbox.record_many(tx, MILESTONE.resource.name, told)
    touched = await tx.fetch(
        "UPDATE success_roadmaps SET version = version + 1, updated_at = %(now)s WHERE workspace_id = %(ws)s "
        "AND id = ANY(%(ids)s) RETURNING id, version",
        {"ws": tx.workspace_id, "now": now, "ids": sorted({roadmap_id for _, roadmap_id, _ in rows})},
    )
    facts = [
        ("updated", row_id, {"fields": ["milestones"], "version": version, **of_account}) for row_id, version in touched
    ]
    await audit.record_many(tx, ROADMAPS.name, [("updated", row_id, ["milestones"]) for row_id, _ in touched])
    await outbox.record_many(tx, ROADMAPS.name, facts)
