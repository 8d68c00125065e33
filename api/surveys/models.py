"""Tables of surveys."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from api.accounts.models import Phase, UsageStatus
from api.kit import clock
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    Row,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    personal,
    unique,
)
from api.surveys.scores import SurveyKind


class Anchor(StrEnum):
    """The day that a survey's occasions are counted from."""

    first_paid = "first_paid"
    contract_start = "contract_start"
    onboarding_completed = "onboarding_completed"


class Asked(StrEnum):
    """Who of an account is asked."""

    primary_contact = "primary_contact"
    stakeholders = "stakeholders"


class SurveyInvitationState(StrEnum):
    """The states of a survey invitation."""

    scheduled = "scheduled"
    sent = "sent"
    answered = "answered"
    expired = "expired"
    skipped = "skipped"


class SkipReason(StrEnum):
    """Why nobody was asked on an occasion."""

    no_contact = "no_contact"
    no_email = "no_email"
    throttled = "throttled"
    left = "left"


class Survey(Record, table=True):
    """A question that customers are asked, with its schedule."""

    __tablename__ = "surveys"
    __table_args__ = (
        in_workspace(),
        unique("external_id"),
        index("name", "id"),
        index("created_at", "id"),
        one_of("kind", SurveyKind),
        one_of("anchor", Anchor),
        one_of("asks", Asked),
        DISTRIBUTED,
    )

    external_id: str | None = None
    kind: str
    name: str
    question: dict[str, Any] = json_column()
    follow_up: dict[str, Any] = json_column()
    scale_max: int
    kpi_eligible: bool
    active: bool = False
    anchor: str | None = None
    offsets: list[dict[str, Any]] = json_column(default_factory=empty_list)
    repeat_months: int | None = None
    starts_on: dt.date
    asks: str = Asked.primary_contact.value
    stakeholder_roles: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    throttle_days: int = 30
    account_throttle_days: int = 0
    expires_after_days: int = 14
    low_at_most: int | None = None
    response_business_days: int = 2


class SurveyInvitation(Record, table=True):
    """One person asked on one occasion; without a contact, an occasion on which nobody could be asked.

    Usage status, phase and segments are those of the account when the link was made.
    """

    __tablename__ = "survey_invitations"
    __table_args__ = (
        belongs_to("survey_id", "surveys"),
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        unique("survey_id", "contact_id", "occasion"),
        sa.Index(
            "uq_survey_invitations_nobody", "workspace_id", "survey_id", "account_id", "occasion", unique=True,
            postgresql_where=sa.text("contact_id IS NULL"),
        ),
        index("survey_id", "account_id", "occasion"),
        index("account_id", "created_at"),
        index("contact_id", "due_on"),
        index("state", "due_on", "id"),
        index("due_on", "id"),
        index("created_at", "id"),
        index("sent_at"),
        one_of("state", SurveyInvitationState),
        one_of("skip_reason", SkipReason),
        one_of("usage_status", UsageStatus),
        one_of("phase", Phase),
        DISTRIBUTED,
    )  # fmt: skip

    survey_id: UUID
    account_id: UUID
    contact_id: UUID | None = None
    occasion: str
    due_on: dt.date
    state: str = SurveyInvitationState.scheduled.value
    skip_reason: str | None = None
    secret_hash: bytes = b""
    sent_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    usage_status: str | None = None
    phase: str | None = None
    segment_ids: list[UUID] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Uuid), nullable=False)


class SurveyResponse(Record, table=True):
    """An answer: the score as it is believed now, known since ``recorded_at``.

    Usage status, phase and segments are those of the account when it answered.
    """

    __tablename__ = "survey_responses"
    __table_args__ = (
        belongs_to("survey_id", "surveys"),
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        belongs_to("invitation_id", "survey_invitations"),
        unique("external_id"),
        unique("invitation_id"),
        index("account_id", "answered_on"),
        index("contact_id"),
        index("survey_id", "answered_on"),
        index("answered_at", "id"),
        index("recorded_at", "id"),
        index("score", "id"),
        one_of("usage_status", UsageStatus),
        one_of("phase", Phase),
        DISTRIBUTED,
    )

    survey_id: UUID
    account_id: UUID
    contact_id: UUID | None = None
    invitation_id: UUID | None = None
    external_id: str | None = None
    score: int
    comment: str = personal(default="")
    answered_at: dt.datetime
    answered_on: dt.date
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    backfilled: bool = False
    usage_status: str | None = None
    phase: str | None = None
    segment_ids: list[UUID] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Uuid), nullable=False)


class SupersededScore(Row, table=True):
    """A score that was believed from one moment until another."""

    __tablename__ = "survey_scores_superseded"
    __table_args__ = (
        belongs_to("response_id", "survey_responses"),
        belongs_to("account_id", "accounts"),
        index("response_id"),
        index("account_id"),
        index("superseded_at"),
        DISTRIBUTED,
    )

    response_id: UUID
    account_id: UUID
    score: int
    recorded_at: dt.datetime
    superseded_at: dt.datetime
