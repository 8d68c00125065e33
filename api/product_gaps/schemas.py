"""Shapes of product gaps."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.schemas import UserSummary
from api.kit.schemas import (
    ExternalId,
    Input,
    Line,
    Moment,
    Money,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    Text,
    clean_text,
    shown,
)
from api.product_gaps import examples
from api.product_gaps.models import GapSeverity, GapStatus
from api.product_gaps.report_schemas import ReportInGap

IssueUrl = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s/]+[^\s]*$"),
    AfterValidator(clean_text),
    Field(description="The gap in the tracker of those who build: http or https."),
]
Area = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(clean_text),
    Field(description="The part of the product; gaps are grouped by it.", examples=["承認フロー"]),
]
Rank = Annotated[
    float,
    Field(
        strict=True,
        ge=-1e9,
        le=1e9,
        allow_inf_nan=False,
        description="Smaller comes first. To move a gap between two others, send a number between theirs.",
    ),
]
Expectation = Annotated[Text, Field(description="What the customer expects.")]
Actual = Annotated[Text, Field(description="What the product does instead.")]
WhyNeeded = Annotated[Text, Field(description="Why it matters to the customer.")]
Workaround = Annotated[Text, Field(description="What to do until then.")]
PlannedFor = Annotated[Line, Field(description="A release or a quarter.")]
ShippedIn = Annotated[Line, Field(description="The version that has it.")]
Response_ = Annotated[Text, Field(description="What customers may be told.")]
ResponseReason = Annotated[Text, Field(description="Why that is the answer.")]


class GapCreate(Input):
    """A gap to add. It starts open."""

    model_config = ConfigDict(json_schema_extra=shown(examples.GAP_CREATE))

    title: Name
    area: Area
    external_id: ExternalId | None = None
    expectation: Expectation = ""
    actual: Actual = ""
    reason: WhyNeeded = ""
    product_id: UUID | None = None
    severity: GapSeverity = GapSeverity.medium
    workaround: Workaround | None = None
    rank: Rank | None = None
    planned_for: PlannedFor | None = None
    customer_response: Response_ | None = None
    customer_response_reason: ResponseReason | None = None
    issue_url: IssueUrl | None = None
    owner_id: UUID | None = None
    report: ReportInGap | None = Field(default=None, description="The first report of it.")


class GapUpdate(Input):
    """Changes to a gap; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.GAP_UPDATE))

    title: Name | MISSING = MISSING
    area: Area | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    expectation: Expectation | MISSING = MISSING
    actual: Actual | MISSING = MISSING
    reason: WhyNeeded | MISSING = MISSING
    product_id: UUID | None | MISSING = MISSING
    severity: GapSeverity | MISSING = MISSING
    workaround: Workaround | None | MISSING = MISSING
    status: GapStatus | MISSING = Field(
        default=MISSING,
        description="`open` → `planned` → `in_progress` → `shipped`, back by a step, to `declined` from each of the first "
        "three; what is shipped or declined goes back to `open`.",
    )
    status_reason: Line | MISSING = Field(
        default=MISSING, description="Why the status changes; required to decline, and to open again."
    )
    rank: Rank | None | MISSING = MISSING
    planned_for: PlannedFor | None | MISSING = MISSING
    shipped_in: ShippedIn | None | MISSING = MISSING
    customer_response: Response_ | None | MISSING = MISSING
    customer_response_reason: ResponseReason | None | MISSING = MISSING
    issue_url: IssueUrl | None | MISSING = MISSING
    owner_id: UUID | None | MISSING = MISSING


class GapMerge(Input):
    """The duplicate that is folded into this gap."""

    model_config = ConfigDict(json_schema_extra=shown(examples.GAP_MERGE))

    loser_id: UUID


class GapFigures(Read):
    """What reports say is at stake: over distinct accounts, in the base currency, at this moment."""

    model_config = ConfigDict(json_schema_extra=shown([examples.FIGURES]))

    reports: int
    accounts: int
    blocking_accounts: int = Field(description="Of them those that will not renew without it.")
    unconverted_accounts: int = Field(
        description="Accounts that pay in a currency without an exchange rate; they are left out of the sums."
    )
    mrr_affected: Money = Field(description="The MRR of all accounts that report it.")
    mrr_at_risk: Money = Field(description="The MRR of those it keeps from renewing.")
    renewing_accounts: int = Field(description="Accounts whose undecided term ends within 90 days, or is overdue.")
    renewing_mrr: Money
    renewing_blocking_accounts: int
    renewing_mrr_at_risk: Money


class StatusChangeRead(Read):
    """One step of a gap."""

    id: UUID
    from_status: GapStatus | None
    to_status: GapStatus
    reason: str | None
    changed_at: AwareDatetime
    changed_by_id: UUID | None
    merged_from_id: UUID | None = Field(description="The duplicate that took this step before it was merged.")


class GapProduct(Read):
    """A product, in short."""

    id: UUID
    name: str


class GapRead(RecordRead):
    """Something customers expect of the product and do not find."""

    model_config = ConfigDict(json_schema_extra=shown(examples.GAP_READ))

    external_id: str | None
    title: str
    expectation: str
    actual: str
    reason: str
    area: str
    product_id: UUID | None
    severity: GapSeverity
    workaround: str | None
    status: GapStatus
    status_reason: str | None
    status_changed_at: AwareDatetime
    rank: float | None
    planned_for: str | None
    shipped_in: str | None
    customer_response: str | None
    customer_response_reason: str | None
    issue_url: str | None
    owner_id: UUID | None
    reported_by_id: UUID | None
    figures: GapFigures
    owner: UserSummary | None | MISSING = MISSING
    product: GapProduct | None | MISSING = MISSING
    status_history: list[StatusChangeRead] | MISSING = MISSING


class GapSort(StrEnum):
    """The orders of a list of gaps."""

    rank = "rank"
    rank_down = "-rank"
    severity = "severity"
    severity_down = "-severity"
    title = "title"  # type: ignore[assignment]
    title_down = "-title"
    mrr_at_risk = "mrr_at_risk"
    mrr_at_risk_down = "-mrr_at_risk"
    mrr_affected = "mrr_affected"
    mrr_affected_down = "-mrr_affected"
    renewing_mrr_at_risk = "renewing_mrr_at_risk"
    renewing_mrr_at_risk_down = "-renewing_mrr_at_risk"
    accounts = "accounts"
    accounts_down = "-accounts"
    status_changed_at = "status_changed_at"
    status_changed_at_down = "-status_changed_at"
    created_at = "created_at"
    created_at_down = "-created_at"
    updated_at = "updated_at"
    updated_at_down = "-updated_at"


class GapQuery(RecordQuery):
    """The gaps to list."""

    sort: GapSort | MISSING = MISSING
    q: SearchText | MISSING = Field(
        default=MISSING, description="Text in title, expectation, actual, reason, area or workaround."
    )
    status: list[GapStatus] | MISSING = MISSING
    area: list[Area] | MISSING = MISSING
    severity: list[GapSeverity] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    product_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    account_id: list[UUID] | MISSING = Field(default=MISSING, description="Gaps that these accounts report.")
    blocking: bool | MISSING = Field(default=MISSING, description="Whether some report says that it blocks a renewal.")
    status_changed_after: Moment | MISSING = MISSING
    status_changed_before: Moment | MISSING = MISSING


class GapPage(Page[GapRead]):
    """One page of gaps."""
