"""Tables of people at accounts."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from api.kit import clock
from api.kit.erasure import Erasable
from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, empty_list, index, one_of, personal, unique


class StakeholderRole(StrEnum):
    """A contact's part in decisions."""

    decision_maker = "decision_maker"
    champion = "champion"
    influencer = "influencer"
    user = "user"
    blocker = "blocker"


class Stance(StrEnum):
    """How a contact feels about us."""

    supportive = "supportive"
    neutral = "neutral"
    opposed = "opposed"


class Contact(Erasable, table=True):
    """A person at an account."""

    __tablename__ = "contacts"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        unique("external_id"),
        index("name", "id"),
        index("created_at", "id"),
        index("account_id", "name", "id"),
        index("email"),
        search_index("contacts"),
        one_of("stakeholder_role", StakeholderRole),
        one_of("stance", Stance),
        sa.Index(
            "uq_contacts_primary",
            "workspace_id", "account_id",
            unique=True,
            postgresql_where=sa.text("is_primary AND archived_at IS NULL"),
            info={"steps_back": {"is_primary": False}},  # when two accounts are merged
        ),
        DISTRIBUTED,
    )  # fmt: skip

    account_id: UUID
    external_id: str | None = personal(default=None)  # often the e-mail address
    name: str = personal()
    kana: str | None = personal(default=None)
    email: str | None = personal(default=None)
    phone: str | None = personal(default=None)
    title: str | None = personal(default=None)
    department: str | None = None
    language: str | None = None
    stakeholder_role: str | None = None
    influence: int | None = None
    stance: str | None = None
    is_primary: bool = False
    since: dt.date | None = None
    left_on: dt.date | None = None
    notes: str = personal(default="")
    tags: list[str] = personal(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    custom: dict[str, Any] = personal(default_factory=dict, sa_type=JSONB, nullable=False)
    search_text: str = searched("name", "kana", "email", "title", "department")


class Stake(Record, table=True):
    """What a contact personally gains or risks. Only the account's team reads it."""

    __tablename__ = "contact_stakes"
    __table_args__ = (belongs_to("contact_id", "contacts"), unique("contact_id"), DISTRIBUTED)

    contact_id: UUID
    text: str = personal()


class PrimaryContactChange(Row, table=True):
    """One change of an account's primary contact; without ``to_contact_id`` nobody followed.

    The latest change that was not reverted says who the primary contact is.
    """

    __tablename__ = "primary_contact_changes"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("from_contact_id", "contacts"),
        belongs_to("to_contact_id", "contacts"),
        index("account_id", "changed_at"),
        index("changed_at", "id"),
        DISTRIBUTED,
    )

    account_id: UUID
    from_contact_id: UUID | None = None
    to_contact_id: UUID | None = None
    reason: str | None = personal(default=None)
    changed_on: dt.date
    changed_at: dt.datetime = Field(default_factory=clock.now)
    reverted_at: dt.datetime | None = None
