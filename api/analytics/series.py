"""Movements by month, and cohorts by the month of first payment."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from api.analytics.currency import rates_until
from api.analytics.questions import CohortQuery, SeriesQuery
from api.analytics.retained import movement_totals, period_of, rolled_up, unfiltered
from api.analytics.retention import Moves, ratio, shown
from api.analytics.schemas import (
    Basis,
    CohortMonth,
    CohortRead,
    CohortsRead,
    MonthRead,
    MovementsRead,
    Source,
)
from api.analytics.units import FACTORS, TYPES, WINNERS, Chosen, Period, chosen, currencies_between, told
from api.auth.service import workspace_currency, workspace_today
from api.contracts.terms import months_later
from api.kit import clock
from api.kit.db import Tx
from api.kit.schemas import Money, or_none

_BY_TYPE: Final = ", ".join(
    f"coalesce(sum(m.amount_minor) FILTER (WHERE m.type = '{kind}'), 0)::bigint AS {kind}" for kind in TYPES
)
_SUMS: Final = ", ".join(f"sum(u.{kind})::bigint" for kind in TYPES)
_BEFORE_OR_MONTH: Final = (
    "CASE WHEN m.effective_on >= %(from)s THEN date_trunc('month', m.effective_on::timestamp)::date END"
)
_MOVED: Final = f"""
moved AS (
    SELECT coalesce(w.winner, m.account_id) AS unit, m.currency, {_BEFORE_OR_MONTH} AS month, {_BY_TYPE},
        sum(m.amount_minor)::bigint AS net, count(*) AS lines, count(*) FILTER (WHERE m.backfilled) AS backfilled
    FROM mrr_movements m LEFT JOIN winners w ON w.id = m.account_id
    WHERE m.workspace_id = %(ws)s AND m.effective_on <= %(to)s AND m.recorded_at <= %(known)s
    AND (%(products)s::uuid[] IS NULL OR m.product_id = ANY(%(products)s::uuid[]))
    GROUP BY 1, 2, 3
)"""  # noqa: S608
# Every month of every account, since other rates revalue what does not move.
_GRID: Final = """
months AS (
    SELECT NULL::date AS month, 0 AS number
    UNION ALL SELECT * FROM unnest(%(months)s::date[]) WITH ORDINALITY AS m (month, number)
), rates AS (
    SELECT * FROM unnest(%(rate_months)s::date[], %(currencies)s::text[], %(numerators)s::numeric[],
        %(denominators)s::numeric[]) AS r (month, currency, numerator, denominator)
), grid AS (
    SELECT s.unit, s.currency, n.month, coalesce(v.new, 0) AS new, coalesce(v.reactivation, 0) AS reactivation,
        coalesce(v.expansion, 0) AS expansion, coalesce(v.contraction, 0) AS contraction, coalesce(v.churn, 0) AS churn,
        (sum(coalesce(v.net, 0)) OVER (PARTITION BY s.unit, s.currency ORDER BY n.number))::bigint AS s5,
        coalesce(v.net, 0) AS net
    FROM (SELECT DISTINCT unit, currency FROM moved) AS s CROSS JOIN months AS n
    LEFT JOIN moved v ON v.unit = s.unit AND v.currency = s.currency AND v.month IS NOT DISTINCT FROM n.month
)"""


@dataclass(frozen=True, slots=True)
class _Month:
    opening: int
    moves: Moves
    closing: int


@dataclass(frozen=True, slots=True)
class _Series:
    """Months by their first days, with the lines behind them."""

    months: Mapping[dt.date, _Month]
    lines: int
    backfilled: int
    source: Source


async def movements(tx: Tx, query: SeriesQuery) -> MovementsRead:
    """What each month of a period moved; the first and the last may be parts of months."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    currency = or_none(query.currency) or await workspace_currency(tx)
    months = _months(period.first, period.last)
    found = await _series(tx, query, period, currency, months)
    shown_months: list[MonthRead] = []
    closing_before: int | None = None
    for month in months:
        one = found.months[month]
        first = max(month, period.first)
        shown_months.append(
            MonthRead(
                month=month,
                **{"from": first},
                to=min(months_later(month, 1) - dt.timedelta(days=1), period.last),
                opening=Money(amount=one.opening, currency=currency),
                movements=movement_totals(one.moves, currency),
                closing=Money(amount=one.closing, currency=currency),
                fx_revaluation=Money(
                    amount=0 if closing_before is None else one.opening - closing_before, currency=currency
                ),
                rate_day=first - dt.timedelta(days=1),
                quick_ratio=shown(one.moves.quick_ratio),
            )
        )
        closing_before = one.closing
    return MovementsRead(
        basis=[Basis.revenue],
        as_of=period.last,
        known_at=or_none(query.known_at),
        currency=currency,
        backfilled_share=shown(ratio(found.backfilled, found.lines)),
        source=found.source,
        months=shown_months,
    )


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    """The first days of the months from one day to another."""
    start = first.replace(day=1)
    return [months_later(start, n) for n in range((last.year - start.year) * 12 + last.month - start.month + 1)]


