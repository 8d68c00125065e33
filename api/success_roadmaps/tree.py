"""A roadmap with everything in it, and why it stands where it stands: one statement.

``PARTS`` are the parts of the answer by name, each an expression over the parameters and the common table expressions
of :mod:`api.success_roadmaps.figures`; a part that needs more than ``success_roadmaps:read`` names its scope.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from api.auth.service import workspace_today
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import NOT_FOUND
from api.kit.read import chosen
from api.kit.resources import Resource
from api.kit.schemas import Read
from api.kit.statements import json_item
from api.success_roadmaps.comments import COMMENTS
from api.success_roadmaps.figures import FIGURES, thresholds
from api.success_roadmaps.part_schemas import RoadmapGoalRead, RoadmapHypothesisRead, RoadmapMilestoneRead
from api.success_roadmaps.resource import GOALS, HYPOTHESES, MILESTONES, REVIEWS, ROADMAPS
from api.success_roadmaps.schemas import RoadmapRead, RoadmapReviewRead
from api.success_roadmaps.settings import roadmap_settings
from api.success_roadmaps.share_schemas import RoadmapCommentRead, RoadmapShareRead
from api.success_roadmaps.shares import SHARES
from api.success_roadmaps.value_resource import VALUES
from api.success_roadmaps.value_schemas import ValueRealisationRead
from api.tasks.resource import TASKS
from api.tasks.schemas import TaskRead

_dialect: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_PARAMETER: Final = re.compile(r"%\((\w+)\)s")

_FIGURES_OF: Final = "jsonb_build_object('progress', f.progress, 'expected', f.expected, 'status', f.status)"
_OF_ROADMAP: Final = "t.workspace_id = %(workspace_id)s AND t.roadmap_id = %(roadmap)s"


@dataclass(frozen=True, slots=True)
class TreePart:
    """A part of the tree: what computes it, the constants in that, and the scope it needs beside the tree's own."""

    sql: str
    constants: Mapping[str, Any] = field(default_factory=dict)
    scope: str = ""


def items(resource: Resource, schema: type[Read], matching: str) -> TreePart:
    """A select of the rows ``t`` of a resource that match, each with its JSON as ``item``."""
    fields, _ = chosen(resource, schema, None)
    table, here = resource.table, sa.literal_column("t.id", sa.Uuid())
    of_tree = (
        sa.select(here).select_from(sa.text(f"{table.name} AS t")).where(sa.text(_PARAMETER.sub(r":\1", matching)))
    )
    source: Any = table
    for joined, on in resource.joins:
        source = source.join(joined, on)
    select = (
        sa.select(table, json_item(resource, schema, fields).label("item"))
        .select_from(source)
        .where(table.c.workspace_id == sa.bindparam("workspace_id", type_=sa.Uuid()), table.c.id.in_(of_tree))
    )  # fmt: skip
    compiled = select.compile(dialect=_dialect)
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    # Named for their resource: several such selects stand in one statement.
    sql = _PARAMETER.sub(
        lambda found: f"%({resource.name}_{found[1]})s" if found[1] in constants else f"%({found[1]})s", compiled.string
    )
    return TreePart(sql, {f"{resource.name}_{name}": value for name, value in constants.items()})


def listed(resource: Resource, schema: type[Read], matching: str, order: str, scope: str = "") -> TreePart:
    """A JSON list of the rows ``t`` of a resource that match; ``order`` is over ``i``, their columns."""
    found = items(resource, schema, matching)
    sql = f"SELECT coalesce(json_agg(i.item ORDER BY {order}), '[]') FROM ({found.sql}) AS i"  # noqa: S608
    return TreePart(sql, found.constants, scope)


_SENTENCES: Final = """
SELECT CASE WHEN w.progress IS NULL THEN jsonb_build_object(
    'en', 'Nothing can be measured yet: no goal has a metric, and there is no milestone.',
    'ja', '指標のある目標もマイルストーンもないため、まだ測定できません。'
) ELSE jsonb_build_object(
    'en', 'Progress is ' || n.progress || ' %% where ' || n.expected || ' %% of the time has passed'
        || CASE WHEN n.behind > 0 THEN ': ' || n.behind || ' points behind.' ELSE '.' END
        || CASE WHEN n.overdue THEN ' The due date has passed.' ELSE '' END,
    'ja', '期間の' || n.expected || '%%が過ぎ、進捗は' || n.progress || '%%です'
        || CASE WHEN n.behind > 0 THEN '（' || n.behind || 'ポイントの遅れ）。' ELSE '。' END
        || CASE WHEN n.overdue THEN '期日を過ぎています。' ELSE '' END
) END
"""
_EXPLAINED: Final = f"""
SELECT jsonb_build_object(
    'as_of', %(today)s::date, 'progress', w.progress, 'expected', w.expected, 'status', w.status,
    'behind_points', n.behind_points, 'overdue', n.overdue,
    'at_risk_behind_pct', %(at_risk)s::float8, 'off_track_behind_pct', %(off_track)s::float8,
    'sentence', ({_SENTENCES}),
    'pulled_down_by', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'goal_id', p.id, 'title', p.title, 'progress', p.progress, 'share', p.share, 'points', p.points
        ) ORDER BY p.points DESC, p.id), '[]') FROM (
            SELECT f.id, g.title, f.progress, f.weight / w.parts AS share,
                f.weight / w.parts * (w.expected - f.progress) * 100 AS points
            FROM goal_figures f JOIN roadmap_goals g ON g.workspace_id = %(workspace_id)s AND g.id = f.id
            WHERE f.parent_id IS NULL AND f.progress < w.expected AND f.weight > 0
        ) AS p
    ),
    'unmeasured_goal_ids', (
        SELECT coalesce(jsonb_agg(f.id ORDER BY f.id), '[]') FROM goal_figures f WHERE f.progress IS NULL
    ),
    'overdue_milestone_ids', (
        SELECT coalesce(jsonb_agg(t.id ORDER BY t.due_on, t.id), '[]') FROM roadmap_milestones t WHERE {_OF_ROADMAP}
        AND t.archived_at IS NULL AND t.reached_on IS NULL AND t.due_on < %(today)s
    ),
    'blocked_milestone_ids', (
        SELECT coalesce(jsonb_agg(t.id ORDER BY t.blocked_on, t.id), '[]') FROM roadmap_milestones t WHERE {_OF_ROADMAP}
        AND t.archived_at IS NULL AND t.reached_on IS NULL AND t.blocker IS NOT NULL
    )
)
FROM roadmap_figures w CROSS JOIN LATERAL (
    SELECT round(w.progress * 100) AS progress, round(w.expected * 100) AS expected,
        round((w.expected - w.progress) * 100) AS behind, (w.expected - w.progress) * 100 AS behind_points,
        %(today)s::date > w.due_on AND w.running AND coalesce(w.progress, 0) < 1 AS overdue
) AS n
"""  # noqa: S608
_LIVE: Final = f"{_OF_ROADMAP} AND t.archived_at IS NULL"


