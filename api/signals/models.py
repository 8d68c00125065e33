"""Tables of signals."""

import datetime as dt
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

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
    unique,
)
from api.success_roadmaps.models import SuccessRoadmap


class SignalSeverity(StrEnum):
    """How bad a signal is."""

    info = "info"
    warning = "warning"
    critical = "critical"


class SignalStatus(StrEnum):
    """What became of a signal."""

    open = "open"
    acknowledged = "acknowledged"
    resolved = "resolved"
    dismissed = "dismissed"


class NewsCategory(StrEnum):
    """What posted news is about."""

    ir = "ir"
    press = "press"
    personnel = "personnel"


NOT_OVER_SQL: Final = "status IN ('open', 'acknowledged')"


class SignalRule(Record, table=True):
    """What a workspace has set of one kind of signal; without a row the defaults of the kind hold.

    ``segments`` is a list of ``{segment_id, enabled, severity, parameters}``; the first that an account is in counts.
    ``kind`` has no check, so that another kind needs no migration.
    """

    __tablename__ = "signal_rules"
    __table_args__ = (in_workspace(), unique("kind"), one_of("severity", SignalSeverity), DISTRIBUTED)

    kind: str
    enabled: bool = True
    severity: str | None = None
    parameters: dict[str, Any] = json_column(default_factory=dict)
    segments: list[dict[str, Any]] = json_column(default_factory=empty_list)


class Signal(Record, table=True):
    """Something noticed about an account.

    ``subject`` tells several causes of one kind apart: a contract, an answer. ``cause_ended_at`` says when the cause was
    gone; until then a signal that a person has closed keeps another from opening. ``resolved_by_id`` is null when it
    resolved by itself.
    """

    __tablename__ = "signals"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("acknowledged_by_id", "users"),
        belongs_to("resolved_by_id", "users"),
        belongs_to("dismissed_by_id", "users"),
        unique("source", "external_id"),
        index("account_id", "first_seen_at", "id"),
        index("first_seen_at", "id"),
        index("last_seen_at", "id"),
        index("kind", "first_seen_at", "id"),
        sa.Index(
            "uq_signals_open", "workspace_id", "account_id", "kind", "subject", unique=True,
            postgresql_where=sa.text(NOT_OVER_SQL),
            info={"steps_back": {"status": "'resolved'", "resolved_by_itself": "true", "resolved_at": "gone.last_seen_at",
                "cause_ended_at": "gone.last_seen_at"}},
        ),
        sa.Index(
            "ix_signals_with_cause", "workspace_id", "kind", "account_id",
            postgresql_where=sa.text("cause_ended_at IS NULL"),
        ),
        one_of("severity", SignalSeverity),
        one_of("status", SignalStatus),
        one_of("category", NewsCategory),
        DISTRIBUTED,
    )  # fmt: skip

    account_id: UUID
    kind: str
    subject: str = ""
    rule_version: int = 0
    severity: str
    status: str = SignalStatus.open.value
    evidence: dict[str, Any] = json_column(default_factory=dict)
    title: str | None = None
    url: str | None = None
    source: str | None = None
    external_id: str | None = None
    category: str | None = None
    occurred_on: dt.date | None = None
    first_seen_at: dt.datetime = Field(default_factory=clock.now)
    last_seen_at: dt.datetime = Field(default_factory=clock.now)
    cause_ended_at: dt.datetime | None = None
    acknowledged_at: dt.datetime | None = None
    acknowledged_by_id: UUID | None = None
    resolved_at: dt.datetime | None = None
    resolved_by_id: UUID | None = None
    resolved_by_itself: bool = False
    dismissed_at: dt.datetime | None = None
    dismissed_by_id: UUID | None = None
    dismiss_reason: str | None = None
    snoozed_until: dt.datetime | None = None


class SignalOfRoadmap(Row, table=True):
    """A signal that somebody attached to a roadmap of its account."""

    __tablename__ = "signals_of_roadmaps"
    __table_args__ = (
        belongs_to("signal_id", "signals"),
        belongs_to("roadmap_id", str(SuccessRoadmap.__tablename__)),
        unique("signal_id"),
        index("roadmap_id", "id"),
        DISTRIBUTED,
    )

    signal_id: UUID
    roadmap_id: UUID
