"""Shapes of tasks."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, model_validator

from api.accounts.models import TeamRole
from api.accounts.schemas import AccountSummary, UserSummary
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
    refused,
    shown,
)
from api.tasks import examples
from api.tasks.models import TaskOrigin, TaskOutcome, TaskPriority, TaskState

DueOn = Annotated[Day, Field(description="The last day to do it, in the workspace's time zone.")]
DueAt = Annotated[Moment, Field(description="The moment to do it by, instead of a day.")]
SlaMinutes = Annotated[
    int,
    Field(
        strict=True, ge=1, le=525_600,
        description="The service level: minutes from now to completion. Without a due date it is due then.",
    ),
]  # fmt: skip
NeedsCheck = Annotated[
    bool,
    Field(
        strict=True,
        description="A second person, not the one who completed it, must approve it before it is done. "
        "Once set it stays.",
    ),
]


def _refuse_two_dues(given: "TaskCreate | TaskUpdate") -> None:
    if {"due_on", "due_at"} <= given.model_fields_set and given.due_on and given.due_at:
        raise refused("Either `due_on` or `due_at`, not both", "`due_on` と `due_at` はどちらか一方にしてください")


class TaskCreate(Input):
    """A task to open. Without an owner it goes to who has the role for the account, by default its owner."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TASK_CREATE))

    account_id: UUID | None = None
    title: Name
    detail: Text = ""
    owner_id: UUID | None = None
    role: TeamRole | None = Field(default=None, description="Which part of the account's team should do it.")
    due_on: DueOn | None = None
    due_at: DueAt | None = None
    sla_minutes: SlaMinutes | None = None
    priority: TaskPriority = TaskPriority.normal
    needs_check: NeedsCheck = False

    @model_validator(mode="after")
    def _one_due(self) -> Self:
        _refuse_two_dues(self)
        return self


class SettableState(StrEnum):
    """The states that an update can set."""

    open = "open"
    in_progress = "in_progress"
    cancelled = "cancelled"


class TaskUpdate(Input):
    """Changes to a task; absent fields stay, null clears. A task that is over can only be opened again."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TASK_UPDATE))

    account_id: UUID | None | MISSING = MISSING
    title: Name | MISSING = MISSING
    detail: Text | MISSING = MISSING
    owner_id: UUID | None | MISSING = MISSING
    role: TeamRole | None | MISSING = MISSING
    due_on: DueOn | None | MISSING = MISSING
    due_at: DueAt | None | MISSING = MISSING
    priority: TaskPriority | MISSING = MISSING
    needs_check: NeedsCheck | MISSING = MISSING
    state: SettableState | MISSING = Field(
        default=MISSING, description="`done` is reached by `:complete`. `open` opens a task again that was over."
    )

    @model_validator(mode="after")
    def _one_due(self) -> Self:
        _refuse_two_dues(self)
        return self


class TaskComplete(Input):
    """What the task came to."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TASK_COMPLETE))

    outcome: TaskOutcome = TaskOutcome.succeeded
    note: Text | None = None


class TaskCheck(Input):
    """What a second person says of it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TASK_CHECK))

    approved: Annotated[bool, Field(strict=True, description="False sends it back.")]
    note: Text | None = None


class OriginRead(Read):
    """What the task came from."""

    kind: TaskOrigin
    id: UUID | None


class TaskSummary(Read):
    """A task, in short."""

    id: UUID
    account_id: UUID | None
    title: str
    due_on: dt.date | None
    priority: TaskPriority
    state: TaskState
    overdue: bool


class TaskRead(RecordRead):
    """Something that someone must do."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TASK_READ))

    account_id: UUID | None
    title: str
    detail: str
    origin: OriginRead
    owner_id: UUID | None
    role: TeamRole | None
    due_on: dt.date | None
    due_at: AwareDatetime | None
    sla_minutes: int | None
    priority: TaskPriority
    state: TaskState
    overdue: bool = Field(description="Not over, though it was due.")
    sla_met: bool | None = Field(description="Null without a service level, and while it can still be met.")
    needs_check: bool
    outcome: TaskOutcome | None
    outcome_note: str | None
    completed_at: AwareDatetime | None
    completed_by: UUID | None = Field(description="Null also when an API key completed it.")
    checked_at: AwareDatetime | None
    checked_by: UUID | None
    check_note: str | None
    account: AccountSummary | None | MISSING = MISSING
    owner: UserSummary | None | MISSING = MISSING
    completed_by_user: UserSummary | None | MISSING = MISSING
    checked_by_user: UserSummary | None | MISSING = MISSING


class TaskSort(StrEnum):
    """The orders of a list of tasks."""

    due = "due"
    due_down = "-due"
    created_at = "created_at"
    created_at_down = "-created_at"


class TaskQuery(RecordQuery):
    """The tasks to list."""

    sort: TaskSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in title or detail.")
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    role: list[TeamRole] | MISSING = MISSING
    state: list[TaskState] | MISSING = MISSING
    over: bool | MISSING = Field(default=MISSING, description="False: open, in progress or in check.")
    origin_kind: list[TaskOrigin] | MISSING = MISSING
    origin_id: list[UUID] | MISSING = MISSING
    priority: list[TaskPriority] | MISSING = MISSING
    outcome: list[TaskOutcome] | MISSING = MISSING
    overdue: bool | MISSING = MISSING
    due_after: Day | MISSING = MISSING
    due_before: Day | MISSING = MISSING


class TaskPage(Page[TaskRead]):
    """One page of tasks, the most pressing first."""
