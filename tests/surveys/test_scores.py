"""The arithmetic of answers, by the worked examples of the metrics."""

import math

import pytest

from api.surveys.scores import Answers, Stand, SurveyKind, stand, wilson


def answers(kind: SurveyKind, scale_max: int, *counted: tuple[int, int]) -> Answers:
    return Answers.of(kind, [(scale_max, score, count) for score, count in counted])


def test_nps_of_30_percent_promoters_and_20_percent_detractors() -> None:
    found = answers(SurveyKind.nps, 10, (9, 20), (10, 10), (7, 30), (8, 20), (6, 15), (0, 5))
    assert found.n == 100
    assert found.score == 10
    assert [found.on(side) for side in Stand] == [30, 50, 20]
    assert found.standard_error == pytest.approx(100 * math.sqrt((0.3 + 0.2 - 0.1**2) / 100))
    low, high = found.interval or (0, 0)
    assert (round(low, 2), round(high, 2)) == (-3.72, 23.72)
    assert found.sufficient
    assert found.distribution() == {0: 5, 6: 15, 7: 30, 8: 20, 9: 20, 10: 10}


def test_csat_is_the_share_of_the_top_two_boxes() -> None:
    found = answers(SurveyKind.csat, 5, (5, 42), (4, 32), (3, 10), (2, 9), (1, 14))
    assert (found.n, found.on(Stand.positive)) == (107, 74)
    assert found.score is not None
    assert found.mean is not None
    assert round(found.score) == 69
    assert float(found.mean) == pytest.approx((42 * 5 + 32 * 4 + 10 * 3 + 9 * 2 + 14) / 107)


@pytest.mark.parametrize(("scale_max", "scores"), [(3, (1, 2, 3)), (5, (2, 3, 4)), (7, (1, 4, 5))])
def test_ces_is_the_share_agreeing(scale_max: int, scores: tuple[int, int, int]) -> None:
    disagree, neutral, agree = scores
    found = answers(SurveyKind.ces, scale_max, (disagree, 5), (neutral, 5), (agree, 10))
    assert found.score == 50
    assert not found.sufficient


def test_where_nobody_answered_there_is_no_figure() -> None:
    found = answers(SurveyKind.nps, 10)
    assert (found.n, found.score, found.mean, found.standard_error, found.interval) == (0, None, None, None, None)


def test_thirty_answers_suffice() -> None:
    assert not answers(SurveyKind.nps, 10, (9, 29)).sufficient
    assert answers(SurveyKind.nps, 10, (9, 30)).sufficient


def test_the_ends_of_each_side() -> None:
    assert [stand(SurveyKind.nps, 10, score) for score in (6, 7, 8, 9)] == [
        Stand.negative, Stand.neutral, Stand.neutral, Stand.positive,
    ]  # fmt: skip
    assert [stand(SurveyKind.csat, 5, score) for score in range(1, 6)] == [
        Stand.negative, Stand.negative, Stand.neutral, Stand.positive, Stand.positive,
    ]  # fmt: skip


def test_different_scales_have_no_common_mean() -> None:
    found = Answers.of(SurveyKind.csat, [(5, 5, 10), (7, 7, 10)])
    assert found.score == 100
    assert found.mean is None


def test_intervals_stay_on_the_scale() -> None:
    low, high = answers(SurveyKind.nps, 10, (10, 5), (0, 1)).interval or (0, 0)
    assert (low >= -100, high) == (True, 100)
    assert wilson(0, 10)[0] == 0
    assert wilson(0, 10)[1] == pytest.approx(27.75, abs=0.01)
    assert 99.9 < wilson(10, 10)[1] <= 100
