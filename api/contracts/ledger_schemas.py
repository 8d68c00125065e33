"""Shapes of the ledger, exchange rates and what an account has and could have."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from api.contracts import examples
from api.contracts.mrr import Cause, MovementType
from api.kit.schemas import (
    CurrencyCode,
    Day,
    Input,
    Line,
    ListQuery,
    Moment,
    Money,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    refused,
    shown,
)

DEFINITION_VERSION = 1

KnownAt = Annotated[
    Moment | MISSING,
    Field(default=MISSING, description="Only what had been recorded by this moment. Now, unless given."),
]


def _more_than_nothing(rate: str) -> str:
    if not rate.strip("0."):
        raise refused("Must be more than 0", "0 より大きくしてください", "out_of_range")
    return rate


Rate = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,10})?$"),
    AfterValidator(_more_than_nothing),
    Field(
        description="Units of the base currency for one unit of the currency, as a decimal text.", examples=["150.25"]
    ),
]


class MovementRead(Read):
    """A line of the ledger. Corrections are lines of their own, with the signed difference."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MOVEMENT_READ))

    id: UUID
    account_id: UUID
    product_id: UUID
    contract_id: UUID | None = Field(description="The contract behind it, where it is one.")
    currency: str
    effective_on: dt.date
    type: MovementType = Field(description="By the account's net change of the day.")
    amount: Money = Field(description="Negative when MRR falls.")
    cause: Cause
    corrects_id: UUID | None = Field(description="The line of the same day that this one corrects.")
    backfilled: bool = Field(description="Whether it was brought in later and recorded as known on its day.")
    recorded_at: AwareDatetime


class MovementSort(StrEnum):
    """The orders of the ledger."""

    effective_on = "effective_on"
    effective_on_down = "-effective_on"
    recorded_at = "recorded_at"
    recorded_at_down = "-recorded_at"


class MovementQuery(ListQuery):
    """The lines to list."""

    sort: MovementSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    product_id: list[UUID] | MISSING = MISSING
    contract_id: list[UUID] | MISSING = MISSING
    type: list[MovementType] | MISSING = MISSING
    cause: list[Cause] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    backfilled: bool | MISSING = MISSING
    effective_after: Day | MISSING = MISSING
    effective_before: Day | MISSING = MISSING
    recorded_after: Moment | MISSING = MISSING
    recorded_before: Moment | MISSING = MISSING


class MovementPage(Page[MovementRead]):
    """One page of the ledger."""


class ExchangeRateWrite(Input):
    """What a currency was worth on a day."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXCHANGE_RATE))

    rate: Rate
    source: Line = ""


class ExchangeRateRead(RecordRead):
    """What one unit of a currency was worth in the base currency on a day."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXCHANGE_RATE_READ))

    currency: str
    day: dt.date
    rate: str
    source: str


class ExchangeRateSort(StrEnum):
    """The orders of a list of exchange rates."""

    day = "day"
    day_down = "-day"


class ExchangeRateQuery(RecordQuery):
    """The exchange rates to list."""

    sort: ExchangeRateSort | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    day_after: Day | MISSING = MISSING
    day_before: Day | MISSING = MISSING


class ExchangeRatePage(Page[ExchangeRateRead]):
    """One page of exchange rates."""


class MrrQuery(Input):
    """Which moment to look at."""

    as_of: Day | MISSING = Field(default=MISSING, description="The day that the figures describe. Today, unless given.")
    known_at: KnownAt = MISSING


class ProductMrr(Read):
    """An account's MRR with a product."""

    product_id: UUID
    mrr: Money


class CurrencyMrr(Read):
    """An account's recurring revenue in a currency."""

    mrr: Money
    arr: Money = Field(description="Exact from the contracts and rounded once; not twelve times MRR.")
    overdue_mrr: Money = Field(description="The part of MRR whose term is over and undecided.")
    notified_churn_mrr: Money = Field(description="The part of MRR under notice.")
    contracted_mrr: Money = Field(description="Signed, and not started yet.")
    products: list[ProductMrr]


class MrrRead(Read):
    """An account's recurring revenue as of a day, as known at a moment."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MRR_READ))

    account_id: UUID
    as_of: dt.date
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int
    currencies: list[CurrencyMrr]


class ProductSummary(Read):
    """A product, in short."""

    product_id: UUID
    name: str
    family: str | None


class WhitespaceRead(Read):
    """What an account has, and what it could still buy."""

    model_config = ConfigDict(json_schema_extra=shown(examples.WHITESPACE_READ))

    account_id: UUID
    as_of: dt.date
    owned: list[ProductSummary]
    open: list[ProductSummary]
