"""Shapes of how customers are met."""

import datetime as dt
from enum import StrEnum
from typing import Final

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.analytics import examples
from api.analytics.questions import AccountsQuery, From, To
from api.analytics.schemas import Basis, Ratio
from api.kit.schemas import Read, shown

TOUCH_DEFINITION: Final = 1


class TouchBreakdown(StrEnum):
    """By what the figures are broken down."""

    segment = "segment"
    industry = "industry"
    country = "country"
    phase = "phase"
    owner = "owner"
    touch_model = "touch_model"


class TouchQuery(AccountsQuery):
    """The period, and which accounts."""

    from_: From = MISSING
    to: To = MISSING
    by: TouchBreakdown | MISSING = Field(
        default=MISSING,
        description="Break the figures down. Phase, owner and segment are those of the opening; industry, country and "
        "touch model are today's.",
    )


class MeetingFigures(Read):
    """Meetings and QBRs of the period, of all accounts."""

    meetings: int
    recorded: int
    recorded_share: Ratio
    shared: int = Field(description="Whose minutes were shared with the customer, as it stands today.")
    shared_share: Ratio
    effort_minutes: int = Field(description="What our people spent on interactions of all kinds, as it stands today.")


class QuarterFigures(Read):
    """QBR coverage of a quarter of the fiscal year; the last one up to `to`."""

    quarter: dt.date = Field(description="Its first day.")
    to: dt.date = Field(description="Its last day, or that of the period.")
    active_accounts: int = Field(description="Accounts with MRR at the end of `to`.")
    with_qbr: int
    coverage: Ratio


class ExecutiveFigures(Read):
    """How long ago active accounts' executives were met: a decision maker there, or an executive sponsor of ours.

    Decision makers are today's; sponsors those of the day.
    """

    active_accounts: int
    touched: int
    never: int
    median_days: float | None
    within_90_days: int
    within_90_days_share: Ratio


class TouchFigures(Read):
    """How customers were met."""

    meetings: MeetingFigures
    quarters: list[QuarterFigures]
    executive_touch: ExecutiveFigures = Field(description="At the end of `to`.")


class TouchPart(TouchFigures):
    """One part of a break-down."""

    key: str | None = Field(description="The value or the id that the part is of; null for accounts without one.")
    label: str | None = Field(description="Its name, where the key is an id.")


class TouchRead(Read):
    """How customers were met in a period."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TOUCH_READ))

    basis: list[Basis]
    as_of: dt.date = Field(description="The last day that the figures describe.")
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = TOUCH_DEFINITION
    backfilled_share: Ratio = Field(description="The share of the period's interactions that were brought in later.")
    from_: dt.date = Field(alias="from")
    to: dt.date
    total: TouchFigures
    parts: list[TouchPart] = Field(description="With `by`.")
