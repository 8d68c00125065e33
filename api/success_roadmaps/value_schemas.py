"""Shapes of value realisation."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field

from api.accounts.schemas import AccountSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import (
    Count,
    CurrencyCode,
    Day,
    Input,
    Line,
    Moment,
    Money,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    Text,
    refused,
    shown,
)
from api.success_roadmaps import value_examples as examples
from api.success_roadmaps.value import LARGEST
from api.success_roadmaps.value_models import ValueState


def _in_hundredths(minutes: float) -> float:
    if abs(round(minutes * 100) / 100 - minutes) > 1e-9:
        raise refused("At most two decimals", "小数点以下は 2 桁までです", "too_precise")
    return minutes


Minutes = Annotated[
    float,
    Field(strict=True, ge=0, le=100_000, description="How long a person takes for one; at most two decimals."),
    AfterValidator(_in_hundredths),
]
EndsBefore = Annotated[Day, Field(description="The first day after the period.")]
Volume = Annotated[Count, Field(description="How many units of the work were done in the period.")]


class Amount(Input):
    """An amount that is not negative, in minor units."""

    amount: Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
    currency: CurrencyCode


HourlyCost = Annotated[Amount, Field(description="What an hour costs of those who did the work before.")]
PeriodCost = Annotated[
    Amount | None,
    Field(
        description="What our product cost over the period, in the currency of `hourly_cost`. Null: what the customer pays "
        "by the ledger. A day costs its MRR divided by the days of its month."
    ),
]


class ValueRealisationCreate(Input):
    """Work that people no longer do over a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.VALUE_CREATE))

    account_id: UUID
    roadmap_id: UUID | None = None
    goal_id: UUID | None = Field(default=None, description="A goal of the roadmap, which then need not be named.")
    name: Name = Field(description="The work.")
    unit: Line = Field(default="", description="What is counted.")
    starts_on: Day
    ends_before: EndsBefore
    volume: Volume
    minutes_per_unit: Minutes
    hourly_cost: HourlyCost
    cost: PeriodCost = None
    evidence: Text = ""


class ValueRealisationUpdate(Input):
    """Changes; absent fields stay. Other figures or another period make it a draft again, to be confirmed anew."""

    model_config = ConfigDict(json_schema_extra=shown(examples.VALUE_UPDATE))

    roadmap_id: UUID | None | MISSING = MISSING
    goal_id: UUID | None | MISSING = MISSING
    name: Name | MISSING = MISSING
    unit: Line | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    ends_before: EndsBefore | MISSING = MISSING
    volume: Volume | MISSING = MISSING
    minutes_per_unit: Minutes | MISSING = MISSING
    hourly_cost: HourlyCost | MISSING = MISSING
    cost: PeriodCost | MISSING = MISSING
    evidence: Text | MISSING = MISSING


class ValueConfirm(Input):
    """Who at the customer stands by the figures."""

    model_config = ConfigDict(json_schema_extra=shown(examples.VALUE_CONFIRM))

    contact_id: UUID
    evidence: Text | MISSING = Field(default=MISSING, description="Replaces what stands there.")


class CostSource(StrEnum):
    """Where the cost of the period is from."""

    given = "given"
    mrr = "mrr"
    unknown = "unknown"


class SupersededValueRead(Read):
    """What was believed for some time."""

    id: UUID
    state: ValueState
    starts_on: dt.date
    ends_before: dt.date
    volume: int
    minutes_per_unit: float
    hourly_cost: Money
    value: Money
    recorded_at: AwareDatetime
    superseded_at: AwareDatetime


class ValueRealisationRead(RecordRead):
    """Work that people no longer do over a period, what it is worth, and what came back for what it costs."""

    model_config = ConfigDict(json_schema_extra=shown(examples.VALUE_READ))

    account_id: UUID
    roadmap_id: UUID | None
    goal_id: UUID | None
    name: str
    unit: str
    starts_on: dt.date
    ends_before: dt.date
    last_day: dt.date
    volume: int
    minutes_per_unit: float
    hourly_cost: Money
    currency: str
    value: Money = Field(description="`volume × minutes_per_unit ÷ 60 × hourly_cost`, rounded once, half to even.")
    cost: Money | None = Field(description="Null when the customer pays in another currency and nobody gave the cost.")
    cost_source: CostSource
    roi: float | None = Field(description="`(value − cost) ÷ cost`; null when the cost is 0 or not known.")
    evidence: str
    state: ValueState
    confirmed_by_id: UUID | None = Field(description="The contact who confirmed the figures.")
    confirmed_at: AwareDatetime | None
    recorded_at: AwareDatetime = Field(description="Since when it is known as it stands.")
    account: AccountSummary | MISSING = MISSING
    confirmed_by: ContactSummary | None | MISSING = MISSING
    superseded: list[SupersededValueRead] | MISSING = Field(
        default=MISSING, description="What was believed before, the oldest first."
    )


class ValueRealisationSort(StrEnum):
    """The orders of a list of value realisations. Values of several currencies are ordered by the number alone."""

    starts_on = "starts_on"
    starts_on_down = "-starts_on"
    value = "value"
    value_down = "-value"
    created_at = "created_at"
    created_at_down = "-created_at"


class ValueRealisationQuery(RecordQuery):
    """The value realisations to list."""

    sort: ValueRealisationSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    goal_id: list[UUID] | MISSING = MISSING
    confirmed_by_id: list[UUID] | MISSING = MISSING
    state: list[ValueState] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    period_after: Day | MISSING = Field(default=MISSING, description="Periods that end on this day or later.")
    period_before: Day | MISSING = Field(default=MISSING, description="Periods that begin before this day.")


class ValueRealisationPage(Page[ValueRealisationRead]):
    """One page of value realisations."""


class ValueBy(StrEnum):
    """What value is summed by."""

    account = "account"
    roadmap = "roadmap"


class ValueTotalsQuery(Input):
    """Which value to sum."""

    by: ValueBy = ValueBy.account
    period_after: Day | MISSING = Field(default=MISSING, description="Periods that end on this day or later.")
    period_before: Day | MISSING = Field(default=MISSING, description="Periods that begin before this day.")
    known_at: Moment | MISSING = Field(default=MISSING, description="Only what had been recorded by then.")
    state: list[ValueState] = [ValueState.confirmed]
    account_id: list[UUID] | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = Field(default=MISSING, description="The accounts' owners.")
    limit: int = Field(50, ge=1, le=200, description="Rows in `data`, the most valuable first.")


class ValueTotal(Read):
    """Value summed in one currency. Nothing is converted."""

    account_id: UUID | None = Field(description="Null in sums over several.")
    roadmap_id: UUID | None
    currency: str
    realisations: int
    without_cost: int = Field(description="Those whose cost is not known; with one of them there is no ROI.")
    value: Money
    cost: Money = Field(
        description="Costs that were given, and for the days of all other periods what the customer paid: a day that "
        "several of them cover costs once."
    )
    roi: float | None


class ValueTotals(Read):
    """Value summed by account or by roadmap, and over all."""

    model_config = ConfigDict(json_schema_extra=shown(examples.VALUE_TOTALS))

    by: ValueBy
    known_at: AwareDatetime | None
    definition_version: int
    totals: list[ValueTotal] = Field(description="Over all, one for each currency.")
    data: list[ValueTotal] = Field(description="By account or roadmap and currency.")
