"""Random definitions and readings, for the definition and the statement to agree on."""

import random

from api.health_scores.definition import (
    LEVELS,
    Band,
    Breakpoint,
    Component,
    Criterion,
    Definition,
    HealthSource,
    Maturity,
    MaturityLevel,
    MissingPolicy,
)
from api.health_scores.scoring import Missing, Reading

SOURCES = list(HealthSource)


def definition(chance: random.Random, *, maturity: bool | None = None) -> Definition:
    """A definition that passes the checks; each component has another source."""
    components = [_component(chance, place) for place in range(chance.randint(1, 6))]
    if all(component.weight == 0 for component in components):
        components[0] = components[0].model_copy(update={"weight": 1.0})
    mins = [0.0, *sorted(chance.sample(range(5, 100, 5), chance.randint(0, 3)))]
    levels = chance.random() < 0.5 if maturity is None else maturity
    return Definition(
        components=components,
        bands=[Band(key=f"band_{place}", min=float(low)) for place, low in enumerate(mins)],
        maturity=_maturity(chance, components) if levels else None,
    )


def _component(chance: random.Random, place: int) -> Component:
    raws = sorted(chance.sample(range(-50, 200), chance.randint(2, 5)))
    points = sorted(chance.randint(0, 100) for _ in raws)
    if chance.random() < 0.4:
        points.reverse()
    return Component(
        key=f"part_{place}",
        source=SOURCES[place],
        of="metric" if SOURCES[place] in {HealthSource.usage, HealthSource.usage_trend} else None,
        breakpoints=[
            Breakpoint(raw=raw + chance.choice((0, 0.1)), points=float(worth))
            for raw, worth in zip(raws, points, strict=True)
        ],
        weight=chance.choice((0.0, 0.3, 1.0, 7.0, 33.3)),
        missing=chance.choice(list(MissingPolicy)),
        freshness_days=chance.choice((None, 3)),
    )


def _maturity(chance: random.Random, components: list[Component]) -> Maturity:
    matrix = None
    if chance.random() < 0.5:
        matrix = [[float(chance.randint(0, 25)) for _ in range(LEVELS)] for _ in range(LEVELS)]
    levels = []
    for level in range(2, chance.randint(2, LEVELS) + 1):
        low = chance.randint(-50, 150)
        bounds = chance.choice(({"min": low}, {"max": low}, {"min": low, "max": low + 60}))
        criterion = Criterion(component=chance.choice(components).key, **{k: float(v) for k, v in bounds.items()})
        levels.append(MaturityLevel(level=level, criteria=[criterion]))
    return Maturity(levels=levels, matrix=matrix)


def readings(chance: random.Random, known: Definition) -> tuple[Reading, ...]:
    """What could have been read; a third is missing."""
    return tuple(
        Reading(None, chance.choice(list(Missing))) if chance.random() < 0.3 else Reading(chance.uniform(-80, 230))
        for _ in known.components
    )
