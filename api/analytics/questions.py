"""What can be asked of recurring revenue: the query strings."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, Field

from api.accounts.models import Phase, TouchModel
from api.contracts.ledger_schemas import KnownAt
from api.kit.schemas import CountParameter, CountryCode, CurrencyCode, Day, Input, Line, Tag

From = Annotated[Day | MISSING, Field(alias="from", default=MISSING, description="The first day of the period.")]
To = Annotated[Day | MISSING, Field(default=MISSING, description="The last day of the period. Today, unless given.")]


class Grain(StrEnum):
    """What is counted and netted: accounts, or each account's products."""

    account = "account"
    product = "product"


class Rollup(StrEnum):
    """Whether the companies of a group count apart or as one, under its topmost parent."""

    account = "account"
    parent = "parent"


class Breakdown(StrEnum):
    """By what figures are broken down."""

    segment = "segment"
    industry = "industry"
    country = "country"
    phase = "phase"
    owner = "owner"
    product = "product"
    currency = "currency"
    touch_model = "touch_model"


class CustomersBreakdown(StrEnum):
    """By what figures as of a day are broken down."""

    segment = "segment"
    phase = "phase"
    owner = "owner"


class AccountsQuery(Input):
    """Which accounts a figure is about, as known when."""

    known_at: KnownAt = MISSING
    segment_id: list[UUID] | MISSING = Field(
        default=MISSING,
        description="Only accounts in any of these segments, as each was defined at the opening; with `by=segment` the "
        "parts, each account in the first that it matches.",
    )
    industry: list[Line] | MISSING = MISSING
    country: list[CountryCode] | MISSING = MISSING
    phase: list[Phase] | MISSING = Field(default=MISSING, description="The phase at the opening.")
    owner_id: list[UUID] | MISSING = Field(default=MISSING, description="The CSM at the opening.")
    touch_model: list[TouchModel] | MISSING = MISSING
    parent_id: list[UUID] | MISSING = MISSING
    employee_count_min: CountParameter | MISSING = MISSING
    employee_count_max: CountParameter | MISSING = MISSING
    tags: list[Tag] | MISSING = MISSING


class CustomersQuery(Input):
    """Which customers, as known when; owner and phase are those of the day."""

    known_at: KnownAt = MISSING
    segment_id: list[UUID] | MISSING = Field(
        default=MISSING,
        description="Only accounts in any of these segments, as each was defined on the last day; with `by=segment` the "
        "parts, each account in the first that it matches.",
    )
    owner_id: list[UUID] | MISSING = MISSING
    phase: list[Phase] | MISSING = MISSING


class RevenueQuery(AccountsQuery):
    """Which accounts' recurring revenue, in which currency, as known when."""

    currency: CurrencyCode | MISSING = Field(
        default=MISSING, description="The currency to answer in. The workspace's base currency, unless given."
    )
    product_id: list[UUID] | MISSING = Field(default=MISSING, description="Only MRR with these products.")


class RetentionQuery(RevenueQuery):
    """The period, and what is netted and broken down."""

    from_: From = MISSING
    to: To = MISSING
    grain: Grain | MISSING = Field(
        default=MISSING, description="`product` nets per account and product. The default is `account`."
    )
    rollup: Rollup = Field(default=Rollup.account, description="`parent` nets the companies of a group first.")
    by: Breakdown | MISSING = Field(
        default=MISSING,
        description="Break the figures down; the parts sum to the total. Phase, owner and segment are those of the "
        "opening, as far as history reaches; industry, country and touch model are today's.",
    )


class SeriesQuery(RevenueQuery):
    """The months to show."""

    from_: From = MISSING
    to: To = MISSING


class CohortQuery(RevenueQuery):
    """The cohorts to show."""

    as_of: Day | MISSING = Field(default=MISSING, description="The day that the figures describe. Today, unless given.")
    cohorts: int = Field(default=24, ge=1, le=120, description="How many months of first payment, up to `as_of`.")


def year_until(last: dt.date) -> dt.date:
    """The first day of the year that ends with this day."""
    following = last + dt.timedelta(days=1)
    try:
        return following.replace(year=following.year - 1)
    except ValueError:  # 29 February
        return following.replace(year=following.year - 1, day=28)
