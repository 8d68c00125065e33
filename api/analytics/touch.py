"""How customers are met: QBR coverage, recorded meetings, executive touch; set-based, as known at any moment."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Final

from api.analytics.questions import Breakdown
from api.analytics.retained import labels_of, period_of
from api.analytics.schemas import Basis
from api.analytics.touch_schemas import (
    ExecutiveFigures,
    MeetingFigures,
    QuarterFigures,
    TouchFigures,
    TouchPart,
    TouchQuery,
    TouchRead,
)
from api.analytics.units import WINNERS, Chosen, Period, chosen
from api.interactions.known import KNOWN_ATTENDEES, KNOWN_INTERACTIONS
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import or_none

MOST_QUARTERS: Final = 20
RECENT_DAYS: Final = 90

_FACTS: Final = f"""
facts AS (
    SELECT k.account_id, k.id, k.kind, k.recorded, k.backfilled, (k.occurred_at AT TIME ZONE w.time_zone)::date AS day
    FROM ({KNOWN_INTERACTIONS}) AS k JOIN workspaces w ON w.workspace_id = %(ws)s
)"""  # noqa: S608
# Accounts with MRR at the end of each of the days.
_ACTIVE: Final = f"""
{WINNERS}, active AS (
    SELECT DISTINCT unit, day FROM (
        SELECT coalesce(w.winner, m.account_id) AS unit, d.day
        FROM mrr_movements m JOIN unnest(%(days)s::date[]) AS d (day) ON m.effective_on <= d.day
        LEFT JOIN winners w ON w.id = m.account_id
        WHERE m.workspace_id = %(ws)s AND m.recorded_at <= %(known)s
        GROUP BY coalesce(w.winner, m.account_id), m.currency, d.day HAVING sum(m.amount_minor) > 0
    ) AS paying
)"""  # noqa: S608


def _meetings(which: Chosen) -> str:
    return f"""
        WITH {", ".join([_FACTS, *which.steps])}, units AS (
            SELECT account_id AS unit, id, kind, recorded, backfilled FROM facts WHERE day BETWEEN %(from)s AND %(to)s
        ), parts AS (
            SELECT ({which.part})::text AS part, u.* FROM units u {" ".join(which.joins)} {which.where}
        )
        SELECT grouping(p.part), p.part, count(*) FILTER (WHERE p.kind IN ('meeting', 'qbr')),
            count(*) FILTER (WHERE p.kind IN ('meeting', 'qbr') AND p.recorded),
            count(*) FILTER (WHERE p.kind IN ('meeting', 'qbr') AND i.shared_at IS NOT NULL),
            coalesce(sum(i.effort_minutes), 0)::bigint, count(*), count(*) FILTER (WHERE p.backfilled)
        FROM parts p LEFT JOIN interactions i ON i.workspace_id = %(ws)s AND i.id = p.id
        GROUP BY GROUPING SETS ((p.part), ())
    """  # noqa: S608


def _quarters(which: Chosen) -> str:
    return f"""
        WITH RECURSIVE {", ".join([_FACTS, _ACTIVE, *which.steps])}, quarters AS (
            SELECT * FROM unnest(%(quarters)s::date[], %(ends)s::date[]) AS q (first, last)
        ), reviewed AS (
            SELECT DISTINCT f.account_id, q.first FROM facts f JOIN quarters q ON f.day BETWEEN q.first AND q.last
            WHERE f.kind = 'qbr'
        ), parts AS (
            SELECT ({which.part})::text AS part, u.unit, u.day FROM active u {" ".join(which.joins)} {which.where}
        )
        SELECT grouping(p.part), p.part, q.first, count(*), count(r.account_id)
        FROM parts p JOIN quarters q ON q.last = p.day
        LEFT JOIN reviewed r ON r.account_id = p.unit AND r.first = q.first
        GROUP BY GROUPING SETS ((p.part, q.first), (q.first))
    """  # noqa: S608


def _executives(which: Chosen) -> str:
    return f"""
        WITH RECURSIVE {", ".join([_FACTS, _ACTIVE, *which.steps])}, touches AS (
            SELECT f.account_id, max(f.day) AS day FROM facts f
            JOIN ({KNOWN_ATTENDEES}) AS a ON a.interaction_id = f.id
            LEFT JOIN contacts c ON c.workspace_id = %(ws)s AND c.id = a.contact_id AND c.stakeholder_role = 'decision_maker'
            LEFT JOIN account_team t ON t.workspace_id = %(ws)s AND t.user_id = a.user_id AND t.account_id = f.account_id
                AND t.role = 'executive_sponsor' AND t.archived_at IS NULL AND t.starts_on <= f.day
                AND (t.ends_before IS NULL OR t.ends_before > f.day)
            WHERE f.day <= %(to)s AND (c.id IS NOT NULL OR t.id IS NOT NULL) GROUP BY f.account_id
        ), parts AS (
            SELECT ({which.part})::text AS part, u.unit FROM active u {" ".join(which.joins)}
            {which.where + " AND" if which.where else "WHERE"} u.day = %(to)s
        )
        SELECT grouping(p.part), p.part, count(*), count(e.day),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY %(to)s::date - e.day),
            count(*) FILTER (WHERE %(to)s::date - e.day <= {RECENT_DAYS})
        FROM parts p LEFT JOIN touches e ON e.account_id = p.unit
        GROUP BY GROUPING SETS ((p.part), ())
    """  # noqa: S608


async def touch(tx: Tx, query: TouchQuery) -> TouchRead:
    """How customers were met in a period."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    quarters = await _quarters_of(tx, period)
    known_at, by = or_none(query.known_at), or_none(query.by)
    broken = None if by is None else Breakdown(by.value)
    which = await chosen(tx, query, period.opening_day, broken)
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id, "known": known_at or clock.now(), "from": period.first, "to": period.last,
        "quarters": [first for first, _ in quarters], "ends": [last for _, last in quarters],
        "days": sorted({last for _, last in quarters}), **which.parameters,
    }  # fmt: skip
    async with tx.joining_many():
        met = await tx.fetch(_meetings(which), parameters)
        reviewed = await tx.fetch(_quarters(which), parameters)
        executives = await tx.fetch(_executives(which), parameters)
    total = _figures(_among(met), _among(reviewed), _among(executives), quarters)
    keys = sorted({row[1] for row in [*met, *reviewed, *executives] if not row[0]} if by else (), key=_in_order)
    labels = {} if broken is None else await labels_of(tx, broken, [key for key in keys if key is not None])
    all_met = _among(met)
    return TouchRead(
        basis=[Basis.logo],
        as_of=period.last,
        known_at=known_at,
        backfilled_share=_share(all_met[0][-1], all_met[0][-2]) if all_met else None,
        **{"from": period.first},
        to=period.last,
        total=total,
        parts=[
            TouchPart(
                key=key,
                label=labels.get(key) if key is not None else None,
                **_figures(
                    _among(met, [key]), _among(reviewed, [key]), _among(executives, [key]), quarters
                ).model_dump(),
            )
            for key in keys
        ],
    )


