"""Tables of templates, and of what was known of progress over time."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlmodel import Field

from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, in_workspace, index, json_column, one_of, unique
from api.success_roadmaps.models import RoadmapKind, RoadmapState, RoadmapStatus


class RoadmapTemplate(Record, table=True):
    """A way that proved itself; its newest version is the one that new roadmaps are made from."""

    __tablename__ = "roadmap_templates"
    __table_args__ = (
        in_workspace(),
        unique("name", where="archived_at IS NULL"),
        index("name", "id"),
        index("created_at", "id"),
        search_index("roadmap_templates"),
        one_of("kind", RoadmapKind),
        DISTRIBUTED,
    )

    name: str
    description: str = ""
    kind: str = Field(default=RoadmapKind.success.value)
    newest: int = 1
    search_text: str = searched("name", "description")


class RoadmapTemplateVersion(Row, table=True):
    """The definition of a template as it was from ``created_at`` on. Never changes."""

    __tablename__ = "roadmap_template_versions"
    __table_args__ = (
        belongs_to("template_id", "roadmap_templates"),
        belongs_to("created_by_id", "users"),
        unique("template_id", "number"),
        DISTRIBUTED,
    )

    template_id: UUID
    number: int
    definition: dict[str, Any] = json_column()
    created_by_id: UUID | None = None
    created_at: dt.datetime = Field(default_factory=clock.now)


class RoadmapProgress(Row, table=True):
    """What a roadmap had come to on a day, as known from ``recorded_at`` on. One row whenever that changed.

    ``expected`` is the share of its time that had passed. ``covers_*``: some goal of the level was agreed, measurable and
    owned on both sides.
    """

    __tablename__ = "roadmap_progress"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        index("roadmap_id", "day", "recorded_at", "id"),
        index("account_id", "day", "recorded_at"),
        one_of("state", RoadmapState),
        one_of("status", RoadmapStatus),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    account_id: UUID
    day: dt.date
    state: str
    archived: bool = False
    progress: float | None = None
    expected: float | None = None
    status: str | None = None
    covers_company: bool = False
    covers_department: bool = False
    covers_project: bool = False
    backfilled: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)


class GoalProgress(Row, table=True):
    """What a goal had come to on a day, as known from ``recorded_at`` on. One row whenever that changed."""

    __tablename__ = "roadmap_goal_progress"
    __table_args__ = (
        belongs_to("goal_id", "roadmap_goals"),
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        index("goal_id", "day", "recorded_at", "id"),
        index("roadmap_id", "day"),
        one_of("status", RoadmapStatus),
        DISTRIBUTED,
    )

    goal_id: UUID
    roadmap_id: UUID
    account_id: UUID
    day: dt.date
    current: float | None = None
    progress: float | None = None
    expected: float | None = None
    status: str | None = None
    backfilled: bool = False
    recorded_at: dt.datetime = Field(default_factory=clock.now)
