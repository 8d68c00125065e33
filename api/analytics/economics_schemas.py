"""Shapes of renewal rates, acquisition costs and unit economics."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field

from api.analytics import examples
from api.analytics.questions import Breakdown, From, RevenueQuery, To
from api.analytics.schemas import About, Basis, Ratio
from api.kit.schemas import (
    Count,
    CurrencyCode,
    Day,
    Input,
    Line,
    MinorUnits,
    Money,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    shown,
)


class Cost(Input):
    """An amount in minor units of its currency, not negative."""

    model_config = ConfigDict(json_schema_extra=shown([{"amount": 6000000, "currency": "JPY"}]))

    amount: Annotated[MinorUnits, Field(ge=0)]
    currency: CurrencyCode


class AcquisitionCostCreate(Input):
    """What winning customers cost in a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACQUISITION_COST_CREATE))

    starts_on: Day
    ends_before: Day
    segment_id: UUID | None = Field(
        default=None, description="The segment it was spent on; null: on none in particular."
    )
    amount: Cost
    customers_won: Count
    note: Line = ""


class AcquisitionCostUpdate(Input):
    """Changes to a cost; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACQUISITION_COST_UPDATE))

    starts_on: Day | MISSING = MISSING
    ends_before: Day | MISSING = MISSING
    segment_id: UUID | None | MISSING = MISSING
    amount: Cost | MISSING = MISSING
    customers_won: Count | MISSING = MISSING
    note: Line | MISSING = MISSING


class AcquisitionCostRead(RecordRead):
    """What winning customers cost in a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACQUISITION_COST_READ))

    starts_on: dt.date
    ends_before: dt.date
    segment_id: UUID | None
    amount: Money
    customers_won: int
    note: str


class AcquisitionCostSort(StrEnum):
    """The orders of a list of costs."""

    starts_on = "starts_on"
    starts_on_down = "-starts_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class AcquisitionCostQuery(RecordQuery):
    """The costs to list."""

    sort: AcquisitionCostSort | MISSING = MISSING
    segment_id: list[UUID] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    starts_after: Day | MISSING = MISSING
    starts_before: Day | MISSING = MISSING


class AcquisitionCostPage(Page[AcquisitionCostRead]):
    """One page of costs."""


class RenewalRatesQuery(RevenueQuery):
    """The terms that count: those whose end, from when on the next one would run, is in the period."""

    from_: From = MISSING
    to: To = MISSING
    by: Breakdown | MISSING = Field(default=MISSING, description="Break the figures down; not by product.")


class RenewalFigures(Read):
    """Terms that came up for a decision. Another metric than NRR and GRR."""

    terms: int
    renewed_terms: int
    pending_terms: int = Field(description="Undecided; they are counted in the denominators.")
    due: Money = Field(description="What was paid per month when the terms ended.")
    pending_due: Money
    renewed: Money = Field(description="What is paid per month after the renewals.")
    gross_renewal_rate: Ratio = Field(description="Renewed, of each term at most what was due, ÷ due.")
    net_renewal_rate: Ratio = Field(description="Renewed ÷ due.")
    renewal_rate_by_count: Ratio


class RenewalPart(RenewalFigures):
    """One part of a break-down."""

    key: str | None
    label: str | None


class RenewalRatesRead(About):
    """Renewal rates of a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RENEWAL_RATES_READ))

    from_: dt.date = Field(alias="from")
    to: dt.date
    total: RenewalFigures
    parts: list[RenewalPart] = []


class UnitEconomicsQuery(RevenueQuery):
    """The period, the margin, and which churn an account's life is reckoned with."""

    from_: From = MISSING
    to: To = MISSING
    gross_margin_pct: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | MISSING = Field(
        default=MISSING,
        description="Gross margin in percent. Without it none is applied, and `margin_applied` is false.",
    )
    churn: Basis = Field(default=Basis.logo, description="`logo`, or `revenue` for gross revenue churn.")


class UnitEconomicsRead(About):
    """What an account brings, what it cost to win, and after how long it has paid for itself.

    Averages are in minor units of the currency, with their fractions.
    """

    model_config = ConfigDict(json_schema_extra=shown(examples.UNIT_ECONOMICS_READ))

    from_: dt.date = Field(alias="from")
    to: dt.date
    margin_applied: bool
    gross_margin_pct: float | None
    accounts: int = Field(description="With MRR at the closing.")
    arpa: Ratio = Field(description="MRR per account at the closing.")
    monthly_churn: Ratio = Field(description="The period's churn as one month's.")
    ltv: Ratio = Field(description="ARPA × margin ÷ monthly churn.")
    acquisition_cost: Money = Field(description="Of the costs whose period begins in this one.")
    customers_won: int
    cac: Ratio
    ltv_to_cac: Ratio
    payback_months: Ratio = Field(description="CAC ÷ (ARPA × margin).")
