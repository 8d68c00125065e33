"""Shapes of contracts."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AfterValidator, ConfigDict, Field, model_validator

from api.accounts.schemas import AccountSummary
from api.contracts import examples
from api.contracts.models import ContractKind, ContractState, Decision
from api.contracts.mrr import INTERVALS, WHOLE, Cause
from api.kit.schemas import (
    CurrencyCode,
    Day,
    ExternalId,
    Input,
    Line,
    MinorUnitsParameter,
    Money,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    refused,
    shown,
)

MOST_PER_MONTH = 10_000_000_000
"""The most that an item may be worth per month, in minor units: sums of many stay exact."""


class Price(Input):
    """An amount in minor units (yen, cents) of its currency, zero or more."""

    model_config = ConfigDict(json_schema_extra=shown([{"amount": 4000, "currency": "JPY"}]))

    amount: Annotated[int, Field(strict=True, ge=0, le=10**13)]
    currency: CurrencyCode


def _known_interval(months: int) -> int:
    if months not in INTERVALS:
        listed = ", ".join(map(str, INTERVALS))
        raise refused(f"One of {listed}", f"次のいずれか: {listed}", "not_allowed")
    return months


Interval = Annotated[
    int,
    Field(strict=True, ge=1, le=60, description="Months that the price covers: 1, 2, 3, 4, 6, 12, 24, 36, 48 or 60."),
    AfterValidator(_known_interval),
]
Quantity = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)]
DiscountPct = Annotated[
    float, Field(strict=True, ge=0, le=100, allow_inf_nan=False, description="In percent, to the hundredth.")
]
Flag = Annotated[bool, Field(strict=True)]
NoticeDays = Annotated[int, Field(strict=True, ge=0, le=730)]
TermMonths = Annotated[int, Field(strict=True, ge=1, le=120)]
Reasons = Annotated[list[Line], Field(max_length=20)]
EndsBefore = Annotated[Day, Field(description="The first day after it.")]


class RampInput(Input):
    """From a day on, another quantity or another price."""

    starts_on: Day
    quantity: Quantity | None = None
    unit_price: Price | None = None


class ItemFields(Input):
    """What an item says beside its product."""

    starts_on: Day | None = Field(default=None, description="The contract's start, unless it begins later.")
    ends_before: EndsBefore | None = None
    quantity: Quantity = 1
    counts_seats: Flag = Field(default=True, description="Whether the quantity is of seats.")
    unit_price: Price
    interval_months: Interval = 1
    discount_pct: DiscountPct = 0
    discount_ends_before: EndsBefore | None = None
    free_before: EndsBefore | None = Field(default=None, description="Free of charge before this day: no MRR.")
    commitment: Price | None = Field(
        default=None, description="The minimum that is charged per interval for usage; MRR counts it, never overage."
    )
    ramp: list[RampInput] = Field(default=[], max_length=60)

    @model_validator(mode="after")
    def _within_bounds(self) -> "ItemFields":
        quantity = max([self.quantity, *(step.quantity or 0 for step in self.ramp)])
        price = max([self.unit_price.amount, *(step.unit_price.amount for step in self.ramp if step.unit_price)])
        amount = max(quantity * price, self.commitment.amount if self.commitment else 0)
        if amount > MOST_PER_MONTH * self.interval_months:
            raise refused(
                f"More than {MOST_PER_MONTH:,} minor units a month",
                f"月額が {MOST_PER_MONTH:,} を超えています",
                "out_of_range",
            )
        if self.starts_on and self.ends_before and self.ends_before <= self.starts_on:
            raise refused("`ends_before` must be after `starts_on`", "`ends_before` は `starts_on` より後の日付です")
        days = [step.starts_on for step in self.ramp]
        if days != sorted(set(days)):
            raise refused("The steps of `ramp` must be in the order of days", "`ramp` は日付の昇順にしてください")
        return self


class ItemCreate(ItemFields):
    """A product to put into a contract."""

    product_id: UUID


class ItemChange(Input):
    """What changes of an item from a day on; absent fields stay, null clears."""

    item_id: UUID
    quantity: Quantity | MISSING = MISSING
    unit_price: Price | MISSING = MISSING
    interval_months: Interval | MISSING = MISSING
    discount_pct: DiscountPct | MISSING = MISSING
    discount_ends_before: EndsBefore | None | MISSING = MISSING
    commitment: Price | None | MISSING = MISSING
    ramp: Annotated[list[RampInput], Field(max_length=60)] | MISSING = MISSING


class ContractCreate(Input):
    """A contract to add. Without ``ends_before`` it rolls on until somebody ends it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTRACT_CREATE))

    account_id: UUID
    external_id: ExternalId | None = None
    name: Name
    kind: ContractKind = Field(default=ContractKind.subscription, description="A trial earns nothing.")
    currency: CurrencyCode
    signed_on: Day | None = None
    starts_on: Day
    ends_before: EndsBefore | None = Field(default=None, description="The end of its first term.")
    auto_renew: Flag = Field(
        default=False, description="Whether it renews at the end of a term unless notice was given."
    )
    renewal_months: TermMonths | None = Field(default=None, description="Length of a renewed term; else as before.")
    notice_days: NoticeDays = 30
    items: list[ItemCreate] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _ends_after_start(self) -> "ContractCreate":
        if self.ends_before and self.ends_before <= self.starts_on:
            raise refused("`ends_before` must be after `starts_on`", "`ends_before` は `starts_on` より後の日付です")
        return self


