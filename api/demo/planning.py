"""Roadmaps of the demo: this year's, last year's that were completed, onboarding plans; and how they progressed.

Rows are written in bulk, as of their days; what they had come to each month is worked out by the pure functions.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from api.accounts.models import Phase
from api.auth.models import User
from api.demo.lives import Life
from api.demo.market import Market
from api.demo.planning_words import WORDS, MeasuredGoal
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.tables import Record, Row
from api.success_roadmaps import templates
from api.success_roadmaps.history_models import GoalProgress, RoadmapProgress
from api.success_roadmaps.models import (
    GoalLevel,
    MilestoneKind,
    RoadmapGoal,
    RoadmapHypothesis,
    RoadmapKind,
    RoadmapMilestone,
    RoadmapReview,
    RoadmapState,
    SuccessRoadmap,
)
from api.success_roadmaps.progress import Goal, Metric, Milestone, Thresholds, expected_share, roll_up, status_of
from api.success_roadmaps.recording import record_all_progress
from api.success_roadmaps.resource import ROADMAPS
from api.success_roadmaps.template_schemas import TemplateDefinition
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_tasks

_ROADMAPS: Final = 20
_YEAR: Final = 364
_ONBOARDING: Final = 90
_CADENCE: Final = 90
_PACES: Final = (1.15, 1.0, 0.8, 1.05, 0.45, 0.95, 0.7)
"""How fast customers get on against their plan, one after the other."""


@dataclass(slots=True, kw_only=True)
class Planning:
    """Draws up the roadmaps of a workspace.

    Attributes:
        accounts: Ids by the companies' keys.
        contacts: Ids by e-mail address.
    """

    tx: Tx
    market: Market
    lives: Sequence[Life]
    accounts: Mapping[str, UUID]
    contacts: Mapping[str, UUID]
    csms: Sequence[User]
    manager: User
    act_as: Callable[[User], None]
    today: dt.date
    zone: ZoneInfo
    chance: random.Random = field(init=False)
    records: list[Record] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)

    async def plan(self) -> None:
        """Templates, roadmaps with all their parts, history, and tasks for what comes next."""
        self.chance = random.Random(f"plan {self.market.country}")  # noqa: S311 - invented data, not a secret
        self.act_as(self.manager)
        template = await self._templates()
        stayed = [life for life in self.lives if not life.moves or life.moves[-1][1] is not Phase.churned]
        beginning = [life for life in stayed if not life.moves or life.moves[-1][1] is Phase.onboarding]
        settled = [life for life in stayed if life not in beginning and (self.today - life.started_on).days > 120]
        for place, life in enumerate(settled[:_ROADMAPS]):
            pace = _PACES[place % len(_PACES)]
            age = min(self.chance.randint(60, 340), (self.today - life.started_on).days - 30)
            first = self.today - dt.timedelta(days=age)
            if place % 3 == 0 and (self.today - life.started_on).days > age + _YEAR:
                self._draw_up(life, place, first - dt.timedelta(days=_YEAR + 1), 1.2, RoadmapState.completed)
            self._draw_up(life, place, first, pace, RoadmapState.active)
        for place, life in enumerate(beginning[:12]):
            self._onboard(life, place, template)
        # Parents before children: a goal's parent is of a higher level.
        for kind in (SuccessRoadmap, RoadmapGoal, RoadmapMilestone, RoadmapHypothesis):
            self.tx.session.add_all([row for row in self.records if type(row) is kind])
            await self.tx.session.flush()
        self.tx.session.add_all(self.history)
        await self.tx.session.flush()
        roadmaps = [row for row in self.records if isinstance(row, SuccessRoadmap)]
        await audit.record_many(self.tx, ROADMAPS.name, [("created", row.id, ["name"]) for row in roadmaps])
        await outbox.record_many(
            self.tx, ROADMAPS.name,
            [("created", row.id, {"fields": ["name"], "account_id": str(row.account_id)}) for row in roadmaps],
        )  # fmt: skip
        await record_all_progress(self.tx)
        await self._tasks(roadmaps)

    async def _templates(self) -> UUID:
        """The template of onboarding plans; its version, which they are made from."""
        words = WORDS[self.market.country]
        days = (5, 30, 45, 80)
        definition = {
            "duration_days": _ONBOARDING,
            "review_every_days": 30,
            "goals": [
                {"key": "live", "level": "department", "title": words.onboarding_goal, "product_related": True},
            ],
            "milestones": [
                {
                    "key": f"step_{place}", "goal": "live", "title": title, "due_day": day,
                    "kind": "value" if place == len(days) - 1 else "step",
                }
                for place, (title, day) in enumerate(zip(words.onboarding, days, strict=True))
            ],
            "tasks": [{"milestone": "step_0", "title": words.task, "role": "onboarding_specialist", "due_day": 3}],
        }  # fmt: skip
        shape = TemplateDefinition.model_validate(definition)
        values = {"name": words.onboarding_name, "kind": RoadmapKind.onboarding.value}
        template_id = await templates.create_template(self.tx, values, shape)
        return (await templates.find_template(self.tx, template_id, None)).version_id

    def _draw_up(self, life: Life, place: int, first: dt.date, pace: float, state: RoadmapState) -> None:
        words = WORDS[self.market.country]
        due = first + dt.timedelta(days=_YEAR)
        over = due if state is RoadmapState.completed else None
        roadmap = self._roadmap(
            life,
            place,
            name=f"{words.name} {first.year}",
            state=state.value,
            starts_on=first,
            due_on=due,
            ended_on=over,
        )
        company = self._measured(roadmap, GoalLevel.company, words.companies[place % len(words.companies)], None, 0)
        measured = words.departments[place % len(words.departments)]
        department = self._measured(roadmap, GoalLevel.department, measured, company, 1)
        rollout = self._goal(roadmap, GoalLevel.department, words.rollouts[place % len(words.rollouts)], None, 2)
        project = self._goal(roadmap, GoalLevel.project, words.projects[place % len(words.projects)], rollout, 3)
        rollout.weight = 0.5
        marks = [
            self._milestone(roadmap, project, title, (number, round(_YEAR * (number + 1) / len(words.steps))), pace)
            for number, title in enumerate(words.steps)
        ]
        waiting = next((mark for mark in marks if mark.reached_on is None), None)
        if waiting is not None and pace < 0.9:
            waiting.blocker, waiting.blocked_on = words.blocker, self.today - dt.timedelta(days=9)
        for number, statement in enumerate(words.hypotheses):
            decided = number == 0 and pace >= 1
            self.records.append(
                RoadmapHypothesis(
                    **_of(roadmap), goal_id=rollout.id, statement=statement, position=number,
                    state="confirmed" if decided else "open", evidence=words.evidence if decided else "",
                    decided_at=self._at(first + dt.timedelta(days=55)) if decided else None, decided_by_id=roadmap.owner_id if decided else None,
                )
            )  # fmt: skip
        self._follow(roadmap, [company, department, rollout, project], marks, pace, over or self.today)

    def _onboard(self, life: Life, place: int, version_id: UUID) -> None:
        words = WORDS[self.market.country]
        begun = life.moves[-1][0] if life.moves else life.started_on
        first = max(begun, self.today - dt.timedelta(days=100))
        pace = _PACES[(place + 2) % len(_PACES)]
        roadmap = self._roadmap(
            life, place, name=words.onboarding_name, kind=RoadmapKind.onboarding.value, starts_on=first,
            due_on=first + dt.timedelta(days=_ONBOARDING), review_every_days=30, template_version_id=version_id,
        )  # fmt: skip
        goal = self._goal(roadmap, GoalLevel.department, words.onboarding_goal, None, 0)
        marks = [
            self._milestone(roadmap, goal, title, (number, day), pace)
            for number, (title, day) in enumerate(zip(words.onboarding, (5, 30, 45, 80), strict=True))
        ]
        marks[-1].kind = MilestoneKind.value.value
        self._follow(roadmap, [goal], marks, pace, self.today)

    def _roadmap(self, life: Life, place: int, **values: Any) -> SuccessRoadmap:  # noqa: ANN401
        assert self.tx.workspace_id is not None
        roadmap = SuccessRoadmap(
            workspace_id=self.tx.workspace_id, account_id=self.accounts[life.company.key],
            owner_id=self.csms[place % len(self.csms)].id, contact_id=self.contacts[life.people[0].values["email"]],
            created_at=self._at(values["starts_on"]), updated_at=self._at(values["starts_on"]), **values,
        )  # fmt: skip
        self.records.append(roadmap)
        return roadmap

    def _goal(
        self,
        roadmap: SuccessRoadmap,
        level: GoalLevel,
        title: str,
        parent: RoadmapGoal | None,
        position: int,
        **values: Any,  # noqa: ANN401
    ) -> RoadmapGoal:
        agreed = self.chance.random() < 0.8
        goal = RoadmapGoal(
            **_of(roadmap), level=level.value, title=title, parent_id=None if parent is None else parent.id, position=position,
            owner_id=roadmap.owner_id, contact_id=roadmap.contact_id, product_related=level is GoalLevel.project,
            agreed_by_id=roadmap.contact_id if agreed else None,
            agreed_at=self._at(roadmap.starts_on + dt.timedelta(days=2)) if agreed else None, **values,
        )  # fmt: skip
        self.records.append(goal)
        return goal

    def _measured(
        self, roadmap: SuccessRoadmap, level: GoalLevel, told: MeasuredGoal, parent: RoadmapGoal | None, position: int
    ) -> RoadmapGoal:
        falling = told.target < told.baseline
        return self._goal(
            roadmap, level, told.title, parent, position, metric_name=told.metric, metric_unit=told.unit,
            baseline=told.baseline, target=told.target, direction="lower_is_better" if falling else "higher_is_better",
        )  # fmt: skip

    def _milestone(
        self, roadmap: SuccessRoadmap, goal: RoadmapGoal, title: str, due: tuple[int, int], pace: float
    ) -> RoadmapMilestone:
        """The milestone at a place, due on a day after the roadmap's first."""
        position, day = due
        reached_on = roadmap.starts_on + dt.timedelta(days=round(day / pace))
        reached = reached_on < (roadmap.ended_on or self.today)
        mark = RoadmapMilestone(
            **_of(roadmap), goal_id=goal.id, title=title, position=position, kind=MilestoneKind.value.value if position == 2 else MilestoneKind.step.value,
            due_on=roadmap.starts_on + dt.timedelta(days=day), reached_on=reached_on if reached else None,
            reached_recorded_at=self._at(reached_on) if reached else None,
            human_touch=self.chance.random() < 0.7 if reached else None,
        )  # fmt: skip
        self.records.append(mark)
        return mark

    def _follow(
        self, roadmap: SuccessRoadmap, goals: Sequence[RoadmapGoal], marks: Sequence[RoadmapMilestone], pace: float,
        until: dt.date,
    ) -> None:  # fmt: skip
        """Reviews, and each month's figures up to a day; the goals' values are those of that day in the end."""
        covered: dict[str, Any] = {
            f"covers_{goal.level}": True for goal in goals if goal.agreed_at and goal.baseline is not None
        }
        for day in self._days(roadmap, until):
            for goal in goals:
                _measure(goal, expected_share(roadmap.starts_on, roadmap.due_on, day) * pace, day)
            rolled = roll_up(_seen_goals(goals), [Milestone(m.goal_id, m.weight, _by(m, day)) for m in marks])
            expected = expected_share(roadmap.starts_on, roadmap.due_on, day)
            for goal in goals:
                progress = rolled.goals[goal.id]
                self.history.append(
                    GoalProgress(
                        **_of(roadmap), goal_id=goal.id, **self._figures(roadmap, progress, expected, day),
                        current=goal.current,
                    )
                )  # fmt: skip
            ended = roadmap.ended_on is not None and day >= roadmap.ended_on
            figures = self._figures(roadmap, rolled.whole, expected, day)
            self.history.append(
                RoadmapProgress(
                    **_of(roadmap), **figures | ({"status": None} if ended else {}), **covered,
                    state=roadmap.state if ended else RoadmapState.active.value,
                )
            )  # fmt: skip
            reviewed = (day - roadmap.starts_on).days % _CADENCE < 30 and day > roadmap.starts_on
            if reviewed and (pace > 0.5 or not roadmap.last_reviewed_on) and not ended:
                self._review(roadmap, day, figures)
        roadmap.next_review_on = (roadmap.last_reviewed_on or roadmap.starts_on) + dt.timedelta(
            days=roadmap.review_every_days or _CADENCE
        )

    def _review(self, roadmap: SuccessRoadmap, day: dt.date, figures: Mapping[str, Any]) -> None:
        roadmap.last_reviewed_on = day
        known = {name: figures[name] for name in ("progress", "status", "recorded_at")}
        notes = WORDS[self.market.country].review
        self.history.append(
            RoadmapReview(**_of(roadmap), held_on=day, notes=notes, reviewed_by_id=roadmap.owner_id, **known)
        )

    def _days(self, roadmap: SuccessRoadmap, until: dt.date) -> Iterator[dt.date]:
        day = roadmap.starts_on
        while day < until:
            yield day
            day += dt.timedelta(days=30)
        yield until if roadmap.ended_on else until - dt.timedelta(days=1)

    def _figures(
        self, roadmap: SuccessRoadmap, progress: float | None, expected: float, day: dt.date
    ) -> dict[str, Any]:
        status = status_of(progress, expected, Thresholds(), overdue=day > roadmap.due_on)
        return {
            "day": day, "recorded_at": self._at(day), "progress": progress, "expected": expected,
            "status": status and status.value,
        }  # fmt: skip

    async def _tasks(self, roadmaps: Sequence[SuccessRoadmap]) -> None:
        words = WORDS[self.market.country]
        late = {row.id: row for row in roadmaps if row.state == RoadmapState.active.value}
        marks: dict[UUID, RoadmapMilestone] = {}
        for row in self.records:
            if isinstance(row, RoadmapMilestone) and row.reached_on is None and row.roadmap_id in late:
                marks.setdefault(row.roadmap_id, row)
        await open_tasks(
            self.tx,
            [
                NewTask(
                    title=words.task, account_id=mark.account_id, origin_kind=TaskOrigin.roadmap, origin_id=mark.id,
                    owner_id=late[roadmap_id].owner_id, due_on=max(mark.due_on or self.today, self.today),
                )
                for roadmap_id, mark in list(marks.items())[:10]
            ],
        )  # fmt: skip

    def _at(self, day: dt.date) -> dt.datetime:
        moment = dt.datetime.combine(day, dt.time(17), self.zone).astimezone(dt.UTC)
        return min(moment, clock.now())


def _of(roadmap: SuccessRoadmap) -> dict[str, Any]:
    return {"workspace_id": roadmap.workspace_id, "roadmap_id": roadmap.id, "account_id": roadmap.account_id}


def _measure(goal: RoadmapGoal, share: float, day: dt.date) -> None:
    if goal.baseline is not None and goal.target is not None:
        goal.current = round(goal.baseline + (goal.target - goal.baseline) * min(share, 1), 1)
        goal.current_on = day


def _by(mark: RoadmapMilestone, day: dt.date) -> bool:
    return mark.reached_on is not None and mark.reached_on <= day


def _seen_goals(goals: Sequence[RoadmapGoal]) -> list[Goal]:
    return [
        Goal(
            goal.id, GoalLevel(goal.level), goal.parent_id, goal.weight,
            Metric(goal.baseline, goal.target, goal.current, goal.direction == "higher_is_better")
            if goal.baseline is not None and goal.target is not None else None,
        )
        for goal in goals
    ]  # fmt: skip
