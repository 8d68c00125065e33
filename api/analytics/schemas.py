"""Shapes of the answers about recurring revenue."""

import datetime as dt
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from api.analytics import examples
from api.contracts.ledger_schemas import DEFINITION_VERSION
from api.kit.schemas import Money, Read, shown

Ratio = Annotated[float | None, Field(description="Null where there is nothing to divide by.")]


class Basis(StrEnum):
    """What a figure counts."""

    logo = "logo"
    revenue = "revenue"


class Source(StrEnum):
    """Where an answer was read: the exact ledger, or its rollups, which say the same."""

    ledger = "ledger"
    rollup = "rollup"


class About(Read):
    """What an answer is about."""

    basis: list[Basis]
    as_of: dt.date = Field(description="The last day that the figures describe.")
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = DEFINITION_VERSION
    currency: str
    backfilled_share: Ratio = Field(description="The share of the lines or terms behind it that were brought in later.")
    source: Source


class UnitCounts(Read):
    """Units (accounts, their products, or groups) with MRR at the two ends."""

    opening: int
    closing: int
    lost: int = Field(description="With MRR at the opening and none at the closing.")
    gained: int = Field(description="With none at the opening and some at the closing.")


class MovementTotals(Read):
    """What the ledger moved, by type; contraction and churn as they lower MRR, positive."""

    new: Money
    reactivation: Money
    expansion: Money
    contraction: Money
    churn: Money


class Annualised(Read):
    """Churn of the period as if it went on for a year: 1 − (1 − c)^(365 ÷ days)."""

    logo_churn: Ratio
    gross_revenue_churn: Ratio
    net_revenue_churn: Ratio


class RetentionFigures(Read):
    """A period's retention."""

    opening: Money
    closing: Money
    cohort_closing: Money = Field(description="Closing MRR of the units that had MRR at the opening.")
    kept: Money = Field(description="The smaller of opening and closing MRR, summed over these units.")
    net_new_mrr_existing: Money
    movements: MovementTotals
    units: UnitCounts
    nrr: Ratio
    grr: Ratio
    logo_churn: Ratio
    gross_revenue_churn: Ratio
    net_revenue_churn: Ratio = Field(description="Negative when growth outweighs losses.")
    net_negative_churn: bool | None
    quick_ratio: Ratio
    annualised: Annualised


class RetentionPart(RetentionFigures):
    """One part of a break-down."""

    key: str | None = Field(description="The value or the id that the part is of; null for units without one.")
    label: str | None = Field(description="Its name, where the key is an id.")


class RetentionRead(About):
    """Retention of a period. Opening is the end of the day before `from`, closing the end of `to`."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RETENTION_READ))

    from_: dt.date = Field(alias="from")
    to: dt.date
    total: RetentionFigures
    parts: list[RetentionPart] = Field(description="With `by`; they sum to the total.")


class MonthRead(Read):
    """A month's movements: opening and movements make the closing, exactly."""

    month: dt.date = Field(description="Its first day.")
    from_: dt.date = Field(alias="from")
    to: dt.date
    opening: Money
    movements: MovementTotals
    closing: Money
    fx_revaluation: Money = Field(
        description="By how much other exchange rates than a month ago changed the opening: the last closing and this make it."
    )
    rate_day: dt.date = Field(
        description="The day whose exchange rates the month is converted at: that of its opening."
    )
    quick_ratio: Ratio


class MovementsRead(About):
    """Movements by month."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MOVEMENTS_READ))

    months: list[MonthRead]


class CohortMonth(Read):
    """What is left of a cohort at the end of a month."""

    month: dt.date
    months_since: int
    accounts: int
    mrr: Money
    logo_retention: Ratio
    revenue_retention: Ratio = Field(description="Of the MRR at the end of the first month.")


class CohortRead(Read):
    """The accounts that first paid in a month."""

    cohort: dt.date
    accounts: int = Field(description="How many there are.")
    months: list[CohortMonth]


class CohortsRead(About):
    """Cohorts by the month of first payment; MRR at the exchange rates of `as_of` throughout."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COHORTS_READ))

    cohorts: list[CohortRead]
