"""Every worked example of the metric definitions that is arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.analytics.retention import (
    Moves,
    Ratio,
    Renewals,
    Retention,
    annual_of_days,
    annual_of_monthly,
    cac,
    ltv,
    ltv_to_cac,
    payback_months,
    shown,
)


def percent(value: Ratio) -> float:
    assert value is not None
    return float(value * 100)


def test_churn_contraction_and_expansion_of_different_accounts() -> None:
    apart = Retention.of([(10, 0), (20, 10), (20, 30), (50, 50)])
    assert (percent(apart.gross_revenue_churn), percent(apart.net_revenue_churn)) == (20, 10)
    together = Retention.of([(100, 90)])
    assert (percent(together.gross_revenue_churn), percent(together.net_revenue_churn)) == (10, 10)


@pytest.mark.parametrize(
    ("ends", "nrr", "grr"),
    [
        ([(25_000, 0), (75_000, 50_000), (300_000, 450_000), (600_000, 600_000)], 110, 95),
        ([(30_000, 45_000), (30_000, 25_000), (8_000, 0), (32_000, 32_000)], 102, 87),
        ([(6_000, 0), (14_000, 10_000), (80_000, 100_000), (100_000, 100_000)], 105, 95),
    ],
)
def test_net_and_gross_retention(ends: list[tuple[int, int]], nrr: int, grr: int) -> None:
    found = Retention.of(ends)
    assert (percent(found.nrr), percent(found.grr)) == (nrr, grr)


def test_a_million_yen_at_130_percent() -> None:
    found = Retention.of([(1_000_000, 1_300_000)])
    assert (percent(found.nrr), found.cohort_closing, found.net_new_mrr_existing) == (130, 1_300_000, 300_000)
    assert found.net_negative_churn is True


def test_siblings_by_account_and_by_parent() -> None:
    by_account = Retention.of([(100, 0), (100, 200)])
    assert [percent(each) for each in (by_account.nrr, by_account.grr, by_account.logo_churn)] == [100, 50, 50]
    by_parent = Retention.of([(200, 200)])
    assert [percent(each) for each in (by_parent.nrr, by_parent.grr, by_parent.logo_churn)] == [100, 100, 0]


def test_accounts_without_opening_mrr_stay_out() -> None:
    found = Retention.of([(100, 100), (0, 500)])
    assert [found.nrr, found.units_opening, found.units_gained, found.closing] == [1, 1, 1, 600]


@pytest.mark.parametrize(("gained", "lost", "expected"), [(24, 4, 6), (30, 10, 3), (40, 20, 2)])
def test_quick_ratio(gained: int, lost: int, expected: int) -> None:
    assert Moves(new=gained, churn=lost).quick_ratio == expected


def test_quick_ratio_of_all_types() -> None:
    moves = Moves(new=25_000, expansion=10_000, churn=8_000, contraction=4_000)
    assert (round(shown(moves.quick_ratio) or 0, 2), moves.net) == (2.92, 23_000)


@pytest.mark.parametrize(("monthly", "annual"), [(1, 11.36), (2, 21.53), (3, 30.62), (5, 45.96), (10, 71.76)])
def test_annualised(monthly: int, annual: float) -> None:
    assert round(percent(annual_of_monthly(Fraction(monthly, 100))), 2) == annual


def test_annualised_from_a_window_of_days() -> None:
    assert annual_of_days(Fraction(1, 10), 365) == pytest.approx(0.1)
    assert annual_of_days(Fraction(1, 10), 73) == pytest.approx(1 - 0.9**5)
    assert annual_of_days(None, 30) is None


def test_life_time_value_and_payback() -> None:
    margin, cost = Fraction(3, 4), cac(60_000, 10)
    value = ltv(Fraction(500), margin, Fraction(25, 1000))
    assert [value, ltv_to_cac(value, cost), payback_months(cost, Fraction(500), margin)] == [15_000, Fraction(5, 2), 16]
    assert payback_months(Fraction(100_000), Fraction(5_000), None) == 20


def test_renewal_rates_count_what_is_pending() -> None:
    found = Renewals(
        terms=4, renewed_terms=2, pending_terms=1, due=400, pending_due=100, renewed=250, renewed_capped=180
    )
    assert [found.gross, found.net, found.by_count] == [Fraction(9, 20), Fraction(5, 8), Fraction(1, 2)]


def test_nothing_to_divide_by_is_none_and_never_zero() -> None:
    nothing = Retention.of([(0, 100)])
    for figure in (nothing.nrr, nothing.grr, nothing.logo_churn, nothing.net_revenue_churn, Moves(new=5).quick_ratio):
        assert figure is None
    assert nothing.net_negative_churn is None
    assert (ltv(Fraction(5), None, Fraction(0)), cac(100, 0), Renewals().gross) == (None, None, None)
    assert payback_months(Fraction(5), Fraction(0), None) is None


_ends = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=12)


@given(_ends, _ends)
def test_gross_never_exceeds_net_nor_one_and_parts_sum(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    total = Retention.of([*left, *right])
    assert Retention.of(left) + Retention.of(right) == total
    if total.grr is not None:
        assert total.nrr is not None
        assert total.grr <= min(Fraction(1), total.nrr)
