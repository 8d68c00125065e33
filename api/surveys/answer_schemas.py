"""Shapes of invitations to surveys, of answers, and of responses."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.models import Phase, UsageStatus
from api.accounts.schemas import AccountSummary
from api.contacts.schemas import ContactSummary
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import Day, ExternalId, Input, ListQuery, Moment, Page, Read, RecordQuery, RecordRead, Text, shown
from api.surveys import examples
from api.surveys.models import SkipReason, SurveyInvitationState
from api.surveys.schemas import TextsRead
from api.surveys.scores import SurveyKind

Token = Annotated[
    str, StringConstraints(min_length=1, max_length=200), Field(description="From the link of the invitation.")
]
Score = Annotated[int, Field(strict=True, ge=0, le=10, description="On the survey's scale.")]
ScoreParameter = Annotated[int, Field(ge=0, le=10)]


class SurveyInvite(Input):
    """Whom to ask, outside the schedule."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_INVITE))

    contact_id: UUID


class SurveyInvitationRead(RecordRead):
    """One person asked on one occasion."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_READ))

    survey_id: UUID
    account_id: UUID
    contact_id: UUID | None = Field(description="Null: on this occasion there was nobody to ask.")
    kind: SurveyKind
    occasion: str = Field(description="The offset from the anchor, such as `30d` or `3m`; `asked …` when by hand.")
    due_on: dt.date
    state: SurveyInvitationState
    skip_reason: SkipReason | None
    sent_at: AwareDatetime | None = Field(description="When its link was handed out.")
    expires_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    contact: ContactSummary | None | MISSING = MISSING
    account: AccountSummary | None | MISSING = MISSING


class SurveyInvitationCreated(SurveyInvitationRead):
    """A new invitation with the token that answers it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATION_CREATED))

    token: str = Field(description="Shown once; put it into the link, after `#`, so that no server logs it.")


class SurveyInvitationSort(StrEnum):
    """The orders of a list of survey invitations."""

    due_on = "due_on"
    due_on_down = "-due_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class SurveyInvitationQuery(ListQuery):
    """The survey invitations to list."""

    sort: SurveyInvitationSort | MISSING = MISSING
    survey_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    kind: list[SurveyKind] | MISSING = MISSING
    state: list[SurveyInvitationState] | MISSING = MISSING
    skip_reason: list[SkipReason] | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class SurveyInvitationPage(Page[SurveyInvitationRead]):
    """One page of survey invitations."""


class SurveyInvitationsSend(Input):
    """Which due invitations to hand out; without ids the oldest that wait."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATIONS_SEND))

    ids: Annotated[list[UUID], Field(min_length=1, max_length=500)] | MISSING = Field(
        default=MISSING,
        description="Just these. One that was sent and not answered gets a new link, and the old one stops working.",
    )
    survey_id: Annotated[list[UUID], Field(min_length=1, max_length=100)] | MISSING = MISSING
    limit: Annotated[int, Field(strict=True, ge=1, le=500)] = 100


class SurveyInvitationSent(Read):
    """An invitation to mail: to whom, and the token of its link."""

    id: UUID
    survey_id: UUID
    account_id: UUID
    contact_id: UUID
    name: str
    email: str
    language: str | None = Field(description="The person's, or the account's.")
    expires_at: AwareDatetime
    token: str = Field(description="Shown once; put it into the link, after `#`, so that no server logs it.")


class SurveyInvitationsSent(Read):
    """The invitations that were handed out; they count as sent."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INVITATIONS_SENT))

    data: list[SurveyInvitationSent]


class SurveyOpen(Input):
    """The token of a link."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_OPEN))

    token: Token


class SurveyOpened(Read):
    """What to show to the person who followed the link."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_OPENED))

    workspace: str = Field(description="Who asks.")
    kind: SurveyKind
    question: TextsRead
    follow_up: TextsRead
    scale_min: int
    scale_max: int
    language: str | None = Field(description="The person's, or the account's.")
    expires_at: AwareDatetime


class SurveyAnswer(Input):
    """An answer, with the token of its link."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_ANSWER))

    token: Token
    score: Score
    comment: Text = ""


class SurveyAnswered(Read):
    """What was taken down."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SURVEY_ANSWERED))

    score: int
    answered_at: AwareDatetime


class SurveyResponseRead(RecordRead):
    """An answer. Usage status, phase and segments are those of the account when it was given."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RESPONSE_READ))

    survey_id: UUID
    account_id: UUID
    contact_id: UUID | None
    invitation_id: UUID | None = Field(description="Null: brought in from another tool.")
    external_id: str | None
    kind: SurveyKind
    score: int
    comment: str
    low: bool = Field(description="At or below the survey's `low_at_most`.")
    answered_at: AwareDatetime
    answered_on: dt.date = Field(description="In the workspace's time zone.")
    recorded_at: AwareDatetime = Field(description="Since when this score has been known.")
    backfilled: bool = Field(description="Whether it was brought in later and counts as known when it was given.")
    usage_status: UsageStatus | None
    phase: Phase | None
    segment_ids: list[UUID] = Field(description="The segments that the account was in.")
    contact: ContactSummary | None | MISSING = MISSING
    account: AccountSummary | None | MISSING = MISSING


class SurveyResponseSort(StrEnum):
    """The orders of a list of survey responses."""

    answered_at = "answered_at"
    answered_at_down = "-answered_at"
    recorded_at = "recorded_at"
    recorded_at_down = "-recorded_at"
    score = "score"
    score_down = "-score"


class SurveyResponseQuery(RecordQuery):
    """The survey responses to list."""

    sort: SurveyResponseSort | MISSING = MISSING
    survey_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    kind: list[SurveyKind] | MISSING = MISSING
    low: bool | MISSING = MISSING
    score_min: ScoreParameter | MISSING = MISSING
    score_max: ScoreParameter | MISSING = MISSING
    phase: list[Phase] | MISSING = MISSING
    usage_status: list[UsageStatus] | MISSING = MISSING
    backfilled: bool | MISSING = MISSING
    answered_after: Moment | MISSING = MISSING
    answered_before: Moment | MISSING = MISSING


class SurveyResponsePage(Page[SurveyResponseRead]):
    """One page of survey responses."""


class SurveyResponseUpdate(Input):
    """A correction; absent fields stay. Another score keeps the one it supersedes."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RESPONSE_UPDATE))

    score: Score | MISSING = MISSING
    comment: Text | MISSING = MISSING


class SurveyResponseBulkItem(Input):
    """A response as another survey tool knows it; survey, account and contact by our ids or by yours."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RESPONSE_BULK_ITEM))

    external_id: ExternalId
    survey_id: UUID | MISSING = MISSING
    survey_external_id: ExternalId | MISSING = MISSING
    account_id: UUID | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING
    contact_id: UUID | None | MISSING = MISSING
    contact_external_id: ExternalId | MISSING = MISSING
    score: Score | MISSING = MISSING
    comment: Text | MISSING = MISSING
    answered_at: Moment | MISSING = MISSING


class SurveyResponseBulkUpsert(Input):
    """Responses to create or correct, by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.RESPONSE_BULK_UPSERT))

    items: Annotated[BulkItems, items_of(SurveyResponseBulkItem)]
