"""The definition of a health model: components, bands, and the levels of maturity if it has them.

What can be said without looking at the workspace is checked here; :mod:`api.health_scores.service` knows its
metrics.
"""

import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Field

from api.health_scores import examples
from api.kit.problems import FieldError
from api.kit.schemas import Input, Key, Line, shown

LEVELS: Final = 5
"""Of maturity, and of the recent state."""


def _not_next_to_nothing(value: float) -> float:
    """0 for a value whose products would be too small for a float8: Postgres refuses those."""
    return value if abs(value) >= 1e-9 else 0.0


Points = Annotated[float, Field(strict=True, ge=0, le=100), AfterValidator(_not_next_to_nothing)]
RawValue = Annotated[float, Field(strict=True, ge=-1e15, le=1e15), AfterValidator(_not_next_to_nothing)]
Weight = Annotated[float, Field(strict=True, ge=0, le=1000), AfterValidator(_not_next_to_nothing)]


class HealthSource(StrEnum):
    """Where a component's raw value comes from."""

    usage = "usage"
    usage_trend = "usage_trend"
    usage_depth = "usage_depth"
    utilisation = "utilisation"
    nps = "nps"
    csat = "csat"
    ces = "ces"
    open_tickets = "open_tickets"
    opened_tickets = "opened_tickets"
    ticket_satisfaction = "ticket_satisfaction"
    days_since_interaction = "days_since_interaction"
    stakeholder_coverage = "stakeholder_coverage"
    csm_pulse = "csm_pulse"
    products_in_use = "products_in_use"
    days_to_notice_deadline = "days_to_notice_deadline"
    roadmap_progress = "roadmap_progress"
    goal_coverage = "goal_coverage"
    value_realised = "value_realised"


class MissingPolicy(StrEnum):
    """What stands in for a value that is not there."""

    skip_and_reweight = "skip_and_reweight"
    neutral = "neutral"
    worst = "worst"


class Breakpoint(Input):
    """A raw value and the points it is worth; between two of them points run straight."""

    raw: RawValue
    points: Points


class Component(Input):
    """One thing that a score is made of."""

    key: Key = Field(description="Its name in snapshots and explanations; unique in the model.")
    name: Line = Field(default="", description="For people.")
    source: HealthSource
    of: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")] | None = Field(
        default=None, description="Which usage metric, for the sources `usage` and `usage_trend`."
    )
    window_days: Annotated[int, Field(strict=True, ge=1, le=400)] = Field(
        default=28, description="The days looked at, up to and with the day of the score."
    )
    breakpoints: Annotated[list[Breakpoint], Field(min_length=2, max_length=20)] = Field(
        description="Raw values rise strictly; points only rise or only fall. Beyond both ends the end's points hold."
    )
    weight: Weight = Field(description="0 counts for the criteria of maturity only.")
    missing: MissingPolicy = Field(
        default=MissingPolicy.skip_and_reweight,
        description="`neutral` is worth 50 points, `worst` 0; skipped ones leave their weight to the others.",
    )
    freshness_days: Annotated[int, Field(strict=True, ge=0, le=400)] | None = Field(
        default=None, description="When its newest evidence is older than this, the value counts as missing."
    )


class Band(Input):
    """A range of scores, from its lower bound up to the next band's."""

    key: Key
    name: Line = ""
    min: Points = Field(description="The lowest score in the band; the worst band begins at 0.")


class Criterion(Input):
    """A component's raw value within bounds; at least one of them."""

    component: Key
    min: RawValue | None = None
    max: RawValue | None = None


class MaturityLevel(Input):
    """What an account must show to stand on a level; the levels below must hold too."""

    level: Annotated[int, Field(strict=True, ge=2, le=LEVELS)]
    name: Line = ""
    criteria: Annotated[list[Criterion], Field(min_length=1, max_length=20)]


class Maturity(Input):
    """How far a customer has come, beside how it is doing now. Level 1 has no criteria."""

    levels: Annotated[list[MaturityLevel], Field(min_length=1, max_length=LEVELS - 1)]
    matrix: (
        list[list[Annotated[float, Field(strict=True, ge=0, le=25), AfterValidator(_not_next_to_nothing)]]] | None
    ) = Field(
        default=None,
        description="Five rows (maturity 1 to 5) of five cells (recent state 1 to 5); by default maturity × state. "
        "The score is 100 × cell ÷ 25.",
    )


