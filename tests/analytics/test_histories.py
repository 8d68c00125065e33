"""Whatever happened: definitions, ledger and rollups say the same, and everything adds up."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from api.analytics import retained, series, units
from api.analytics.questions import CohortQuery, RetentionQuery, SeriesQuery
from api.analytics.retention import Moves, Retention
from api.analytics.units import Period
from api.contracts import ledger
from api.kit import clock
from api.kit.db import Tx
from tests.analytics.histories import BEGINNING, FACTORS, Line, World, days, defined, histories

random_histories = hypothesis_settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
ALWAYS = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
SAMPLE: Sequence[Mapping[str, Any]] = [
    {"act": "sign", "account": 0, "product": 0, "price": 10_001, "starts_on": BEGINNING, "length": None, "currency": "USD"},
    {"act": "sign", "account": 1, "product": 1, "price": 333, "starts_on": BEGINNING, "length": 200, "currency": "USD"},
    {"act": "sign", "account": 2, "product": 0, "price": 5_000, "starts_on": dt.date(2025, 6, 15), "length": None, "currency": "JPY"},
    {"act": "roll_up"},
    {"act": "amend", "contract": 0, "on": dt.date(2025, 5, 3), "price": 77},
    {"act": "merge", "winner": 0, "loser": 1},
]  # fmt: skip
JANUARY_TO_JUNE = Period(dt.date(2025, 2, 1), dt.date(2025, 8, 31))


def asked(period: Period, **more: Any) -> dict[str, Any]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat(), **more}


def ends_of(found: Any) -> Retention:
    return Retention(
        found.opening.amount, found.closing.amount, found.cohort_closing.amount, found.kept.amount,
        found.units.opening, found.units.closing, found.units.lost, found.units.gained,
    )  # fmt: skip


def moves_of(found: Any) -> Moves:
    return Moves(**{kind: getattr(found, kind).amount for kind in units.TYPES})


async def check_retention(tx: Tx, lines: Sequence[Line], period: Period, known_at: dt.datetime) -> None:
    """Definition, identity, parts."""
    query = asked(period, known_at=known_at)
    found = await retained.retention(tx, RetentionQuery.model_validate(query))
    ends, moves = ends_of(found.total), moves_of(found.total.movements)
    assert (ends, moves) == defined(lines, period, known_at, FACTORS)
    assert ends.opening + moves.net == ends.closing
    assert ends.grr is None or ends.nrr is None or ends.grr <= min(Fraction(1), ends.nrr)
    for by in ("industry", "phase", "owner", "currency", "touch_model"):
        parts = await retained.retention(tx, RetentionQuery.model_validate({**query, "by": by}))
        assert sum((ends_of(part) for part in parts.parts), Retention()) == ends, by
        assert sum(moves_of(part.movements).net for part in parts.parts) == moves.net, by
    products = await retained.retention(tx, RetentionQuery.model_validate({**query, "by": "product"}))
    groups = await retained.retention(tx, RetentionQuery.model_validate({**query, "rollup": "parent"}))
    for other in (products, groups):
        assert (other.total.opening, other.total.closing) == (found.total.opening, found.total.closing)
        assert moves_of(other.total.movements) == moves


async def check_series(tx: Tx, period: Period, known_at: dt.datetime, expected: Retention) -> None:
    """Opening, movements and revaluation make the closing, month by month."""
    found = await series.movements(tx, SeriesQuery.model_validate(asked(period, known_at=known_at)))
    assert found.months[0].opening.amount == expected.opening
    assert found.months[-1].closing.amount == expected.closing
    level = found.months[0].opening.amount
    for month in found.months:
        level += month.fx_revaluation.amount
        assert month.opening.amount == level
        level += moves_of(month.movements).net
        assert month.closing.amount == level


async def check_rollups(world: World) -> None:
    """The months say what the ledger says, the totals what the months say, and answers are equal from both."""
    lines = await world.lines(resolved=False)
    async with world.workspace.write() as tx:
        months = await tx.fetch(
            "SELECT account_id, currency, month, opening_minor, closing_minor, new_minor, reactivation_minor, expansion_minor, "
            "contraction_minor, churn_minor, lines FROM mrr_months WHERE workspace_id = %s", [tx.workspace_id],
        )  # fmt: skip
        totals = await tx.fetch(
            "SELECT month, currency, sum(opening_minor), sum(closing_minor), sum(accounts) FROM mrr_totals "
            "WHERE workspace_id = %s GROUP BY 1, 2 HAVING sum(opening_minor) <> 0 OR sum(closing_minor) <> 0",
            [tx.workspace_id],
        )
        (horizon,) = (await tx.fetch("SELECT horizon FROM mrr_rollups WHERE workspace_id = %s", [tx.workspace_id]))[0]
    wanted: dict[tuple[Any, ...], list[int]] = {}
    month = dt.date(2024, 12, 1)
    summed: dict[tuple[dt.date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    while month <= horizon:
        following = (month + dt.timedelta(days=32)).replace(day=1)
        for account, currency in {(line.account, line.currency) for line in lines}:
            own = [line for line in lines if (line.account, line.currency) == (account, currency)]
            here = [line for line in own if month <= line.day < following]
            opening = sum(line.amount for line in own if line.day < month)
            moved = [sum(line.amount for line in here if line.type == kind) for kind in units.TYPES]
            closing = opening + sum(moved)
            if here or closing:
                wanted[account, currency, month] = [opening, closing, *moved, len(here)]
            if opening or closing:
                sums = summed[month, currency]
                sums[0], sums[1], sums[2] = sums[0] + opening, sums[1] + closing, sums[2] + (closing > 0)
        month = following
    assert {tuple(row[:3]): list(row[3:]) for row in months} == wanted
    assert {tuple(row[:2]): [int(value) for value in row[2:]] for row in totals} == dict(summed)
    currencies = {key[1] for key, values in wanted.items() if any(values)}
    for currency in currencies or {"JPY"}:
        await check_answers(world, currency, rolled=len(currencies) < 2)


async def check_answers(world: World, currency: str, *, rolled: bool) -> None:
    """The same question, once from the rollups and once from the ledger."""
    months = Period(dt.date(2025, 2, 1), dt.date(2025, 5, 31))
    with clock.moved_to(world.moment(world.done + 1)):
        async with world.workspace.write() as tx:
            for ask, query in (
                (retained.retention, RetentionQuery.model_validate(asked(months, currency=currency))),
                (retained.retention, RetentionQuery.model_validate({"from": "2025-05-01", "to": "2025-05-31", "currency": currency})),
                (series.movements, SeriesQuery.model_validate(asked(months, currency=currency))),
                (series.cohorts, CohortQuery.model_validate({"as_of": "2025-05-31", "currency": currency})),
            ):  # fmt: skip
                quick = await ask(tx, query)  # type: ignore[arg-type]
                exact = await ask(tx, query.model_copy(update={"known_at": ALWAYS}, deep=False))  # type: ignore[arg-type]
                assert (quick.source, exact.source) == ("rollup" if rolled else "ledger", "ledger")
                aside = {"source", "known_at"}
                assert quick.model_dump(exclude=aside) == exact.model_dump(exclude=aside)


@random_histories
@given(history=histories, first=days, length=st.integers(0, 250), known=st.integers(0, 12))
async def test_any_period_as_known_at_any_moment(
    app: FastAPI, history: Sequence[Mapping[str, Any]], first: dt.date, length: int, known: int
) -> None:
    world = await World.begin(app)
    await world.live(history)
    period, lines = Period(first, first + dt.timedelta(days=length)), await world.lines()
    async with world.workspace.write() as tx:
        for known_at in (ALWAYS, World.moment(known)):
            await check_retention(tx, lines, period, known_at)
            await check_series(tx, period, known_at, defined(lines, period, known_at, FACTORS)[0])


@random_histories
@given(history=histories)
async def test_rollups_say_what_the_ledger_says(app: FastAPI, history: Sequence[Mapping[str, Any]]) -> None:
    world = await World.begin(app)
    half = len(history) // 2
    await world.live(history[:half])
    await world.roll_up()
    await world.live(history[half:])
    await world.roll_up()
    await check_rollups(world)


@random_histories
@given(history=histories, merged=st.permutations(range(4)), first=days, length=st.integers(0, 250))
async def test_merging_changes_no_total(
    app: FastAPI, history: Sequence[Mapping[str, Any]], merged: Sequence[int], first: dt.date, length: int
) -> None:
    world = await World.begin(app)
    await world.live([act for act in history if act.get("currency") != "USD"])
    period = Period(first, first + dt.timedelta(days=length))
    query = RetentionQuery.model_validate(asked(period))

    async def totals() -> tuple[int, int]:
        async with world.workspace.write() as tx:
            found = (await retained.retention(tx, query)).total
        return found.opening.amount, found.closing.amount

    with clock.moved_to(ALWAYS):
        before = await totals()
        await world.live([{"act": "merge", "winner": merged[0], "loser": merged[1]}])
        assert await totals() == before


async def test_a_change_makes_the_rollups_stale_until_they_are_refreshed(app: FastAPI) -> None:
    world = await World.begin(app)
    await world.live(SAMPLE[2:3])
    world.done = 8
    query = RetentionQuery.model_validate(asked(JANUARY_TO_JUNE))
    with clock.moved_to(world.moment(9)):
        for source in ("ledger", "rollup"):
            async with world.workspace.write() as tx:
                found = await retained.retention(tx, query)
            assert (found.source, found.total.closing.amount) == (source, 5_000)
            await world.roll_up()
    await world.live([{"act": "terminate", "contract": 0, "on": dt.date(2025, 7, 1)}])
    with clock.moved_to(world.moment(9)):
        async with world.workspace.write() as tx:
            found = await retained.retention(tx, query)
        assert (found.source, found.total.closing.amount) == ("ledger", 0)


# What the tests above must catch.


async def _sample(app: FastAPI) -> World:
    world = await World.begin(app)
    await world.live(SAMPLE)
    return world


async def test_the_sample_holds(app: FastAPI) -> None:
    world = await _sample(app)
    lines = await world.lines()
    async with world.workspace.write() as tx:
        await check_retention(tx, lines, JANUARY_TO_JUNE, ALWAYS)
        await check_series(tx, JANUARY_TO_JUNE, ALWAYS, defined(lines, JANUARY_TO_JUNE, ALWAYS, FACTORS)[0])
    await world.roll_up()
    await check_rollups(world)


async def test_a_planted_rounding_by_movement_is_caught(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await _sample(app)
    monkeypatch.setattr(units, "_worth", lambda amount: f"(({amount}) * trunc(numerator / denominator))::bigint")
    with pytest.raises(AssertionError):
        async with world.workspace.write() as tx:
            await check_retention(tx, await world.lines(), JANUARY_TO_JUNE, ALWAYS)


async def test_a_planted_blindness_to_mergers_is_caught(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await _sample(app)
    nobody = "winners AS (SELECT NULL::uuid AS id, NULL::uuid AS winner WHERE false)"
    monkeypatch.setattr(units, "WINNERS", nobody)
    with pytest.raises(AssertionError):
        async with world.workspace.write() as tx:
            await check_retention(tx, await world.lines(), JANUARY_TO_JUNE, World.moment(5))


async def test_a_planted_change_without_a_mark_is_caught(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    async def forget(tx: Tx, account_ids: Sequence[Any]) -> None:
        del tx, account_ids

    world = await World.begin(app)
    await world.live(SAMPLE[:4])
    await world.roll_up()
    monkeypatch.setattr(ledger, "mark_stale", forget)
    await world.live(SAMPLE[4:])
    await world.roll_up()
    with pytest.raises(AssertionError):
        await check_rollups(world)


def test_half_to_even_in_python() -> None:
    assert [round(Fraction(n, 2)) for n in (1, 3, 5, -1, -3)] == [0, 2, 2, 0, -2]


async def test_half_to_even_in_sql(app: FastAPI) -> None:
    world = await World.begin(app)
    async with world.workspace.write() as tx:
        rows = await tx.fetch(
            "SELECT array_agg(perennial_converted(n, 1, 2) ORDER BY i) FROM unnest(%s::bigint[]) WITH ORDINALITY AS t (n, i)",
            [[1, 3, 5, -1, -3, 2]],
        )
    assert rows[0][0] == [0, 2, 2, 0, -2, 1]
