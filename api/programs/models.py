"""Tables of programs."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit.search import search_index, searched
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    personal,
    unique,
)


class ProgramKind(StrEnum):
    """What kind of work it is."""

    webinar = "webinar"
    user_group = "user_group"
    mail_course = "mail_course"
    trial = "trial"
    co_creation = "co_creation"


class ProgramState(StrEnum):
    """How far a program is."""

    planned = "planned"
    running = "running"
    finished = "finished"
    cancelled = "cancelled"


class ParticipantState(StrEnum):
    """How far a participant is."""

    invited = "invited"
    registered = "registered"
    attended = "attended"
    completed = "completed"
    dropped = "dropped"


class ResultKind(StrEnum):
    """What can come of a co-creation."""

    product_gap = "product_gap"
    reference_case = "reference_case"
    release = "release"


class Program(Record, table=True):
    """Work for many accounts at once."""

    __tablename__ = "programs"
    __table_args__ = (
        in_workspace(),
        belongs_to("owner_id", "users"),
        index("starts_on", "id"),
        index("name", "id"),
        search_index("programs"),
        one_of("kind", ProgramKind),
        one_of("state", ProgramState),
        sa.CheckConstraint("ends_before IS NULL OR ends_before > starts_on", name="ends_after_start"),
        DISTRIBUTED,
    )

    name: str
    kind: str
    description: str = ""
    state: str = Field(default=ProgramState.planned.value)
    owner_id: UUID | None = None
    starts_on: dt.date
    ends_before: dt.date | None = None
    url: str | None = None
    effort_minutes: int | None = None
    results: list[dict[str, Any]] = json_column(default_factory=empty_list)
    search_text: str = searched("name", "description")


class Participant(Record, table=True):
    """An account, or one of its contacts, in a program."""

    __tablename__ = "program_participants"
    __table_args__ = (
        belongs_to("program_id", "programs"),
        belongs_to("account_id", "accounts"),
        belongs_to("contact_id", "contacts"),
        unique("program_id", "account_id", where="contact_id IS NULL"),
        unique("program_id", "contact_id", where="contact_id IS NOT NULL"),
        index("account_id", "created_at"),
        index("contact_id"),
        index("created_at", "id"),
        one_of("state", ParticipantState),
        DISTRIBUTED,
    )

    program_id: UUID
    account_id: UUID
    contact_id: UUID | None = None
    state: str = Field(default=ParticipantState.invited.value)
    outcome: str | None = personal(default=None)
