"""What an account did over time, as known now or at a moment."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.accounts.service import require_account
from api.auth.service import workspace_today
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import or_none
from api.usage.schemas import UsageGaps, UsageGrain, UsagePoint, UsageQuery, UsageRead, UsageSeries, Utilisation
from api.usage.settings import usage_settings
from api.usage.statuses import FIGURES, OF_THESE, status_parameters

MOST_METRICS: Final = 20
LONGEST: Final = {UsageGrain.day: 800, UsageGrain.week: 4000, UsageGrain.month: 4000}
"""Days in one answer."""
DEFAULT_DAYS: Final = 90

KNOWN_DAYS: Final = """
    SELECT metric_id, day, value FROM usage_daily
    WHERE workspace_id = %(ws)s AND account_id = %(account)s AND metric_id = ANY(%(metrics)s)
    AND day BETWEEN %(from)s AND %(to)s AND recorded_at <= %(known_at)s
    UNION ALL
    SELECT metric_id, day, value FROM usage_superseded
    WHERE workspace_id = %(ws)s AND account_id = %(account)s AND metric_id = ANY(%(metrics)s)
    AND day BETWEEN %(from)s AND %(to)s AND recorded_at <= %(known_at)s AND superseded_at > %(known_at)s
"""
"""The measurements of an account, as known at a moment."""

_BUCKET: Final = {
    UsageGrain.day: "day",
    UsageGrain.week: "day - (day - date '2000-01-03') %% 7",
    UsageGrain.month: "date_trunc('month', day::timestamp)::date",
}
_FIGURES_OF_DAYS: Final = (
    "count(*) AS n, sum(value) AS sum, max(value) AS max, (array_agg(value ORDER BY day DESC))[1] AS last"
)
_FROM_DAYS: Final = {
    grain: f"SELECT metric_id, {bucket} AS bucket, {_FIGURES_OF_DAYS} FROM ({KNOWN_DAYS}) AS days GROUP BY 1, 2"  # noqa: S608
    for grain, bucket in _BUCKET.items()
}
# A week of which nothing was recorded later is as it was known then; only the others are made of their days.
_FROM_WEEKS: Final = f"""
    SELECT metric_id, week AS bucket, n, sum, max, last FROM usage_weekly
    WHERE workspace_id = %(ws)s AND account_id = %(account)s AND metric_id = ANY(%(metrics)s)
    AND week BETWEEN %(from)s AND %(to)s AND last_recorded_at <= %(known_at)s
    UNION ALL
    SELECT metric_id, bucket, n, sum, max, last FROM ({_FROM_DAYS[UsageGrain.week]}) AS others
    WHERE (metric_id, bucket) IN (
        SELECT metric_id, week FROM usage_weekly
        WHERE workspace_id = %(ws)s AND account_id = %(account)s AND metric_id = ANY(%(metrics)s)
        AND week BETWEEN %(from)s AND %(to)s AND last_recorded_at > %(known_at)s
    )
"""  # noqa: S608
_METRICS: Final = """
    SELECT id, key, name, unit, aggregation, direction FROM usage_metrics
    WHERE workspace_id = %(ws)s AND CASE WHEN %(keys)s::text[] IS NULL THEN archived_at IS NULL ELSE key = ANY(%(keys)s) END
    ORDER BY key LIMIT %(most)s
"""


async def usage_of(tx: Tx, account_id: UUID, query: UsageQuery) -> UsageRead:
    """The series that a query asks for, and utilisation today."""
    await require_account(tx, account_id)
    today = await workspace_today(tx)
    first, last = _period(query, today)
    keys = or_none(query.metric)
    metrics = await tx.fetch(_METRICS, {"ws": tx.workspace_id, "keys": keys, "most": MOST_METRICS})
    if missing := sorted(set(keys or ()) - {row[1] for row in metrics}):
        told = (f"There is no metric `{missing[0]}`", f"指標 `{missing[0]}` はありません")
        raise invalid(FieldError("?metric", "reference_not_found", *told))
    known_at = or_none(query.known_at)
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id,
        "account": account_id,
        "metrics": [row[0] for row in metrics],
        "from": first,
        "to": last,
        "known_at": known_at or clock.now(),
    }
    statement = _FROM_WEEKS if query.grain is UsageGrain.week else _FROM_DAYS[query.grain]
    found = {(row[0], row[1]): row[2:] for row in await tx.fetch(statement, parameters)}
    series = []
    for metric_id, key, name, unit, aggregation, direction in metrics:
        points = [
            _point(bucket, found.get((metric_id, bucket)), aggregation, query.gaps)
            for bucket in _buckets(first, last, query.grain)
        ]
        shown = {"key": key, "name": name, "unit": unit, "aggregation": aggregation, "direction": direction}
        series.append(UsageSeries.model_validate({**shown, "points": points}))
    return UsageRead.model_validate(
        {
            "from": first, "to": last, "grain": query.grain, "known_at": known_at,
            "utilisation": await utilisation(tx, account_id, today), "metrics": series,
        }
    )  # fmt: skip


async def utilisation(tx: Tx, account_id: UUID, today: dt.date) -> Utilisation:
    """How much of what is licensed the account uses."""
    parameters = await status_parameters(tx, await usage_settings(tx), today)
    rows = await tx.fetch(
        f"SELECT s.usage_status, s.utilisation, f.active, f.licensed, f.measured FROM ({FIGURES + OF_THESE}) AS f "  # noqa: S608
        "JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = f.account_id",
        {**parameters, "ids": [account_id]},
    )
    status, share, active, licensed, measured = rows[0]
    return Utilisation(
        status=status, utilisation=share, active=active if measured else None, licensed=licensed, as_of=today
    )


def _period(query: UsageQuery, today: dt.date) -> tuple[dt.date, dt.date]:
    """The days asked for, extended to whole weeks or months."""
    last = today if query.to is MISSING else query.to
    first = last - dt.timedelta(days=DEFAULT_DAYS) if query.from_ is MISSING else query.from_
    if first > last:
        raise invalid(FieldError("?to", "out_of_range", "Must not be before `from`", "`from` 以降にしてください"))
    if (last - first).days > LONGEST[query.grain]:
        most = LONGEST[query.grain]
        told = (f"At most {most} days by {query.grain}", f"{query.grain} では最大 {most} 日です")
        raise invalid(FieldError("?from", "out_of_range", *told))
    if query.grain is UsageGrain.week:
        first, last = first - dt.timedelta(days=first.weekday()), last + dt.timedelta(days=6 - last.weekday())
    if query.grain is UsageGrain.month:
        following = last.replace(day=28) + dt.timedelta(days=4)
        first, last = first.replace(day=1), following - dt.timedelta(days=following.day)
    return first, last


def _buckets(first: dt.date, last: dt.date, grain: UsageGrain) -> Iterator[dt.date]:
    day = first
    while day <= last:
        yield day
        if grain is UsageGrain.month:
            day = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        else:
            day += dt.timedelta(days=7 if grain is UsageGrain.week else 1)


def _point(bucket: dt.date, found: tuple[Any, ...] | None, aggregation: str, gaps: UsageGaps) -> UsagePoint:
    if found is None:
        return UsagePoint(date=bucket, value=0 if gaps is UsageGaps.fill_zero else None, days=0)
    n, total, highest, last = found
    values: Mapping[str, float] = {"sum": total, "max": highest, "last": last, "avg": total / n}
    return UsagePoint(date=bucket, value=values[aggregation], days=n)
