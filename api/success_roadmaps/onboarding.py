"""The board of onboardings: roadmaps of the kind ``onboarding``, with where each stands today."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from api.accounts.models import Account
from api.auth.models import User, Workspace
from api.auth.service import workspace_today
from api.kit.db import Tx
from api.kit.resources import NOW, Condition, Expansion, Resource, Value
from api.kit.schemas import or_none
from api.success_roadmaps.models import OPEN, OPEN_SQL, RoadmapKind, RoadmapMilestone, SuccessRoadmap
from api.success_roadmaps.onboarding_schemas import (
    OnboardingsAtStage,
    OnboardingsOfStatus,
    OnboardingSum,
    OnboardingTotals,
    OnboardingTotalsQuery,
)

_roadmap: sa.Table = SuccessRoadmap.__table__  # type: ignore[attr-defined]
_milestone: sa.Table = RoadmapMilestone.__table__  # type: ignore[attr-defined]
_workspace: sa.Table = Workspace.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_user: sa.Table = User.__table__  # type: ignore[attr-defined]

_today = sa.cast(sa.func.timezone(_workspace.c.time_zone, NOW), sa.Date())
_days = {"type_": sa.Integer()}


def _text(value: str) -> Value:
    return sa.literal_column(f"'{value}'", sa.Text())


def _object(**values: Any) -> Value:  # noqa: ANN401
    return sa.func.json_build_object(*(part for name, value in values.items() for part in (_text(name), value)))


def _of_roadmap(milestone: Any, *conditions: Condition) -> Condition:  # noqa: ANN401
    ours = milestone.c.workspace_id == _roadmap.c.workspace_id, milestone.c.roadmap_id == _roadmap.c.id
    return sa.and_(*ours, milestone.c.archived_at.is_(None), *conditions)


_next, _reached, _stuck, _each = (
    _milestone.alias(name) for name in ("next_milestone", "reached", "stuck", "each_milestone")
)
_since = sa.func.greatest(
    _roadmap.c.starts_on,
    sa.select(sa.func.max(_reached.c.reached_on)).where(_of_roadmap(_reached)).correlate(_roadmap).scalar_subquery(),
    type_=sa.Date(),
)


def _at_stage(column: Value) -> Value:
    """Something of the milestone that an onboarding works on."""
    return (
        sa.select(column)
        .select_from(_next)
        .where(_of_roadmap(_next, _next.c.reached_on.is_(None)))
        .order_by(_next.c.position, _next.c.id)
        .limit(sa.literal_column("1", sa.Integer()))
        .correlate(_roadmap, _workspace)
        .scalar_subquery()
    )


_stage = _at_stage(
    _object(
        milestone_id=_next.c.id,
        title=_next.c.title,
        due_on=_next.c.due_on,
        since=_since,
        days=sa.func.greatest(_today - _since, sa.literal_column("0"), **_days),
        overdue=sa.func.coalesce(_next.c.due_on < _today, sa.false()),
    )
)
_blocker = (
    sa.select(
        _object(
            milestone_id=_stuck.c.id, title=_stuck.c.title, blocker=_stuck.c.blocker, blocked_on=_stuck.c.blocked_on,
            days=_today - _stuck.c.blocked_on,
        )
    )
    .where(_of_roadmap(_stuck, _stuck.c.reached_on.is_(None), _stuck.c.blocker.is_not(None)))
    .order_by(sa.nulls_last(_stuck.c.blocked_on), _stuck.c.position, _stuck.c.id)
    .limit(sa.literal_column("1", sa.Integer()))
    .correlate(_roadmap, _workspace)
    .scalar_subquery()
)  # fmt: skip
_count = (
    sa.select(_object(done=sa.func.count().filter(_each.c.reached_on.is_not(None)), total=sa.func.count()))
    .where(_of_roadmap(_each))
    .correlate(_roadmap)
    .scalar_subquery()
)
_overdue = sa.and_(_roadmap.c.due_on < _today, _roadmap.c.state.in_([_text(state) for state in OPEN]))
_blocked = sa.exists(
    sa.select(sa.literal_column("1"))
    .select_from(_stuck)
    .where(_of_roadmap(_stuck, _stuck.c.reached_on.is_(None), _stuck.c.blocker.is_not(None)))
    .correlate(_roadmap)
)


def _same(table: sa.Table, column: str) -> Condition:
    return sa.and_(table.c.workspace_id == _roadmap.c.workspace_id, table.c.id == _roadmap.c[column])


ONBOARDINGS: Final = Resource(
    "onboarding",
    SuccessRoadmap,
    joins=[(_workspace, _workspace.c.workspace_id == _roadmap.c.workspace_id)],
    values={"overdue": _overdue, "stage": _stage, "milestones": _count, "blocker": _blocker},
    sorts={"due_on": _roadmap.c.due_on, "name": _roadmap.c.name, "created_at": _roadmap.c.created_at},
    filters={
        "stage": lambda titles: _at_stage(_next.c.title) == sa.any_(sa.cast(titles, ARRAY(sa.Text()))),
        "blocked": lambda value: _blocked == sa.cast(value, sa.Boolean()),
        "overdue": lambda value: _overdue == sa.cast(value, sa.Boolean()),
        "due_after": lambda day: _roadmap.c.due_on >= sa.cast(day, sa.Date()),
        "due_before": lambda day: _roadmap.c.due_on < sa.cast(day, sa.Date()),
    },
    expands={
        "account": Expansion(_account, _same(_account, "account_id")),
        "owner": Expansion(_user, _same(_user, "owner_id")),
    },
    visible=_roadmap.c.kind == _text(RoadmapKind.onboarding.value),
)

_BOARD: Final = f"""
WITH board AS MATERIALIZED (
    SELECT r.status, s.title AS stage, r.due_on < %(today)s AS overdue,
        EXISTS (
            SELECT FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.roadmap_id = r.id
            AND m.archived_at IS NULL AND m.reached_on IS NULL AND m.blocker IS NOT NULL
        ) AS blocked,
        CASE WHEN s.title IS NOT NULL THEN greatest(0, %(today)s::date - greatest(r.starts_on, (
            SELECT max(m.reached_on) FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.roadmap_id = r.id
            AND m.archived_at IS NULL
        ))) END AS days
    FROM success_roadmaps r
    LEFT JOIN LATERAL (
        SELECT m.title FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.roadmap_id = r.id
        AND m.archived_at IS NULL AND m.reached_on IS NULL ORDER BY m.position, m.id LIMIT 1
    ) AS s ON true
    WHERE r.workspace_id = %(ws)s AND r.kind = 'onboarding' AND {OPEN_SQL}
    AND (%(owners)s::uuid[] IS NULL OR r.owner_id = ANY(%(owners)s))
    AND (%(after)s::date IS NULL OR r.due_on >= %(after)s) AND (%(before)s::date IS NULL OR r.due_on < %(before)s)
)
SELECT grouping(status), grouping(stage), status, stage, count(*), count(*) FILTER (WHERE overdue),
    count(*) FILTER (WHERE blocked), avg(days)::float8
FROM board GROUP BY GROUPING SETS ((), (status), (stage)) ORDER BY count(*) DESC, status, stage
"""  # noqa: S608
_MOST_STAGES: Final = 100


async def onboarding_totals(tx: Tx, query: OnboardingTotalsQuery) -> OnboardingTotals:
    """The open onboardings counted, in one statement."""
    today = await workspace_today(tx)
    rows = await tx.fetch(
        _BOARD,
        {
            "ws": tx.workspace_id,
            "today": today,
            "owners": or_none(query.owner_id),
            "after": or_none(query.due_after),
            "before": or_none(query.due_before),
        },
    )
    names = ("onboardings", "overdue", "blocked", "mean_days_in_stage")
    told = [(*row[:4], dict(zip(names, row[4:], strict=True))) for row in rows]
    return OnboardingTotals(
        as_of=today,
        all=next(OnboardingSum(**counts) for by, at, _, _, counts in told if by and at),
        by_status=[OnboardingsOfStatus(status=status, **counts) for by, _, status, _, counts in told if not by],
        by_stage=[OnboardingsAtStage(stage=stage, **counts) for _, at, _, stage, counts in told if not at][
            :_MOST_STAGES
        ],
    )
