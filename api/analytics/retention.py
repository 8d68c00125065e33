"""The arithmetic of recurring revenue that stays, grows and leaves.

Amounts are integers in minor units. A ratio is an exact fraction until :func:`shown`, and None, never 0, where its
denominator is zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Final, Self

Ratio = Fraction | None

DAYS_OF_A_YEAR: Final = 365


def ratio(numerator: Fraction | int, denominator: Fraction | int) -> Ratio:
    """The quotient, exact; None when there is nothing to divide by."""
    return None if denominator == 0 else Fraction(numerator) / Fraction(denominator)


def shown(value: Ratio) -> float | None:
    """A ratio as an answer shows it."""
    return None if value is None else float(value)


def _less(value: Ratio) -> Ratio:
    return None if value is None else 1 - value


@dataclass(frozen=True, slots=True)
class Moves:
    """What the ledger moved in a period, by type, in minor units; contraction and churn as they lower MRR, positive."""

    new: int = 0
    reactivation: int = 0
    expansion: int = 0
    contraction: int = 0
    churn: int = 0

    @property
    def net(self) -> int:
        """By how much MRR changed."""
        return self.gained - self.lost

    @property
    def gained(self) -> int:
        """What came."""
        return self.new + self.reactivation + self.expansion

    @property
    def lost(self) -> int:
        """What went."""
        return self.contraction + self.churn

    @property
    def quick_ratio(self) -> Ratio:
        """What came for each unit that went."""
        return ratio(self.gained, self.lost)


@dataclass(frozen=True, slots=True)
class Retention:
    """A period's two ends, summed over units (accounts, their products, or groups of companies).

    Attributes:
        opening: MRR at the opening, of all units.
        closing: MRR at the closing, of all units.
        cohort_closing: MRR at the closing of the units that had some at the opening.
        kept: The smaller of opening and closing MRR, summed over the same units.
        units_opening: How many units had MRR at the opening.
        units_closing: How many have some at the closing.
        units_lost: How many had some at the opening and have none at the closing.
        units_gained: How many had none at the opening and have some at the closing.
    """

    opening: int = 0
    closing: int = 0
    cohort_closing: int = 0
    kept: int = 0
    units_opening: int = 0
    units_closing: int = 0
    units_lost: int = 0
    units_gained: int = 0

    @classmethod
    def of(cls, ends: Iterable[tuple[int, int]]) -> Self:
        """From each unit's MRR at the opening and at the closing."""
        known = list(ends)
        cohort = [(opening, closing) for opening, closing in known if opening > 0]
        return cls(
            opening=sum(opening for opening, _ in known),
            closing=sum(closing for _, closing in known),
            cohort_closing=sum(closing for _, closing in cohort),
            kept=sum(min(opening, closing) for opening, closing in cohort),
            units_opening=len(cohort),
            units_closing=sum(closing > 0 for _, closing in known),
            units_lost=sum(closing <= 0 for _, closing in cohort),
            units_gained=sum(opening <= 0 < closing for opening, closing in known),
        )

    def __add__(self, other: "Retention") -> "Retention":
        return Retention(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def nrr(self) -> Ratio:
        """Net revenue retention: endpoints, never sums of movements."""
        return ratio(self.cohort_closing, self.opening)

    @property
    def grr(self) -> Ratio:
        """Gross revenue retention: growth of one unit does not make up for another's loss."""
        return ratio(self.kept, self.opening)

    @property
    def logo_churn(self) -> Ratio:
        """The share of the units with MRR at the opening that have none at the closing."""
        return ratio(self.units_lost, self.units_opening)

    @property
    def gross_revenue_churn(self) -> Ratio:
        """What was lost of the opening, growth aside."""
        return _less(self.grr)

    @property
    def net_revenue_churn(self) -> Ratio:
        """What was lost of the opening, growth counted; negative when the cohort grew."""
        return _less(self.nrr)

    @property
    def net_negative_churn(self) -> bool | None:
        """Whether the cohort's growth outweighed what it lost."""
        return None if self.nrr is None else self.nrr > 1

    @property
    def net_new_mrr_existing(self) -> int:
        """By how much the cohort's MRR changed."""
        return self.cohort_closing - self.opening


def annual_of_monthly(churn: Ratio) -> Ratio:
    """A month's churn as if it went on for a year; exact."""
    return None if churn is None else 1 - (1 - churn) ** 12


def annual_of_days(churn: Ratio, days: int) -> float | None:
    """The churn of a window of days as if it went on for a year; None where that is beyond all numbers."""
    if churn is None or churn > 1:
        return None
    try:
        return float(1 - float(1 - churn) ** (DAYS_OF_A_YEAR / days))
    except OverflowError:
        return None


def month_of(churn: Ratio, months: Fraction) -> Ratio:
    """The churn of a period as one month's; exact when it is one."""
    if churn is None or months == 1:
        return churn
    return Fraction(1 - float(1 - churn) ** float(1 / months))


def ltv(arpa: Ratio, margin: Ratio, monthly_churn: Ratio) -> Ratio:
    """What an average account brings until it leaves: ARPA × margin ÷ monthly churn, in minor units."""
    if arpa is None or monthly_churn is None:
        return None
    return ratio(arpa * (1 if margin is None else margin), monthly_churn)


def cac(spent: int, customers_won: int) -> Ratio:
    """What winning one customer cost, in minor units."""
    return ratio(spent, customers_won)


def ltv_to_cac(value: Ratio, cost: Ratio) -> Ratio:
    """How many times its cost a customer brings."""
    return None if value is None or cost is None else ratio(value, cost)


def payback_months(cost: Ratio, arpa: Ratio, margin: Ratio) -> Ratio:
    """After how many months a customer has brought what it cost."""
    if cost is None or arpa is None:
        return None
    return ratio(cost, arpa * (1 if margin is None else margin))


@dataclass(frozen=True, slots=True)
class Renewals:
    """Terms that came up for a decision, in minor units of what was due per month.

    Attributes:
        terms: How many terms ended.
        renewed_terms: How many of them were renewed, at whatever price.
        pending_terms: How many are undecided; they are in the denominator.
        due: What was paid per month when they ended.
        pending_due: The part of it that is undecided.
        renewed: What is paid per month after the renewals.
        renewed_capped: The same, of each term at most what was due.
        backfilled: How many of the terms were brought in as history.
    """

    terms: int = 0
    renewed_terms: int = 0
    pending_terms: int = 0
    due: int = 0
    pending_due: int = 0
    renewed: int = 0
    renewed_capped: int = 0
    backfilled: int = 0

    def __add__(self, other: "Renewals") -> "Renewals":
        return Renewals(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def gross(self) -> Ratio:
        """Renewed, at most what was due, per amount due."""
        return ratio(self.renewed_capped, self.due)

    @property
    def net(self) -> Ratio:
        """Renewed, growth included, per amount due."""
        return ratio(self.renewed, self.due)

    @property
    def by_count(self) -> Ratio:
        """Renewed terms per term that ended."""
        return ratio(self.renewed_terms, self.terms)
