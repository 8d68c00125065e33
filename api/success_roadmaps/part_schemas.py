"""Shapes of what roadmaps consist of: goals, milestones, hypotheses, tasks; and of editing and arranging them."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field

from api.accounts.models import TeamRole
from api.accounts.schemas import AccountSummary, UserSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import (
    Day,
    Input,
    Key,
    Line,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    Text,
    shown,
)
from api.success_roadmaps import examples
from api.success_roadmaps.models import GoalLevel, HypothesisState, MilestoneKind, RoadmapStatus
from api.success_roadmaps.schemas import PROGRESS
from api.tasks.models import TaskPriority
from api.usage.models import Direction

MOST_PARTS = 200


def _not_next_to_nothing(value: float) -> float:
    # The quotient of two such numbers may be too large for a float8, which Postgres refuses.
    return value if abs(value) >= 1e-9 else 0.0


MetricValue = Annotated[float, Field(strict=True, ge=-1e15, le=1e15), AfterValidator(_not_next_to_nothing)]
PartWeight = Annotated[
    float,
    Field(strict=True, ge=0, le=1000, description="What it counts for beside its neighbours."),
    AfterValidator(_not_next_to_nothing),
]
Position = Annotated[int, Field(strict=True, ge=0, le=1_000_000, description="Its place among its neighbours.")]
Ref = Annotated[Key, Field(description="A name for this call, by which other items refer to what it makes.")]
PartId = Annotated[UUID, Field(description="Absent: a new one is made.")]
Archived = Annotated[bool, Field(strict=True, description="True takes it out of the roadmap; false brings it back.")]


class RoadmapGoalEdit(Input):
    """A goal to add (without `id`: `level` and `title` are required) or to change (absent fields stay)."""

    id: PartId | MISSING = MISSING
    ref: Ref | MISSING = MISSING
    parent_id: UUID | None | MISSING = Field(default=MISSING, description="A goal of a higher level; null at the top.")
    parent_ref: Key | MISSING = Field(default=MISSING, description="`ref` of the parent, when it is new as well.")
    level: GoalLevel | MISSING = MISSING
    title: Name | MISSING = MISSING
    detail: Text | MISSING = MISSING
    position: Position | MISSING = MISSING
    product_related: Annotated[bool, Field(strict=True)] | MISSING = Field(
        default=MISSING, description="Whether our product is part of it; the customer's own goals come first."
    )
    weight: PartWeight | MISSING = MISSING
    owner_id: UUID | None | MISSING = MISSING
    contact_id: UUID | None | MISSING = Field(default=MISSING, description="Its owner on the customer's side.")
    agreed_by_id: UUID | None | MISSING = Field(default=MISSING, description="The contact who agreed to it.")
    agreed_at: Moment | MISSING = Field(default=MISSING, description="By default now, when `agreed_by_id` is set.")
    starts_on: Day | None | MISSING = Field(default=MISSING, description="By default the roadmap's.")
    due_on: Day | None | MISSING = Field(default=MISSING, description="By default the roadmap's.")
    metric_name: Line | None | MISSING = MISSING
    metric_unit: Annotated[Line, Field(max_length=40)] | None | MISSING = MISSING
    direction: Direction | MISSING = MISSING
    baseline: MetricValue | None | MISSING = MISSING
    target: MetricValue | None | MISSING = MISSING
    current: MetricValue | None | MISSING = Field(
        default=MISSING, description="The newest value. Not for a goal that is bound to a usage metric."
    )
    current_on: Day | MISSING = Field(default=MISSING, description="The day of `current`, by default today.")
    usage_metric_id: UUID | None | MISSING = Field(
        default=MISSING, description="The usage metric that gives `current` each night."
    )
    archived: Archived | MISSING = Field(
        default=MISSING, description="True takes it and everything below it out of the roadmap; false brings it back."
    )


class RoadmapMilestoneEdit(Input):
    """A milestone to add (without `id`: `title` is required) or to change (absent fields stay)."""

    id: PartId | MISSING = MISSING
    ref: Ref | MISSING = MISSING
    goal_id: UUID | None | MISSING = Field(default=MISSING, description="Null: of the roadmap as a whole.")
    goal_ref: Key | MISSING = Field(default=MISSING, description="`ref` of the goal, when it is new as well.")
    kind: MilestoneKind | MISSING = Field(
        default=MISSING, description="`value`: the customer gets what they bought; time to value is measured to it."
    )
    title: Name | MISSING = MISSING
    detail: Text | MISSING = MISSING
    position: Position | MISSING = MISSING
    weight: PartWeight | MISSING = MISSING
    due_on: Day | None | MISSING = MISSING
    reached_on: Day | None | MISSING = Field(default=MISSING, description="Not in the future; null takes it back.")
    human_touch: Annotated[bool, Field(strict=True)] | None | MISSING = Field(
        default=MISSING, description="Whether one of us took part in reaching it."
    )
    blocker: Line | None | MISSING = Field(default=MISSING, description="What stands in the way.")
    archived: Archived | MISSING = MISSING


class RoadmapHypothesisEdit(Input):
    """A hypothesis to add (without `id`: `statement` is required) or to change. Deciding one needs its evidence."""

    id: PartId | MISSING = MISSING
    goal_id: UUID | None | MISSING = MISSING
    goal_ref: Key | MISSING = MISSING
    statement: Annotated[Text, Field(min_length=1)] | MISSING = MISSING
    position: Position | MISSING = MISSING
    state: HypothesisState | MISSING = MISSING
    evidence: Text | MISSING = MISSING
    archived: Archived | MISSING = MISSING


class RoadmapTaskCreate(Input):
    """A task to open for a milestone, or for the roadmap as a whole. From then on it is a task like any other."""

    milestone_id: UUID | MISSING = MISSING
    milestone_ref: Key | MISSING = MISSING
    title: Name
    detail: Text = ""
    owner_id: UUID | None = None
    role: TeamRole | None = None
    due_on: Day | None = None
    priority: TaskPriority = TaskPriority.normal
    needs_check: Annotated[bool, Field(strict=True)] = False


class RoadmapEdit(Input):
    """What to add and change in the tree, all at once: everything, or after an error nothing."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ROADMAP_EDIT))

    goals: Annotated[list[RoadmapGoalEdit], Field(max_length=MOST_PARTS)] = []
    milestones: Annotated[list[RoadmapMilestoneEdit], Field(max_length=MOST_PARTS)] = []
    hypotheses: Annotated[list[RoadmapHypothesisEdit], Field(max_length=MOST_PARTS)] = []
    tasks: Annotated[list[RoadmapTaskCreate], Field(max_length=MOST_PARTS)] = []


