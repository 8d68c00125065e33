"""The shape of a roadmap's whole tree."""

import datetime as dt
from uuid import UUID

from pydantic import AwareDatetime, ConfigDict, Field

from api.kit.schemas import Read, shown
from api.success_roadmaps import examples
from api.success_roadmaps.models import RoadmapStatus
from api.success_roadmaps.part_schemas import RoadmapGoalRead, RoadmapHypothesisRead, RoadmapMilestoneRead
from api.success_roadmaps.schemas import RoadmapRead, RoadmapReviewRead
from api.success_roadmaps.share_schemas import RoadmapCommentRead, RoadmapShareRead
from api.success_roadmaps.value_schemas import ValueRealisationRead
from api.tasks.schemas import TaskRead


class RoadmapTreeGoal(RoadmapGoalRead):
    """A goal in its tree, with the figures of today."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TREE_GOAL))

    expected: float = Field(description="The share of its time that has passed.")


class RoadmapSentence(Read):
    """A sentence in both languages."""

    en: str
    ja: str


class RoadmapPull(Read):
    """A top goal that is behind, and how much of the roadmap's lag is its."""

    goal_id: UUID
    title: str
    progress: float
    share: float = Field(description="Its weight among all that counts for the roadmap, from 0 to 1.")
    points: float = Field(description="Percentage points by which it pulls the roadmap down.")


class RoadmapExplained(Read):
    """Why a roadmap has its status."""

    as_of: dt.date
    progress: float | None
    expected: float
    status: RoadmapStatus | None
    behind_points: float | None = Field(description="Expected less actual, in percentage points; negative when ahead.")
    overdue: bool
    at_risk_behind_pct: float
    off_track_behind_pct: float
    sentence: RoadmapSentence
    pulled_down_by: list[RoadmapPull] = Field(description="The worst first.")
    unmeasured_goal_ids: list[UUID] = Field(description="Goals that count for nothing, because nothing measures them.")
    overdue_milestone_ids: list[UUID]
    blocked_milestone_ids: list[UUID]


class RoadmapSignal(Read):
    """A signal that somebody attached to the roadmap, such as news of the customer."""

    id: UUID
    kind: str
    category: str | None
    severity: str
    status: str
    title: str | None
    url: str | None
    source: str | None
    occurred_on: dt.date | None
    first_seen_at: AwareDatetime


class RoadmapTree(Read):
    """A roadmap with everything in it. Goals are a flat list in order; `parent_id` nests them."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TREE))

    roadmap: RoadmapRead
    goals: list[RoadmapTreeGoal]
    milestones: list[RoadmapMilestoneRead]
    hypotheses: list[RoadmapHypothesisRead]
    tasks: list[TaskRead] | None = Field(description="Null when the credential may not read tasks.")
    reviews: list[RoadmapReviewRead] = Field(description="The latest first.")
    value: list[ValueRealisationRead] | None = Field(
        description="What came of it, the latest period first; null, like what follows, when the credential may not read it."
    )
    comments: list[RoadmapCommentRead] | None = Field(
        description="The latest 200, the newest first; internal ones too."
    )
    shares: list[RoadmapShareRead] | None = Field(description="Links to it that were not withdrawn, the newest first.")
    signals: list[RoadmapSignal] | None = Field(description="Attached to it, those noticed last first.")
    explained: RoadmapExplained
