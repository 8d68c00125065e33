"""What follows from the values that an edit gives a part, and what is wrong with them. Pure."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from api.kit.problems import FieldError
from api.success_roadmaps.definition import WRONG_WAY, wrong_way
from api.success_roadmaps.models import HypothesisState
from api.success_roadmaps.shape import wrong

Values = dict[str, Any]

SUBSTANCE: Final = ("metric_name", "metric_unit", "direction", "baseline", "target", "due_on", "usage_metric_id")
"""What a customer agrees to; another value takes the agreement away."""


@dataclass(frozen=True, slots=True)
class Present:
    """Who edits, and when."""

    now: dt.datetime
    today: dt.date
    user_id: UUID | None


def goal_values(before: Values, given: Values, present: Present) -> Values:
    """The values of a goal that an edit sets, with what follows from them."""
    values = dict(given)
    if "current" in given:
        values["current_on"] = None if given["current"] is None else given.get("current_on", present.today)
    if given.get("usage_metric_id") and given["usage_metric_id"] != before["usage_metric_id"]:
        values |= {"current": None, "current_on": None}
    if "agreed_by_id" in given:
        agreed = given["agreed_by_id"] is not None
        kept = before["agreed_at"] if given["agreed_by_id"] == before["agreed_by_id"] else None
        values["agreed_at"] = given.get("agreed_at", kept or present.now) if agreed else None
    elif any(name in given and given[name] != before[name] for name in SUBSTANCE) and before["agreed_at"]:
        values |= {"agreed_by_id": None, "agreed_at": None}
    return values


def goal_mistakes(
    at: str, row: Values, given: Values, present: Present, dates: tuple[dt.date, dt.date]
) -> Iterator[FieldError]:
    """What is wrong with a goal of a roadmap that lasts from ``dates[0]`` to ``dates[1]``."""
    if wrong_way(row["direction"], row["baseline"], row["target"]):
        yield wrong(f"{at}/target", WRONG_WAY)
    starts, due = row["starts_on"] or dates[0], row["due_on"] or dates[1]
    if due < starts and {"starts_on", "due_on"} & given.keys():
        yield FieldError(f"{at}/due_on", "out_of_range", "Not before it starts", "開始日以降にしてください")
    if row["usage_metric_id"] is not None and given.get("current") is not None:
        yield FieldError(
            f"{at}/current", "not_allowed", "The usage metric gives the value", "値は利用指標から自動で入ります"
        )
    if given.get("agreed_at") is not None:
        if given.get("agreed_by_id") is None:
            yield FieldError(f"{at}/agreed_by_id", "required", "Say who agreed", "合意した連絡先を指定してください")
        yield from _future(f"{at}/agreed_at", given["agreed_at"] > present.now)
    if given.get("current_on") is not None:
        if given.get("current") is None:
            yield FieldError(f"{at}/current", "required", "Give the value of that day", "その日の値を指定してください")
        yield from _future(f"{at}/current_on", given["current_on"] > present.today)


def milestone_values(before: Values, given: Values, present: Present) -> Values:
    """The values of a milestone that an edit sets, with what follows from them."""
    values = dict(given)
    if "reached_on" in given and given["reached_on"] != before["reached_on"]:
        values["reached_recorded_at"] = None if given["reached_on"] is None else present.now
    if "blocker" in given:
        values["blocker"] = given["blocker"] or None
        if values["blocker"] is None:
            values["blocked_on"] = None
        elif before["blocked_on"] is None:
            values["blocked_on"] = present.today
    return values


def milestone_mistakes(at: str, given: Values, present: Present) -> Iterator[FieldError]:
    """What is wrong with a milestone."""
    if given.get("reached_on") is not None:
        yield from _future(f"{at}/reached_on", given["reached_on"] > present.today)


def hypothesis_values(before: Values, given: Values, present: Present) -> Values:
    """The values of a hypothesis that an edit sets, with what follows from them."""
    values = dict(given)
    if "state" in given and given["state"] != before["state"]:
        decided = given["state"] != HypothesisState.open
        values |= {
            "decided_at": present.now if decided else None,
            "decided_by_id": present.user_id if decided else None,
        }
    return values


def hypothesis_mistakes(at: str, row: Values) -> Iterator[FieldError]:
    """What is wrong with a hypothesis."""
    if row["state"] != HypothesisState.open and not row["evidence"].strip():
        yield FieldError(f"{at}/evidence", "required", "Say what decided it", "判断の根拠を入力してください")


def _future(pointer: str, later: bool) -> Iterator[FieldError]:  # noqa: FBT001
    if later:
        yield FieldError(pointer, "out_of_range", "Not in the future", "未来の日付は指定できません")
