"""How health is spread over the customers, and how it moves, by the weekly snapshots."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from api.analytics.attainment import labels_by, of_accounts
from api.analytics.health_schemas import (
    BandAccounts,
    BandShare,
    DistributionFigures,
    DistributionPart,
    DistributionQuery,
    DistributionRead,
    Transition,
    TransitionsQuery,
    TransitionsRead,
)
from api.analytics.questions import Breakdown
from api.analytics.retained import period_of
from api.analytics.retention import ratio, shown
from api.analytics.schemas import Basis
from api.analytics.units import chosen
from api.auth.service import workspace_today
from api.kit import clock
from api.kit.db import Tx
from api.kit.schemas import or_none

_WEEK: Final = """
SELECT as_of FROM health_scores WHERE workspace_id = %(ws)s AND kind = 'weekly' AND as_of <= %(day)s
AND recorded_at <= %(known)s ORDER BY as_of DESC LIMIT 1
"""
# From the worst to the best, also where several models were at work.
_BANDS: Final = """
WITH taken AS (
    SELECT DISTINCT model_id, band FROM health_scores
    WHERE workspace_id = %(ws)s AND as_of = ANY(%(weeks)s) AND kind = 'weekly'
), bands AS (
    SELECT b.said ->> 'key' AS key, (b.said ->> 'min')::float8 AS least FROM health_models m
    CROSS JOIN LATERAL jsonb_array_elements(m.definition -> 'bands') AS b (said)
    WHERE m.workspace_id = %(ws)s AND m.id IN (SELECT model_id FROM taken)
    UNION ALL SELECT band, NULL FROM taken WHERE band IS NOT NULL
)
SELECT key FROM bands GROUP BY key ORDER BY min(least), key
"""
# Whoever was a customer on the day counts, so that accounts which no model is for are not forgotten.
_CUSTOMERS: Final = """
units AS (
    SELECT a.id AS unit, s.score, s.band FROM accounts a
    LEFT JOIN health_scores s ON s.workspace_id = %(ws)s AND s.account_id = a.id AND s.kind = 'weekly'
        AND s.as_of = %(week)s AND s.recorded_at <= %(known)s
    WHERE a.workspace_id = %(ws)s AND (s.id IS NOT NULL OR a.archived_at IS NULL AND EXISTS (
        SELECT FROM account_phases p WHERE p.workspace_id = %(ws)s AND p.account_id = a.id AND p.starts_on <= %(day)s
        AND (p.ends_before IS NULL OR p.ends_before > %(day)s) AND p.phase <> 'churned'
    ))
)"""
_BOTH: Final = """
units AS (
    SELECT coalesce(x.account_id, y.account_id) AS unit, x.account_id IS NOT NULL AS was, y.account_id IS NOT NULL AS is,
        x.band AS before, y.band AS after
    FROM (
        SELECT account_id, band FROM health_scores WHERE workspace_id = %(ws)s AND kind = 'weekly' AND as_of = %(week)s
        AND recorded_at <= %(known)s
    ) AS x FULL JOIN (
        SELECT account_id, band FROM health_scores WHERE workspace_id = %(ws)s AND kind = 'weekly' AND as_of = %(later)s
        AND recorded_at <= %(known)s
    ) AS y ON y.account_id = x.account_id
)"""
_ASKED: Final = ("segment_id", "owner_id", "phase")


async def distribution(tx: Tx, query: DistributionQuery) -> DistributionRead:
    """The customers by band, as of the last weekly scores up to a day."""
    as_of = or_none(query.as_of) or await workspace_today(tx)
    known = or_none(query.known_at) or clock.now()
    week = await _week(tx, as_of, known)
    by = or_none(query.by)
    day = week or as_of
    which = await chosen(tx, of_accounts(query, *_ASKED), day, None if by is None else Breakdown(by.value))
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            WITH RECURSIVE {", ".join([_CUSTOMERS, *which.steps])}
            SELECT {which.part} AS part, u.band, count(*), coalesce(sum(u.score), 0)
            FROM units u {" ".join(which.joins)} {which.where} GROUP BY 1, 2
            """,  # noqa: S608
            {"ws": tx.workspace_id, "week": week, "day": day, "known": known, **which.parameters},
        )
    order = await _bands(tx, [week])
    parts: dict[str | None, list[Sequence[Any]]] = defaultdict(list)
    for key, *counts in rows:
        parts[None if key is None else str(key)].append(counts)
    labels = {} if by is None else await labels_by(tx, by.value, [key for key in parts if key is not None])
    return DistributionRead(
        basis=[Basis.logo],
        as_of=as_of,
        known_at=or_none(query.known_at),
        week=week,
        total=DistributionFigures(**_spread([each for group in parts.values() for each in group], order)),
        parts=[]
        if by is None
        else [
            DistributionPart(key=key, label=labels.get(key or ""), **_spread(parts[key], order))
            for key in sorted(parts, key=lambda key: (key is None, key))
        ],
    )


