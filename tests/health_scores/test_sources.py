"""What sources read, as of any day and as known at any moment, against a plain reading of the same facts."""

import datetime as dt
import random
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from api.health_scores import usage_sources
from api.health_scores.definition import Breakpoint, Component, HealthSource
from api.health_scores.moments import Metric, Moment, Question
from api.health_scores.sources import SOURCES
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST = dt.date(2026, 1, 5)
DAYS = 70
LINE = [Breakpoint(raw=0, points=0), Breakpoint(raw=1, points=1)]


@dataclass(frozen=True)
class Said:
    """A value of a day, known from one moment until before another."""

    account: UUID
    metric: UUID
    day: dt.date
    value: float
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None


def moment(day: dt.date, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), TOKYO)


def invented(chance: random.Random, accounts: list[UUID], metrics: list[UUID]) -> list[Said]:
    """Measurements on most days; some late, some corrected once or twice."""
    facts = []
    for account in accounts:
        for metric in metrics:
            for number in range(DAYS):
                if chance.random() < 0.3:
                    continue
                day = FIRST + dt.timedelta(days=number)
                known = moment(day + dt.timedelta(days=chance.choice((1, 1, 1, 12))))
                corrections = chance.choice((0, 0, 0, 1, 2))
                moments = [known, *(known + dt.timedelta(days=5 * each + 3) for each in range(corrections)), None]
                facts += [
                    Said(account, metric, day, float(chance.randint(0, 9)), begin, end)
                    for begin, end in pairwise(moments)
                    if begin is not None
                ]
    return facts


async def stored(workspace: WorkspaceForTest, facts: list[Said]) -> None:
    """The facts as ingesting leaves them: days, what was superseded, weeks."""
    async with workspace.write() as tx:
        await tx.fetch("SELECT make_usage_partitions(%s, %s)", [FIRST, FIRST + dt.timedelta(days=DAYS)])
        for fact in facts:
            row = {"ws": workspace.id, "a": fact.account, "m": fact.metric, "d": fact.day, "v": fact.value}
            row |= {"r": fact.recorded_at, "s": fact.superseded_at}
            if fact.superseded_at is None:
                await tx.execute(
                    "INSERT INTO usage_daily VALUES (%(ws)s, %(a)s, %(m)s, %(d)s, %(v)s, %(r)s, false)", row
                )
            else:
                await tx.execute(
                    "INSERT INTO usage_superseded (workspace_id, account_id, metric_id, day, superseded_at, recorded_at, "
                    "value, backfilled) VALUES (%(ws)s, %(a)s, %(m)s, %(d)s, %(s)s, %(r)s, %(v)s, false)",
                    row,
                )
        await tx.execute(
            "INSERT INTO usage_weekly (workspace_id, account_id, metric_id, week, n, sum, max, sumsq, last, last_day, "
            "last_recorded_at, backfilled_n) SELECT workspace_id, account_id, metric_id, "
            "date_trunc('week', day)::date, count(*), sum(value), max(value), sum(value * value), "
            "(array_agg(value ORDER BY day DESC))[1], max(day), max(recorded_at), 0 FROM usage_daily "
            "WHERE workspace_id = %(ws)s GROUP BY 1, 2, 3, 4",
            {"ws": workspace.id},
        )


def known(facts: list[Said], at: Moment) -> list[Said]:
    """The facts as they were known."""
    return [
        fact
        for fact in facts
        if fact.day <= at.as_of
        and fact.recorded_at <= at.known_at
        and (fact.superseded_at is None or fact.superseded_at > at.known_at)
    ]


def plainly(source: HealthSource, facts: list[Said], question: Question) -> dict[UUID, float]:
    """The raw values by account, from a loop over facts."""
    metric = question.metric
    found: dict[UUID, float] = {}
    for account in {fact.account for fact in facts}:
        own = [fact for fact in facts if fact.account == account]
        inside = [fact for fact in own if fact.day >= question.first]
        mine = [fact for fact in inside if metric and fact.metric == metric.id]
        if source is HealthSource.usage_depth:
            if inside:
                found[account] = len({fact.metric for fact in inside if fact.value > 0})
        elif source is HealthSource.usage_trend:
            earlier = [f for f in own if question.before <= f.day < question.first and metric and f.metric == metric.id]
            before = sum(fact.value for fact in earlier)
            if mine and before:
                found[account] = 100 * sum(fact.value for fact in mine) / before
        elif mine:
            values = [fact.value for fact in sorted(mine, key=lambda fact: fact.day)]
            total = {"sum": sum(values), "avg": sum(values) / len(values), "max": max(values), "last": values[-1]}
            found[account] = total[metric.aggregation if metric else "sum"]
    return found


