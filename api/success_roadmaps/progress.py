"""How far a roadmap has come, and what that means: pure functions.

A goal with a metric is as far as its metric: (current − baseline) ÷ (target − baseline), between 0 and 1. Any other goal
is the weighted mean of its milestones (1 when reached) and of the goals below it; a roadmap, of its own milestones and
its top goals. What cannot be measured is left out, and counts for nothing.

Time passes evenly: half of the days gone means that half is expected. :mod:`api.success_roadmaps.figures` says the
same in SQL, for many roadmaps at once; a test holds the two together.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from api.success_roadmaps.models import GoalLevel, RoadmapStatus

BOTTOM_UP: Final = (GoalLevel.project, GoalLevel.department, GoalLevel.company)
NEARLY: Final = 1e-9
"""Two sums of the same numbers in another order may differ by less."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a goal is measured by; without ``current`` it stands at its baseline."""

    baseline: float
    target: float
    current: float | None = None
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal as progress sees it."""

    id: Hashable
    level: GoalLevel
    parent: Hashable | None = None
    weight: float = 1
    metric: Metric | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone as progress sees it; without a goal it is the roadmap's own."""

    goal: Hashable | None
    weight: float
    reached: bool


@dataclass(frozen=True, slots=True)
class Thresholds:
    """By how many percentage points one is behind when at risk, and when off track."""

    at_risk: float = 10
    off_track: float = 25


@dataclass(frozen=True, slots=True)
class RolledUp:
    """Progress from 0 to 1 of each goal and of the whole; None where nothing can be measured."""

    goals: Mapping[Hashable, float | None]
    whole: float | None


def metric_progress(metric: Metric) -> float:
    """How far a metric has come, from 0 to 1. A target that is the baseline is to be kept: all or nothing."""
    current = metric.baseline if metric.current is None else metric.current
    way = metric.target - metric.baseline
    if way == 0:
        return float(current >= metric.target if metric.higher_is_better else current <= metric.target)
    return min(1.0, max(0.0, (current - metric.baseline) / way))


def roll_up(goals: Iterable[Goal], milestones: Iterable[Milestone]) -> RolledUp:
    """Progress of all goals, and of the roadmap."""
    weights: dict[Hashable | None, float] = defaultdict(float)
    reached: dict[Hashable | None, float] = defaultdict(float)
    for milestone in milestones:
        weights[milestone.goal] += milestone.weight
        reached[milestone.goal] += milestone.weight * milestone.reached
    found: dict[Hashable, float | None] = {}
    for goal in sorted(goals, key=lambda each: BOTTOM_UP.index(each.level)):
        progress = metric_progress(goal.metric) if goal.metric else _share(reached[goal.id], weights[goal.id])
        found[goal.id] = progress
        if progress is not None:
            weights[goal.parent] += goal.weight
            reached[goal.parent] += goal.weight * progress
    return RolledUp(found, _share(reached[None], weights[None]))


def expected_share(starts_on: dt.date, due_on: dt.date, today: dt.date) -> float:
    """The share of the time that has passed, from 0 to 1."""
    if due_on <= starts_on:
        return float(today >= due_on)
    return min(1.0, max(0.0, (today - starts_on).days / (due_on - starts_on).days))


def status_of(
    progress: float | None, expected: float, thresholds: Thresholds, *, overdue: bool
) -> RoadmapStatus | None:
    """What progress means at this point of time; None where nothing can be measured."""
    if progress is None:
        return None
    behind = (expected - progress) * 100
    if (overdue and progress < 1 - NEARLY) or behind >= thresholds.off_track - NEARLY:
        return RoadmapStatus.off_track
    return RoadmapStatus.at_risk if behind >= thresholds.at_risk - NEARLY else RoadmapStatus.on_track


def _share(reached: float, weight: float) -> float | None:
    return reached / weight if weight > 0 else None
