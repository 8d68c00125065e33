"""The arithmetic of recurring revenue, without a database."""

import datetime as dt
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.contracts.mrr import (
    INTERVALS,
    PARTS,
    Cause,
    Item,
    MovementType,
    Owed,
    RampStep,
    movements,
    rates,
    rounded,
    shares,
)

A, B = UUID(int=1), UUID(int=2)
JAN, APR, JUL = dt.date(2026, 1, 1), dt.date(2026, 4, 1), dt.date(2026, 7, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def owed(product: UUID, starts_on: dt.date, ends_before: dt.date | None, amount: int, currency: str = "JPY") -> Owed:
    return Owed(product, currency, starts_on, ends_before, amount * PARTS)


def told(*of: Owed) -> list[tuple[str, str, int]]:
    return [(line.effective_on.isoformat(), line.type.value, line.amount) for line in movements(of)]


def test_an_annual_2000_is_166_67_a_month() -> None:
    (rate,) = rates(Item(JAN, unit_price=200_000, interval_months=12))
    assert rounded(rate.parts) == 16_667
    assert rounded(rate.parts * 12) == 200_000  # ARR is exact, not twelve times MRR


@given(
    quantity=st.integers(0, 10**6),
    price=st.integers(0, 10**9),
    months=st.sampled_from(INTERVALS),
    discount=st.integers(0, 10_000),
)
def test_parts_are_exact(quantity: int, price: int, months: int, discount: int) -> None:
    (rate,) = rates(Item(JAN, quantity=quantity, unit_price=price, interval_months=months, discount=discount))
    assert Fraction(rate.parts, PARTS) == Fraction(quantity * price * (10_000 - discount), 10_000 * months)


@given(st.integers(0, 10**15))
def test_rounding_is_half_to_even(parts: int) -> None:
    assert rounded(parts) == round(Fraction(parts, PARTS))


@given(st.dictionaries(st.uuids(), st.integers(0, 10**13), max_size=8))
def test_shares_sum_to_the_rounded_total(parts: dict[UUID, int]) -> None:
    found = shares(parts)
    assert sum(found.values()) == rounded(sum(parts.values()))
    assert all(abs(found[product] - Fraction(parts[product], PARTS)) < 1 for product in parts)


def test_a_ramp_a_discount_and_free_months_are_steps() -> None:
    item = Item(
        JAN, unit_price=1_000, quantity=10, discount=2_000, discount_ends_before=JUL, free_before=day("2026-02-01"),
        ramp=[RampStep(APR, quantity=20)],
    )  # fmt: skip
    assert [(r.starts_on, r.ends_before, r.parts // PARTS, r.starts_as) for r in rates(item)] == [
        (JAN, day("2026-02-01"), 0, Cause.signed),
        (day("2026-02-01"), APR, 8_000, Cause.free_end),
        (APR, JUL, 16_000, Cause.ramp),
        (JUL, None, 20_000, Cause.discount_end),
    ]


def test_a_commitment_counts_and_not_the_price_per_use() -> None:
    (rate,) = rates(Item(JAN, unit_price=3, commitment=60_000, interval_months=12))
    assert rate.parts == 5_000 * PARTS


def test_a_trial_earns_nothing() -> None:
    (rate,) = rates(Item(JAN, unit_price=1_000), trial=True)
    assert rate.parts == 0


def test_a_contract_that_stops_ends_its_items_and_says_why() -> None:
    (rate,) = rates(Item(JAN, unit_price=1_000), stops_before=APR, stops_as=Cause.notice)
    assert (rate.ends_before, rate.ends_as) == (APR, Cause.notice)
    assert rates(Item(APR, unit_price=1_000), stops_before=APR) == []


def test_types_follow_the_accounts_net_change_of_the_day() -> None:
    assert told(owed(A, JAN, APR, 100), owed(A, JUL, None, 80)) == [
        ("2026-01-01", "new", 100), ("2026-04-01", "churn", -100), ("2026-07-01", "reactivation", 80),
    ]  # fmt: skip


def test_replacing_a_product_on_one_day_is_no_churn() -> None:
    assert told(owed(A, JAN, APR, 100), owed(B, APR, None, 120)) == [
        ("2026-01-01", "new", 100), ("2026-04-01", "expansion", -100), ("2026-04-01", "expansion", 120),
    ]  # fmt: skip


def test_losing_one_of_two_products_is_a_contraction() -> None:
    assert told(owed(A, JAN, None, 100), owed(B, JAN, APR, 30))[-1] == ("2026-04-01", "contraction", -30)


def test_another_currency_on_the_day_the_first_ends_is_no_churn() -> None:
    assert told(owed(A, JAN, APR, 100, "USD"), owed(A, APR, None, 15_000, "JPY"))[1:] == [
        ("2026-04-01", "expansion", 15_000), ("2026-04-01", "contraction", -100),
    ]  # fmt: skip


def test_rounding_is_the_accounts_so_a_yen_may_move_between_products() -> None:
    half = PARTS // 2
    found = movements([Owed(A, "JPY", JAN, None, 3 * half), Owed(B, "JPY", JAN, None, 3 * half)])
    assert sum(line.amount for line in found) == 3
    assert {line.type for line in found} == {MovementType.new}


@pytest.mark.parametrize("parts", [0, PARTS // 2 - 1])
def test_less_than_half_a_unit_is_no_mrr(parts: int) -> None:
    assert movements([Owed(A, "JPY", JAN, None, parts)]) == []
