"""The parts of a change sum to it, whatever changed."""

import random

from api.health_scores.attribution import ChangeCause, Snapshot, parts
from api.health_scores.definition import Definition
from api.health_scores.scoring import Reading, score
from tests.health_scores import random_models

PAIRS = 1_500


def snapshot(known: Definition, readings: tuple[Reading, ...], level: int = 1, phase: str = "adoption") -> Snapshot:
    return Snapshot(known, phase, readings, level, score(known, readings, level).score)


def test_parts_sum_to_the_change_on_random_pairs() -> None:
    chance = random.Random(20261122)
    compared, causes = 0, set()
    for _ in range(PAIRS):
        known = random_models.definition(chance)
        before = snapshot(known, random_models.readings(chance, known), chance.randint(1, 5))
        later = known if chance.random() < 0.5 else random_models.definition(chance)
        phase = chance.choice(("adoption", "renewal"))
        after = snapshot(later, random_models.readings(chance, later), chance.randint(1, 5), phase)
        found = parts(before, after)
        if before.score is None or after.score is None:
            assert not found
            continue
        compared += 1
        causes |= {part.cause for part in found}
        assert round(sum(round(part.effect * 10) for part in found)) == round((after.score - before.score) * 10)
    print(f"\n{compared} pairs of snapshots: the parts of each sum to its change, {len(causes)} causes")  # noqa: T201 - the figures are evidence
    assert compared > 1_000
    assert causes == set(ChangeCause)


def test_one_component_that_fell_is_the_whole_change() -> None:
    known = random_models.definition(random.Random(4), maturity=False)
    low, high = (Reading(known.components[0].breakpoints[place].raw) for place in (0, -1))
    others = tuple(Reading(0.0) for _ in known.components[1:])
    found = parts(snapshot(known, (high, *others)), snapshot(known, (low, *others)))
    assert {(part.cause, part.component) for part in found} <= {(ChangeCause.behaviour, "part_0")}


def test_another_configuration_on_the_same_evidence_is_configuration_only() -> None:
    chance = random.Random(11)
    known = random_models.definition(chance, maturity=False)
    heavier = known.model_copy(
        update={"components": [each.model_copy(update={"weight": each.weight + 5}) for each in known.components]}
    )
    readings = tuple(Reading(30.0) for _ in known.components)
    assert {part.cause for part in parts(snapshot(known, readings), snapshot(heavier, readings))} <= {
        ChangeCause.configuration
    }
