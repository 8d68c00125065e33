"""How progress developed, as known at any moment."""

from uuid import UUID

from pydantic import MISSING

from api.auth.service import workspace_today
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.schemas import ProgressQuery

# Of several rows of a day the last one recorded stands; a moment in the answer looks as everywhere.
_POINTS = """
SELECT DISTINCT ON ({key}p.day) p.day, p.progress, p.expected, p.status,
    to_char(p.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS recorded_at, p.backfilled, {more}
FROM {table} p WHERE p.workspace_id = %(ws)s AND p.roadmap_id = %(roadmap)s AND p.recorded_at <= %(known_at)s
AND p.day BETWEEN %(since)s AND %(until)s
ORDER BY {key}p.day, p.recorded_at DESC, p.id DESC
"""
_HISTORY = f"""
SELECT json_build_object('roadmap_id', r.id,
    'roadmap', (
        SELECT coalesce(json_agg(x ORDER BY x.day), '[]') FROM (
            {_POINTS.format(key="", more="p.state", table="roadmap_progress")}
        ) AS x
    ),
    'goals', (
        SELECT coalesce(json_agg(x ORDER BY x.day, x.goal_id), '[]') FROM (
            {_POINTS.format(key="p.goal_id, ", more="p.goal_id, p.current", table="roadmap_goal_progress")}
        ) AS x
    )
) FROM success_roadmaps r WHERE r.workspace_id = %(ws)s AND r.id = %(roadmap)s
"""  # noqa: S608


async def progress_history(tx: Tx, roadmap_id: UUID, query: ProgressQuery) -> bytes:
    """The points of a roadmap and its goals as JSON; ``not_found`` when the caller cannot see it."""
    rows = await tx.fetch(
        _HISTORY,
        {
            "ws": tx.workspace_id, "roadmap": roadmap_id,
            "known_at": clock.now() if query.known_at is MISSING else query.known_at,
            "since": "-infinity" if query.since is MISSING else query.since,
            "until": await workspace_today(tx) if query.until is MISSING else query.until,
        },
    )  # fmt: skip
    if not rows:
        raise NOT_FOUND(what=ROADMAPS.name)
    body: bytes = rows[0][0]
    return body