def _spread(rows: Sequence[Sequence[Any]], order: Sequence[str]) -> dict[str, Any]:
    """From rows (band, accounts, sum of scores)."""
    accounts: Counter[str] = Counter()
    sums: dict[str, float] = defaultdict(float)
    unscored = 0
    for band, count, total in rows:
        if band is None:
            unscored += count
        else:
            accounts[band] += count
            sums[band] += total
    scored = accounts.total()
    return {
        "scored": scored,
        "unscored": unscored,
        "mean_score": round(sum(sums.values()) / scored, 1) if scored else None,
        "bands": [
            BandShare(
                band=band,
                accounts=accounts[band],
                share=shown(ratio(accounts[band], scored)),
                mean_score=round(sums[band] / accounts[band], 1) if accounts[band] else None,
            )
            for band in order
        ],
    }


async def transitions(tx: Tx, query: TransitionsQuery) -> TransitionsRead:
    """Moves between bands, from one week to another; four weeks, unless asked otherwise."""
    last = or_none(query.to) or await workspace_today(tx)
    period = await period_of(tx, or_none(query.from_) or last - dt.timedelta(weeks=4), last)
    known = or_none(query.known_at) or clock.now()
    week, later = await _week(tx, period.first, known), await _week(tx, last, known)
    which = await chosen(tx, of_accounts(query, *_ASKED), later or last)
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            WITH RECURSIVE {", ".join([_BOTH, *which.steps])}
            SELECT u.was, u.is, u.before, u.after, count(*) FROM units u {" ".join(which.joins)} {which.where}
            GROUP BY 1, 2, 3, 4 ORDER BY 3 NULLS FIRST, 4 NULLS FIRST
            """,  # noqa: S608
            {"ws": tx.workspace_id, "week": week, "later": later, "known": known, **which.parameters},
        )
    order = await _bands(tx, [week, later])
    rank = {band: place for place, band in enumerate(order)}
    both = [(before, after, count) for was, is_, before, after, count in rows if was and is_]
    steps: Counter[int] = Counter()
    for before, after, count in both:
        if before is not None and after is not None:
            steps[(rank[after] > rank[before]) - (rank[after] < rank[before])] += count
    return TransitionsRead(
        basis=[Basis.logo],
        as_of=last,
        known_at=or_none(query.known_at),
        from_week=week,
        to_week=later,
        bands=order,
        cells=[Transition(**{"from": before}, to=after, accounts=count) for before, after, count in both],
        improved=steps[1],
        worsened=steps[-1],
        unchanged=steps[0],
        arrived=[BandAccounts(band=after, accounts=count) for was, _, _, after, count in rows if not was],
        left=[BandAccounts(band=before, accounts=count) for _, is_, before, _, count in rows if not is_],
    )


async def _week(tx: Tx, day: dt.date, known: dt.datetime) -> dt.date | None:
    rows = await tx.fetch(_WEEK, {"ws": tx.workspace_id, "day": day, "known": known})
    return rows[0][0] if rows else None


async def _bands(tx: Tx, weeks: Sequence[dt.date | None]) -> list[str]:
    rows = await tx.fetch(_BANDS, {"ws": tx.workspace_id, "weeks": [week for week in weeks if week]})
    return [row[0] for row in rows]