class Definition(Input):
    """What a health model computes."""

    model_config = ConfigDict(json_schema_extra=shown(examples.DEFINITION))

    components: Annotated[list[Component], Field(min_length=1, max_length=30)]
    bands: Annotated[list[Band], Field(min_length=1, max_length=7)]
    maturity: Maturity | None = None

    @property
    def weight(self) -> float:
        """The weight of all components."""
        return sum(component.weight for component in self.components)

    def band_of(self, score: float) -> str:
        """The band of a score."""
        return next(band.key for band in reversed(self.bands) if score >= band.min)

    def component(self, key: str) -> int:
        """The place of a component."""
        return next(place for place, component in enumerate(self.components) if component.key == key)


def definition_hash(definition: Definition, phases: list[str], segment_id: object) -> str:
    """What a backtest is bound to: any other definition, or other accounts that it is for, has another hash."""
    said = {
        "definition": definition.model_dump(mode="json"),
        "phases": sorted(phases),
        "segment_id": None if segment_id is None else str(segment_id),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def mistakes(definition: Definition) -> list[FieldError]:
    """What contradicts itself in a definition, each with its pointer."""
    return [
        *_of_components(definition),
        *_of_bands(definition),
        *(_of_maturity(definition, definition.maturity) if definition.maturity else ()),
    ]


def _of_components(definition: Definition) -> Iterator[FieldError]:
    seen: set[str] = set()
    for place, component in enumerate(definition.components):
        at = f"/definition/components/{place}"
        if component.key in seen:
            yield FieldError(
                f"{at}/key", "not_unique", "Another component has this key", "ほかの構成要素と同じキーです"
            )
        seen.add(component.key)
        points = component.breakpoints
        if not all(left.raw < right.raw for left, right in pairwise(points)):
            yield FieldError(
                f"{at}/breakpoints", "not_monotonic", "Raw values must rise from each breakpoint to the next",
                "区切りの raw は順に大きくしてください",
            )  # fmt: skip
        worth = [each.points for each in points]
        if worth not in (sorted(worth), sorted(worth, reverse=True)):
            yield FieldError(
                f"{at}/breakpoints", "not_monotonic", "Points must only rise or only fall",
                "points は増え続けるか減り続けるかのどちらかにしてください",
            )  # fmt: skip
        if component.source in (HealthSource.usage, HealthSource.usage_trend):
            if component.of is None:
                yield FieldError(f"{at}/of", "required", "Name a usage metric", "利用指標を指定してください")
        elif component.of is not None:
            yield FieldError(
                f"{at}/of", "not_allowed", "Only `usage` and `usage_trend` are of a metric",
                "指標を指定できるのは usage と usage_trend だけです",
            )  # fmt: skip
    if definition.weight <= 0:
        yield FieldError(
            "/definition/components", "out_of_range", "At least one component needs a weight above 0",
            "重みが 0 より大きい構成要素が必要です",
        )  # fmt: skip


def _of_bands(definition: Definition) -> Iterator[FieldError]:
    if len({band.key for band in definition.bands}) < len(definition.bands):
        yield FieldError("/definition/bands", "not_unique", "Two bands share a key", "同じキーの帯があります")
    if definition.bands[0].min != 0:
        yield FieldError(
            "/definition/bands/0/min", "out_of_range", "The worst band begins at 0", "最も悪い帯は 0 から始めてください"
        )
    for place, (left, right) in enumerate(pairwise(definition.bands), 1):
        if right.min <= left.min:
            yield FieldError(
                f"/definition/bands/{place}/min", "overlapping",
                f"It must begin above {left.min:g}, where the band before it begins",
                f"直前の帯の下限 {left.min:g} より大きくしてください",
            )  # fmt: skip


def _of_maturity(definition: Definition, maturity: Maturity) -> Iterator[FieldError]:
    at = "/definition/maturity"
    keys = {component.key for component in definition.components}
    if [each.level for each in maturity.levels] != list(range(2, 2 + len(maturity.levels))):
        yield FieldError(
            f"{at}/levels", "not_monotonic", "Levels follow one another from 2", "レベルは 2 から順に並べてください"
        )
    for place, level in enumerate(maturity.levels):
        for number, criterion in enumerate(level.criteria):
            here = f"{at}/levels/{place}/criteria/{number}"
            if criterion.component not in keys:
                yield FieldError(
                    f"{here}/component", "unknown_value", "No component has this key", "該当する構成要素がありません"
                )
            if criterion.min is None and criterion.max is None:
                yield FieldError(here, "required", "Give `min`, `max` or both", "min か max を指定してください")
    if maturity.matrix is not None and [len(row) for row in maturity.matrix] != [LEVELS] * LEVELS:
        yield FieldError(f"{at}/matrix", "invalid_format", "Five rows of five cells", "5 行 5 列にしてください")


def as_definition(stored: dict[str, Any]) -> Definition:
    """A definition that was checked when it was stored."""
    return Definition.model_validate(stored)
