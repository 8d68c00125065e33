"""The table of tasks."""

import datetime as dt
from enum import StrEnum
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from api.accounts.models import TeamRole
from api.kit.search import search_index, searched
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    belongs_to,
    in_workspace,
    index,
    one_of,
    sort_key,
    unique,
)


class TaskState(StrEnum):
    """How far a task is."""

    open = "open"
    in_progress = "in_progress"
    in_check = "in_check"
    done = "done"
    cancelled = "cancelled"


NOT_OVER: Final = (TaskState.open.value, TaskState.in_progress.value, TaskState.in_check.value)
NOT_OVER_SQL: Final = "state IN ('open', 'in_progress', 'in_check') AND archived_at IS NULL"


class TaskPriority(StrEnum):
    """How pressing a task is beside its due date."""

    low = "low"
    normal = "normal"
    high = "high"
    urgent = "urgent"


class TaskOutcome(StrEnum):
    """What a completed task came to."""

    succeeded = "succeeded"
    no_effect = "no_effect"
    not_needed = "not_needed"
    unreachable = "unreachable"


class TaskOrigin(StrEnum):
    """What a task came from."""

    manual = "manual"
    playbook = "playbook"
    roadmap = "roadmap"
    survey = "survey"
    gap = "gap"
    signal = "signal"
    interaction = "interaction"
    handoff = "handoff"
    renewal = "renewal"
    opportunity = "opportunity"
    reference_case = "reference_case"
    churn_review = "churn_review"
    approach_score = "approach_score"
    health_target = "health_target"


class Task(Record, table=True):
    """Something that someone must do.

    ``due_by`` is the moment from which it is overdue: ``due_at``, or the end of ``due_on`` in the workspace's time
    zone at the time it was set. ``origin_kind`` has no check, so that another origin needs no migration.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        in_workspace(),
        belongs_to("account_id", "accounts"),
        belongs_to("owner_id", "users"),
        belongs_to("completed_by", "users"),
        belongs_to("checked_by", "users"),
        unique("dedupe_key", where=f"dedupe_key IS NOT NULL AND {NOT_OVER_SQL}"),
        index("due_sort", "id"),
        index("created_at", "id"),
        index("owner_id", "due_sort", "id"),
        index("account_id", "due_sort", "id"),
        index("origin_kind", "origin_id"),
        search_index("tasks"),
        one_of("state", TaskState),
        one_of("priority", TaskPriority),
        one_of("outcome", TaskOutcome),
        one_of("role", TeamRole),
        DISTRIBUTED,
    )

    account_id: UUID | None = None
    title: str
    detail: str = ""
    origin_kind: str = TaskOrigin.manual.value
    origin_id: UUID | None = None
    dedupe_key: str | None = None
    owner_id: UUID | None = None
    role: str | None = None
    due_on: dt.date | None = None
    due_at: dt.datetime | None = None
    due_by: dt.datetime | None = None
    sla_minutes: int | None = None
    priority: str = Field(default=TaskPriority.normal.value)
    state: str = Field(default=TaskState.open.value)
    needs_check: bool = False
    outcome: str | None = None
    outcome_note: str | None = None
    completed_at: dt.datetime | None = None
    completed_by: UUID | None = None
    checked_at: dt.datetime | None = None
    checked_by: UUID | None = None
    check_note: str | None = None
    due_sort: dt.datetime = sort_key(
        sa.DateTime(timezone=True), "coalesce(due_by, '9999-12-31 00:00:00+00'::timestamptz)"
    )
    search_text: str = searched("title", "detail")
