"""Progress as pure functions and in SQL: what it means, and that both say the same."""

import datetime as dt
import random
from typing import Any
from uuid import UUID

import pytest

from api.kit.db import Tx
from api.kit.tables import new_id
from api.success_roadmaps.figures import FIGURES, thresholds
from api.success_roadmaps.models import GoalLevel, RoadmapGoal, RoadmapMilestone, RoadmapStatus, SuccessRoadmap
from api.success_roadmaps.progress import (
    Goal,
    Metric,
    Milestone,
    RolledUp,
    Thresholds,
    expected_share,
    metric_progress,
    roll_up,
    status_of,
)
from api.success_roadmaps.settings import RoadmapSettings
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

DAY = dt.date(2026, 9, 1)
LEVELS = list(GoalLevel)
ROADMAPS = 40


@pytest.mark.parametrize(
    ("metric", "progress"),
    [
        (Metric(6, 3, 4.5, higher_is_better=False), 0.5),
        (Metric(6, 3, 7, higher_is_better=False), 0),
        (Metric(6, 3, 1, higher_is_better=False), 1),
        (Metric(10, 30, 15), 0.25),
        (Metric(10, 30), 0),
        (Metric(95, 95, 96), 1),
        (Metric(95, 95, 94), 0),
        (Metric(5, 5, 4, higher_is_better=False), 1),
    ],
)
def test_a_metric_is_as_far_as_it_came_on_its_way(metric: Metric, progress: float) -> None:
    assert metric_progress(metric) == progress


def test_weights_decide_and_what_cannot_be_measured_counts_for_nothing() -> None:
    found = roll_up(
        [
            Goal("company", GoalLevel.company, weight=3),
            Goal("project", GoalLevel.project, "company", weight=1),
            Goal("measured", GoalLevel.department, "company", weight=1, metric=Metric(0, 10, 5)),
            Goal("unmeasured", GoalLevel.department, None, weight=50),
        ],
        [Milestone("project", 1, True), Milestone("project", 3, False), Milestone("company", 2, True), Milestone(None, 1, False)],
    )  # fmt: skip
    assert found.goals == {"company": (2 + 0.25 + 0.5) / 4, "project": 0.25, "measured": 0.5, "unmeasured": None}
    assert found.whole == 3 * (2.75 / 4) / 4


@pytest.mark.parametrize(
    ("progress", "expected", "overdue", "status"),
    [
        (0.41, 0.5, False, RoadmapStatus.on_track),
        (0.4, 0.5, False, RoadmapStatus.at_risk),
        (0.25, 0.5, False, RoadmapStatus.off_track),
        (0.99, 1.0, True, RoadmapStatus.off_track),
        (1.0, 1.0, True, RoadmapStatus.on_track),
        (None, 0.5, False, None),
    ],
)
def test_a_status_is_progress_against_time(
    progress: float | None, expected: float, overdue: bool, status: RoadmapStatus | None
) -> None:
    assert status_of(progress, expected, Thresholds(), overdue=overdue) is status


def test_time_passes_evenly() -> None:
    first, last = dt.date(2026, 4, 1), dt.date(2026, 4, 11)
    days = [dt.date(2026, 3, 1), first, dt.date(2026, 4, 6), last, dt.date(2026, 5, 1)]
    assert [expected_share(first, last, day) for day in days] == [0, 0, 0.5, 1, 1]
    assert [expected_share(first, first, day) for day in (dt.date(2026, 3, 31), first)] == [0, 1]


