"""Why a score changed: the change from one snapshot to the next, told in parts that sum to it exactly. No database.

Three things are moved one after the other, and each step's effect is what the score changed by: the configuration
(the later model on the earlier evidence), then which values are missing, then the values themselves. Of a model with
levels of maturity the last step is told as recent state and maturity, each the mean of its effects before and after
the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor

from api.health_scores.definition import Component, Definition, Maturity
from api.health_scores.scoring import HIGHEST_CELL, Reading, cell_of, score


class ChangeCause(StrEnum):
    """What a part of a change comes from."""

    behaviour = "behaviour"
    maturity = "maturity"
    missing_data = "missing_data"
    configuration = "configuration"
    phase_change = "phase_change"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a score was computed from."""

    definition: Definition
    phase: str
    readings: tuple[Reading, ...]
    level: int
    score: float | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a change, in points with one decimal; ``component`` when it is about a single one."""

    cause: ChangeCause
    effect: float
    component: str | None = None


def parts(before: Snapshot, after: Snapshot) -> list[Part]:
    """The parts of the change from ``before`` to ``after``; they sum to it. Empty when either has no score."""
    if before.score is None or after.score is None:
        return []
    moved: list[tuple[ChangeCause, float, str | None]] = []
    start, at = before, before.score
    if before.definition != after.definition:
        start = _carried(before, after)
        carried = start.score
        cause = ChangeCause.phase_change if before.phase != after.phase else ChangeCause.configuration
        if carried is None:
            return [Part(cause, _tenths(after.score - before.score) / 10)]
        moved.append((cause, carried - at, None))
        at = carried
    readings = list(start.readings)
    for place, (component, reading) in enumerate(zip(after.definition.components, after.readings, strict=True)):
        if (readings[place].raw is None) != (reading.raw is None):
            readings[place] = reading
            reached = score(after.definition, readings, start.level).score
            if reached is None:
                # On the way too little was known for a score: the missing values are told together.
                at, moved = _all_missing(after, start, moved)
                readings = _same_missing(start, after)
                break
            moved.append((ChangeCause.missing_data, reached - at, component.key))
            at = reached
    moved += _behaviour(after, readings, start.level)
    return _exact(moved, _tenths(after.score - before.score))


def _carried(before: Snapshot, after: Snapshot) -> Snapshot:
    """The later model on the earlier evidence; where it looks at something else, on its own evidence."""
    known = {_identity(c): r for c, r in zip(before.definition.components, before.readings, strict=True)}
    readings = tuple(
        known.get(_identity(component), reading)
        for component, reading in zip(after.definition.components, after.readings, strict=True)
    )
    level = before.level if before.definition.maturity else after.level
    return Snapshot(after.definition, after.phase, readings, level, score(after.definition, readings, level).score)


def _identity(component: Component) -> tuple[object, ...]:
    return component.source, component.of, component.window_days, component.freshness_days


def _same_missing(start: Snapshot, after: Snapshot) -> list[Reading]:
    return [
        now if (then.raw is None) != (now.raw is None) else then
        for then, now in zip(start.readings, after.readings, strict=True)
    ]


def _all_missing(
    after: Snapshot, start: Snapshot, moved: list[tuple[ChangeCause, float, str | None]]
) -> tuple[float, list[tuple[ChangeCause, float, str | None]]]:
    reached = score(after.definition, _same_missing(start, after), start.level).score
    assert reached is not None  # the same values are missing as in the later snapshot, which has a score
    assert start.score is not None
    told = [each for each in moved if each[0] is not ChangeCause.missing_data]
    return reached, [*told, (ChangeCause.missing_data, reached - start.score, None)]


def _behaviour(after: Snapshot, readings: Sequence[Reading], level: int) -> list[tuple[ChangeCause, float, str | None]]:
    then = score(after.definition, readings, level)
    now = score(after.definition, after.readings, after.level)
    maturity = after.definition.maturity
    if maturity is None:
        return [
            (ChangeCause.behaviour, component.weight * (later - earlier) / now.usable_weight, component.key)
            for component, earlier, later in zip(after.definition.components, then.points, now.points, strict=True)
            if earlier is not None and later is not None and later != earlier
        ]
    assert then.state is not None
    assert now.state is not None

    def worth(maturity: Maturity, level: int, state: int) -> float:
        return 100 * cell_of(maturity, level, state) / HIGHEST_CELL

    one = worth(maturity, level, now.state) - worth(maturity, level, then.state)
    other = worth(maturity, after.level, now.state) - worth(maturity, after.level, then.state)
    state = (one + other) / 2
    total = worth(maturity, after.level, now.state) - worth(maturity, level, then.state)
    return [(ChangeCause.behaviour, state, None), (ChangeCause.maturity, total - state, None)]


def _exact(moved: Sequence[tuple[ChangeCause, float, str | None]], total: int) -> list[Part]:
    """The parts in tenths of a point that sum to ``total``: the largest remainders are rounded up."""
    if not moved:
        return []
    down = [floor(effect * 10) for _, effect, _ in moved]
    remainders = sorted(range(len(moved)), key=lambda place: down[place] - moved[place][1] * 10)
    lacking = total - sum(down)
    for turn in range(abs(lacking)):
        place = remainders[turn % len(moved)] if lacking > 0 else remainders[-1 - turn % len(moved)]
        down[place] += 1 if lacking > 0 else -1
    return [
        Part(cause, tenths / 10, component) for (cause, _, component), tenths in zip(moved, down, strict=True) if tenths
    ]


def _tenths(points: float) -> int:
    return round(points * 10)
