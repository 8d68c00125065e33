"""Statistics against metrics.md, against scikit-learn, and against what they must not do."""

import numpy as np
import pytest

from api.health_scores import evidence
from api.health_scores.definition import Band
from api.health_scores.evidence import Cases

BANDS = [Band(key="red", min=0), Band(key="yellow", min=40), Band(key="green", min=70)]


def cases(scores: list[float], events: list[int], accounts: list[int] | None = None) -> Cases:
    return Cases(
        np.array(accounts or range(len(scores)), np.int32),
        np.array([round(each * 10) for each in scores], np.int16),
        np.array(events, bool),
    )


def random_cases(random: np.random.Generator, accounts: int, weeks: int, pull: float = 0.0) -> Cases:
    """Cases of accounts that keep their score and their fate for all weeks, as real ones nearly do."""
    fate = random.random(accounts) < 0.3
    score = np.clip(random.normal(500 - pull * fate, 200, accounts), 0, 1000)
    jitter = random.integers(-20, 20, accounts * weeks)
    tenths = np.clip(np.repeat(score, weeks) + jitter, 0, 1000).astype(np.int16)
    return Cases(np.repeat(np.arange(accounts, dtype=np.int32), weeks), tenths, np.repeat(fate, weeks))


def test_the_worked_example() -> None:
    # metrics.md scores risk; ours is health, so the order is turned around.
    assert evidence.auc(cases([90, 60, 65, 20], [0, 0, 1, 1])) == 0.75


def test_auc_is_scikit_learns() -> None:
    from sklearn.metrics import roc_auc_score  # noqa: PLC0415 - takes seconds, and each worker collects this file

    random = np.random.default_rng(7)
    for _ in range(50):
        size = int(random.integers(20, 400))
        tenths, event = random.integers(0, 40, size).astype(np.int16), random.random(size) < 0.3
        event[:2] = True, False
        found = evidence.auc(Cases(np.arange(size, dtype=np.int32), tenths, event))
        assert found == pytest.approx(roc_auc_score(event, -tenths.astype(float)))


def test_without_both_kinds_there_is_no_auc() -> None:
    assert evidence.auc(cases([10, 20], [0, 0])) is None
    assert evidence.auc_interval(cases([10, 20], [1, 1]), 1).value is None


def test_an_unrelated_score_is_not_taken_for_a_good_one() -> None:
    random = np.random.default_rng(3)
    by_account = by_case = 0
    for trial in range(30):
        unrelated = random_cases(random, 60, 20)
        by_account += _excludes_half(evidence.auc_interval(unrelated, trial))
        naive = Cases(np.arange(len(unrelated), dtype=np.int32), unrelated.tenths, unrelated.event)
        by_case += _excludes_half(evidence.auc_interval(naive, trial))
    assert by_account <= 4
    assert by_case >= 10  # what drawing cases instead of accounts would claim


def _excludes_half(interval: evidence.Interval) -> bool:
    assert interval.low is not None
    assert interval.high is not None
    return not interval.low <= 0.5 <= interval.high


def test_the_same_seed_gives_the_same_interval() -> None:
    some = random_cases(np.random.default_rng(5), 50, 5)
    assert evidence.auc_interval(some, 9) == evidence.auc_interval(some, 9)
    assert evidence.auc_interval(some, 9) != evidence.auc_interval(some, 10)


def test_lift_of_a_perfect_order_and_of_ties() -> None:
    perfect = cases([float(each) for each in range(100)], [1] * 10 + [0] * 90)
    assert evidence.top_decile_lift(perfect) == pytest.approx(10)
    tied = cases([50.0] * 100, [1] * 10 + [0] * 90)
    assert evidence.top_decile_lift(tied) == pytest.approx(1)


def test_bands_precision_and_recall() -> None:
    found = evidence.figures(cases([10, 20, 40, 50, 70, 80], [1, 1, 1, 0, 0, 0]), BANDS, 1)
    assert [(group["cases"], group["events"]) for group in found["bands"]] == [(2, 2), (2, 1), (2, 0)]
    assert (found["red_precision"], found["red_recall"]) == (1.0, pytest.approx(2 / 3))
    assert found["bands_monotonic"]
    assert sum(group["cases"] for group in found["calibration"]) == 6


def test_a_good_model_passes_and_each_weakness_is_named() -> None:
    good = evidence.figures(random_cases(np.random.default_rng(1), 200, 10, pull=300), BANDS, 1)
    assert evidence.failures(good, None, None) == []
    assert evidence.failures(good, good, {**good, "auc": good["auc"] + 0.03}) == ["below_active_model"]
    assert evidence.failures(good, good, {**good, "auc": good["auc"] + 0.02}) == []
    few = evidence.figures(random_cases(np.random.default_rng(1), 20, 10, pull=300), BANDS, 1)
    assert "too_few_events" in evidence.failures(few, None, None)
    turned = evidence.figures(random_cases(np.random.default_rng(1), 200, 10, pull=-300), BANDS, 1)
    assert set(evidence.failures(turned, None, None)) == {"auc_not_above_half", "bands_not_monotonic"}


def test_unscored_cases_are_counted_apart() -> None:
    some = Cases(np.arange(3, dtype=np.int32), np.array([-1, 100, 900], np.int16), np.array([True, True, False]))
    found = evidence.figures(some, BANDS, 1)
    assert (found["cases"], found["unscored"], found["auc"]) == (2, 1, 1.0)


def test_a_bound_between_two_tenths_is_where_live_scores_have_it() -> None:
    bands = [Band(key="red", min=0), Band(key="green", min=33.33)]
    found = Cases(np.array([1, 2], np.int32), np.array([333, 334], np.int16), np.array([True, False]))
    assert [group.cases for group in evidence.by_band(found, bands)] == [1, 1]
