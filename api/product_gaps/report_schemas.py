"""Shapes of reports of gaps, and of comments on them."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.schemas import AccountSummary, UserSummary
from api.contacts.schemas import ContactSummary
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import Day, ExternalId, Input, Page, Read, RecordQuery, RecordRead, Text, shown
from api.product_gaps import examples
from api.product_gaps.models import GapSeverity, GapStatus

Impact = Annotated[Text, Field(description="What it costs the customer. Erased with the contact who said it.")]
Blocks = Annotated[bool, Field(strict=True, description="Whether the customer will not renew without it.")]
ReportedOn = Annotated[Day, Field(description="Today, unless given.")]
ReportedBy = Annotated[
    UUID, Field(description="Who of us heard it, and will tell the customer; the caller, unless given.")
]
CommentText = Annotated[Text, StringConstraints(min_length=1)]
Internal = Annotated[bool, Field(strict=True, description="Not meant for customers' eyes.")]


class ReportInGap(Input):
    """The first report of a new gap."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_IN_GAP))

    account_id: UUID
    contact_id: UUID | None = None
    impact: Impact = ""
    blocks_renewal: Blocks = False
    reported_on: ReportedOn | None = None
    reported_by_id: ReportedBy | None = None
    interaction_id: UUID | None = None
    ticket_id: UUID | None = None
    survey_response_id: UUID | None = None


class GapReportCreate(ReportInGap):
    """That an account misses something."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_CREATE))

    gap_id: UUID
    external_id: ExternalId | None = None


class GapReportUpdate(Input):
    """Changes to a report; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_UPDATE))

    gap_id: UUID | MISSING = MISSING
    contact_id: UUID | None | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    impact: Impact | MISSING = MISSING
    blocks_renewal: Blocks | MISSING = MISSING
    reported_on: Day | MISSING = MISSING
    reported_by_id: UUID | None | MISSING = MISSING
    interaction_id: UUID | None | MISSING = MISSING
    ticket_id: UUID | None | MISSING = MISSING
    survey_response_id: UUID | None | MISSING = MISSING


class GapReportItem(GapReportUpdate):
    """A report as another system knows it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_ITEM))

    external_id: ExternalId
    gap_external_id: ExternalId | MISSING = MISSING
    account_id: UUID | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING


class GapReportBulkUpsert(Input):
    """Reports to create or bring up to date, by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_BULK))

    items: Annotated[BulkItems, items_of(GapReportItem)]


class GapSummary(Read):
    """A gap, in short."""

    id: UUID
    title: str
    area: str
    severity: GapSeverity
    status: GapStatus


class GapReportRead(RecordRead):
    """That an account misses something, and what it costs it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REPORT_READ))

    gap_id: UUID
    account_id: UUID
    contact_id: UUID | None
    external_id: str | None
    impact: str
    blocks_renewal: bool
    reported_on: dt.date
    reported_by_id: UUID | None
    interaction_id: UUID | None
    ticket_id: UUID | None
    survey_response_id: UUID | None
    recorded_at: AwareDatetime = Field(description="Since when we know of it.")
    backfilled: bool
    gap: GapSummary | MISSING = MISSING
    account: AccountSummary | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING
    reported_by: UserSummary | None | MISSING = MISSING


class GapReportSort(StrEnum):
    """The orders of a list of reports."""

    reported_on = "reported_on"
    reported_on_down = "-reported_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class GapReportQuery(RecordQuery):
    """The reports to list."""

    sort: GapReportSort | MISSING = MISSING
    gap_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    reported_by_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    blocks_renewal: bool | MISSING = MISSING
    reported_after: Day | MISSING = MISSING
    reported_before: Day | MISSING = MISSING


class GapReportPage(Page[GapReportRead]):
    """One page of reports."""


class GapCommentCreate(Input):
    """What to say about a gap."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COMMENT_CREATE))

    gap_id: UUID
    text: CommentText
    internal: Internal = True


class GapCommentUpdate(Input):
    """Changes to a comment; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COMMENT_UPDATE))

    text: CommentText | MISSING = MISSING
    internal: Internal | MISSING = MISSING


class GapCommentRead(RecordRead):
    """What somebody of ours said about a gap."""

    model_config = ConfigDict(json_schema_extra=shown(examples.COMMENT_READ))

    gap_id: UUID
    author_id: UUID | None = Field(description="Null when an API key wrote it.")
    text: str
    internal: bool
    author: UserSummary | None | MISSING = MISSING


class GapCommentSort(StrEnum):
    """The orders of a list of comments."""

    created_at = "created_at"
    created_at_down = "-created_at"


class GapCommentQuery(RecordQuery):
    """The comments to list."""

    sort: GapCommentSort | MISSING = MISSING
    gap_id: list[UUID] | MISSING = MISSING
    author_id: list[UUID] | MISSING = MISSING
    internal: bool | MISSING = MISSING


class GapCommentPage(Page[GapCommentRead]):
    """One page of comments."""