@pytest.mark.parametrize("source", [HealthSource.usage, HealthSource.usage_trend, HealthSource.usage_depth])
async def test_usage_from_weeks_and_from_days_as_known_then(workspace: WorkspaceForTest, source: HealthSource) -> None:
    chance = random.Random(source.value)
    accounts, metrics = [new_id() for _ in range(4)], [new_id() for _ in range(2)]
    facts = invented(chance, accounts, metrics)
    await stored(workspace, facts)
    compared = whole_weeks = joined = 0
    for _ in range(40):
        aggregation = "sum" if source is HealthSource.usage_trend else chance.choice(("sum", "avg", "max", "last"))
        as_of = FIRST + dt.timedelta(days=chance.choice((20, 27, 34, 41, 48, 55, 61, 66)))
        at = Moment(
            as_of,
            moment(as_of + dt.timedelta(days=chance.choice((1, 1, 4, 9, 60)))),
            TOKYO,
            {"logins": Metric(metrics[0], aggregation, None)},
            past=True,
        )
        window = chance.choice((7, 14, 28, 5, 10))
        of = None if source is HealthSource.usage_depth else "logins"
        component = Component(key="u", source=source, of=of, window_days=window, breakpoints=LINE, weight=1)
        question = Question(component, at)
        select = SOURCES[source].select(question).replace("{of_these}", "")
        values: dict[str, Any] = {"ws": workspace.id, "as_of": as_of, "known_at": at.known_at, **question.parameters()}
        async with workspace.database.read(workspace.id) as tx:
            rows = await tx.fetch(f"SELECT account_id, raw FROM ({select}) AS said", values)
        read = {account: raw for account, raw in rows if raw is not None}
        expected = plainly(source, known(facts, at), question)
        assert read == pytest.approx(expected), (as_of, at.known_at, window)
        if usage_sources.joins(question):
            shared = usage_sources.together([(0, question)])
            tables = ", ".join(shared.tables).replace("{of_these}", "")
            values |= shared.parameters
            async with workspace.database.read(workspace.id) as tx:
                rows = await tx.fetch(f"WITH {tables} SELECT account_id, raw0 FROM usage", values)
            assert {account: raw for account, raw in rows if raw is not None} == pytest.approx(expected)
            joined += 1
        compared, whole_weeks = compared + len(read), whole_weeks + question.whole_weeks
    assert compared > 100
    assert whole_weeks > 10
    assert joined > 5 or source is HealthSource.usage_depth


EVERY = Metric(new_id(), "avg", "active")


@pytest.mark.parametrize("source", SOURCES)
async def test_every_source_answers_of_an_empty_workspace(workspace: WorkspaceForTest, source: HealthSource) -> None:
    at = Moment(dt.date(2026, 4, 19), moment(dt.date(2026, 4, 20)), TOKYO, {"logins": EVERY})
    of = "logins" if source in {HealthSource.usage, HealthSource.usage_trend} else None
    component = Component(key="u", source=source, of=of, window_days=10, breakpoints=LINE, weight=1)
    question = Question(component, at)
    population = "SELECT NULL::uuid AS account_id WHERE false"
    select = SOURCES[source].select(question).replace("{of_these}", "AND account_id = ANY(%(ids)s)")
    values: dict[str, Any] = {
        "ws": workspace.id, "as_of": at.as_of, "until": at.until, "known_at": at.known_at, "zone": "Asia/Tokyo",
        "ids": [], **question.parameters(),
    }  # fmt: skip
    async with workspace.database.read(workspace.id) as tx:
        assert (
            await tx.fetch(f"WITH population AS ({population}) SELECT account_id, raw FROM ({select}) AS s", values)
            == []
        )


def test_every_source_of_the_grammar_has_its_select() -> None:
    assert set(SOURCES) == set(HealthSource)
