"""Tables of what is shared with the customer: links to a roadmap, and comments on it."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from api.kit.tables import DISTRIBUTED, Record, belongs_to, empty_list, index, one_of, personal


class ShareScope(StrEnum):
    """What the holder of a link may do."""

    view = "view"
    comment = "comment"


class ShareSection(StrEnum):
    """What a shared page shows beside the roadmap itself."""

    goals = "goals"
    milestones = "milestones"
    value = "value"
    comments = "comments"


class RoadmapShare(Record, table=True):
    """A link to a roadmap for somebody at the customer; only a keyed hash of its secret is stored."""

    __tablename__ = "roadmap_shares"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("contact_id", "contacts"),
        belongs_to("revoked_by_id", "users"),
        index("created_at", "id"),
        index("expires_at", "id"),
        index("roadmap_id", "created_at", "id"),
        index("contact_id"),
        one_of("scope", ShareScope),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    contact_id: UUID | None = None
    label: str = personal(default="")
    scope: str = ShareScope.view.value
    sections: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    secret_hash: bytes = b""
    expires_at: dt.datetime
    revoked_at: dt.datetime | None = None
    revoked_by_id: UUID | None = None
    last_opened_at: dt.datetime | None = None


class RoadmapComment(Record, table=True):
    """Something said about a roadmap or one of its goals: by one of us, or through a link (``share_id``).

    ``contact_id`` is the person behind the link, where it names one. What is ``internal`` never leaves the house.
    """

    __tablename__ = "roadmap_comments"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("goal_id", "roadmap_goals"),
        belongs_to("user_id", "users"),
        belongs_to("share_id", "roadmap_shares"),
        belongs_to("contact_id", "contacts"),
        index("created_at", "id"),
        index("roadmap_id", "created_at", "id"),
        index("goal_id"),
        index("share_id"),
        index("contact_id"),
        sa.CheckConstraint("NOT (internal AND share_id IS NOT NULL)", name="internal_is_ours"),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    goal_id: UUID | None = None
    body: str = personal()
    internal: bool = False
    user_id: UUID | None = None
    share_id: UUID | None = None
    contact_id: UUID | None = None
    author_name: str = personal(default="")
