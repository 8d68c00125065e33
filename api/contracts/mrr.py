"""The arithmetic of recurring revenue: from what a contract says to the movements of an account's MRR.

Everything is exact. An amount per month is counted in *parts*, of which a minor unit (a yen, a cent) has
``PARTS``: enough that every interval and every discount in hundredths of a percent divides it. Rounding happens once
per account, currency and day, half to even.

``movements`` is the definition of the ledger. :mod:`api.contracts.ledger` computes the same for many accounts in one
statement of SQL, and tests hold the two equal.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final
from uuid import UUID

INTERVALS: Final = (1, 2, 3, 4, 6, 12, 24, 36, 48, 60)
"""The billing intervals there are, in months. 720 months hold each of them a whole number of times."""
_LONGEST: Final = 720
WHOLE: Final = 10_000
"""A whole in hundredths of a percent."""
PARTS: Final = _LONGEST * WHOLE
_NEVER: Final = dt.date.max


class MovementType(StrEnum):
    """What a movement is, by the account's net change of the day."""

    new = "new"
    expansion = "expansion"
    contraction = "contraction"
    churn = "churn"
    reactivation = "reactivation"


class Cause(StrEnum):
    """Why MRR changes on a day."""

    signed = "signed"
    ramp = "ramp"
    discount_end = "discount_end"
    free_end = "free_end"
    amendment = "amendment"
    renewal = "renewal"
    item_end = "item_end"
    notice = "notice"
    terminated = "terminated"
    lapsed = "lapsed"
    reinstated = "reinstated"
    merge = "merge"
    correction = "correction"
    imported = "imported"


@dataclass(frozen=True, slots=True)
class RampStep:
    """From a day on, another quantity or another price."""

    starts_on: dt.date
    quantity: int | None = None
    unit_price: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What one item of a contract says. Prices are in minor units per unit and interval.

    ``commitment`` is the minimum that a usage-based item is charged per interval; it takes the place of
    quantity × price. ``discount`` is in hundredths of a percent.
    """

    starts_on: dt.date
    ends_before: dt.date | None = None
    quantity: int = 1
    unit_price: int = 0
    interval_months: int = 1
    discount: int = 0
    discount_ends_before: dt.date | None = None
    free_before: dt.date | None = None
    commitment: int | None = None
    ramp: Sequence[RampStep] = ()
    starts_as: Cause = Cause.signed
    ends_as: Cause = Cause.item_end


@dataclass(frozen=True, slots=True)
class Rate:
    """What an item is worth per month from a day until before another, in parts of a minor unit."""

    starts_on: dt.date
    ends_before: dt.date | None
    parts: int
    quantity: int
    starts_as: Cause
    ends_as: Cause


def rates(
    item: Item, *, stops_before: dt.date | None = None, stops_as: Cause = Cause.terminated, trial: bool = False
) -> list[Rate]:
    """The item as a step function, until its contract stops; nothing for an item that never runs."""
    end, ends_as = item.ends_before or _NEVER, item.ends_as
    if stops_before is not None and stops_before < end:
        end, ends_as = stops_before, stops_as
    turns: dict[dt.date, Cause] = {step.starts_on: Cause.ramp for step in item.ramp}
    if item.discount and item.discount_ends_before:
        turns.setdefault(item.discount_ends_before, Cause.discount_end)
    if item.free_before:
        turns[item.free_before] = Cause.free_end
    days = [item.starts_on, *sorted(day for day in turns if item.starts_on < day < end), end]
    found: list[Rate] = []
    for day, following in pairwise(days):
        if day >= following:
            continue
        quantity, parts = _level(item, day)
        found.append(
            Rate(
                day,
                None if following == _NEVER else following,
                0 if trial else parts,
                quantity,
                item.starts_as if day == item.starts_on else turns[day],
                ends_as if following == end else turns[following],
            )
        )
    return found


def _level(item: Item, day: dt.date) -> tuple[int, int]:
    """Quantity, and parts per month, on a day."""
    quantity, price = item.quantity, item.unit_price
    for step in sorted(item.ramp, key=lambda step: step.starts_on):
        if step.starts_on <= day:
            quantity = quantity if step.quantity is None else step.quantity
            price = price if step.unit_price is None else step.unit_price
    if item.free_before and day < item.free_before:
        return quantity, 0
    discounted = item.discount_ends_before is None or day < item.discount_ends_before
    kept = WHOLE - item.discount if discounted else WHOLE
    amount = quantity * price if item.commitment is None else item.commitment
    return quantity, amount * kept * (_LONGEST // item.interval_months)


def rounded(parts: int, *, of: int = PARTS) -> int:
    """Whole minor units, half to even. ``of`` is how many parts a unit has."""
    whole, rest = divmod(parts, of)
    return whole + (1 if 2 * rest > of or (2 * rest == of and whole % 2) else 0)


def shares(parts: Mapping[UUID, int]) -> dict[UUID, int]:
    """Each product's share of the rounded total: they sum to it exactly, and each is off by less than a unit."""
    found, before = {}, 0
    for product_id in sorted(parts):
        after = before + parts[product_id]
        found[product_id] = rounded(after) - rounded(before)
        before = after
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """A rate with what it is for."""

    product_id: UUID
    currency: str
    starts_on: dt.date
    ends_before: dt.date | None
    parts: int


@dataclass(frozen=True, slots=True, order=True)
class Movement:
    """A change of an account's MRR with a product, in minor units; negative when it falls."""

    effective_on: dt.date
    currency: str
    product_id: UUID
    type: MovementType
    amount: int


def movements(owed: Iterable[Owed]) -> list[Movement]:
    """All movements of one account, in the order of days.

    The type is that of the account's day: ``new`` when it never had MRR, ``reactivation`` when it had some once and
    none the day before, ``churn`` when it has none left, else by the sign of the currency's net change. A day on which
    products change without a net change is an expansion of zero.
    """
    changes: dict[dt.date, dict[tuple[str, UUID], int]] = defaultdict(lambda: defaultdict(int))
    for rate in owed:
        changes[rate.starts_on][rate.currency, rate.product_id] += rate.parts
        if rate.ends_before is not None:
            changes[rate.ends_before][rate.currency, rate.product_id] -= rate.parts
    level: dict[str, dict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    before: dict[str, dict[UUID, int]] = {}
    had_once, found = False, []
    for day in sorted(changes):
        for (currency, product_id), delta in changes[day].items():
            level[currency][product_id] += delta
        after = {currency: shares(parts) for currency, parts in level.items()}
        had, has = _any(before), _any(after)
        for currency in sorted(after):
            was, now = before.get(currency, {}), after[currency]
            net = sum(now.values()) - sum(was.values())
            kind = _type(had_once=had_once, had=had, has=has, net=net)
            found += [
                Movement(day, currency, product_id, kind, now[product_id] - was.get(product_id, 0))
                for product_id in sorted(now)
                if now[product_id] != was.get(product_id, 0)
            ]
        before, had_once = after, had_once or has
    return found


def _any(amounts: Mapping[str, Mapping[UUID, int]]) -> bool:
    return any(sum(by_product.values()) for by_product in amounts.values())


def _type(*, had_once: bool, had: bool, has: bool, net: int) -> MovementType:
    if has and not had:
        return MovementType.reactivation if had_once else MovementType.new
    if had and not has:
        return MovementType.churn
    return MovementType.expansion if net >= 0 else MovementType.contraction
