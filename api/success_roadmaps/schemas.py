"""Shapes of roadmaps and their reviews."""

import datetime as dt
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, BaseModel, ConfigDict, Field

from api.accounts.schemas import AccountSummary, UserSummary
from api.contacts.schemas import ContactSummary
from api.kit.schemas import (
    Day,
    Input,
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
from api.success_roadmaps.models import RoadmapKind, RoadmapState, RoadmapStatus

Cadence = Annotated[
    int, Field(strict=True, ge=1, le=730, description="Days from one review to the next; by default the workspace's.")
]
CustomerOwner = Annotated[UUID, Field(description="The contact who owns it on the customer's side.")]
OurOwner = Annotated[UUID, Field(description="The user who owns it on our side; by default the account's owner.")]
PROGRESS = "From 0 to 1; null where nothing can be measured."
STATUS = "Progress against the share of time that has passed; null unless the roadmap is active and measurable."


class RoadmapCreate(Input):
    """A roadmap to draw up, empty or from a template.

    From a template, everything absent here comes from its newest version, or from `template_version`: days count from
    `starts_on`, and goals, milestones, tasks and hypotheses are made in the same call.
    """

    model_config = ConfigDict(json_schema_extra=shown(examples.ROADMAP_CREATE))

    account_id: UUID
    name: Name | None = Field(default=None, description="Required without a template.")
    summary: Text = ""
    kind: RoadmapKind | None = Field(default=None, description="By default the template's, or `success`.")
    state: RoadmapState = Field(default=RoadmapState.active, description="`draft` or `active`.")
    owner_id: OurOwner | None = None
    contact_id: CustomerOwner | None = None
    starts_on: Day
    due_on: Day | None = Field(default=None, description="The last day. Required without a template.")
    review_every_days: Cadence | None = None
    template_id: UUID | None = None
    template_version: Annotated[int, Field(strict=True, ge=1, le=2_147_483_647)] | None = None


class RoadmapUpdate(Input):
    """Changes to a roadmap; absent fields stay, null clears. One that is over can only become active again."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ROADMAP_UPDATE))

    name: Name | MISSING = MISSING
    summary: Text | MISSING = MISSING
    kind: RoadmapKind | MISSING = MISSING
    state: RoadmapState | MISSING = MISSING
    owner_id: OurOwner | None | MISSING = MISSING
    contact_id: CustomerOwner | None | MISSING = MISSING
    starts_on: Day | MISSING = MISSING
    due_on: Day | MISSING = MISSING
    review_every_days: Cadence | None | MISSING = MISSING


class RoadmapRead(RecordRead):
    """A roadmap. Its version covers its whole tree."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ROADMAP_READ))

    account_id: UUID
    name: str
    summary: str
    kind: RoadmapKind
    state: RoadmapState
    owner_id: UUID | None
    contact_id: UUID | None
    starts_on: dt.date
    due_on: dt.date
    review_every_days: int | None = Field(description="Null: the workspace's cadence.")
    last_reviewed_on: dt.date | None
    next_review_on: dt.date | None
    review_overdue: bool
    template_id: UUID | None
    template_version: int | None
    ended_on: dt.date | None = Field(description="When it was completed or cancelled.")
    progress: float | None = Field(description=PROGRESS)
    status: RoadmapStatus | None = Field(description=STATUS)
    progress_on: dt.date | None = Field(description="The day of progress and status: of the last change or last night.")
    account: AccountSummary | MISSING = MISSING
    owner: UserSummary | None | MISSING = MISSING
    contact: ContactSummary | None | MISSING = MISSING


class RoadmapSort(StrEnum):
    """The orders of a list of roadmaps."""

    due_on = "due_on"
    due_on_down = "-due_on"
    name = "name"
    name_down = "-name"
    next_review_on = "next_review_on"
    next_review_on_down = "-next_review_on"
    created_at = "created_at"
    created_at_down = "-created_at"


class RoadmapQuery(RecordQuery):
    """The roadmaps to list."""

    sort: RoadmapSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in name or summary.")
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    template_id: list[UUID] | MISSING = MISSING
    kind: list[RoadmapKind] | MISSING = MISSING
    state: list[RoadmapState] | MISSING = MISSING
    open: bool | MISSING = Field(default=MISSING, description="True: draft or active.")
    status: list[RoadmapStatus] | MISSING = MISSING
    review_overdue: bool | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING
    next_review_before: Day | MISSING = MISSING


class RoadmapPage(Page[RoadmapRead]):
    """One page of roadmaps, the next due first."""


class RoadmapReviewCreate(Input):
    """A review that was held. The next one is due by the cadence, unless it is named."""

    model_config = ConfigDict(json_schema_extra=shown(examples.REVIEW_CREATE))

    held_on: Day = Field(description="Not in the future.")
    notes: Text = ""
    next_review_on: Day | None = None


class RoadmapReviewRead(Read):
    """A review, with progress and status as they were known when it was noted."""

    id: UUID
    held_on: dt.date
    notes: str
    reviewed_by_id: UUID | None
    progress: float | None
    status: RoadmapStatus | None
    recorded_at: AwareDatetime


class ProgressQuery(BaseModel):
    """Which stretch of the history, and as known when."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    since: Day | MISSING = Field(default=MISSING, description="By default from the beginning.")
    until: Day | MISSING = Field(default=MISSING, description="The last day; by default today.")
    known_at: Moment | MISSING = Field(default=MISSING, description="Only what had been recorded by then.")


class ProgressPoint(Read):
    """What a roadmap, or a goal, had come to from a day on."""

    day: dt.date
    progress: float | None
    expected: float | None = Field(description="The share of its time that had passed.")
    status: RoadmapStatus | None
    recorded_at: AwareDatetime
    backfilled: bool


class RoadmapPoint(ProgressPoint):
    """What a roadmap had come to from a day on."""

    state: RoadmapState


class GoalPoint(ProgressPoint):
    """What a goal had come to from a day on."""

    goal_id: UUID
    current: float | None = Field(description="The value of its metric.")


class RoadmapProgressHistory(Read):
    """How progress developed: one point whenever something changed, oldest first; a day has its last."""

    model_config = ConfigDict(json_schema_extra=shown(examples.PROGRESS_HISTORY))

    roadmap_id: UUID
    roadmap: list[RoadmapPoint]
    goals: list[GoalPoint]