class Invented:
    """A roadmap made by chance, as rows and as the pure functions see it."""

    def __init__(self, chance: random.Random, workspace_id: UUID, account_id: UUID) -> None:
        starts = DAY + dt.timedelta(days=chance.randint(-300, 10))
        self.roadmap = SuccessRoadmap(
            workspace_id=workspace_id, account_id=account_id, name="?", starts_on=starts,
            due_on=starts + dt.timedelta(days=chance.choice((0, 30, 200, 400))),
        )  # fmt: skip
        self.of: dict[str, Any] = {
            "workspace_id": workspace_id, "account_id": account_id, "roadmap_id": self.roadmap.id,
        }  # fmt: skip
        self.chance = chance
        self.goals = [self._goal(level, number) for level in LEVELS for number in range(chance.randint(0, 3))]
        for goal in self.goals:
            above = [
                other
                for other in self.goals
                if LEVELS.index(GoalLevel(other.level)) < LEVELS.index(GoalLevel(goal.level))
            ]
            goal.parent_id = chance.choice([None, *(other.id for other in above)])
        self.milestones = [self._milestone() for _ in range(chance.randint(0, 8))]

    def _goal(self, level: GoalLevel, number: int) -> RoadmapGoal:
        chance = self.chance
        baseline, target = chance.choice([(None, None), (0.0, 10.0), (8.0, 2.0), (5.0, 5.0), (None, 7.0)])
        return RoadmapGoal(
            **self.of, id=new_id(), level=level.value, title=str(number), weight=chance.choice((0, 1, 2.5)), baseline=baseline,
            target=target, current=chance.choice((None, -1.0, 3.3, 5.0, 12.0)),
            direction=chance.choice(("higher_is_better", "lower_is_better")),
            due_on=chance.choice((None, DAY + dt.timedelta(days=chance.randint(20, 90)))),
        )  # fmt: skip

    def _milestone(self) -> RoadmapMilestone:
        chance = self.chance
        return RoadmapMilestone(
            **self.of, title="?", weight=chance.choice((0, 1, 3)), goal_id=chance.choice([None, *(g.id for g in self.goals)]),
            reached_on=chance.choice((None, DAY, DAY - dt.timedelta(days=3), DAY + dt.timedelta(days=3))),
            archived_at=chance.choice((None, None, None, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))),
        )  # fmt: skip

    def rolled_up(self) -> RolledUp:
        """What the pure functions say."""
        goals = [
            Goal(
                goal.id, GoalLevel(goal.level), goal.parent_id, goal.weight,
                Metric(goal.baseline, goal.target, goal.current, goal.direction == "higher_is_better")
                if goal.baseline is not None and goal.target is not None else None,
            )
            for goal in self.goals
        ]  # fmt: skip
        marks = [
            Milestone(mark.goal_id, mark.weight, mark.reached_on is not None and mark.reached_on <= DAY)
            for mark in self.milestones
            if mark.archived_at is None
        ]
        return roll_up(goals, marks)

    def judged(self, progress: float | None, starts_on: dt.date, due_on: dt.date) -> tuple[Any, ...]:
        """Progress, what was expected, and what that means."""
        expected = expected_share(starts_on, due_on, DAY)
        status = status_of(progress, expected, Thresholds(), overdue=due_on < DAY)
        return progress, expected, status and status.value


async def figures(tx: Tx, name: str) -> dict[UUID, tuple[float | None, float, str | None]]:
    """What SQL says, by id."""
    rows = await tx.fetch(
        f"WITH {FIGURES.replace('{these}', 'true')} SELECT id, progress, expected, status FROM {name}",
        {"ws": tx.workspace_id, "today": DAY, **thresholds(RoadmapSettings())},
    )
    return {row_id: (progress, expected, status) for row_id, progress, expected, status in rows}


async def test_sql_and_the_pure_functions_agree_on_random_trees(workspace: WorkspaceForTest) -> None:
    account_id = await makers.account(workspace)
    chance = random.Random(5)
    invented = [Invented(chance, workspace.id, account_id) for _ in range(ROADMAPS)]
    async with workspace.write() as tx:
        for each in invented:
            tx.session.add(each.roadmap)
        await tx.session.flush()
        for level in LEVELS:
            tx.session.add_all([goal for each in invented for goal in each.goals if goal.level == level])
            await tx.session.flush()
        tx.session.add_all([mark for each in invented for mark in each.milestones])
        await tx.session.flush()
        roadmaps, goals = await figures(tx, "roadmap_figures"), await figures(tx, "goal_figures")
    statuses = set()
    for each in invented:
        rolled = each.rolled_up()
        whole = each.judged(rolled.whole, each.roadmap.starts_on, each.roadmap.due_on)
        assert roadmaps[each.roadmap.id] == pytest.approx(whole, abs=1e-9)
        statuses.add(whole[2])
        for goal in each.goals:
            due = goal.due_on or each.roadmap.due_on
            assert goals[goal.id] == pytest.approx(
                each.judged(rolled.goals[goal.id], each.roadmap.starts_on, due), abs=1e-9
            )
    assert statuses == {None, "on_track", "at_risk", "off_track"}
    assert len(goals) == sum(len(each.goals) for each in invented)
