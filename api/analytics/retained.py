"""Retention of a period, read from the ledger or from its rollups."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.analytics.currency import rates_until
from api.analytics.questions import Breakdown, Grain, RetentionQuery, RevenueQuery, Rollup, year_until
from api.analytics.retention import Moves, Ratio, Retention, annual_of_days, ratio, shown
from api.analytics.schemas import (
    Annualised,
    Basis,
    MovementTotals,
    RetentionFigures,
    RetentionPart,
    RetentionRead,
    Source,
    UnitCounts,
)
from api.analytics.units import TYPES, Period, chosen, currencies_between, unit_steps
from api.auth.service import workspace_currency, workspace_today
from api.contracts.rollup import fresh_until
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import Money, or_none

_LONGEST: Final = dt.timedelta(days=366 * 50)
_ENDS: Final = """
    count(*) FILTER (WHERE u.opening > 0), count(*) FILTER (WHERE u.closing > 0),
    count(*) FILTER (WHERE u.opening > 0 AND u.closing <= 0), count(*) FILTER (WHERE u.opening <= 0 AND u.closing > 0),
    coalesce(sum(u.opening), 0)::bigint, coalesce(sum(u.closing), 0)::bigint,
    coalesce(sum(u.closing) FILTER (WHERE u.opening > 0), 0)::bigint,
    coalesce(sum(least(u.opening, u.closing)) FILTER (WHERE u.opening > 0), 0)::bigint
"""
# Only those who had MRR at the opening need their own two ends; what all have at an end is in the totals.
_COHORT: Final = """
SELECT count(*), coalesce(sum(l.closing_minor), 0)::bigint,
    coalesce(sum(least(f.opening_minor, coalesce(l.closing_minor, 0))), 0)::bigint,
    count(*) FILTER (WHERE coalesce(l.closing_minor, 0) <= 0)
FROM mrr_months f
LEFT JOIN mrr_months l ON l.workspace_id = %(ws)s AND l.month = %(last)s AND l.account_id = f.account_id
WHERE f.workspace_id = %(ws)s AND f.month = %(first)s AND f.opening_minor > 0
"""
_TOTALS: Final = f"""
SELECT {", ".join(f"coalesce(sum({kind}_minor) FILTER (WHERE month >= %(first)s), 0)::bigint" for kind in TYPES)},
    coalesce(sum(opening_minor) FILTER (WHERE month = %(first)s), 0)::bigint,
    coalesce(sum(closing_minor) FILTER (WHERE month = %(last)s), 0)::bigint,
    coalesce(sum(accounts) FILTER (WHERE month = %(last)s), 0)::bigint,
    coalesce(sum(lines), 0)::bigint, coalesce(sum(backfilled_lines), 0)::bigint
FROM mrr_totals WHERE workspace_id = %(ws)s AND month <= %(last)s
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Found:
    """A part of an answer: its key, its two ends, what moved between, and the lines behind it."""

    key: str | None
    ends: Retention
    moves: Moves
    lines: int
    backfilled: int


async def period_of(tx: Tx, first: dt.date | None, last: dt.date | None) -> Period:
    """The period asked for: up to today, and a year, unless given."""
    last = last or await workspace_today(tx)
    first = first or year_until(last)
    if first > last:
        raise invalid(
            FieldError("?from", "out_of_range", f"Not after `to`, {last}", f"`to`（{last}）以前にしてください")
        )
    if last - first > _LONGEST:
        raise invalid(
            FieldError("?from", "out_of_range", "At most 50 years before `to`", "`to` の 50 年前以降にしてください")
        )
    return Period(first, last)


def unfiltered(query: RevenueQuery) -> bool:
    """Whether a question is about everything as known now, which the rollups can answer."""
    return not query.model_fields_set - {"from_", "to", "currency", "as_of", "cohorts", "grain", "rollup"}


