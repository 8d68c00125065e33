"""Tables of success roadmaps: the tree. What became of it over time is in :mod:`api.success_roadmaps.history_models`."""

import datetime as dt
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.kit import clock
from api.kit.search import search_index, searched
from api.kit.tables import DISTRIBUTED, Record, Row, belongs_to, index, one_of, sort_key, unique
from api.usage.models import Direction


class RoadmapKind(StrEnum):
    """What a roadmap leads to."""

    success = "success"
    onboarding = "onboarding"


class RoadmapState(StrEnum):
    """How far a roadmap is."""

    draft = "draft"
    active = "active"
    completed = "completed"
    cancelled = "cancelled"


OPEN: Final = (RoadmapState.draft.value, RoadmapState.active.value)
OPEN_SQL: Final = "state IN ('draft', 'active') AND archived_at IS NULL"


class RoadmapStatus(StrEnum):
    """How progress stands against the time that has passed."""

    on_track = "on_track"
    at_risk = "at_risk"
    off_track = "off_track"


class GoalLevel(StrEnum):
    """Whose goal it is; a goal's parent is of a higher level, so the tree has no cycles."""

    company = "company"
    department = "department"
    project = "project"


class MilestoneKind(StrEnum):
    """What a milestone is for."""

    step = "step"
    value = "value"
    confirm_goals = "confirm_goals"


class HypothesisState(StrEnum):
    """What became of a hypothesis."""

    open = "open"
    confirmed = "confirmed"
    rejected = "rejected"


class SuccessRoadmap(Record, table=True):
    """The way to a customer's success.

    ``progress`` (0 to 1) and ``status`` are those of ``progress_on``: the last change or the last night.
    """

    __tablename__ = "success_roadmaps"
    __table_args__ = (
        belongs_to("account_id", "accounts"),
        belongs_to("owner_id", "users"),
        belongs_to("contact_id", "contacts"),
        belongs_to("template_version_id", "roadmap_template_versions"),
        index("due_on", "id"),
        index("name", "id"),
        index("created_at", "id"),
        index("review_sort", "id"),
        index("account_id", "due_on", "id"),
        index("owner_id", "due_on", "id"),
        search_index("success_roadmaps"),
        one_of("kind", RoadmapKind),
        one_of("state", RoadmapState),
        one_of("status", RoadmapStatus),
        sa.CheckConstraint("due_on >= starts_on", name="due_after_start"),
        sa.CheckConstraint("review_every_days > 0", name="review_every_days"),
        DISTRIBUTED,
    )

    account_id: UUID
    name: str
    summary: str = ""
    kind: str = Field(default=RoadmapKind.success.value)
    state: str = Field(default=RoadmapState.active.value)
    owner_id: UUID | None = None
    contact_id: UUID | None = None
    starts_on: dt.date
    due_on: dt.date
    review_every_days: int | None = None
    last_reviewed_on: dt.date | None = None
    next_review_on: dt.date | None = None
    template_version_id: UUID | None = None
    ended_on: dt.date | None = None
    progress: float | None = None
    status: str | None = None
    progress_on: dt.date | None = None
    review_sort: dt.date = sort_key(sa.Date(), "coalesce(next_review_on, '9999-12-31'::date)")
    search_text: str = searched("name", "summary")


