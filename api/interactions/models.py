"""Tables of interactions."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, empty_list, index, one_of, unique


class InteractionKind(StrEnum):
    """What kind of contact it was. A QBR is a meeting that reviews the quarter with the customer."""

    meeting = "meeting"
    qbr = "qbr"
    call = "call"
    mail = "mail"
    note = "note"


class Interaction(Record, table=True):
    """Something between us and a customer, at a moment.

    ``recorded_at`` says since when it is known as it stands; what was believed before is in ``superseded_interactions``.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id"),
        index("occurred_at", "id"),
        index("account_id", "occurred_at", "id"),
        index("created_at", "id"),
        search_index("interactions"),
        one_of("kind", InteractionKind),
        DISTRIBUTED,
    )

    account_id: UUID
    external_id: str | None = None
    kind: str
    subject: str
    occurred_at: dt.datetime
    duration_minutes: int | None = None
    effort_minutes: int | None = None
    notes: str = ""
    minutes: str = ""
    decisions: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    action_items: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    recorded: bool = False
    recording_url: str | None = None
    shared_at: dt.datetime | None = None
    backfilled: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    search_text: str = searched("subject", "notes", "minutes", "external_id")


class SupersededInteraction(Row, table=True):
    """What was believed of an interaction from ``recorded_at`` until before ``superseded_at``."""

    __tablename__ = "superseded_interactions"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("interaction_id", "interactions"),
        index("account_id", "superseded_at"),
        index("interaction_id"),
        one_of("kind", InteractionKind),
        DISTRIBUTED,
    )

    account_id: UUID
    interaction_id: UUID
    kind: str
    occurred_at: dt.datetime
    recorded: bool
    backfilled: bool
    recorded_at: dt.datetime
    superseded_at: dt.datetime


class Attendee(Row, table=True):
    """A contact or one of our people who was there, as believed since ``recorded_at``, until ``superseded_at`` if ever."""

    __tablename__ = "interaction_attendees"
    __table_args__ = (
        belongs_to("interaction_id", "interactions"),
        belongs_to("contact_id", "contacts"),
        belongs_to("user_id", "users"),
        unique("interaction_id", "contact_id", where="contact_id IS NOT NULL AND superseded_at IS NULL"),
        unique("interaction_id", "user_id", where="user_id IS NOT NULL AND superseded_at IS NULL"),
        index("contact_id"),
        index("user_id"),
        sa.CheckConstraint("contact_id IS NOT NULL OR user_id IS NOT NULL", name="is_somebody"),
        DISTRIBUTED,
    )

    interaction_id: UUID
    contact_id: UUID | None = None
    user_id: UUID | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)
    superseded_at: dt.datetime | None = None
