"""The arithmetic of value realisation, without a database."""

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from api.success_roadmaps.value import (
    MONTH,
    cost_of_period,
    economic_value,
    month_parts,
    return_on_investment,
)

amounts = st.integers(0, 10**7)
days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_the_example_of_the_formula() -> None:
    # 1,200 answers a quarter, 8 minutes each, 3,000 yen an hour.
    value = economic_value(1200, 800, 3000)
    assert value == 480_000
    assert return_on_investment(value, 300_000) == 0.6
    assert return_on_investment(value, 0) is None
    assert economic_value(1, 50, 60) == 0, "half a yen rounds to even"
    assert economic_value(3, 50, 60) == 2


@given(amounts, amounts, amounts)
def test_value_is_the_exact_product_rounded_once(volume: int, hundredths: int, hourly: int) -> None:
    exact = Fraction(hundredths, 100) * volume * hourly / 60
    assert economic_value(volume, hundredths, hourly) == round(exact)


@given(amounts, amounts, amounts, amounts)
def test_splitting_the_work_changes_the_value_by_rounding_only(one: int, other: int, minutes: int, hourly: int) -> None:
    whole = economic_value(one + other, minutes, hourly)
    assert abs(economic_value(one, minutes, hourly) + economic_value(other, minutes, hourly) - whole) <= 1


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_roi_gives_the_value_back(value: int, cost: int) -> None:
    roi = return_on_investment(value, cost)
    assert roi is not None
    assert abs(cost * (1 + roi) - value) <= 1e-9 * max(value, cost)
    assert roi >= -1


def test_whole_months_cost_their_mrr() -> None:
    signed = [(day("2026-02-01"), 100_000)]
    assert cost_of_period(signed, day("2026-02-01"), day("2026-03-01")) == 100_000
    assert cost_of_period(signed, day("2025-12-01"), day("2026-04-01")) == 200_000
    assert cost_of_period(signed, day("2026-02-01"), day("2026-02-15")) == 50_000
    ended = [*signed, (day("2026-02-15"), -100_000)]
    assert cost_of_period(ended, day("2026-01-01"), day("2027-01-01")) == 50_000


@given(days)
def test_a_day_is_its_months_share(first: dt.date) -> None:
    following = first + dt.timedelta(days=1)
    length = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    assert (month_parts(following) - month_parts(first)) * length.day == MONTH


@given(st.lists(st.tuples(days, st.integers(-(10**6), 10**6)), max_size=6), days, st.integers(1, 400))
def test_a_period_costs_what_its_days_cost(
    movements: list[tuple[dt.date, int]], starts_on: dt.date, length: int
) -> None:
    ends_before = starts_on + dt.timedelta(days=length)
    exact = Fraction(0)
    for number in range(length):
        at = starts_on + dt.timedelta(days=number)
        in_month = MONTH // (month_parts(at + dt.timedelta(days=1)) - month_parts(at))
        exact += Fraction(sum(amount for effective_on, amount in movements if effective_on <= at), in_month)
    assert cost_of_period(movements, starts_on, ends_before) == round(exact)
