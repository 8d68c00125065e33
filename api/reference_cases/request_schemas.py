"""Shapes of reference requests, asks and matches."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.accounts.schemas import AccountSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import (
    Count,
    Day,
    Input,
    Line,
    ListQuery,
    Money,
    Name,
    Page,
    Read,
    RecordRead,
    Text,
    shown,
)
from api.reference_cases import request_examples as examples
from api.reference_cases.consent_schemas import Domain, LanguageCode
from api.reference_cases.request_models import AskState, LiveAct, RequestOutcome, RequestState


class ReferenceRequestCreate(Input):
    """Somebody needs a reference for a prospect."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REQUEST_CREATE))

    prospect: Name = Field(description="The company that wants to hear of a customer.")
    prospect_domain: Domain | None = None
    industry: Line | None = None
    employee_count: Count | None = None
    initiative_id: UUID | None = None
    metric_id: UUID | None = None
    act: LiveAct
    language: LanguageCode | None = None
    due_on: Day
    note: Text = ""
    requested_by_id: UUID | None = Field(default=None, description="Whoever sends the request, unless given.")


class ReferenceRequestUpdate(Input):
    """Changes to a request; absent fields stay. Cancelling releases what is reserved for it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REQUEST_UPDATE))

    industry: Line | None | MISSING = MISSING
    employee_count: Count | None | MISSING = MISSING
    initiative_id: UUID | None | MISSING = MISSING
    metric_id: UUID | None | MISSING = MISSING
    language: LanguageCode | None | MISSING = MISSING
    due_on: Day | MISSING = MISSING
    note: Text | MISSING = MISSING
    state: RequestState | MISSING = MISSING
    answer: Text | None | MISSING = Field(
        default=MISSING, description="To the partner who asked, in words it will read."
    )
    outcome: RequestOutcome | None | MISSING = MISSING
    influenced_mrr: Money | None | MISSING = Field(
        default=MISSING, description="MRR of the deal that it helped to win."
    )


class ReferenceAskRead(RecordRead):
    """A customer asked for a request, or about to be."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ASK_READ))

    request_id: UUID
    account_id: UUID
    contact_id: UUID | None
    case_id: UUID | None
    act: LiveAct
    state: AskState
    reserved_at: AwareDatetime
    answered_at: AwareDatetime | None
    released_at: AwareDatetime | None
    note: str
    account: AccountSummary | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING


class AskSummary(Read):
    """A customer asked for a request, in short."""

    id: UUID
    account_id: UUID
    contact_id: UUID | None
    case_id: UUID | None
    state: AskState
    reserved_at: AwareDatetime


class ReferenceRequestRead(RecordRead):
    """A request for a reference."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REQUEST_READ))

    requested_by_id: UUID | None
    prospect: str
    prospect_domain: str | None
    industry: str | None
    employee_count: int | None
    initiative_id: UUID | None
    metric_id: UUID | None
    act: LiveAct
    language: str | None
    due_on: dt.date
    note: str
    state: RequestState
    outcome: RequestOutcome | None
    influenced_mrr: Money | None
    closed_at: AwareDatetime | None
    partner_id: UUID | None = Field(description="The partner who asked; null when it was one of us.")
    case_id: UUID | None = Field(description="The case of which the partner asked to hear more; null without one.")
    answer: str | None = Field(description="What the partner was answered.")
    asks: list[AskSummary] | MISSING = MISSING


class RequestSort(StrEnum):
    """The orders of a list of requests."""

    due_on = "due_on"
    due_on_down = "-due_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class ReferenceRequestQuery(ListQuery):
    """The requests to list."""

    sort: RequestSort | MISSING = MISSING
    state: list[RequestState] | MISSING = MISSING
    act: list[LiveAct] | MISSING = MISSING
    requested_by_id: list[UUID] | MISSING = MISSING
    initiative_id: list[UUID] | MISSING = MISSING
    outcome: list[RequestOutcome] | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class ReferenceRequestPage(Page[ReferenceRequestRead]):
    """One page of requests, the next due first."""


class ReferenceAskCreate(Input):
    """Whom to ask. The place is taken at once, so that nobody else asks them too often."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ASK_CREATE))

    account_id: UUID
    contact_id: UUID | None = None
    case_id: UUID | None = None


class AskStep(StrEnum):
    """What can become of an ask."""

    accepted = "accepted"
    declined = "declined"
    done = "done"
    released = "released"


class ReferenceAskUpdate(Input):
    """What became of an ask. A released one was never made, and counts no more."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ASK_UPDATE))

    state: AskStep | MISSING = MISSING
    note: Text | MISSING = MISSING


class AskSort(StrEnum):
    """The orders of a list of asks."""

    reserved_at = "reserved_at"
    reserved_at_down = "-reserved_at"


class ReferenceAskQuery(ListQuery):
    """The asks to list."""

    sort: AskSort | MISSING = MISSING
    request_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    state: list[AskState] | MISSING = MISSING


class ReferenceAskPage(Page[ReferenceAskRead]):
    """One page of asks, the latest first."""


class MatchCriterion(StrEnum):
    """What a case can have in common with a request."""

    named_case = "named_case"
    initiative = "initiative"
    metric = "metric"
    industry = "industry"
    size = "size"
    language = "language"
    willing = "willing"


class CriterionScore(Read):
    """How well a case fits one criterion."""

    criterion: MatchCriterion
    weight: float
    score: float = Field(description="Of the weight.")


class BlockCode(StrEnum):
    """Why a customer is not to be asked now."""

    not_a_customer = "not_a_customer"
    no_consent = "no_consent"
    excluded_competitor = "excluded_competitor"
    health = "health"
    renewal_soon = "renewal_soon"
    account_asked_often = "account_asked_often"
    contact_asked_often = "contact_asked_often"
    already_asked = "already_asked"


class BlockReason(Read):
    """Why a customer is not to be asked now, and until when, if that is known."""

    code: BlockCode
    until: dt.date | None


class ReferenceMatch(Read):
    """A case that fits a request, and whom to ask."""

    account_id: UUID
    account_name: str
    case_id: UUID
    title_ja: str
    title_en: str
    improvement_pct: Annotated[float | None, Field(description="Of the metric asked for, else the case's best.")]
    contact_id: UUID | None = Field(description="Who would be asked: willing to, or the one who granted it.")
    score: float = Field(description="From 0 to 100: of the criteria that the request names.")
    criteria: list[CriterionScore]
    reasons: list[BlockReason]


class ReferenceMatches(Read):
    """Who fits a request, and who would but is not to be asked now. Never for anybody outside."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MATCHES_READ))

    data: list[ReferenceMatch]
    left_out: list[ReferenceMatch]
