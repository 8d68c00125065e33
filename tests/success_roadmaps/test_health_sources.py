"""What health models read of roadmaps, as of any day and as known at any moment."""

import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

from api.health_scores.definition import Breakpoint, Component, HealthSource
from api.health_scores.moments import Moment, Question
from api.health_scores.sources import SOURCES
from tests.success_roadmaps.conftest import TREE, Planner, day, on, titled

TOKYO = ZoneInfo("Asia/Tokyo")
LINE = [Breakpoint(raw=0, points=0), Breakpoint(raw=100, points=100)]


async def raw(planner: Planner, source: HealthSource, as_of: str, known: str) -> dict[UUID, float]:
    """The raw values by account."""
    known_at = dt.datetime.combine(day(known), dt.time(23), TOKYO)
    question = Question(
        Component(key="x", source=source, breakpoints=LINE, weight=1), Moment(day(as_of), known_at, TOKYO, {})
    )
    select = SOURCES[source].select(question).replace("{of_these}", "")
    async with planner.workspace.write() as tx:
        rows = await tx.fetch(
            select, {"ws": planner.workspace.id, "as_of": day(as_of), "known_at": known_at, **question.parameters()}
        )
    return {row[0]: float(row[1]) for row in rows}


async def test_progress_is_the_mean_of_active_roadmaps_as_known_then(planner: Planner) -> None:
    account = await planner.account()
    with on("2026-04-01"):
        first = (await planner.roadmap(account, TREE))["id"]
        second = (await planner.roadmap(account, {"milestones": [{"title": "開始"}, {"title": "完了"}]}))["id"]
        await planner.roadmap(account, {"milestones": [{"title": "下書き"}]}, state="draft")
    with on("2026-05-01"):
        tree = await planner.tree(first)
        await planner.edit(first, goals=[{"id": titled(tree["goals"], "申請時間を半分に")["id"], "current": 3.0}])
    with on("2026-06-01"):
        start = titled((await planner.tree(second))["milestones"], "開始")["id"]
        await planner.edit(second, milestones=[{"id": start, "reached_on": "2026-05-10"}])
    with on("2026-07-01"):
        await planner.change(second, state="cancelled")
    source = HealthSource.roadmap_progress
    expected = {"2026-04-30": 0, "2026-05-31": 25, "2026-06-30": 50, "2026-07-31": 50}
    for as_of, value in expected.items():
        assert await raw(planner, source, as_of, as_of) == {account: value}, as_of
    # What was reached on 10 May was not known before June.
    assert await raw(planner, source, "2026-06-30", "2026-05-31") == {account: 25}
    assert await raw(planner, source, "2026-03-31", "2026-12-31") == {}


async def test_coverage_is_of_levels_that_are_agreed_measurable_and_owned(planner: Planner) -> None:
    account = await planner.account()
    contact, owner = str(await planner.contact(account)), str((await planner.workspace.user("csm")).id)
    whole = {"baseline": 0.0, "target": 1.0, "contact_id": contact, "owner_id": owner, "agreed_by_id": contact}
    with on("2026-04-01"):
        roadmap_id = (await planner.roadmap(account, TREE))["id"]
    with on("2026-05-01"):
        await planner.edit(
            roadmap_id,
            goals=[
                {"level": "company", "title": "全社", **whole},
                {"level": "department", "title": "部門", **whole, "agreed_by_id": None},
            ],
        )
    with on("2026-06-01"):
        await planner.edit(roadmap_id, goals=[{"level": "project", "title": "企画", **whole}])
    source = HealthSource.goal_coverage
    found = [await raw(planner, source, as_of, as_of) for as_of in ("2026-04-30", "2026-05-31", "2026-06-30")]
    assert [round(each[account], 6) for each in found] == [0, round(100 / 3, 6), round(200 / 3, 6)]
