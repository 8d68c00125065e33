"""Shapes of the onboarding board."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from pydantic import MISSING, ConfigDict, Field

from api.accounts.schemas import AccountSummary, UserSummary
from api.kit.schemas import Day, Input, Line, Page, Read, RecordQuery, RecordRead, shown
from api.success_roadmaps import onboarding_examples as examples
from api.success_roadmaps.models import RoadmapState, RoadmapStatus


class OnboardingStage(Read):
    """The milestone that an onboarding works on: the first that is not reached."""

    milestone_id: UUID
    title: str
    due_on: dt.date | None
    since: dt.date = Field(description="The day the milestone before was reached, or the onboarding began.")
    days: int
    overdue: bool


class OnboardingBlocker(Read):
    """What holds an onboarding up."""

    milestone_id: UUID
    title: str
    blocker: str
    blocked_on: dt.date | None
    days: int | None


class MilestoneCount(Read):
    """How many milestones are reached."""

    done: int
    total: int


class OnboardingRead(RecordRead):
    """An onboarding on the board: a roadmap of the kind `onboarding`."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ONBOARDING_READ))

    account_id: UUID
    name: str
    state: RoadmapState
    owner_id: UUID | None
    starts_on: dt.date
    due_on: dt.date = Field(description="The target.")
    ended_on: dt.date | None
    overdue: bool
    stage: OnboardingStage | None = Field(description="Null when every milestone is reached, or there is none.")
    milestones: MilestoneCount
    blocker: OnboardingBlocker | None = Field(description="Of several the one that has lasted longest.")
    progress: float | None
    status: RoadmapStatus | None
    account: AccountSummary | MISSING = MISSING
    owner: UserSummary | None | MISSING = MISSING


class OnboardingSort(StrEnum):
    """The orders of the onboarding board."""

    due_on = "due_on"
    due_on_down = "-due_on"
    name = "name"
    name_down = "-name"
    created_at = "created_at"
    created_at_down = "-created_at"


class OnboardingQuery(RecordQuery):
    """The onboardings to show; those that are still open, unless another state is asked for."""

    sort: OnboardingSort | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    state: list[RoadmapState] = [RoadmapState.draft, RoadmapState.active]
    status: list[RoadmapStatus] | MISSING = MISSING
    stage: list[Line] | MISSING = Field(default=MISSING, description="Titles of the milestones they are at.")
    blocked: bool | MISSING = MISSING
    overdue: bool | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class OnboardingPage(Page[OnboardingRead]):
    """One page of the onboarding board."""


class OnboardingTotalsQuery(Input):
    """Which open onboardings to count."""

    owner_id: list[UUID] | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class OnboardingSum(Read):
    """Onboardings counted."""

    onboardings: int
    overdue: int
    blocked: int
    mean_days_in_stage: float | None


class OnboardingsOfStatus(OnboardingSum):
    """The onboardings with a status; null is not known yet."""

    status: RoadmapStatus | None


class OnboardingsAtStage(OnboardingSum):
    """The onboardings at a milestone of this title; null when they have none left."""

    stage: str | None


class OnboardingTotals(Read):
    """The open onboardings counted: all, by status, by stage."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ONBOARDING_TOTALS))

    as_of: dt.date
    all: OnboardingSum
    by_status: list[OnboardingsOfStatus]
    by_stage: list[OnboardingsAtStage] = Field(description="Most onboardings first; at most 100 titles.")
