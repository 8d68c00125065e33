"""What became of health targets, and of the contact that approach scores called for."""

from math import sqrt
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.analytics.health_schemas import (
    AttainmentFigures,
    AttainmentPart,
    AttainmentQuery,
    AttainmentRead,
    HitRateQuery,
    HitRateRead,
    OutcomeCount,
    TargetBreakdown,
)
from api.analytics.questions import Breakdown, CustomersQuery, RevenueQuery
from api.analytics.retained import labels_of, period_of
from api.analytics.retention import ratio, shown
from api.analytics.schemas import Basis
from api.analytics.units import chosen
from api.kit import clock
from api.kit.db import Tx
from api.kit.schemas import or_none
from api.tasks.models import NOT_OVER, TaskOrigin, TaskOutcome

# A target that was judged has the owner and the phase of its due day; one that was not, those of today.
_TARGETS: Final = """
units AS (
    SELECT t.account_id AS unit, t.kind, t.archived_at IS NOT NULL AND t.archived_at <= %(known)s AS withdrawn,
        CASE WHEN t.judged_at <= %(known)s THEN t.outcome ELSE 'pending' END AS outcome,
        CASE WHEN t.judged_at <= %(known)s THEN t.owner_id ELSE a.owner_id END AS owner,
        CASE WHEN t.judged_at <= %(known)s THEN t.phase ELSE a.phase END AS phase
    FROM health_targets t JOIN accounts a ON a.workspace_id = t.workspace_id AND a.id = t.account_id
    WHERE t.workspace_id = %(ws)s AND t.due_on BETWEEN %(from)s AND %(to)s AND t.created_at <= %(known)s
)"""
_COUNTS: Final = """
    count(*) FILTER (WHERE u.outcome = 'met' AND NOT u.withdrawn),
    count(*) FILTER (WHERE u.outcome = 'missed' AND NOT u.withdrawn),
    count(*) FILTER (WHERE u.outcome = 'pending' AND NOT u.withdrawn), count(*) FILTER (WHERE u.withdrawn)
"""
_OWN: Final = {TargetBreakdown.owner: "u.owner", TargetBreakdown.phase: "u.phase", TargetBreakdown.kind: "u.kind"}


def of_accounts(query: CustomersQuery, *names: str) -> RevenueQuery:
    """The accounts a question is about, as :func:`chosen` takes them."""
    wanted = {name: getattr(query, name) for name in names if getattr(query, name) is not MISSING}
    return RevenueQuery.model_validate(wanted)


async def attainment(tx: Tx, query: AttainmentQuery) -> AttainmentRead:
    """Targets met of those judged that were due in a period."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    by = or_none(query.by)
    segments = Breakdown.segment if by is TargetBreakdown.segment else None
    which = await chosen(tx, of_accounts(query, "segment_id"), period.last, segments)
    part = which.part if by is None else _OWN.get(by, which.part)
    own: dict[str, Any] = {"owner": or_none(query.owner_id), "phase": or_none(query.phase), "kind": or_none(query.kind)}
    conditions = which.conditions + [
        f"u.{name} = ANY(%({name})s)" for name, values in own.items() if values is not None
    ]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    async with tx.joining_many():
        rows = await tx.fetch(
            f"WITH RECURSIVE {', '.join([_TARGETS, *which.steps])} SELECT {part} AS part, {_COUNTS} "  # noqa: S608
            f"FROM units u {' '.join(which.joins)} {where} GROUP BY 1 ORDER BY 1 NULLS LAST",
            {
                "ws": tx.workspace_id, "from": period.first, "to": period.last,
                "known": or_none(query.known_at) or clock.now(), **own, **which.parameters,
            },
        )  # fmt: skip
    parts = [(None if key is None else str(key), counts) for key, *counts in rows]
    labels = {} if by is None else await labels_by(tx, by.value, [key for key, _ in parts if key is not None])
    return AttainmentRead(
        basis=[Basis.logo],
        as_of=period.last,
        known_at=or_none(query.known_at),
        **{"from": period.first},
        to=period.last,
        total=AttainmentFigures(**_figures([sum(counts[n] for _, counts in parts) for n in range(4)])),
        parts=[]
        if by is None
        else [AttainmentPart(key=key, label=labels.get(key or ""), **_figures(counts)) for key, counts in parts],
    )


def _figures(counts: list[int]) -> dict[str, Any]:
    met, missed, pending, withdrawn = counts
    return {
        "attainment": shown(ratio(met, met + missed)),
        "numerator": met,
        "denominator": met + missed,
        "pending": pending,
        "withdrawn": withdrawn,
    }


async def labels_by(tx: Tx, by: str, keys: list[str]) -> dict[str, str]:
    """The names of parts whose keys are ids."""
    return dict(await labels_of(tx, Breakdown(by), keys)) if by in set(Breakdown) else {}


_TASKS: Final = """
WITH own AS (
    SELECT t.*, (t.completed_at AT TIME ZONE w.time_zone)::date AS done_on,
        (t.created_at AT TIME ZONE w.time_zone)::date AS opened_on
    FROM tasks t JOIN workspaces w ON w.workspace_id = t.workspace_id
    WHERE t.workspace_id = %(ws)s AND t.origin_kind = %(origin)s AND t.archived_at IS NULL
    AND (%(owners)s::uuid[] IS NULL OR t.owner_id = ANY(%(owners)s::uuid[]))
)
SELECT outcome, count(*) FILTER (WHERE state = 'done' AND done_on BETWEEN %(from)s AND %(to)s),
    count(*) FILTER (WHERE opened_on BETWEEN %(from)s AND %(to)s),
    count(*) FILTER (WHERE opened_on BETWEEN %(from)s AND %(to)s AND state = ANY(%(not_over)s))
FROM own GROUP BY outcome ORDER BY outcome
"""
_Z: Final = 1.959963984540054


async def hit_rate(tx: Tx, query: HitRateQuery) -> HitRateRead:
    """How often contact that an approach score called for succeeded."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    owners: list[UUID] | None = or_none(query.owner_id)
    rows = await tx.fetch(
        _TASKS,
        {
            "ws": tx.workspace_id, "origin": TaskOrigin.approach_score.value, "owners": owners, "from": period.first,
            "to": period.last, "not_over": list(NOT_OVER),
        },
    )  # fmt: skip
    done = {outcome: count for outcome, count, _, _ in rows if outcome is not None and count}
    hits, completed = done.get(TaskOutcome.succeeded.value, 0), sum(done.values())
    low, high = wilson(hits, completed)
    return HitRateRead(
        basis=[Basis.logo],
        as_of=period.last,
        known_at=None,
        **{"from": period.first},
        to=period.last,
        hit_rate=shown(ratio(hits, completed)),
        numerator=hits,
        denominator=completed,
        low=low,
        high=high,
        outcomes=[OutcomeCount(outcome=outcome, tasks=count) for outcome, count in done.items()],
        opened=sum(row[2] for row in rows),
        waiting=sum(row[3] for row in rows),
    )


def wilson(hits: int, of: int) -> tuple[float | None, float | None]:
    """The bounds of the 95 % interval of a share; None without any."""
    if of == 0:
        return None, None
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)
