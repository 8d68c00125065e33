"""Whether a template's definition makes sense, said with pointers; and what it comes to from a day on. Pure."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.kit.problems import FieldError
from api.success_roadmaps.part_schemas import RoadmapEdit
from api.success_roadmaps.shape import NOT_ABOVE, Placed, misplaced, wrong
from api.success_roadmaps.template_schemas import TemplateDefinition

_UNKNOWN: Final = ("unknown_value", "Nothing in the definition has this key", "定義に該当するキーがありません")
_TWICE: Final = ("not_unique", "Another one has this key", "同じキーがほかにあります")
_TOO_LATE: Final = ("out_of_range", "Not after `duration_days`", "duration_days 以内にしてください")


def mistakes(definition: TemplateDefinition, at: str = "/definition") -> list[FieldError]:
    """What contradicts itself in a definition, each with its pointer."""
    return [
        *_repeated(at, "goals", [goal.key for goal in definition.goals]),
        *_repeated(at, "milestones", [milestone.key for milestone in definition.milestones]),
        *_unknown(definition, at),
        *_levels(definition, at),
        *_days(definition, at),
        *_metrics(definition, at),
    ]


def _repeated(at: str, name: str, keys: Sequence[str]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, key in enumerate(keys):
        if key in seen:
            yield wrong(f"{at}/{name}/{place}/key", _TWICE)
        seen.add(key)


def _unknown(definition: TemplateDefinition, at: str) -> Iterator[FieldError]:
    goals = {goal.key for goal in definition.goals}
    milestones = {milestone.key for milestone in definition.milestones}
    named = [
        *((f"goals/{place}/parent", goal.parent, goals) for place, goal in enumerate(definition.goals)),
        *((f"milestones/{place}/goal", each.goal, goals) for place, each in enumerate(definition.milestones)),
        *((f"hypotheses/{place}/goal", each.goal, goals) for place, each in enumerate(definition.hypotheses)),
        *((f"tasks/{place}/milestone", each.milestone, milestones) for place, each in enumerate(definition.tasks)),
    ]
    for pointer, key, known in named:
        if key is not None and key not in known:
            yield wrong(f"{at}/{pointer}", _UNKNOWN)


def _levels(definition: TemplateDefinition, at: str) -> Iterator[FieldError]:
    known = {goal.key for goal in definition.goals}
    placed = {goal.key: Placed(goal.level, goal.parent if goal.parent in known else None) for goal in definition.goals}
    places = {goal.key: place for place, goal in enumerate(definition.goals)}
    for key in misplaced(placed):
        yield wrong(f"{at}/goals/{places[str(key)]}/parent", NOT_ABOVE)


def _days(definition: TemplateDefinition, at: str) -> Iterator[FieldError]:
    for name in ("goals", "milestones", "tasks"):
        for place, each in enumerate(getattr(definition, name)):
            if each.due_day is not None and each.due_day > definition.duration_days:
                yield wrong(f"{at}/{name}/{place}/due_day", _TOO_LATE)
    for place, goal in enumerate(definition.goals):
        due = definition.duration_days if goal.due_day is None else goal.due_day
        if goal.starts_day is not None and goal.starts_day > due:
            yield FieldError(
                f"{at}/goals/{place}/starts_day", "out_of_range", "Not after it is due", "期日以前にしてください"
            )


def _metrics(definition: TemplateDefinition, at: str) -> Iterator[FieldError]:
    for place, goal in enumerate(definition.goals):
        if wrong_way(goal.direction, goal.baseline, goal.target):
            yield wrong(f"{at}/goals/{place}/target", WRONG_WAY)


WRONG_WAY: Final = (
    "out_of_range",
    "The target lies on the wrong side of the baseline for this direction",
    "目標値が、指標の向きに対して基準値の反対側にあります",
)


def wrong_way(direction: str, baseline: float | None, target: float | None) -> bool:
    """Whether the target is worse than the baseline."""
    if baseline is None or target is None:
        return False
    return target < baseline if direction == "higher_is_better" else target > baseline


def begun(definition: TemplateDefinition, starts_on: dt.date, metrics: Mapping[str, UUID]) -> RoadmapEdit:
    """The parts of a roadmap that begins on a day. Usage metrics that the workspace does not have are left out."""

    def day(number: int | None) -> dt.date | None:
        return None if number is None else starts_on + dt.timedelta(days=number)

    goals: list[dict[str, Any]] = [
        {
            "ref": goal.key, **({"parent_ref": goal.parent} if goal.parent else {}), "position": place,
            "starts_on": day(goal.starts_day), "due_on": day(goal.due_day),
            "usage_metric_id": metrics.get(goal.usage_metric or ""),
            **goal.model_dump(exclude={"key", "parent", "starts_day", "due_day", "usage_metric"}),
        }
        for place, goal in enumerate(definition.goals)
    ]  # fmt: skip
    milestones = [
        {
            "ref": each.key, **({"goal_ref": each.goal} if each.goal else {}), "position": place,
            "due_on": day(each.due_day), **each.model_dump(exclude={"key", "goal", "due_day"}),
        }
        for place, each in enumerate(definition.milestones)
    ]  # fmt: skip
    tasks = [
        {
            **({"milestone_ref": each.milestone} if each.milestone else {}), "due_on": day(each.due_day),
            **each.model_dump(exclude={"milestone", "due_day"}),
        }
        for each in definition.tasks
    ]  # fmt: skip
    hypotheses = [
        {**({"goal_ref": each.goal} if each.goal else {}), "statement": each.statement, "position": place}
        for place, each in enumerate(definition.hypotheses)
    ]
    return RoadmapEdit.model_validate(
        {"goals": goals, "milestones": milestones, "tasks": tasks, "hypotheses": hypotheses}
    )
