"""Renewal rates, and what an account brings against what it cost to win."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from pydantic import MISSING

from api.analytics.currency import rates_until
from api.analytics.economics_schemas import (
    RenewalFigures,
    RenewalPart,
    RenewalRatesQuery,
    RenewalRatesRead,
    UnitEconomicsQuery,
    UnitEconomicsRead,
)
from api.analytics.questions import Breakdown, RetentionQuery
from api.analytics.retained import found_retention, labels_of, period_of
from api.analytics.retention import (
    Ratio,
    Renewals,
    cac,
    ltv,
    ltv_to_cac,
    month_of,
    payback_months,
    ratio,
    shown,
)
from api.analytics.schemas import Basis, Source
from api.analytics.units import FACTORS, Period, chosen, told
from api.auth.service import workspace_currency
from api.kit import clock
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import Money, or_none

# What is due is what ran on the term's last day; what was renewed, what runs on the next term's first. Terms, decisions
# and prices are those that had been recorded by `known`.
_KNOWN: Final = "v.recorded_at <= %(known)s AND (v.superseded_at IS NULL OR v.superseded_at > %(known)s)"
_PAID: Final = """(
        SELECT perennial_minor(coalesce(sum(r.parts), 0)) FROM contract_rate_changes r
        WHERE r.workspace_id = v.workspace_id AND r.contract_id = v.contract_id AND r.day {until}
        AND r.recorded_at <= %(known)s AND (%(products)s::uuid[] IS NULL OR r.product_id = ANY(%(products)s::uuid[]))
    )"""
_TERMS: Final = f"""
terms AS (
    SELECT c.account_id AS unit, c.currency, v.backfilled, decided.as_what AS decision,
    {_PAID.format(until="< v.ends_before")} AS due,
    CASE WHEN decided.as_what IN ('renewed', 'expanded', 'contracted')
    THEN {_PAID.format(until="<= begins.on")} ELSE 0 END AS renewed
    FROM contract_term_versions v
    JOIN contracts c ON c.workspace_id = v.workspace_id AND c.id = v.contract_id
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT d.decision FROM renewal_decisions d WHERE d.workspace_id = v.workspace_id AND d.term_id = v.term_id
        AND d.recorded_at <= %(known)s ORDER BY d.recorded_at DESC, d.id DESC LIMIT 1
    ), 'pending') AS as_what) AS decided
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT min(n.starts_on) FROM contract_term_versions n WHERE n.workspace_id = v.workspace_id
        AND n.contract_id = v.contract_id AND n.starts_on >= v.ends_before AND {_KNOWN.replace("v.", "n.")}
    ), v.ends_before) AS on) AS begins
    WHERE v.workspace_id = %(ws)s AND v.ends_before BETWEEN %(from)s AND %(to)s AND {_KNOWN}
)"""  # noqa: S608
_WORTH: Final = """
worth AS (
    SELECT unit, currency, backfilled, decision, perennial_converted(due, numerator, denominator) AS due,
        perennial_converted(renewed, numerator, denominator) AS renewed
    FROM terms JOIN factors USING (currency)
)"""
_RENEWALS: Final = """
    count(*), count(*) FILTER (WHERE u.decision IN ('renewed', 'expanded', 'contracted')),
    count(*) FILTER (WHERE u.decision = 'pending'), coalesce(sum(u.due), 0)::bigint,
    coalesce(sum(u.due) FILTER (WHERE u.decision = 'pending'), 0)::bigint, coalesce(sum(u.renewed), 0)::bigint,
    coalesce(sum(least(u.renewed, u.due)), 0)::bigint, count(*) FILTER (WHERE u.backfilled)
