"""Shapes of reference cases."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from api.accounts.schemas import AccountSummary
from api.kit.schemas import (
    Count,
    CountParameter,
    Day,
    Input,
    Line,
    ListQuery,
    Moment,
    Page,
    Read,
    RecordRead,
    SearchText,
    Text,
    clean_text,
    refused,
    shown,
)
from api.reference_cases import examples
from api.reference_cases.models import CaseOrigin, CaseState, MetricDirection, RevisionState

WebAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s]+$"),
    AfterValidator(clean_text),
]
# What is next to nothing would make a percentage that no float8 holds.
Figure = Annotated[
    float, Field(strict=True, ge=-1e15, le=1e15), AfterValidator(lambda value: value if abs(value) >= 1e-9 else 0.0)
]
Percent = Annotated[float, Field(ge=-1e27, le=1e27, allow_inf_nan=False)]


class OutcomeWrite(Input):
    """What became of a metric."""

    metric_id: UUID
    baseline: Figure
    result: Figure


Initiatives = Annotated[
    list[UUID], Field(min_length=1, max_length=20, description="What was done, the main one first.")
]
Outcomes = Annotated[list[OutcomeWrite], Field(max_length=20, description="What came of it, each metric once.")]
Industry = Annotated[Line, Field(description="Of the customer, at that time.")]
Employees = Annotated[Count, Field(description="The customer's employees, at that time.")]
Anonymous = Annotated[Text, Field(description="The summary for audiences that may not know whose case it is.")]
Origin = Annotated[CaseOrigin, Field(description="Whether we came upon the case, or made it with the customer.")]


def _each_once(initiatives: list[UUID], outcomes: list[OutcomeWrite]) -> None:
    if len(set(initiatives)) < len(initiatives):
        raise refused("initiative_ids: one is named twice", "initiative_ids: 同じ施策が 2 回あります")
    metrics = [outcome.metric_id for outcome in outcomes]
    if len(set(metrics)) < len(metrics):
        raise refused("outcomes: a metric is named twice", "outcomes: 同じ指標が 2 回あります")


class CaseContent(Input):
    """What a version of a case says."""

    title_ja: Line = ""
    title_en: Line = ""
    summary_ja: Text = ""
    summary_en: Text = ""
    anonymous_summary_ja: Anonymous = ""
    anonymous_summary_en: Anonymous = ""
    quote: Text = Field(default="", description="What the customer said, in their language.")
    evidence: Text = Field(default="", description="Where the numbers come from.")
    evidence_url: WebAddress | None = None
    origin: Origin = CaseOrigin.found
    program_id: UUID | None = Field(default=None, description="The co-creation it came of.")
    initiative_ids: Initiatives
    outcomes: Outcomes = []
    industry: Industry | None = None
    employee_count: Employees | None = None
    period_starts_on: Day | None = None
    period_ends_before: Day | None = Field(default=None, description="The first day after it.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        _each_once(self.initiative_ids, self.outcomes)
        starts, ends = self.period_starts_on, self.period_ends_before
        if starts is not None and ends is not None and ends <= starts:
            raise refused(
                "period_ends_before must be after period_starts_on",
                "period_ends_before は period_starts_on より後の日付にしてください",
            )
        return self


class ReferenceCaseCreate(CaseContent):
    """A case to draft. Industry and size are the account's present ones, unless given."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_CREATE))

    account_id: UUID


class ReferenceCaseUpdate(Input):
    """Changes to a case's working version; absent fields stay. Of an approved case they open a new version."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_UPDATE))

    title_ja: Line | MISSING = MISSING
    title_en: Line | MISSING = MISSING
    summary_ja: Text | MISSING = MISSING
    summary_en: Text | MISSING = MISSING
    anonymous_summary_ja: Anonymous | MISSING = MISSING
    anonymous_summary_en: Anonymous | MISSING = MISSING
    quote: Text | MISSING = MISSING
    evidence: Text | MISSING = MISSING
    evidence_url: WebAddress | None | MISSING = MISSING
    origin: Origin | MISSING = MISSING
    program_id: UUID | None | MISSING = MISSING
    initiative_ids: Initiatives | MISSING = MISSING
    outcomes: Outcomes | MISSING = MISSING
    industry: Industry | None | MISSING = MISSING
    employee_count: Employees | None | MISSING = MISSING
    period_starts_on: Day | None | MISSING = MISSING
    period_ends_before: Day | None | MISSING = MISSING


class ReviewDecision(StrEnum):
    """What a reviewer says."""

    approve = "approve"
    send_back = "return"


class CaseReview(Input):
    """A review of the version that waits for one."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_REVIEW))

    decision: ReviewDecision
    comment: Text = ""


class InitiativeSummary(Read):
    """An initiative, in short."""

    id: UUID
    key: str
    name_ja: str
    name_en: str


