"""Shapes of the renewal board."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.schemas import AccountSummary
from api.contracts import examples
from api.contracts.models import ContractState, Decision, Forecast
from api.contracts.schemas import ContractSummary, Reasons
from api.kit.schemas import CurrencyCode, Day, Input, Line, Money, Read, RecordQuery, RecordRead, shown


class RenewalUpdate(Input):
    """What we expect of a term's end, and why."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RENEWAL_UPDATE))

    forecast: Forecast | None | MISSING = MISSING
    reasons: Reasons | MISSING = MISSING
    comment: Line | MISSING = MISSING


class RenewalDecisionRead(Read):
    """A decision as it was recorded."""

    id: UUID
    decision: Decision
    decided_on: dt.date
    automatic: bool
    reasons: list[str]
    recorded_at: AwareDatetime


class RenewalRead(RecordRead):
    """A term of a contract, at whose end the customer decides."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RENEWAL_READ))

    contract_id: UUID
    account_id: UUID
    starts_on: dt.date
    ends_before: dt.date
    last_day: dt.date
    notice_deadline: dt.date
    decision: Decision
    decided_on: dt.date | None
    automatic: bool = Field(description="Whether it was decided without anybody: renewed by itself, or lapsed.")
    forecast: Forecast | None
    reasons: list[str]
    comment: str
    due: Money = Field(description="What the customer pays per month when the decision is due.")
    currency: str
    contract_state: ContractState
    auto_renew: bool
    notice_received_on: dt.date | None
    health_score: float | None
    health_band: str | None
    owner_id: UUID | None
    account: AccountSummary | MISSING = MISSING
    contract: ContractSummary | MISSING = MISSING
    decisions: list[RenewalDecisionRead] | MISSING = MISSING


class RenewalSort(StrEnum):
    """The orders of the renewal board."""

    ends_before = "ends_before"
    ends_before_down = "-ends_before"
    notice_deadline = "notice_deadline"
    notice_deadline_down = "-notice_deadline"


class RenewalQuery(RecordQuery):
    """The terms to show; those that are still undecided, unless another decision is asked for."""

    sort: RenewalSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contract_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    decision: list[Decision] = [Decision.pending]
    forecast: list[Forecast] | MISSING = MISSING
    contract_state: list[ContractState] | MISSING = MISSING
    currency: list[CurrencyCode] | MISSING = MISSING
    health_band: list[Line] | MISSING = MISSING
    renewal_after: Day | MISSING = Field(default=MISSING, description="Terms that end on this day or later.")
    renewal_before: Day | MISSING = Field(default=MISSING, description="Terms that end before this day.")
    notice_deadline_after: Day | MISSING = MISSING
    notice_deadline_before: Day | MISSING = MISSING


class RenewalMonth(Read):
    """The terms that end in a month."""

    month: dt.date = Field(description="Its first day.")
    currency: str
    terms: int
    due: Money
    pending: Money
    commit: Money
    likely: Money
    at_risk: Money
    lost: Money
    renewed: Money = Field(description="Of the terms that were renewed, what was due of them.")
    churned: Money
    overdue: Money


class RenewalTotals(Read):
    """The renewal board summed by month."""

    data: list[RenewalMonth]


class RenewalTotalsQuery(Input):
    """The months to sum."""

    renewal_after: Day | MISSING = Field(default=MISSING, description="The beginning of this month, unless given.")
    renewal_before: Annotated[Day | MISSING, Field(description="A year later, unless given.")] = MISSING
    owner_id: list[UUID] | MISSING = MISSING