async def rolled_up(tx: Tx, last: dt.date, currency: str) -> bool:
    """Whether the rollups hold the months up to a day, all in this currency."""
    until = await fresh_until(tx)
    if until is None or last.replace(day=1) > until:
        return False
    rows = await tx.fetch(
        "SELECT EXISTS (SELECT FROM mrr_totals WHERE workspace_id = %(ws)s AND currency <> %(currency)s "
        "AND (lines > 0 OR opening_minor <> 0 OR closing_minor <> 0))",
        {"ws": tx.workspace_id, "currency": currency},
    )
    return not rows[0][0]


async def retention(tx: Tx, query: RetentionQuery) -> RetentionRead:
    """The retention of a period, in total and in parts."""
    period, currency, source, found = await _found(tx, query)
    by, total = or_none(query.by), _total(found)
    return RetentionRead(
        basis=[Basis.revenue, Basis.logo],
        as_of=period.last,
        known_at=or_none(query.known_at),
        currency=currency,
        backfilled_share=shown(ratio(total.backfilled, total.lines)),
        source=source,
        **{"from": period.first},
        to=period.last,
        total=RetentionFigures(**_figures(total, period, currency)),
        parts=[] if by is None else await _parts(tx, found, period, currency, by),
    )


async def found_retention(tx: Tx, query: RetentionQuery) -> tuple[Period, str, Source, Found]:
    """A period's figures in total, with the currency that they are in and where they were read."""
    period, currency, source, found = await _found(tx, query)
    return period, currency, source, _total(found)


async def _found(tx: Tx, query: RetentionQuery) -> tuple[Period, str, Source, list[Found]]:
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    by, currency = or_none(query.by), or_none(query.currency) or await workspace_currency(tx)
    grain = Grain.product if query.grain is MISSING and by is Breakdown.product else or_none(query.grain)
    if by is Breakdown.product and grain is not Grain.product:
        raise invalid(
            FieldError(
                "?grain", "not_allowed", "By product, the grain is `product`", "製品別の集計単位は `product` です"
            )
        )
    simple = grain is not Grain.product and query.rollup is Rollup.account and unfiltered(query)
    if simple and period.whole_months and await rolled_up(tx, period.last, currency):
        return period, currency, Source.rollup, [await _from_rollup(tx, period)]
    found = await _from_ledger(tx, query, period, currency, by, by_product=grain is Grain.product)
    return period, currency, Source.ledger, found


def _total(found: Sequence[Found]) -> Found:
    return Found(
        None,
        sum((each.ends for each in found), Retention()),
        Moves(*(sum(getattr(each.moves, kind) for each in found) for kind in TYPES)),
        sum(each.lines for each in found),
        sum(each.backfilled for each in found),
    )


async def _from_rollup(tx: Tx, period: Period) -> Found:
    parameters = {"ws": tx.workspace_id, "first": period.first, "last": period.last.replace(day=1)}
    [(opened, cohort_closing, kept, lost)] = await tx.fetch(_COHORT, parameters)
    [(*moved, opening, closing, closed, lines, backfilled)] = await tx.fetch(_TOTALS, parameters)
    ends = Retention(opening, closing, cohort_closing, kept, opened, closed, lost, closed - (opened - lost))
    return Found(None, ends, _moves(moved), lines, backfilled)


async def _from_ledger(
    tx: Tx, query: RetentionQuery, period: Period, currency: str, by: Breakdown | None, *, by_product: bool
) -> list[Found]:
    known_at = or_none(query.known_at) or clock.now()
    which = await chosen(tx, query, period.opening_day, by)
    steps = unit_steps(
        period, known_at, await factors_on(tx, period, known_at, currency),
        products=or_none(query.product_id), by_product=by_product, by_parent=query.rollup is Rollup.parent,
        by_currency=by is Breakdown.currency,
    )  # fmt: skip
    statement = f"""
        WITH RECURSIVE {", ".join([steps.sql, *which.steps])}
        SELECT {which.part} AS part, {_ENDS}, {", ".join(f"sum(u.{kind})::bigint" for kind in TYPES)},
            sum(u.lines)::bigint, sum(u.backfilled)::bigint
        FROM units u {" ".join(which.joins)} {which.where} GROUP BY 1 ORDER BY 1 NULLS LAST
    """  # noqa: S608
    async with tx.joining_many():
        rows = await tx.fetch(statement, {"ws": tx.workspace_id, **steps.parameters, **which.parameters})
    return [
        Found(None if key is None else str(key), _ends(rest[:8]), _moves(rest[8:13]), rest[13], rest[14])
        for key, *rest in rows
    ]


