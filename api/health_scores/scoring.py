"""How raw values become a score: the definition that the set-based statement is tested against. No database.

Points are 0 to 100. A score has one decimal, rounded half-even.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from api.health_scores.definition import LEVELS, Breakpoint, Definition, Maturity, MissingPolicy

NEUTRAL: Final = 50.0
LEAST_USABLE: Final = 0.5
"""Share of the weight that must have values; below it there is no score."""
STATE_CUTS: Final = (20.0, 40.0, 60.0, 80.0)
RESET_LEVEL: Final = 2
"""The level that an account falls back to when the person in charge changes, and may not pass unconfirmed."""
HIGHEST_CELL: Final = 25.0


class Missing(StrEnum):
    """Why a component has no value."""

    no_data = "no_data"
    stale = "stale"


@dataclass(frozen=True, slots=True)
class Reading:
    """A component's raw value, or why there is none."""

    raw: float | None
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """What a model makes of readings. ``points`` are those that counted; None where the component was skipped."""

    points: tuple[float | None, ...]
    usable_weight: float
    recent: float | None
    state: int | None
    cell: float | None
    score: float | None
    band: str | None


def points_of(raw: float, breakpoints: Sequence[Breakpoint]) -> float:
    """The points of a raw value: straight between breakpoints, held at both ends."""
    if raw <= breakpoints[0].raw:
        return breakpoints[0].points
    for left, right in pairwise(breakpoints):
        if raw <= right.raw:
            return left.points + (raw - left.raw) * (right.points - left.points) / (right.raw - left.raw)
    return breakpoints[-1].points


def rounded(points: float) -> float:
    """Points with one decimal."""
    return round(points * 10) / 10


def state_of(recent: float) -> int:
    """The recent state, 1 to 5."""
    return 1 + sum(recent >= cut for cut in STATE_CUTS)


def cell_of(maturity: Maturity, level: int, state: int) -> float:
    """The cell where a level of maturity and a recent state meet."""
    return float(level * state) if maturity.matrix is None else maturity.matrix[level - 1][state - 1]


def score(definition: Definition, readings: Sequence[Reading], level: int = 1) -> Scored:
    """The score of one account; ``level`` is its maturity, which a model without levels does not look at."""
    points = tuple(
        _points(component.missing, component.breakpoints, reading)
        for component, reading in zip(definition.components, readings, strict=True)
    )
    usable = earned = 0.0
    for component, each in zip(definition.components, points, strict=True):
        # Added one by one, as Postgres does it: sum() compensates for rounding.
        usable += 0.0 if each is None else component.weight
        earned += 0.0 if each is None else component.weight * each
    if usable <= 0 or usable < LEAST_USABLE * definition.weight:
        return Scored(points, usable, None, None, None, None, None)
    recent = rounded(earned / usable)
    if definition.maturity is None:
        return Scored(points, usable, recent, None, None, recent, definition.band_of(recent))
    state = state_of(recent)
    cell = cell_of(definition.maturity, level, state)
    total = rounded(100 * cell / HIGHEST_CELL)
    return Scored(points, usable, recent, state, cell, total, definition.band_of(total))


def _points(policy: MissingPolicy, breakpoints: Sequence[Breakpoint], reading: Reading) -> float | None:
    if reading.raw is not None:
        return points_of(reading.raw, breakpoints)
    return {MissingPolicy.neutral: NEUTRAL, MissingPolicy.worst: 0.0}.get(policy)


def level_shown(maturity: Maturity, raws: Sequence[float | None], definition: Definition) -> int:
    """The highest level whose criteria, and those of all levels below it, the values meet.

    ``raws`` are those of evidence that counts: after a reset only what is newer than it.
    """
    reached = 1
    for level in maturity.levels:
        for criterion in level.criteria:
            raw = raws[definition.component(criterion.component)]
            if (
                raw is None
                or (criterion.min is not None and raw < criterion.min)
                or (criterion.max is not None and raw > criterion.max)
            ):
                return reached
        reached = level.level
    return reached


def next_level(level: int, shown: int, *, unconfirmed: bool = False) -> int:
    """The level a week later: one up at most, never down; not above 2 while the goals are unconfirmed."""
    highest = RESET_LEVEL if unconfirmed else LEVELS
    return level + 1 if shown > level and level < highest else level