async def _series(tx: Tx, query: SeriesQuery, period: Period, currency: str, months: Sequence[dt.date]) -> _Series:
    if unfiltered(query) and period.whole_months and await rolled_up(tx, period.last, currency):
        rows = await tx.fetch(
            f"""
            SELECT CASE WHEN month >= %(first)s THEN month END, {", ".join(f"sum({kind}_minor)::bigint" for kind in TYPES)},
                sum(lines)::bigint, sum(backfilled_lines)::bigint
            FROM mrr_totals WHERE workspace_id = %(ws)s AND month <= %(last)s GROUP BY 1
            """,  # noqa: S608
            {"ws": tx.workspace_id, "first": period.first, "last": period.last},
        )
        return _plain(rows, months, Source.rollup)
    known_at = or_none(query.known_at) or clock.now()
    which = await chosen(tx, query, period.opening_day)
    parameters = {
        "ws": tx.workspace_id, "from": period.first, "to": period.last, "known": known_at,
        "products": or_none(query.product_id), **which.parameters,
    }  # fmt: skip
    currencies = await currencies_between(tx, period, known_at)
    if set(currencies) <= {currency}:
        async with tx.joining_many():
            rows = await tx.fetch(
                f"""
                WITH RECURSIVE {", ".join([WINNERS, _MOVED, *which.steps])}
                SELECT u.month, {_SUMS}, sum(u.lines)::bigint, sum(u.backfilled)::bigint
                FROM moved u {" ".join(which.joins)} {which.where} GROUP BY 1
                """,  # noqa: S608
                parameters,
            )
        return _plain(rows, months, Source.ledger)
    rates = await rates_until(tx, {*currencies, currency}, period.last, known_at)
    factors = [
        (month, each, rates.factor(each, currency, max(month, period.first) - dt.timedelta(days=1)))
        for month in months
        for each in currencies
    ]
    return await _converted(tx, which, parameters, months, factors)


def _plain(rows: Sequence[Sequence[Any]], months: Sequence[dt.date], source: Source) -> _Series:
    """From the sums of each month, and of all before the first."""
    by_month = {row[0]: row[1:] for row in rows}
    nothing = (0,) * 7
    level, found = sum(by_month.get(None, nothing)[:5]), {}
    for month in months:
        moved = by_month.get(month, nothing)[:5]
        found[month] = _Month(level, _moves(moved), level + sum(moved))
        level = found[month].closing
    return _Series(found, sum(row[6] for row in rows), sum(row[7] for row in rows), source)


def _moves(row: Sequence[int]) -> Moves:
    new, reactivation, expansion, contraction, churn = row
    return Moves(new, reactivation, expansion, -contraction, -churn)


