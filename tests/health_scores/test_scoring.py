"""How raw values become a score."""

import pytest

from api.health_scores.definition import (
    Band,
    Breakpoint,
    Component,
    Criterion,
    Definition,
    HealthSource,
    Maturity,
    MaturityLevel,
    MissingPolicy,
    mistakes,
)
from api.health_scores.scoring import Missing, Reading, level_shown, next_level, points_of, score

LINE = [Breakpoint(raw=0, points=0), Breakpoint(raw=10, points=60), Breakpoint(raw=50, points=100)]
NOTHING = Reading(None, Missing.no_data)


def part(key: str, weight: float = 1, missing: MissingPolicy = MissingPolicy.skip_and_reweight) -> Component:
    return Component(key=key, source=HealthSource.csm_pulse, breakpoints=LINE, weight=weight, missing=missing)


def model(*components: Component, maturity: Maturity | None = None) -> Definition:
    bands = [Band(key="red", min=0), Band(key="yellow", min=40), Band(key="green", min=60)]
    return Definition(components=list(components), bands=bands, maturity=maturity)


LEVELS = Maturity(
    levels=[MaturityLevel(level=level, criteria=[Criterion(component="a", min=level)]) for level in range(2, 6)]
)


@pytest.mark.parametrize(("raw", "points"), [(-5, 0), (0, 0), (5, 30), (10, 60), (30, 80), (50, 100), (900, 100)])
def test_points_run_straight_between_breakpoints_and_hold_beyond(raw: float, points: float) -> None:
    assert points_of(raw, LINE) == points


def test_a_band_includes_its_lower_bound() -> None:
    scored = score(model(part("a")), [Reading(10)])
    assert (scored.score, scored.band) == (60, "green")


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(MissingPolicy.skip_and_reweight, 60), (MissingPolicy.neutral, 56), (MissingPolicy.worst, 36)],
)
def test_what_stands_in_for_a_missing_value(policy: MissingPolicy, expected: float) -> None:
    assert score(model(part("a", 3), part("b", 2, policy)), [Reading(10), NOTHING]).score == expected


def test_under_half_of_the_weight_there_is_no_score() -> None:
    known = model(part("a", 49), part("b", 51))
    assert score(known, [Reading(10), NOTHING]).score is None
    assert score(known, [NOTHING, Reading(10)]).score == 60


def test_no_data_is_null_and_not_zero() -> None:
    assert score(model(part("a"), part("b")), [NOTHING, NOTHING]).score is None


def test_maturity_times_state() -> None:
    known = model(part("a"), maturity=LEVELS)
    at_state_three = [Reading(8)]  # 48 points
    assert score(known, at_state_three, level=4).score == 48
    assert score(known, at_state_three, level=2).score == 24


def test_a_matrix_takes_the_place_of_the_product() -> None:
    matrix = [[float(row + column) for column in range(5)] for row in range(5)]
    known = model(part("a"), maturity=LEVELS.model_copy(update={"matrix": matrix}))
    assert score(known, [Reading(8)], level=4).score == 100 * (3 + 2) / 25


def test_levels_climb_one_a_week_and_wait_for_the_goals_to_be_confirmed() -> None:
    known = model(part("a"), maturity=LEVELS)
    assert level_shown(LEVELS, [4.5], known) == 4
    assert level_shown(LEVELS, [None], known) == 1
    assert next_level(1, 4) == 2
    assert next_level(3, 1) == 3
    assert next_level(2, 4, unconfirmed=True) == 2
    assert next_level(2, 4) == 3


def test_every_mistake_in_a_definition_has_its_pointer() -> None:
    wrong = Definition(
        components=[
            part("a", 0).model_copy(update={"breakpoints": [Breakpoint(raw=1, points=0), Breakpoint(raw=1, points=9)]}),
            part("a", 0).model_copy(update={"source": HealthSource.usage}),
            part("b", 0).model_copy(update={"breakpoints": [*LINE, Breakpoint(raw=60, points=50)], "of": "logins"}),
        ],
        bands=[Band(key="red", min=10), Band(key="red", min=10)],
        maturity=Maturity(
            levels=[MaturityLevel(level=3, criteria=[Criterion(component="c", min=1), Criterion(component="a")])],
            matrix=[[1.0]],
        ),
    )
    assert {(mistake.pointer.removeprefix("/definition/"), mistake.code) for mistake in mistakes(wrong)} == {
        ("components/0/breakpoints", "not_monotonic"),
        ("components/1/key", "not_unique"),
        ("components/1/of", "required"),
        ("components/2/breakpoints", "not_monotonic"),
        ("components/2/of", "not_allowed"),
        ("/definition/components".removeprefix("/definition/"), "out_of_range"),
        ("bands", "not_unique"),
        ("bands/0/min", "out_of_range"),
        ("bands/1/min", "overlapping"),
        ("maturity/levels", "not_monotonic"),
        ("maturity/levels/0/criteria/0/component", "unknown_value"),
        ("maturity/levels/0/criteria/1", "required"),
        ("maturity/matrix", "invalid_format"),
    }