class ContractUpdate(Input):
    """Changes to what a contract says about itself. What it costs changes by `:amend`, `:renew` and the like."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTRACT_UPDATE))

    external_id: ExternalId | None | MISSING = MISSING
    name: Name | MISSING = MISSING
    signed_on: Day | None | MISSING = MISSING
    auto_renew: Flag | MISSING = MISSING
    renewal_months: TermMonths | None | MISSING = MISSING
    notice_days: NoticeDays | MISSING = MISSING


class Changes(Input):
    """Items that change, come and go."""

    change: list[ItemChange] = Field(default=[], max_length=100)
    add: list[ItemCreate] = Field(default=[], max_length=100)
    remove: list[UUID] = Field(default=[], max_length=100, description="Ids of items.")
    comment: Line | None = None


class AmendmentCreate(Changes):
    """A change of a contract from a day on, past or to come."""

    model_config = ConfigDict(json_schema_extra=shown(examples.AMENDMENT))

    effective_on: Day


class RenewalCreate(Changes):
    """The customer goes on for another term."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RENEWAL))

    starts_on: Day | None = Field(default=None, description="The end of the last term, unless there is a gap.")
    ends_before: EndsBefore | None = Field(default=None, description="As long as the last term, unless given.")
    decided_on: Day | None = Field(default=None, description="Today, unless given.")
    auto_renew: Flag | None = Field(default=None, description="As before, unless given.")
    reasons: Reasons = []


class NoticeCreate(Input):
    """The customer gives notice."""

    model_config = ConfigDict(json_schema_extra=shown(examples.NOTICE))

    received_on: Day | None = Field(default=None, description="Today, unless given.")
    ends_before: EndsBefore | None = Field(
        default=None, description="The end of the term, or of the period of notice of a rolling contract, unless given."
    )
    reasons: Reasons = []


class TerminationCreate(Input):
    """The contract ends on a day, notice or not."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TERMINATION))

    ends_before: EndsBefore
    reasons: Reasons = []


class RampRead(Read):
    """From a day on, another quantity or another price."""

    starts_on: dt.date
    quantity: int | None = None
    unit_price: int | None = Field(default=None, description="In minor units of the contract's currency.")


class ContractItemRead(Read):
    """A product within a contract."""

    id: UUID
    product_id: UUID
    product_external_id: str | None = Field(description="What you call the product.")
    follows_id: UUID | None = Field(description="The item that this one took the place of.")
    starts_on: dt.date
    ends_before: dt.date | None
    quantity: int
    counts_seats: bool
    unit_price: Money
    interval_months: int
    discount_pct: float
    discount_ends_before: dt.date | None
    free_before: dt.date | None
    commitment: Money | None
    ramp: list[RampRead]
    starts_as: Cause
    ends_as: Cause


class TermSummary(Read):
    """A term, in short."""

    id: UUID
    starts_on: dt.date
    ends_before: dt.date
    notice_deadline: dt.date
    decision: Decision
    decided_on: dt.date | None


class ContractSummary(Read):
    """A contract, in short."""

    id: UUID
    external_id: str | None
    name: str
    state: ContractState


class ContractRead(RecordRead):
    """A contract."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CONTRACT_READ))

    account_id: UUID
    external_id: str | None
    name: str
    kind: ContractKind
    currency: str
    signed_on: dt.date | None
    starts_on: dt.date
    ends_before: dt.date | None = Field(description="The first day after its latest term; null when it rolls on.")
    last_day: dt.date | None
    auto_renew: bool
    renewal_months: int | None
    notice_days: int
    notice_received_on: dt.date | None
    stops_before: dt.date | None = Field(
        description="The day from which it no longer runs; null while nobody ended it."
    )
    stops_as: Cause | None = Field(description="How it ended: by notice, terminated, or lapsed undecided.")
    state: ContractState
    mrr: Money = Field(description="Of today, rounded for this contract alone; the account's is rounded once.")
    account: AccountSummary | MISSING = MISSING
    items: list[ContractItemRead] | MISSING = MISSING
    terms: list[TermSummary] | MISSING = MISSING


class ContractSort(StrEnum):
    """The orders of a list of contracts."""

    starts_on = "starts_on"
    starts_on_down = "-starts_on"
    ends_before = "ends_before"
    ends_before_down = "-ends_before"
    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class ContractQuery(RecordQuery):
    """The contracts to list."""

    sort: ContractSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name or external id.")
    account_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    state: list[ContractState] | MISSING = MISSING
    kind: list[ContractKind] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    runs_on: Day | MISSING = Field(default=MISSING, description="Those that run on this day.")
    starts_after: Day | MISSING = MISSING
    starts_before: Day | MISSING = MISSING
    mrr_minor_min: MinorUnitsParameter | MISSING = MISSING
    mrr_minor_max: MinorUnitsParameter | MISSING = MISSING


class ContractPage(Page[ContractRead]):
    """One page of contracts."""


def item_values(item: ItemFields | ItemChange) -> dict[str, Any]:
    """The given fields as the table keeps them: prices as minor units, the discount in hundredths of a percent."""
    values = item.given()
    for name in ("unit_price", "commitment"):
        if values.get(name) is not None:
            values[name] = values[name]["amount"]
    if "discount_pct" in values:
        values["discount"] = round(values.pop("discount_pct") * WHOLE / 100)
    if "ramp" in values:
        values["ramp"] = [
            {
                "starts_on": step["starts_on"].isoformat(),
                **({"quantity": step["quantity"]} if step.get("quantity") is not None else {}),
                **({"unit_price": step["unit_price"]["amount"]} if step.get("unit_price") else {}),
            }
            for step in values["ramp"]
        ]
    return values


def currencies_of(item: ItemFields | ItemChange) -> set[str]:
    """The currencies that the prices of an item name."""
    prices = [getattr(item, "unit_price", None), getattr(item, "commitment", None)]
    ramp = item.ramp if isinstance(item.ramp, list) else []
    prices += [step.unit_price for step in ramp]
    return {price.currency for price in prices if isinstance(price, Price)}