class RoadmapGoal(Record, table=True):
    """Something the customer wants to achieve.

    ``account_id`` is the roadmap's. ``current`` is the metric's newest value, of ``current_on``; with
    ``usage_metric_id`` the nightly job keeps it. Progress and status are stored as on the roadmap.
    """

    __tablename__ = "roadmap_goals"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        belongs_to("parent_id", "roadmap_goals"),
        belongs_to("owner_id", "users"),
        belongs_to("contact_id", "contacts"),
        belongs_to("agreed_by_id", "contacts"),
        belongs_to("usage_metric_id", "usage_metrics"),
        index("roadmap_id", "position", "id"),
        index("account_id", "due_sort", "id"),
        index("due_sort", "id"),
        index("created_at", "id"),
        index("parent_id"),
        search_index("roadmap_goals"),
        one_of("level", GoalLevel),
        one_of("direction", Direction),
        one_of("status", RoadmapStatus),
        sa.CheckConstraint("due_on >= starts_on", name="due_after_start"),
        sa.CheckConstraint("weight >= 0", name="weight"),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    account_id: UUID
    parent_id: UUID | None = None
    level: str
    position: int = 0
    title: str
    detail: str = ""
    product_related: bool = False
    weight: float = 1
    owner_id: UUID | None = None
    contact_id: UUID | None = None
    agreed_by_id: UUID | None = None
    agreed_at: dt.datetime | None = None
    starts_on: dt.date | None = None
    due_on: dt.date | None = None
    metric_name: str | None = None
    metric_unit: str | None = None
    direction: str = Field(default=Direction.higher_is_better.value)
    baseline: float | None = None
    target: float | None = None
    current: float | None = None
    current_on: dt.date | None = None
    usage_metric_id: UUID | None = None
    progress: float | None = None
    status: str | None = None
    due_sort: dt.date = sort_key(sa.Date(), "coalesce(due_on, '9999-12-31'::date)")
    search_text: str = searched("title", "detail", "metric_name")


class RoadmapMilestone(Record, table=True):
    """A point on the way: of a goal, or of the roadmap as a whole.

    ``human_touch`` says whether one of us took part when it was reached. ``contact_change_id`` is what made a milestone
    ``confirm_goals`` appear.
    """

    __tablename__ = "roadmap_milestones"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        belongs_to("goal_id", "roadmap_goals"),
        belongs_to("contact_change_id", "primary_contact_changes"),
        unique("roadmap_id", "contact_change_id", where="contact_change_id IS NOT NULL"),
        index("roadmap_id", "position", "id"),
        index("account_id", "due_sort", "id"),
        index("due_sort", "id"),
        index("created_at", "id"),
        index("goal_id"),
        one_of("kind", MilestoneKind),
        sa.CheckConstraint("weight >= 0", name="weight"),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    account_id: UUID
    goal_id: UUID | None = None
    kind: str = Field(default=MilestoneKind.step.value)
    position: int = 0
    title: str
    detail: str = ""
    weight: float = 1
    due_on: dt.date | None = None
    reached_on: dt.date | None = None
    reached_recorded_at: dt.datetime | None = None
    human_touch: bool | None = None
    blocker: str | None = None
    blocked_on: dt.date | None = None
    contact_change_id: UUID | None = None
    due_sort: dt.date = sort_key(sa.Date(), "coalesce(due_on, '9999-12-31'::date)")


class RoadmapHypothesis(Record, table=True):
    """What we believe will lead to a goal, and what the evidence said."""

    __tablename__ = "roadmap_hypotheses"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        belongs_to("goal_id", "roadmap_goals"),
        belongs_to("decided_by_id", "users"),
        index("roadmap_id", "position", "id"),
        index("goal_id"),
        one_of("state", HypothesisState),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    account_id: UUID
    goal_id: UUID | None = None
    position: int = 0
    statement: str
    state: str = Field(default=HypothesisState.open.value)
    evidence: str = ""
    decided_at: dt.datetime | None = None
    decided_by_id: UUID | None = None


class RoadmapReview(Row, table=True):
    """A look at the roadmap together with the customer. Progress and status are those of that moment."""

    __tablename__ = "roadmap_reviews"
    __table_args__ = (
        belongs_to("roadmap_id", "success_roadmaps"),
        belongs_to("account_id", "accounts"),
        belongs_to("reviewed_by_id", "users"),
        index("roadmap_id", "held_on", "id"),
        index("account_id", "held_on", "id"),
        one_of("status", RoadmapStatus),
        DISTRIBUTED,
    )

    roadmap_id: UUID
    account_id: UUID
    held_on: dt.date
    notes: str = ""
    reviewed_by_id: UUID | None = None
    progress: float | None = None
    status: str | None = None
    recorded_at: dt.datetime = Field(default_factory=clock.now)