_LATEST_COMMENTS: Final = f"""{_OF_ROADMAP} AND t.id IN (
    SELECT c.id FROM roadmap_comments c WHERE c.workspace_id = %(workspace_id)s AND c.roadmap_id = %(roadmap)s
    AND c.archived_at IS NULL ORDER BY c.created_at DESC, c.id DESC LIMIT 200
)"""  # noqa: S608
FROM_ABOVE: Final[dict[str, TreePart]] = {}
"""Parts that packages above this one compute: each puts its own here when it is imported."""


@cache
def _parts() -> Mapping[str, TreePart]:
    itself = items(ROADMAPS, RoadmapRead, "t.workspace_id = %(workspace_id)s AND t.id = %(roadmap)s")
    goals = items(GOALS, RoadmapGoalRead, _LIVE)
    of_milestones = f"SELECT m.id FROM roadmap_milestones m WHERE {_OF_ROADMAP.replace('t.', 'm.')}"  # noqa: S608
    of_tree = (
        "t.workspace_id = %(workspace_id)s AND t.archived_at IS NULL AND t.origin_kind = 'roadmap' "
        f"AND (t.origin_id = %(roadmap)s OR t.origin_id IN ({of_milestones}))"
    )
    return {
        "roadmap": TreePart(
            f"SELECT i.item::jsonb || jsonb_build_object('progress', f.progress, 'status', f.status, "  # noqa: S608
            f"'progress_on', %(today)s::date) FROM ({itself.sql}) AS i JOIN roadmap_figures f ON f.id = i.id",
            itself.constants,
        ),
        "goals": TreePart(
            f"SELECT coalesce(jsonb_agg(i.item::jsonb || {_FIGURES_OF} ORDER BY i.position, i.id), '[]') "  # noqa: S608
            f"FROM ({goals.sql}) AS i JOIN goal_figures f ON f.id = i.id",
            goals.constants,
        ),
        "milestones": listed(MILESTONES, RoadmapMilestoneRead, _LIVE, "i.position, i.id"),
        "hypotheses": listed(HYPOTHESES, RoadmapHypothesisRead, _LIVE, "i.position, i.id"),
        "tasks": listed(TASKS, TaskRead, of_tree, "i.due_sort, i.id", "tasks:read"),
        "reviews": listed(REVIEWS, RoadmapReviewRead, _OF_ROADMAP, "i.held_on DESC, i.id DESC"),
        "value": listed(VALUES, ValueRealisationRead, _LIVE, "i.starts_on DESC, i.id DESC", "value_realisations:read"),
        "comments": listed(
            COMMENTS, RoadmapCommentRead, _LATEST_COMMENTS, "i.created_at DESC, i.id DESC", "roadmap_comments:read"
        ),
        "shares": listed(
            SHARES,
            RoadmapShareRead,
            f"{_LIVE} AND t.revoked_at IS NULL",
            "i.created_at DESC, i.id DESC",
            "roadmap_shares:read",
        ),
        "explained": TreePart(_EXPLAINED),
        **FROM_ABOVE,
    }


@cache
def _statement(readable: frozenset[str]) -> str:
    parts = ", ".join(
        f"'{name}', ({part.sql if not part.scope or part.scope in readable else 'SELECT NULL::json'})"
        for name, part in _parts().items()
    )
    figures = FIGURES.replace("{these}", "id = %(roadmap)s")
    return (
        f"WITH {figures} SELECT json_build_object({parts}), r.version FROM success_roadmaps r "  # noqa: S608
        "WHERE r.workspace_id = %(workspace_id)s AND r.id = %(roadmap)s"
    )


async def tree_of(tx: Tx, roadmap_id: UUID) -> tuple[bytes, int]:
    """A roadmap's whole tree as JSON, and its version; ``not_found`` when the caller cannot see it."""
    readable = frozenset(part.scope for part in _parts().values() if part.scope and tx.actor.may(part.scope))
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id, "workspace_id": tx.workspace_id, "roadmap": roadmap_id, "now": clock.now(),
        "today": await workspace_today(tx), **thresholds(await roadmap_settings(tx)),
        **{name: value for part in _parts().values() for name, value in part.constants.items()},
    }  # fmt: skip
    rows = await tx.fetch(_statement(readable), parameters)
    if not rows:
        raise NOT_FOUND(what=ROADMAPS.name)
    return rows[0][0], rows[0][1]