Rows = Sequence[tuple[Any, ...]]


def _among(rows: Rows, keys: Sequence[str | None] | None = None) -> Rows:
    """The figures of the total, or of one part; without the marks of either."""
    return [row[2:] for row in rows if (row[0] == 1 if keys is None else row[0] == 0 and row[1] in keys)]


def _figures(met: Rows, reviewed: Rows, executives: Rows, quarters: Iterable[tuple[dt.date, dt.date]]) -> TouchFigures:
    meetings, recorded, shared, effort = met[0][:4] if met else (0, 0, 0, 0)
    active, touched, median, recent = executives[0] if executives else (0, 0, None, 0)
    covered = {first: (accounts, with_qbr) for first, accounts, with_qbr in reviewed}
    return TouchFigures(
        meetings=MeetingFigures(
            meetings=meetings, recorded=recorded, recorded_share=_share(recorded, meetings),
            shared=shared, shared_share=_share(shared, meetings), effort_minutes=effort,
        ),
        quarters=[
            QuarterFigures(
                quarter=first, to=last, active_accounts=accounts, with_qbr=with_qbr, coverage=_share(with_qbr, accounts)
            )
            for first, last in quarters
            for accounts, with_qbr in [covered.get(first, (0, 0))]
        ],
        executive_touch=ExecutiveFigures(
            active_accounts=active, touched=touched, never=active - touched, median_days=median,
            within_90_days=recent, within_90_days_share=_share(recent, active),
        ),
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _in_order(key: str | None) -> tuple[bool, str]:
    return key is None, key or ""


async def _quarters_of(tx: Tx, period: Period) -> list[tuple[dt.date, dt.date]]:
    """The quarters of the fiscal year that a period touches, with their last days, at most that of the period."""
    rows = await tx.fetch("SELECT fiscal_year_starts_in FROM workspaces WHERE workspace_id = %s", [tx.workspace_id])
    ahead = (period.first.month - rows[0][0]) % 3
    first = _months_on(period.first.replace(day=1), -ahead)
    quarters = []
    while first <= period.last:
        following = _months_on(first, 3)
        quarters.append((first, min(following - dt.timedelta(days=1), period.last)))
        first = following
        if len(quarters) > MOST_QUARTERS:
            raise invalid(
                FieldError(
                    "?from", "out_of_range",
                    f"At most {MOST_QUARTERS} quarters", f"最大 {MOST_QUARTERS} 四半期までです",
                )
            )  # fmt: skip
    return quarters


def _months_on(month: dt.date, months: int) -> dt.date:
    count = month.year * 12 + month.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)
