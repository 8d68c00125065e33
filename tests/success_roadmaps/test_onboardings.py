"""The onboarding board."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from api.success_roadmaps.models import RoadmapMilestone
from tests.success_roadmaps.conftest import Planner, day, on
from tests.support.statements import recorded


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


async def onboarding(planner: Planner, milestones: Sequence[dict[str, Any]], **values: Any) -> dict[str, Any]:
    """An onboarding with these milestones in their order."""
    account = await planner.account()
    body = {"name": "導入", "kind": "onboarding", "starts_on": "2026-10-01", "due_on": "2026-12-20", **values}
    made = await planner.roadmap(account, **body)
    for position, milestone in enumerate(milestones):
        # The ids fall: the order is that of the positions.
        await planner.workspace.add(
            RoadmapMilestone, id=UUID(int=2**127 - int(UUID(made["id"])) % 2**100 - position),
            roadmap_id=UUID(made["id"]), account_id=account, position=position, **milestone,
        )  # fmt: skip
    return made


async def board(planner: Planner, **query: Any) -> list[dict[str, Any]]:
    """The board's rows."""
    answer = await planner.client.get("/v1/onboardings", params=query)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["data"]
    return rows


async def test_the_board_says_where_each_stands(planner: Planner) -> None:
    begun = await onboarding(
        planner,
        [
            {"title": "キックオフ", "reached_on": day("2026-10-10")},
            {
                "title": "データ移行",
                "due_on": day("2026-11-15"),
                "blocker": "承認待ち",
                "blocked_on": day("2026-11-12"),
            },
            {"title": "研修", "blocker": "会場未定"},
        ],
        name="B",
    )
    late = await onboarding(planner, [{"title": "キックオフ"}], due_on="2026-11-01", name="A")
    done = await onboarding(planner, [{"title": "キックオフ", "reached_on": day("2026-10-03")}], name="C")
    await planner.roadmap(await planner.account(), name="no onboarding")
    with recorded() as statements:
        rows = await board(planner, sort="name", expand="account")
    assert len([each for each in statements if "success_roadmaps" in each.text]) == 1
    assert [row["id"] for row in rows] == [late["id"], begun["id"], done["id"]]
    assert rows[1]["stage"] | {"milestone_id": 0} == {
        "milestone_id": 0, "title": "データ移行", "due_on": "2026-11-15", "since": "2026-10-10", "days": 43, "overdue": True
    }  # fmt: skip
    assert (rows[1]["milestones"], rows[1]["blocker"]["blocker"]) == ({"done": 1, "total": 3}, "承認待ち")
    assert (rows[1]["blocker"]["days"], rows[1]["overdue"]) == (10, False)
    assert (rows[0]["stage"]["since"], rows[0]["overdue"], rows[0]["blocker"]) == ("2026-10-01", True, None)
    assert (rows[2]["stage"], rows[2]["milestones"]) == (None, {"done": 1, "total": 1})
    for query, expected in (
        ({"stage": "データ移行"}, [begun]), ({"stage": "キックオフ"}, [late]), ({"blocked": "true"}, [begun]),
        ({"overdue": "true"}, [late]), ({"due_before": "2026-11-02"}, [late]), ({"due_after": "2026-11-02"}, [begun, done]),
        ({"state": "completed"}, []), ({"account_id": begun["account_id"]}, [begun]), ({"status": "at_risk"}, []),
    ):  # fmt: skip
        assert {row["id"] for row in await board(planner, **query)} == {each["id"] for each in expected}, query
    with on("2026-10-05"):
        assert [row["stage"]["days"] for row in await board(planner, stage="キックオフ")] == [4]


async def test_totals_are_those_of_the_rows(planner: Planner) -> None:
    owner = await planner.workspace.user()
    for number in range(6):
        mine = {"owner_id": str(owner.id)} if number % 2 else {}
        blocked = {"blocker": "承認待ち"} if number in {1, 4} else {}
        due = "2026-11-01" if number == 3 else "2026-12-20"
        title = ("データ移行", "研修")[number // 4]
        milestones: list[dict[str, Any]] = [
            {"title": "キックオフ", "reached_on": day(f"2026-10-{10 + number}")}, {"title": title, **blocked}
        ]  # fmt: skip
        await onboarding(planner, milestones, due_on=due, **mine)
    for query in ({}, {"owner_id": str(owner.id)}, {"due_before": "2026-12-01"}):
        answer = await planner.client.get("/v1/onboardings:totals", params=query)
        found = answer.json()
        rows = await board(planner, **query)

        def counted(rows: list[dict[str, Any]]) -> dict[str, Any]:
            days = [row["stage"]["days"] for row in rows]
            return {
                "onboardings": len(rows),
                "overdue": sum(row["overdue"] for row in rows),
                "blocked": sum(row["blocker"] is not None for row in rows),
                "mean_days_in_stage": pytest.approx(sum(days) / len(days)),
            }

        assert found["all"] == counted(rows)
        for each in found["by_stage"]:
            stage = each.pop("stage")
            assert each == counted([row for row in rows if row["stage"]["title"] == stage])
        for each in found["by_status"]:
            status = each.pop("status")
            assert each == counted([row for row in rows if row["status"] == status])
    nothing = (await planner.client.get("/v1/onboardings:totals", params={"due_after": "2030-01-01"})).json()
    assert (nothing["all"]["onboardings"], nothing["by_stage"]) == (0, [])