class CaseOutcomeRead(Read):
    """What became of a metric in a case."""

    metric_id: UUID
    key: str
    name_ja: str
    name_en: str
    unit: str
    direction: MetricDirection
    baseline: float
    result: float
    change_pct: float | None = Field(description="(result − baseline) ÷ |baseline| × 100; null at a baseline of 0.")
    improvement_pct: float | None = Field(description="The same, above 0 where the metric went the way it should.")


class CaseSizeBand(StrEnum):
    """A range of employees."""

    up_to_49 = "1_49"
    up_to_249 = "50_249"
    up_to_999 = "250_999"
    up_to_4999 = "1000_4999"
    from_5000 = "5000_plus"


class ReferenceCaseRead(RecordRead):
    """A case as it was approved last; while it never was, as it is drafted."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_READ))

    account_id: UUID
    state: CaseState
    origin: CaseOrigin
    program_id: UUID | None
    author_id: UUID | None
    title_ja: str
    title_en: str
    summary_ja: str
    summary_en: str
    anonymous_summary_ja: str
    anonymous_summary_en: str
    quote: str
    evidence: str
    evidence_url: str | None
    industry: str | None
    employee_count: int | None
    size_band: CaseSizeBand | None
    period_starts_on: dt.date | None
    period_ends_before: dt.date | None
    initiatives: list[InitiativeSummary]
    outcomes: list[CaseOutcomeRead]
    listed_at: AwareDatetime = Field(description="When it was approved last; while it never was, when it was drafted.")
    revision: int = Field(description="The number of the open version; 0 without one.")
    revision_state: RevisionState | None
    approved_revision: int = Field(description="The number of the version that is shown; 0: never approved.")
    approved_at: AwareDatetime | None
    approved_by_id: UUID | None
    retired_at: AwareDatetime | None
    account: AccountSummary | MISSING = MISSING


class CaseVersionRead(Read):
    """One version of a case."""

    id: UUID
    number: int
    state: RevisionState
    content: dict[str, Any]
    author_id: UUID | None
    created_at: AwareDatetime
    submitted_at: AwareDatetime | None
    reviewed_at: AwareDatetime | None
    reviewed_by_id: UUID | None
    review_comment: str


class CaseVersionsRead(Read):
    """A case's versions."""

    data: list[CaseVersionRead]


class CaseSort(StrEnum):
    """The orders of a list of cases. `improvement` is that of the metric asked for, else of each case's best."""

    listed_at = "listed_at"
    listed_at_down = "-listed_at"
    improvement = "improvement"
    improvement_down = "-improvement"
    relevance = "relevance"


class CaseInclude(StrEnum):
    """What the list of cases can add."""

    total_count = "total_count"
    facets = "facets"


def split(value: object) -> object:
    """What stands between the commas of each value."""
    return [part for text in value for part in str(text).split(",")] if isinstance(value, list) else value


Entry = Annotated[
    str,
    StringConstraints(pattern="^(?:[a-z][a-z0-9_]{0,62}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"),
    Field(description="An entry of the catalogue, by its id or its key."),
]


class ReferenceCaseQuery(ListQuery):
    """The cases to list: those that did this, improved that by so much, at such companies.

    Without an order, text comes by relevance, what names an initiative or a metric by improvement, all else newest first.
    """

    sort: CaseSort | MISSING = MISSING
    include: Annotated[list[CaseInclude], BeforeValidator(split)] | MISSING = Field(  # type: ignore[assignment]
        default=MISSING, description="`facets` counts all matches by initiative, metric, industry and size."
    )
    q: SearchText | MISSING = Field(
        default=MISSING,
        description="Words that must all occur: in texts, or in names and synonyms of the catalogues, in either language.",
    )
    state: CaseState = Field(
        default=CaseState.approved, description="Others than approved need `reference_drafts:read`."
    )
    initiative: list[Entry] | MISSING = MISSING
    metric: list[Entry] | MISSING = MISSING
    min_improvement_pct: Percent | MISSING = Field(
        default=MISSING, description="Follows the metric's direction; without `metric`, of any metric."
    )
    industry: list[Line] | MISSING = MISSING
    employee_count_min: CountParameter | MISSING = MISSING
    employee_count_max: CountParameter | MISSING = MISSING
    origin: list[CaseOrigin] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = Field(default=MISSING, description="The accounts' owners.")
    listed_after: Moment | MISSING = MISSING
    listed_before: Moment | MISSING = MISSING


class EntryCount(Read):
    """How many matches name an entry of a catalogue."""

    id: UUID
    key: str
    count: int


class ValueCount(Read):
    """How many matches have a value."""

    value: str | None
    count: int


class CaseFacets(Read):
    """All matches, counted by what they name and are; each at most 50, the most frequent first."""

    initiative: list[EntryCount]
    metric: list[EntryCount]
    industry: list[ValueCount]
    size_band: list[ValueCount]


class ReferenceCasePage(Page[ReferenceCaseRead]):
    """One page of cases."""

    model_config = ConfigDict(json_schema_extra=shown(examples.CASE_PAGE))

    facets: CaseFacets | MISSING = MISSING
