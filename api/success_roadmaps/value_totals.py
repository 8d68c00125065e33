"""Value summed by account or by roadmap, as known at a moment, in one statement."""

from typing import Any, Final
from uuid import UUID

from api.kit import clock
from api.kit.db import Tx
from api.kit.schemas import Money, or_none
from api.success_roadmaps.value import return_on_investment
from api.success_roadmaps.value_schemas import ValueBy, ValueTotal, ValueTotals, ValueTotalsQuery
from api.success_roadmaps.value_sql import COST_OF_DAYS, KNOWN, SUMMED

DEFINITION_VERSION: Final = 1

# Grouped twice: a day that two roadmaps of an account cover costs once in the sum over all.
_TOTALS: Final = f"""
WITH known AS ({KNOWN}), chosen AS MATERIALIZED (
    SELECT k.* FROM known k
    WHERE k.state = ANY(%(states)s) AND (%(after)s::date IS NULL OR k.ends_before > %(after)s)
    AND (%(before)s::date IS NULL OR k.starts_on < %(before)s)
    AND (%(accounts)s::uuid[] IS NULL OR k.account_id = ANY(%(accounts)s))
    AND (%(roadmaps)s::uuid[] IS NULL OR k.roadmap_id = ANY(%(roadmaps)s))
    AND (%(owners)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = k.account_id AND a.owner_id = ANY(%(owners)s)
    ))
), placed AS (
    SELECT true AS is_row, CASE WHEN %(by_roadmap)s THEN c.roadmap_id END AS place, c.* FROM chosen c
    UNION ALL SELECT false, NULL, c.* FROM chosen c
), summed AS ({SUMMED.format(source="placed", by="is_row, account_id, place, currency")}),
costed AS (
    SELECT is_row, account_id, place, currency, realisations, without_cost, value, given + {COST_OF_DAYS} AS cost
    FROM summed
)
(SELECT true, account_id, place, currency, realisations, without_cost, value::bigint, cost::bigint
FROM costed WHERE is_row ORDER BY value DESC, account_id, place, currency LIMIT %(limit)s)
UNION ALL
(SELECT false, NULL, NULL, currency, sum(realisations)::bigint, sum(without_cost)::bigint, sum(value)::bigint,
    sum(cost)::bigint
FROM costed WHERE NOT is_row GROUP BY currency ORDER BY currency)
"""  # noqa: S608


async def value_totals(tx: Tx, query: ValueTotalsQuery) -> ValueTotals:
    """The value that the query asks for, summed."""
    known_at = or_none(query.known_at)
    rows = await tx.fetch(
        _TOTALS,
        {
            "ws": tx.workspace_id,
            "known_at": known_at or clock.now(),
            "by_roadmap": query.by is ValueBy.roadmap,
            "states": [state.value for state in query.state],
            "after": or_none(query.period_after),
            "before": or_none(query.period_before),
            "accounts": or_none(query.account_id),
            "roadmaps": or_none(query.roadmap_id),
            "owners": or_none(query.owner_id),
            "limit": query.limit,
        },
    )
    return ValueTotals(
        by=query.by,
        known_at=known_at,
        definition_version=DEFINITION_VERSION,
        totals=[_total(*row) for is_row, *row in rows if not is_row],
        data=[_total(*row) for is_row, *row in rows if is_row],
    )


def _total(
    account_id: UUID | None, roadmap_id: UUID | None, currency: str, *figures: Any  # noqa: ANN401
) -> ValueTotal:  # fmt: skip
    realisations, without_cost, value, cost = figures
    return ValueTotal(
        account_id=account_id,
        roadmap_id=roadmap_id,
        currency=currency,
        realisations=realisations,
        without_cost=without_cost,
        value=Money(amount=value, currency=currency),
        cost=Money(amount=cost, currency=currency),
        roi=None if without_cost else return_on_investment(value, cost),
    )
