"""Tables of support tickets."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, index, one_of, personal, sort_key, unique


class TicketSeverity(StrEnum):
    """How badly it hurts the customer."""

    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class Ticket(Record, table=True):
    """A support ticket. ``satisfaction`` is the score on its own scale, brought to 0–100."""

    __tablename__ = "tickets"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        unique("external_id"),
        index("account_id", "opened_at", "id"),
        index("contact_id"),
        index("opened_at", "id"),
        index("closed_sort", "id"),
        index("created_at", "id"),
        index("updated_at", "id"),
        search_index("tickets"),
        one_of("severity", TicketSeverity),
        sa.CheckConstraint("closed_at IS NULL OR closed_at >= opened_at", name="closes_after_opening"),
        DISTRIBUTED,
    )

    account_id: UUID
    contact_id: UUID | None = None
    external_id: str | None = None
    # What a person wrote may name them.
    subject: str = personal(default="")
    severity: str = Field(default=TicketSeverity.normal.value)
    opened_at: dt.datetime
    first_answered_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    escalated: bool = False
    satisfaction_score: float | None = None
    satisfaction_min: float = 0
    satisfaction_max: float = 100
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    backfilled: bool = False
    satisfaction: float | None = Field(
        default=None,
        sa_column=sa.Column(
            sa.Double(),
            sa.Computed(
                "100 * (satisfaction_score - satisfaction_min) / nullif(satisfaction_max - satisfaction_min, 0)",
                persisted=True,
            ),
        ),
    )
    closed_sort: dt.datetime = sort_key(
        sa.DateTime(timezone=True), "coalesce(closed_at, '9999-12-31 00:00:00+00'::timestamptz)"
    )
    search_text: str = searched("subject", "external_id")


class TicketVersion(Row, table=True):
    """What was known of a ticket from ``recorded_at`` until before ``superseded_at`` (null: until now)."""

    __tablename__ = "ticket_versions"
    __table_args__ = (
        belongs_to("ticket_id", "tickets"),
        belongs_to("account_id", "accounts"),
        index("account_id", "recorded_at", "id"),
        index("ticket_id", "recorded_at"),
        one_of("severity", TicketSeverity),
        DISTRIBUTED,
    )

    ticket_id: UUID
    account_id: UUID
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    severity: str
    escalated: bool
    satisfaction: float | None = None
    archived: bool = False
    backfilled: bool = False
    recorded_at: dt.datetime
    superseded_at: dt.datetime | None = None
