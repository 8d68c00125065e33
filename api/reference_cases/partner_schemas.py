"""Shapes of what partners see and ask."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from api.kit.schemas import (
    Count,
    Day,
    Input,
    Line,
    ListQuery,
    Name,
    Page,
    Read,
    SearchText,
    Text,
    shown,
)
from api.reference_cases import partner_examples as examples
from api.reference_cases.case_schemas import (
    CaseInclude,
    CaseSizeBand,
    Entry,
    EntryCount,
    InitiativeSummary,
    Percent,
    ValueCount,
    split,
)
from api.reference_cases.consent_schemas import Domain, LanguageCode
from api.reference_cases.models import MetricDirection
from api.reference_cases.request_models import LiveAct


class PartnerCaseOutcome(Read):
    """What became of a metric in a case, as a partner sees it."""

    metric_id: UUID
    key: str
    name_ja: str
    name_en: str
    unit: str
    direction: MetricDirection
    change_pct: float | None = Field(description="(result − baseline) ÷ |baseline| × 100; null at a baseline of 0.")
    improvement_pct: float | None = Field(description="The same, above 0 where the metric went the way it should.")
    baseline: float | None = Field(description="Null unless the customer agreed to show it.")
    result: float | None = Field(description="Null unless the customer agreed to show it.")


class PartnerReferenceCaseRead(Read):
    """A case as far as its customer agreed to show it to you. What is not agreed to is null."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_READ))

    id: UUID = Field(description="Yours alone: another partner knows the case by another id.")
    anonymous: bool = Field(description="True: whose case it is may not be told, and what would tell it is not here.")
    account_name: str | None
    logo: bool = Field(description="Whether the customer's logo may be shown.")
    live_acts: list[LiveAct] = Field(description="What the customer agreed to in principle; ask with a request.")
    title_ja: str | None
    title_en: str | None
    summary_ja: str | None
    summary_en: str | None
    quote: str | None
    evidence: str | None
    evidence_url: str | None
    industry: str | None = Field(description="Of an anonymous case, only as fine as at least five customers share.")
    size_band: CaseSizeBand | None = Field(
        description="Of an anonymous case, only as fine as at least five customers share."
    )
    period_starts_on: dt.date | None
    period_ends_before: dt.date | None
    initiatives: list[InitiativeSummary]
    outcomes: list[PartnerCaseOutcome]


class PartnerCaseSort(StrEnum):
    """The orders of a partner's list. `improvement` is that of the metric asked for, else of each case's best."""

    improvement = "improvement"
    improvement_down = "-improvement"
    relevance = "relevance"


class PartnerCaseFilters(BaseModel):
    """Which cases a partner asks for, in which order. What is not shown cannot be asked for either."""

    sort: PartnerCaseSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Words that must all occur, in either language.")
    initiative: list[Entry] | MISSING = MISSING
    metric: list[Entry] | MISSING = MISSING
    min_improvement_pct: Percent | MISSING = Field(
        default=MISSING, description="Follows the metric's direction; without `metric`, of any metric."
    )
    industry: list[Line] | MISSING = MISSING
    size_band: list[CaseSizeBand] | MISSING = MISSING

    model_config = ConfigDict(extra="forbid", defer_build=True)


class PartnerReferenceCaseQuery(PartnerCaseFilters, ListQuery):
    """The cases to list: those that did this, improved that by so much, at such companies.

    Text comes by relevance, all else by improvement, the greatest first. What is not shown cannot be asked for either.
    """

    include: Annotated[list[CaseInclude], BeforeValidator(split)] | MISSING = Field(  # type: ignore[assignment]
        default=MISSING, description="`facets` counts all matches; counts below five are left out."
    )


class PartnerCaseFacets(Read):
    """All matches, counted by what they name and are: counts of five and more, the most frequent first."""

    initiative: list[EntryCount]
    metric: list[EntryCount]
    industry: list[ValueCount]
    size_band: list[ValueCount]


class PartnerReferenceCasePage(Page[PartnerReferenceCaseRead]):
    """One page of cases."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_PAGE))

    facets: PartnerCaseFacets | MISSING = MISSING


class PartnerRequestState(StrEnum):
    """How far a partner's request is."""

    open = "open"
    fulfilled = "fulfilled"
    declined = "declined"


class PartnerReferenceRequestCreate(Input):
    """A reference that a prospect of yours wants."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REQUEST_CREATE))

    case_id: UUID | None = Field(default=None, description="The case whose customer should speak, if you know it.")
    act: LiveAct
    prospect: Name
    prospect_domain: Domain | None = None
    industry: Line | None = None
    employee_count: Count | None = None
    language: LanguageCode | None = None
    due_on: Day
    note: Text = ""


class PartnerReferenceRequestRead(Read):
    """What you asked, and what you were answered."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REQUEST_READ))

    id: UUID
    created_at: AwareDatetime
    case_id: UUID | None
    act: LiveAct
    prospect: str
    prospect_domain: str | None
    industry: str | None
    employee_count: int | None
    language: LanguageCode | None
    due_on: dt.date
    note: str
    state: PartnerRequestState
    answer: str | None


class PartnerRequestSort(StrEnum):
    """The orders of a partner's requests."""

    created_at = "created_at"
    created_at_down = "-created_at"


class PartnerReferenceRequestQuery(ListQuery):
    """The requests to list."""

    sort: PartnerRequestSort | MISSING = MISSING
    state: list[PartnerRequestState] | MISSING = MISSING


class PartnerReferenceRequestPage(Page[PartnerReferenceRequestRead]):
    """One page of a partner's requests."""