async def _converted(
    tx: Tx,
    which: Chosen,
    parameters: Mapping[str, Any],
    months: Sequence[dt.date],
    factors: Sequence[tuple[dt.date, str, Fraction]],
) -> _Series:
    stages = ["g.s5 - g.net"]
    stages += [f"g.s5 - g.net + {' + '.join(f'g.{kind}' for kind in TYPES[:n])}" for n in range(1, 6)]
    worth = ", ".join(
        f"perennial_converted({stage}, r.numerator, r.denominator) AS c{n}" for n, stage in enumerate(stages)
    )
    moved = ", ".join(f"sum(u.c{n + 1} - u.c{n})::bigint" for n in range(5))
    steps = [
        WINNERS,
        _MOVED,
        _GRID,
        f"worth AS (SELECT g.unit, g.month, {worth} FROM grid g JOIN rates r USING (month, currency))",  # noqa: S608
        *which.steps,
    ]
    told_factors = {
        "months": list(months),
        "rate_months": [month for month, _, _ in factors],
        "currencies": [each for _, each, _ in factors],
        "numerators": [str(factor.numerator) for _, _, factor in factors],
        "denominators": [str(factor.denominator) for _, _, factor in factors],
    }
    choice = f"{' '.join(which.joins)} {which.where}"
    async with tx.joining_many():
        rows = await tx.fetch(
            f"WITH RECURSIVE {', '.join(steps)} SELECT u.month, sum(u.c0)::bigint, {moved}, sum(u.c5)::bigint "  # noqa: S608
            f"FROM worth u {choice} GROUP BY 1",
            {**parameters, **told_factors},
        )
        [(lines, backfilled)] = await tx.fetch(
            f"WITH RECURSIVE {', '.join([WINNERS, _MOVED, *which.steps])} "  # noqa: S608
            f"SELECT coalesce(sum(u.lines), 0)::bigint, coalesce(sum(u.backfilled), 0)::bigint FROM moved u {choice}",
            parameters,
        )
    known = {row[0]: _Month(row[1], _moves(row[2:7]), row[7]) for row in rows}
    return _Series(
        {month: known.get(month, _Month(0, Moves(), 0)) for month in months}, lines, backfilled, Source.ledger
    )


_CHANGES: Final = """
{name} AS (
    SELECT coalesce(w.winner, m.account_id) AS unit, date_trunc('month', m.effective_on::timestamp)::date AS month{currency},
        sum(m.amount_minor)::bigint AS change, sum(m.amount_minor) FILTER (WHERE m.type = 'new') AS new, count(*) AS lines,
        count(*) FILTER (WHERE m.backfilled) AS backfilled
    FROM mrr_movements m LEFT JOIN winners w ON w.id = m.account_id
    WHERE m.workspace_id = %(ws)s AND m.effective_on <= %(to)s AND m.recorded_at <= %(known)s
    AND (%(products)s::uuid[] IS NULL OR m.product_id = ANY(%(products)s::uuid[]))
    GROUP BY 1, 2{currency}
)"""
_CONVERTED: Final = """
levels AS (
    SELECT by_currency.*, (sum(change) OVER (PARTITION BY unit, currency ORDER BY month))::bigint AS level FROM by_currency
), changes AS (
    SELECT l.unit, l.month, sum(perennial_converted(l.level, f.numerator, f.denominator)
        - perennial_converted(l.level - l.change, f.numerator, f.denominator))::bigint AS change, sum(l.new) AS new,
        sum(l.lines)::bigint AS lines, sum(l.backfilled)::bigint AS backfilled
    FROM levels l JOIN factors f USING (currency) GROUP BY l.unit, l.month
)"""
# Before its cohort's month an account has nothing, so that the window of both can be the same.
_RUNNING: Final = """
running AS (
    SELECT changes.*, sum(change) OVER past AS level, min(month) FILTER (WHERE new > 0) OVER past AS cohort
    FROM changes WINDOW past AS (PARTITION BY unit ORDER BY month ROWS UNBOUNDED PRECEDING)
)"""