"""
_CURRENCIES: Final = f"""
SELECT DISTINCT c.currency FROM contract_term_versions v
JOIN contracts c ON c.workspace_id = v.workspace_id AND c.id = v.contract_id
WHERE v.workspace_id = %(ws)s AND v.ends_before BETWEEN %(from)s AND %(to)s AND {_KNOWN}
"""  # noqa: S608


async def renewal_rates(tx: Tx, query: RenewalRatesQuery) -> RenewalRatesRead:
    """What was renewed of what came up for renewal in a period."""
    period = await period_of(tx, or_none(query.from_), or_none(query.to))
    currency, by = or_none(query.currency) or await workspace_currency(tx), or_none(query.by)
    if by is Breakdown.product:
        raise invalid(
            FieldError("?by", "not_allowed", "Terms are not of one product", "契約期間は製品別に分けられません")
        )
    known_at = or_none(query.known_at) or clock.now()
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id, "from": period.first, "to": period.last, "products": or_none(query.product_id),
        "known": known_at,
    }  # fmt: skip
    currencies = {row[0] for row in await tx.fetch(_CURRENCIES, parameters)}
    rates = await rates_until(tx, {*currencies, currency}, period.opening_day, known_at)
    which = await chosen(tx, query, period.opening_day, by)
    factors = {each: rates.factor(each, currency, period.opening_day) for each in currencies}
    rows = await tx.fetch(
        f"""
        WITH {", ".join([_TERMS, FACTORS, _WORTH, *which.steps])}
        SELECT {which.part} AS part, {_RENEWALS}
        FROM worth u {" ".join(which.joins)} {which.where} GROUP BY 1 ORDER BY 1 NULLS LAST
        """,  # noqa: S608
        {**parameters, **told(factors), **which.parameters},
    )
    parts = [(None if key is None else str(key), Renewals(*figures)) for key, *figures in rows]
    total = sum((part for _, part in parts), Renewals())
    labels = {} if by is None else await labels_of(tx, by, [key for key, _ in parts if key is not None])
    return RenewalRatesRead(
        basis=[Basis.revenue, Basis.logo],
        as_of=period.last,
        known_at=or_none(query.known_at),
        currency=currency,
        backfilled_share=shown(ratio(total.backfilled, total.terms)),
        source=Source.ledger,
        **{"from": period.first},
        to=period.last,
        total=RenewalFigures(**_figures(total, currency)),
        parts=[
            RenewalPart(key=key, label=labels.get(key or ""), **_figures(part, currency))
            for key, part in parts
            if by is not None
        ],
    )


def _figures(found: Renewals, currency: str) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("terms", "renewed_terms", "pending_terms")},
        **{name: Money(amount=getattr(found, name), currency=currency) for name in ("due", "pending_due", "renewed")},
        "gross_renewal_rate": shown(found.gross),
        "net_renewal_rate": shown(found.net),
        "renewal_rate_by_count": shown(found.by_count),
    }


async def unit_economics(tx: Tx, query: UnitEconomicsQuery) -> UnitEconomicsRead:
    """ARPA, life-time value, acquisition cost and payback of a period."""
    same = query.model_dump(exclude={"gross_margin_pct", "churn"}, exclude_unset=True, by_alias=True)
    asked = RetentionQuery.model_validate(same)
    period, currency, source, found = await found_retention(tx, asked)
    margin = None if query.gross_margin_pct is MISSING else Fraction(str(query.gross_margin_pct)) / 100
    ends = found.ends
    arpa = ratio(ends.closing, ends.units_closing)
    churn = month_of(ends.logo_churn if query.churn is Basis.logo else ends.gross_revenue_churn, _months(period))
    spent, won = await _costs(tx, query, period, currency)
    cost, value = cac(spent, won), ltv(arpa, margin, churn)
    figures: dict[str, Ratio] = {
        "arpa": arpa,
        "monthly_churn": churn,
        "ltv": value,
        "cac": cost,
        "ltv_to_cac": ltv_to_cac(value, cost),
        "payback_months": payback_months(cost, arpa, margin),
    }
    return UnitEconomicsRead(
        basis=[Basis.revenue, query.churn],
        as_of=period.last,
        known_at=or_none(query.known_at),
        currency=currency,
        backfilled_share=shown(ratio(found.backfilled, found.lines)),
        source=source,
        **{"from": period.first},
        to=period.last,
        margin_applied=margin is not None,
        gross_margin_pct=or_none(query.gross_margin_pct),
        accounts=ends.units_closing,
        acquisition_cost=Money(amount=spent, currency=currency),
        customers_won=won,
        **{name: shown(value) for name, value in figures.items()},
    )


def _months(period: Period) -> Fraction:
    """How many months a period has: whole ones as they are, else by its days."""
    if period.whole_months:
        first, last = period.first, period.last
        return Fraction((last.year - first.year) * 12 + last.month - first.month + 1)
    return Fraction(period.days * 12, 365)


async def _costs(tx: Tx, query: UnitEconomicsQuery, period: Period, currency: str) -> tuple[int, int]:
    """What was spent, converted at the opening's rates, and how many customers were won by it."""
    rows: Sequence[tuple[Any, ...]] = await tx.fetch(
        "SELECT currency, sum(amount_minor)::bigint, sum(customers_won)::bigint FROM acquisition_costs "
        "WHERE workspace_id = %(ws)s AND archived_at IS NULL AND starts_on BETWEEN %(from)s AND %(to)s "
        "AND (%(segments)s::uuid[] IS NULL OR segment_id = ANY(%(segments)s::uuid[])) GROUP BY currency",
        {
            "ws": tx.workspace_id,
            "from": period.first,
            "to": period.last,
            "segments": or_none(query.segment_id),
        },
    )
    rates = await rates_until(tx, {currency, *(row[0] for row in rows)}, period.opening_day, or_none(query.known_at))
    spent = sum(round(row[1] * rates.factor(row[0], currency, period.opening_day)) for row in rows)
    return spent, sum(row[2] for row in rows)
