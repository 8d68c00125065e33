"""Shapes of a shared page: only what the customer may see.

A field that is not here never leaves the house: no details, notes, blockers, hypotheses, reviews, tasks, stakes, health.
"""

import datetime as dt
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.kit.schemas import Input, Line, Money, Read, shown
from api.success_roadmaps import share_examples as examples
from api.success_roadmaps.models import GoalLevel, RoadmapKind, RoadmapState, RoadmapStatus
from api.success_roadmaps.share_models import ShareScope, ShareSection
from api.success_roadmaps.share_schemas import CommentBody


class SharedGoalRead(Read):
    """A goal on a shared page."""

    id: UUID
    parent_id: UUID | None
    level: GoalLevel
    title: str
    starts_on: dt.date | None
    due_on: dt.date | None
    agreed_at: AwareDatetime | None
    metric_name: str | None
    metric_unit: str | None
    baseline: float | None
    target: float | None
    current: float | None
    current_on: dt.date | None
    progress: float | None
    status: RoadmapStatus | None


class SharedMilestoneRead(Read):
    """A milestone on a shared page."""

    id: UUID
    goal_id: UUID | None
    title: str
    due_on: dt.date | None
    reached_on: dt.date | None


class SharedValueRead(Read):
    """Confirmed value on a shared page."""

    id: UUID
    goal_id: UUID | None
    name: str
    unit: str
    starts_on: dt.date
    ends_before: dt.date
    volume: int
    minutes_per_unit: float
    hourly_cost: Money
    value: Money
    cost: Money | None
    roi: float | None


class SharedCommentRead(Read):
    """A comment on a shared page."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARED_COMMENT_READ))

    id: UUID
    goal_id: UUID | None
    body: str
    author_name: str | None
    from_customer: bool
    created_at: AwareDatetime


class SharedRoadmapRead(Read):
    """A roadmap as the holder of a link sees it. Of goals, milestones, value and comments those that the link shows."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARED_READ))

    workspace: str = Field(description="Who shares it.")
    account: str = Field(description="Whose roadmap it is.")
    name: str
    kind: RoadmapKind
    state: RoadmapState
    starts_on: dt.date
    due_on: dt.date
    progress: float | None = Field(description="From 0 to 1.")
    status: RoadmapStatus | None
    owner_name: str | None = Field(description="Who of the workspace looks after it.")
    scope: ShareScope
    sections: list[ShareSection]
    expires_at: AwareDatetime
    goals: list[SharedGoalRead] | MISSING = MISSING
    milestones: list[SharedMilestoneRead] | MISSING = MISSING
    value: list[SharedValueRead] | MISSING = MISSING
    comments: list[SharedCommentRead] | MISSING = Field(
        default=MISSING, description="The latest 200, the newest first."
    )


class SharedCommentCreate(Input):
    """What the holder of a link has to say."""

    model_config = ConfigDict(json_schema_extra=shown(examples.SHARED_COMMENT_CREATE))

    body: CommentBody
    goal_id: UUID | None = None
    author_name: Annotated[Line, Field(max_length=200)] = Field(
        default="", description="Who writes, where the link is not for one person."
    )
