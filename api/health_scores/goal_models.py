"""Tables of health targets, and of approach scores."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.accounts.models import Phase
from api.kit import clock
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, in_workspace, index, one_of, unique


class TargetKind(StrEnum):
    """What a target is about."""

    band = "band"
    maturity = "maturity"
    score = "score"


class TargetOutcome(StrEnum):
    """What became of a target."""

    pending = "pending"
    met = "met"
    missed = "missed"


class OutcomeReason(StrEnum):
    """Why a target was met or missed."""

    reached = "reached"
    below = "below"
    unscored = "unscored"
    churned = "churned"
    other_bands = "other_bands"


class HealthTarget(Record, table=True):
    """What an account's health should have reached on a day. Its outcome is written once.

    ``owner_id`` and ``phase`` are the account's on the due day; null until the target is judged.
    """

    __tablename__ = "health_targets"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("health_score_id", "health_scores"),
        belongs_to("owner_id", "users"),
        index("due_on", "id"),
        index("created_at", "id"),
        index("account_id", "due_on", "id"),
        index("outcome", "due_on", "id"),
        one_of("kind", TargetKind),
        one_of("outcome", TargetOutcome),
        one_of("outcome_reason", OutcomeReason),
        one_of("phase", Phase),
        sa.CheckConstraint("CASE kind WHEN 'band' THEN band IS NOT NULL ELSE value IS NOT NULL END", name="value"),
        DISTRIBUTED,
    )

    account_id: UUID
    kind: str
    value: float | None = None
    band: str | None = None
    due_on: dt.date
    note: str = ""
    outcome: str = TargetOutcome.pending.value
    outcome_reason: str | None = None
    judged_at: dt.datetime | None = None
    health_score_id: UUID | None = None
    owner_id: UUID | None = None
    phase: str | None = None


class IntentSource(StrEnum):
    """How an intent became known."""

    posted = "posted"
    event = "event"


class ApproachIntent(Row, table=True):
    """Something an account did that says that now is a good time for contact."""

    __tablename__ = "approach_intents"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id", where="external_id IS NOT NULL"),
        unique("event_id", "key", where="event_id IS NOT NULL"),
        index("occurred_at", "id"),
        index("account_id", "occurred_at", "id"),
        one_of("source", IntentSource),
        DISTRIBUTED,
    )

    account_id: UUID
    key: str
    points: float
    source: str = IntentSource.posted.value
    occurred_at: dt.datetime
    external_id: str | None = None
    event_id: UUID | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class ApproachScore(Row, table=True):
    """An account's approach score as of ``computed_at``, and what somebody put in its place."""

    __tablename__ = "approach_scores"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("override_by_id", "users"),
        unique("account_id"),
        index("effective", "id"),
        DISTRIBUTED,
    )

    account_id: UUID
    computed: float = 0
    effective: float = 0
    computed_at: dt.datetime = Field(default_factory=clock.now)
    last_intent_at: dt.datetime | None = None
    override_value: float | None = None
    override_reason: str | None = None
    override_until: dt.datetime | None = None
    override_by_id: UUID | None = None
    overridden_at: dt.datetime | None = None
    task_opened_at: dt.datetime | None = None


class ApproachProgress(SQLModel, table=True):
    """Up to which event the workspace's intents were taken from the log."""

    __tablename__ = "approach_progress"
    __table_args__ = (in_workspace(), {**DISTRIBUTED})

    workspace_id: UUID = Field(primary_key=True)
    position: int = Field(sa_type=sa.BigInteger)