async def cohorts(tx: Tx, query: CohortQuery) -> CohortsRead:
    """What is left, month by month, of the accounts that first paid in the same month."""
    as_of = or_none(query.as_of) or await workspace_today(tx)
    currency = or_none(query.currency) or await workspace_currency(tx)
    first = months_later(as_of.replace(day=1), 1 - query.cohorts)
    period, source = Period(first, as_of), Source.ledger
    if unfiltered(query) and period.whole_months and await rolled_up(tx, as_of, currency):
        source, rows = Source.rollup, await _rolled_up_cohorts(tx, period, currency)
    else:
        rows = await _exact_cohorts(tx, query, period, currency)
    changes: dict[dt.date, dict[dt.date, Sequence[int]]] = defaultdict(dict)
    for cohort, month, *rest in rows:
        if cohort is not None:
            changes[cohort][month] = rest
    return CohortsRead(
        basis=[Basis.logo, Basis.revenue],
        as_of=as_of,
        known_at=or_none(query.known_at),
        currency=currency,
        backfilled_share=shown(ratio(sum(row[6] for row in rows), sum(row[5] for row in rows))),
        source=source,
        cohorts=[
            _cohort(cohort, changes[cohort], as_of, currency)
            for cohort in sorted(changes)
            if cohort >= first and any(row[2] for row in changes[cohort].values())
        ],
    )


async def _rolled_up_cohorts(tx: Tx, period: Period, currency: str) -> list[tuple[Any, ...]]:
    """Rows (cohort, month, accounts, change in MRR, started, lines, backfilled lines), as :func:`_exact_cohorts` has them."""
    return await tx.fetch(
        """
        SELECT cohort, month, (accounts - lag(accounts, 1, 0) OVER past)::bigint, closing_minor - opening_minor, started,
            lines, backfilled_lines
        FROM mrr_totals WHERE workspace_id = %(ws)s AND month <= %(last)s AND currency = %(currency)s
        WINDOW past AS (PARTITION BY cohort ORDER BY month)
        """,
        {"ws": tx.workspace_id, "last": period.last, "currency": currency},
    )


async def _exact_cohorts(tx: Tx, query: CohortQuery, period: Period, currency: str) -> list[tuple[Any, ...]]:
    known_at = or_none(query.known_at) or clock.now()
    which = await chosen(tx, query, period.last)
    everything = Period(dt.date.min + dt.timedelta(days=1), period.last)
    currencies = await currencies_between(tx, everything, known_at)
    parameters = {
        "ws": tx.workspace_id, "to": period.last, "known": known_at, "products": or_none(query.product_id),
        **which.parameters,
    }  # fmt: skip
    if set(currencies) <= {currency}:
        steps = [_CHANGES.format(name="changes", currency="")]
    else:
        rates = await rates_until(tx, {*currencies, currency}, period.last, known_at)
        parameters |= told({each: rates.factor(each, currency, period.last) for each in currencies})
        steps = [_CHANGES.format(name="by_currency", currency=", m.currency"), FACTORS, _CONVERTED]
    async with tx.joining_many():
        return await tx.fetch(
            f"""
            WITH RECURSIVE {", ".join([WINNERS, *steps, _RUNNING, *which.steps])}
            SELECT u.cohort, u.month, sum((u.level > 0)::integer - (u.level - u.change > 0)::integer)::bigint,
                sum(u.change)::bigint, count(*) FILTER (WHERE u.month = u.cohort), sum(u.lines)::bigint,
                sum(u.backfilled)::bigint
            FROM running u {" ".join(which.joins)} {which.where} GROUP BY 1, 2
            """,  # noqa: S608
            parameters,
        )


def _cohort(cohort: dt.date, changes: Mapping[dt.date, Sequence[int]], as_of: dt.date, currency: str) -> CohortRead:
    months, accounts, mrr, at_first = [], 0, 0, 0
    started = sum(row[2] for row in changes.values())
    for since, month in enumerate(_months(cohort, as_of)):
        more, grown, *_ = changes.get(month, (0, 0))
        accounts, mrr = accounts + more, mrr + grown
        at_first = at_first if since else mrr
        months.append(
            CohortMonth(
                month=month,
                months_since=since,
                accounts=accounts,
                mrr=Money(amount=mrr, currency=currency),
                logo_retention=shown(ratio(accounts, started)),
                revenue_retention=shown(ratio(mrr, at_first)),
            )
        )
    return CohortRead(cohort=cohort, accounts=started, months=months)
