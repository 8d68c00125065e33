"""The board of gaps, and gaps by area: sums over distinct accounts within each column, area and over all."""

from typing import Any, Final
from uuid import UUID

import orjson

from api.kit import clock
from api.kit.db import Tx
from api.kit.read import filters_of, find_several, ids_matching
from api.product_gaps.board_schemas import BoardOrder, GapAreaQuery, GapBoardQuery
from api.product_gaps.figures import FIGURES, KNOWN, TOLD, WORTH
from api.product_gaps.resource import PRODUCT_GAPS
from api.product_gaps.schemas import GapQuery, GapRead

# By one column; the row of all together is the one that is "overall".
_GROUPED: Final = """
WITH {known}, matching AS MATERIALIZED (
    SELECT g.id, g.{by} FROM product_gaps g WHERE g.workspace_id = %(ws)s AND g.id IN ({matching})
), within AS MATERIALIZED (
    SELECT m.{by}, r.account_id, {told}
    FROM matching m JOIN product_gap_reports r ON r.workspace_id = %(ws)s AND r.gap_id = m.id AND r.archived_at IS NULL
    GROUP BY m.{by}, r.account_id
), told AS (
    SELECT 0 AS overall, i.{by}, i.account_id, i.blocks, i.reports FROM within i
    UNION ALL SELECT 1, NULL, i.account_id, bool_or(i.blocks), sum(i.reports) FROM within i GROUP BY i.account_id
), {worth}, counted AS (
    SELECT grouping(m.{by}) AS overall, m.{by}, count(*) AS gaps FROM matching m GROUP BY GROUPING SETS ((m.{by}), ())
)
SELECT c.overall = 1, c.{by}, c.gaps, {figures}, coalesce(sum(w.mrr) FILTER (WHERE w.blocks), 0)
FROM counted c LEFT JOIN worth w ON w.overall = c.overall AND w.{by} IS NOT DISTINCT FROM c.{by}
GROUP BY c.overall, c.{by}, c.gaps
"""
_CARDS: Final = """
WITH {known}, matching AS MATERIALIZED (
    SELECT g.id, g.status, g.rank_sort FROM product_gaps g WHERE g.workspace_id = %(ws)s AND g.id IN ({matching})
), {sums} placed AS (
    SELECT m.id, m.status, row_number() OVER (PARTITION BY m.status ORDER BY {order}) AS place FROM matching m {joined}
)
SELECT p.id FROM placed p WHERE p.place <= %(limit)s ORDER BY p.status, p.place
"""
_SUMS: Final = f"""told AS (
    SELECT r.gap_id, r.account_id, {TOLD} FROM matching m
    JOIN product_gap_reports r ON r.workspace_id = %(ws)s AND r.gap_id = m.id AND r.archived_at IS NULL AND r.blocks_renewal
    GROUP BY r.gap_id, r.account_id
), {WORTH}, risk AS (SELECT w.gap_id, sum(w.mrr) AS mrr FROM worth w GROUP BY w.gap_id),
"""  # noqa: S608


async def board(tx: Tx, query: GapBoardQuery) -> bytes:
    """Gaps by status, with the first cards of each column, as JSON."""
    groups, overall = await _grouped(tx, query, "status")
    matching = await ids_matching(tx, PRODUCT_GAPS, _wanted(query), "of_")
    by_risk = query.order is BoardOrder.mrr_at_risk
    statement = _CARDS.format(
        known=KNOWN,
        matching=matching.sql,
        sums=_SUMS if by_risk else "",
        order="coalesce(k.mrr, 0) DESC, m.rank_sort, m.id" if by_risk else "m.rank_sort, m.id",
        joined="LEFT JOIN risk k ON k.gap_id = m.id" if by_risk else "",
    )
    async with tx.joining_many():
        rows = await tx.fetch(
            statement, {"ws": tx.workspace_id, "now": clock.now(), "limit": query.limit, **matching.constants}
        )
    ids: list[UUID] = [row[0] for row in rows]
    cards = [orjson.loads(card) for card in await find_several(tx, PRODUCT_GAPS, GapRead, ids)]
    known = {group["status"]: group for group in groups}
    columns = [
        {**known.get(status.value, {"status": status.value, "gaps": 0, "figures": _nothing(overall["figures"])}),
         "cards": [card for card in cards if card["status"] == status.value]}
        for status in dict.fromkeys(query.status)
    ]  # fmt: skip
    return orjson.dumps({"figures": overall["figures"], "columns": columns})


async def by_area(tx: Tx, query: GapAreaQuery) -> bytes:
    """Gaps by part of the product, the highest MRR at risk first, as JSON."""
    groups, _ = await _grouped(tx, query, "area")
    return orjson.dumps({"data": groups})


async def _grouped(tx: Tx, query: GapAreaQuery, by: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Each group, and all together."""
    matching = await ids_matching(tx, PRODUCT_GAPS, _wanted(query), "of_")
    statement = _GROUPED.format(
        by=by, known=KNOWN, matching=matching.sql, told=TOLD, worth=WORTH, figures=FIGURES
    )  # fmt: skip
    async with tx.joining_many():
        rows = await tx.fetch(statement, {"ws": tx.workspace_id, "now": clock.now(), **matching.constants})
    groups, overall = [], {}
    for is_overall, value, gaps, figures, _ in sorted(rows, key=lambda row: (-row[4], row[1] or "")):
        said = {"gaps": gaps, "figures": orjson.loads(figures)}
        if is_overall:
            overall = said
        else:
            groups.append({by: value, **said})
    return groups, overall


def _wanted(query: GapAreaQuery) -> dict[str, Any]:
    given = query.model_dump(exclude_unset=True, exclude={"order", "limit"}) | {"status": query.status}
    return filters_of(GapQuery.model_validate(given))


def _nothing(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures of no gap at all, in the currency of these."""
    return {
        name: {"amount": 0, "currency": value["currency"]} if isinstance(value, dict) else 0
        for name, value in figures.items()
    }