async def factors_on(tx: Tx, period: Period, known_at: dt.datetime, currency: str) -> Mapping[str, Fraction]:
    """What the currencies of a period are worth in another, at its opening."""
    currencies = await currencies_between(tx, period, known_at)
    if set(currencies) <= {currency}:
        return {}
    rates = await rates_until(tx, {*currencies, currency}, period.opening_day, known_at)
    return {each: rates.factor(each, currency, period.opening_day) for each in currencies}


def _ends(row: Sequence[Any]) -> Retention:
    opened, closed, lost, gained, opening, closing, cohort_closing, kept = row
    return Retention(opening, closing, cohort_closing, kept, opened, closed, lost, gained)


def _moves(row: Sequence[int]) -> Moves:
    """From the ledger's signs to how much was gained and lost."""
    new, reactivation, expansion, contraction, churn = row
    return Moves(new, reactivation, expansion, -contraction, -churn)


async def _parts(tx: Tx, found: Iterable[Found], period: Period, currency: str, by: Breakdown) -> list[RetentionPart]:
    parts = list(found)
    labels = await labels_of(tx, by, [each.key for each in parts if each.key is not None])
    return [
        RetentionPart(key=each.key, label=labels.get(each.key or ""), **_figures(each, period, currency))
        for each in parts
    ]


_NAMES: Final = {Breakdown.owner: "users", Breakdown.product: "products", Breakdown.segment: "segments"}


async def labels_of(tx: Tx, by: Breakdown, keys: Sequence[str]) -> Mapping[str, str]:
    """The names of parts whose keys are ids."""
    if by not in _NAMES or not keys:
        return {}
    rows = await tx.fetch(
        f"SELECT id::text, name FROM {_NAMES[by]} WHERE workspace_id = %s AND id = ANY(%s)",  # noqa: S608
        [tx.workspace_id, [UUID(key) for key in keys]],
    )
    return dict(rows)


def movement_totals(moves: Moves, currency: str) -> MovementTotals:
    """Movements as an answer shows them."""
    return MovementTotals(**{kind: Money(amount=getattr(moves, kind), currency=currency) for kind in TYPES})


def _figures(found: Found, period: Period, currency: str) -> dict[str, Any]:
    ends, days = found.ends, period.days

    def money(amount: int) -> Money:
        return Money(amount=amount, currency=currency)

    ratios: dict[str, Ratio] = {
        name: getattr(ends, name) for name in ("nrr", "grr", "logo_churn", "gross_revenue_churn", "net_revenue_churn")
    }
    return {
        **{name: money(getattr(ends, name)) for name in ("opening", "closing", "cohort_closing", "kept")},
        **{name: shown(value) for name, value in ratios.items()},
        "net_new_mrr_existing": money(ends.net_new_mrr_existing),
        "movements": movement_totals(found.moves, currency),
        "units": UnitCounts(
            opening=ends.units_opening, closing=ends.units_closing, lost=ends.units_lost, gained=ends.units_gained
        ),
        "net_negative_churn": ends.net_negative_churn,
        "quick_ratio": shown(found.moves.quick_ratio),
        "annualised": Annualised(
            **{name: annual_of_days(value, days) for name, value in ratios.items() if name.endswith("churn")}
        ),
    }
