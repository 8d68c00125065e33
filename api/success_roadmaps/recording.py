"""Keeping what roadmaps have come to: on the roadmap and its goals as it is now, and in the history as it was known.

Runs after every write of a tree, and at night for all open roadmaps, because time passes. A row of history is written
when something changed: progress, status, a goal's value, the roadmap's state, or which levels its goals cover.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.auth.service import workspace_today
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.success_roadmaps.figures import FIGURES, thresholds
from api.success_roadmaps.models import OPEN_SQL
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.settings import roadmap_settings

_THESE: Final = "id = ANY(%(ids)s)"
_ALL_OPEN: Final = OPEN_SQL
_STALE: Final = f"{OPEN_SQL} AND progress_on IS DISTINCT FROM %(today)s::date"
# Whoever edits a tree locks its roadmap first. In the order of ids, so that two who lock many do not wait for each other.
_LOCK: Final = "SELECT id FROM success_roadmaps WHERE workspace_id = %(ws)s AND {which} ORDER BY id FOR NO KEY UPDATE"

_MEASURE: Final = """
UPDATE roadmap_goals g SET current = v.value, current_on = v.day
FROM (
    SELECT g.id, max(d.day) AS day, CASE m.aggregation WHEN 'sum' THEN sum(d.value) WHEN 'max' THEN max(d.value)
        WHEN 'avg' THEN avg(d.value) ELSE (array_agg(d.value ORDER BY d.day DESC))[1] END AS value
    FROM roadmap_goals g
    JOIN success_roadmaps r ON r.workspace_id = g.workspace_id AND r.id = g.roadmap_id
    JOIN usage_metrics m ON m.workspace_id = g.workspace_id AND m.id = g.usage_metric_id
    JOIN usage_daily d ON d.workspace_id = g.workspace_id AND d.account_id = g.account_id
        AND d.metric_id = g.usage_metric_id AND d.day > %(today)s::date - %(window)s::integer AND d.day <= %(today)s
    WHERE g.workspace_id = %(ws)s AND g.archived_at IS NULL AND r.{these} GROUP BY g.id, m.aggregation
) AS v
WHERE g.workspace_id = %(ws)s AND g.id = v.id AND (g.current, g.current_on) IS DISTINCT FROM (v.value, v.day)
"""
_RECORD: Final = f"""
WITH {FIGURES}, goals_now AS (
    UPDATE roadmap_goals g SET progress = f.progress, status = f.status FROM goal_figures f
    WHERE g.workspace_id = %(ws)s AND g.id = f.id
    AND (g.progress, g.status) IS DISTINCT FROM (f.progress, f.status)
), goals_then AS (
    INSERT INTO roadmap_goal_progress
        (workspace_id, id, goal_id, roadmap_id, account_id, day, current, progress, expected, status, backfilled, recorded_at)
    SELECT %(ws)s, uuidv7(), f.id, f.roadmap_id, f.account_id, %(today)s, f.current, f.progress, f.expected, f.status,
        false, %(now)s
    FROM goal_figures f LEFT JOIN LATERAL (
        SELECT p.id, p.current, p.progress, p.status FROM roadmap_goal_progress p
        WHERE p.workspace_id = %(ws)s AND p.goal_id = f.id ORDER BY p.day DESC, p.recorded_at DESC, p.id DESC LIMIT 1
    ) AS last ON true
    WHERE last.id IS NULL
    OR (last.current, last.progress, last.status) IS DISTINCT FROM (f.current, f.progress, f.status)
), roadmaps_then AS (
    INSERT INTO roadmap_progress
        (workspace_id, id, roadmap_id, account_id, day, state, archived, progress, expected, status, covers_company,
            covers_department, covers_project, backfilled, recorded_at)
    SELECT %(ws)s, uuidv7(), f.id, f.account_id, %(today)s, f.state, f.archived_at IS NOT NULL, f.progress, f.expected,
        f.status, f.covers_company, f.covers_department, f.covers_project, false, %(now)s
    FROM roadmap_figures f LEFT JOIN LATERAL (
        SELECT p.* FROM roadmap_progress p WHERE p.workspace_id = %(ws)s AND p.roadmap_id = f.id
        ORDER BY p.day DESC, p.recorded_at DESC, p.id DESC LIMIT 1
    ) AS last ON true
    WHERE last.id IS NULL OR (
        last.state, last.archived, last.progress, last.status, last.covers_company, last.covers_department,
        last.covers_project
    ) IS DISTINCT FROM (
        f.state, f.archived_at IS NOT NULL, f.progress, f.status, f.covers_company, f.covers_department, f.covers_project
    )
)
UPDATE success_roadmaps r SET progress = f.progress, status = f.status, progress_on = %(today)s FROM roadmap_figures f
WHERE r.workspace_id = %(ws)s AND r.id = f.id
AND (r.progress, r.status, r.progress_on) IS DISTINCT FROM (f.progress, f.status, %(today)s::date)
RETURNING r.id, r.account_id, old.status, new.status
"""  # noqa: S608


async def record_progress(tx: Tx, roadmap_ids: Sequence[UUID]) -> None:
    """Bring these roadmaps' figures up to what their trees say now."""
    await tx.flush()
    await _record(tx, _THESE, await workspace_today(tx), roadmap_ids)


async def record_all_progress(tx: Tx) -> int:
    """Bring the figures of all open roadmaps up to today; how many statuses changed."""
    async with tx.joining_many():
        return await _record(tx, _ALL_OPEN, await workspace_today(tx))


async def record_stale_progress(tx: Tx) -> int:
    """The same for those whose figures are of an earlier day."""
    today = await workspace_today(tx)
    async with tx.joining_many():
        return await _record(tx, _STALE, today)


async def _record(tx: Tx, which: str, today: dt.date, ids: Sequence[UUID] = ()) -> int:
    settings = await roadmap_settings(tx)
    parameters = {"ws": tx.workspace_id, "today": today, "now": clock.now(), "ids": list(ids)}
    locked = await tx.fetch(_LOCK.replace("{which}", which), parameters)
    if not locked:
        return 0
    parameters["ids"] = [roadmap_id for (roadmap_id,) in locked]
    measured = {**parameters, "window": settings.usage_window_days}
    await tx.execute(_MEASURE.replace("{these}", _THESE), measured)
    rows = await tx.fetch(_RECORD.replace("{these}", _THESE), {**parameters, **thresholds(settings)})
    turned = [
        ("status_changed", roadmap_id, {"account_id": str(account_id), "from": before, "to": after})
        for roadmap_id, account_id, before, after in rows
        if before != after
    ]
    await audit.record_many(tx, ROADMAPS.name, [(action, row_id, ["status"]) for action, row_id, _ in turned])
    await outbox.record_many(tx, ROADMAPS.name, turned)
    return len(turned)