class RoadmapGoalPlace(Input):
    """Where a goal belongs."""

    id: UUID
    parent_id: UUID | None
    position: Position


class RoadmapMilestonePlace(Input):
    """Where a milestone belongs."""

    id: UUID
    goal_id: UUID | None
    position: Position


class RoadmapArrange(Input):
    """Where goals and milestones belong after dragging them about; the others stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ROADMAP_ARRANGE))

    goals: Annotated[list[RoadmapGoalPlace], Field(max_length=500)] = []
    milestones: Annotated[list[RoadmapMilestonePlace], Field(max_length=500)] = []


class RoadmapGoalShort(Read):
    """A goal, in short."""

    id: UUID
    level: GoalLevel
    title: str


class RoadmapShort(Read):
    """A roadmap, in short."""

    id: UUID
    name: str
    due_on: dt.date


class RoadmapGoalRead(RecordRead):
    """Something the customer wants to achieve."""

    model_config = ConfigDict(json_schema_extra=shown(examples.GOAL_READ))

    roadmap_id: UUID
    account_id: UUID
    parent_id: UUID | None
    level: GoalLevel
    position: int
    title: str
    detail: str
    product_related: bool
    weight: float
    owner_id: UUID | None
    contact_id: UUID | None
    agreed: bool
    agreed_by_id: UUID | None
    agreed_at: AwareDatetime | None
    starts_on: dt.date | None
    due_on: dt.date | None
    metric_name: str | None
    metric_unit: str | None
    direction: Direction
    baseline: float | None
    target: float | None
    current: float | None
    current_on: dt.date | None
    usage_metric_id: UUID | None
    progress: float | None = Field(description=PROGRESS)
    status: RoadmapStatus | None
    roadmap: RoadmapShort | MISSING = MISSING
    account: AccountSummary | MISSING = MISSING
    owner: UserSummary | None | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING
    agreed_by: ContactSummary | None | MISSING = MISSING


class RoadmapGoalSort(StrEnum):
    """The orders of a list of goals."""

    due_on = "due_on"
    due_on_down = "-due_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class RoadmapGoalQuery(RecordQuery):
    """The goals to list."""

    sort: RoadmapGoalSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in title, detail or metric.")
    roadmap_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    level: list[GoalLevel] | MISSING = MISSING
    status: list[RoadmapStatus] | MISSING = MISSING
    product_related: bool | MISSING = MISSING
    agreed: bool | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class RoadmapGoalPage(Page[RoadmapGoalRead]):
    """One page of goals, the next due first."""


class RoadmapMilestoneRead(RecordRead):
    """A point on the way."""

    model_config = ConfigDict(json_schema_extra=shown(examples.MILESTONE_READ))

    roadmap_id: UUID
    account_id: UUID
    goal_id: UUID | None
    kind: MilestoneKind
    position: int
    title: str
    detail: str
    weight: float
    due_on: dt.date | None
    reached_on: dt.date | None
    reached_recorded_at: AwareDatetime | None = Field(description="When it became known that it was reached.")
    human_touch: bool | None
    blocker: str | None
    blocked_on: dt.date | None
    overdue: bool
    contact_change_id: UUID | None = Field(description="The change of the primary contact that asks for it.")
    roadmap: RoadmapShort | MISSING = MISSING
    goal: RoadmapGoalShort | None | MISSING = MISSING
    account: AccountSummary | MISSING = MISSING


class RoadmapMilestoneSort(StrEnum):
    """The orders of a list of milestones."""

    due_on = "due_on"
    due_on_down = "-due_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class RoadmapMilestoneQuery(RecordQuery):
    """The milestones to list."""

    sort: RoadmapMilestoneSort | MISSING = MISSING
    roadmap_id: list[UUID] | MISSING = MISSING
    goal_id: list[UUID] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    kind: list[MilestoneKind] | MISSING = MISSING
    reached: bool | MISSING = MISSING
    blocked: bool | MISSING = MISSING
    overdue: bool | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class RoadmapMilestonePage(Page[RoadmapMilestoneRead]):
    """One page of milestones, the next due first."""


class RoadmapHypothesisRead(RecordRead):
    """What we believe will lead to a goal, and what the evidence said."""

    goal_id: UUID | None
    position: int
    statement: str
    state: HypothesisState
    evidence: str
    decided_at: AwareDatetime | None
    decided_by_id: UUID | None
