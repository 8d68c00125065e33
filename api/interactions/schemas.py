"""Shapes of interactions."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, AwareDatetime, ConfigDict, Field, StringConstraints

from api.accounts.schemas import AccountSummary
from api.contacts.schemas import Email
from api.interactions import examples
from api.interactions.models import InteractionKind
from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import (
    Count,
    Day,
    ExternalId,
    Input,
    Line,
    Moment,
    Name,
    Page,
    Read,
    RecordQuery,
    RecordRead,
    SearchText,
    Text,
    clean_text,
    shown,
)
from api.tasks.models import TaskPriority
from api.tasks.schemas import TaskSummary

OccurredAt = Annotated[Moment, Field(description="When it took place; not in the future.")]
Effort = Annotated[Count, Field(description="Minutes that our people spent on it, preparation included.")]
Minutes = Annotated[Text, Field(description="The minutes (議事録), as shared with the customer.")]
Notes = Annotated[Text, Field(description="For ourselves.")]
Point = Annotated[Line, Field(min_length=1)]
Points = Annotated[list[Point], Field(max_length=50)]
Recorded = Annotated[bool, Field(strict=True, description="Whether there is a recording; true once there is its URL.")]
WebAddress = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=2000, pattern=r"^https?://[^\s]+$"),
    AfterValidator(clean_text),
]
People = Annotated[list[UUID], Field(max_length=200)]
Emails = Annotated[
    list[Email],
    Field(
        max_length=200,
        description="Who was there, by e-mail address: our users, and the account's contacts. Addresses of nobody known "
        "are left out.",
    ),
]


class InteractionCreate(Input):
    """An interaction to note."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTERACTION_CREATE))

    account_id: UUID
    external_id: ExternalId | None = None
    kind: InteractionKind
    subject: Name
    occurred_at: OccurredAt
    duration_minutes: Count | None = None
    effort_minutes: Effort | None = None
    notes: Notes = ""
    minutes: Minutes = ""
    decisions: Points = []
    action_items: Points = []
    recorded: Recorded = False
    recording_url: WebAddress | None = None
    shared_at: Moment | None = Field(default=None, description="When the minutes were shared with the customer.")
    contact_ids: People = Field(default=[], description="The contacts who were there.")
    user_ids: People = Field(default=[], description="Our people who were there.")


class _InteractionChanges(Input):
    kind: InteractionKind | MISSING = MISSING
    subject: Name | MISSING = MISSING
    occurred_at: OccurredAt | MISSING = MISSING
    duration_minutes: Count | None | MISSING = MISSING
    effort_minutes: Effort | None | MISSING = MISSING
    notes: Notes | MISSING = MISSING
    minutes: Minutes | MISSING = MISSING
    decisions: Points | MISSING = MISSING
    action_items: Points | MISSING = MISSING
    recorded: Recorded | MISSING = MISSING
    recording_url: WebAddress | None | MISSING = MISSING
    shared_at: Moment | None | MISSING = MISSING


class InteractionUpdate(_InteractionChanges):
    """Changes to an interaction; absent fields stay, null clears, lists are replaced."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTERACTION_UPDATE))

    account_id: UUID | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    contact_ids: People | MISSING = MISSING
    user_ids: People | MISSING = MISSING


class InteractionBulkItem(_InteractionChanges):
    """An interaction as another system knows it, with its account by our id or by yours."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTERACTION_BULK_ITEM))

    external_id: ExternalId
    account_id: UUID | None | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING
    attendee_emails: Emails | MISSING = MISSING


class InteractionBulkUpsert(Input):
    """Up to 5,000 interactions by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTERACTION_BULK_UPSERT))

    items: Annotated[BulkItems, items_of(InteractionBulkItem)]


class ActionItem(Input):
    """An action item, and who does it by when."""

    text: Point
    owner_id: UUID | None = Field(default=None, description="The account's owner, unless given.")
    due_on: Day | None = None
    priority: TaskPriority = TaskPriority.normal
    needs_check: bool = Field(default=False, strict=True)


class ActionItems(Input):
    """Which action items become tasks."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ACTION_ITEMS))

    items: Annotated[list[ActionItem], Field(max_length=50)] | None = Field(
        default=None, description="All of the interaction's action items, unless given."
    )


class AttendeeRead(Read):
    """Somebody who was there: a contact, or one of our people."""

    id: UUID
    contact_id: UUID | None
    user_id: UUID | None
    name: str


class InteractionRead(RecordRead):
    """Something between us and a customer."""

    model_config = ConfigDict(json_schema_extra=shown(examples.INTERACTION_READ))

    account_id: UUID
    external_id: str | None
    kind: InteractionKind
    subject: str
    occurred_at: AwareDatetime
    duration_minutes: int | None
    effort_minutes: int | None
    notes: str
    minutes: str
    decisions: list[str]
    action_items: list[str]
    recorded: bool
    recording_url: str | None
    shared_at: AwareDatetime | None
    recorded_at: AwareDatetime = Field(description="Since when it is known as it stands.")
    backfilled: bool = Field(description="Whether it was brought in later, as if it had been known on its day.")
    account: AccountSummary | None | MISSING = MISSING
    attendees: list[AttendeeRead] | MISSING = MISSING
    tasks: list[TaskSummary] | MISSING = MISSING


class InteractionSort(StrEnum):
    """The orders of a list of interactions."""

    occurred_at = "occurred_at"
    occurred_at_down = "-occurred_at"
    created_at = "created_at"
    created_at_down = "-created_at"


class InteractionQuery(RecordQuery):
    """The interactions to list."""

    sort: InteractionSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in subject, notes or minutes.")
    account_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    kind: list[InteractionKind] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = Field(default=MISSING, description="Those that any of these contacts attended.")
    user_id: list[UUID] | MISSING = Field(default=MISSING, description="Those that any of these users attended.")
    occurred_after: Moment | MISSING = MISSING
    occurred_before: Moment | MISSING = MISSING
    recorded: bool | MISSING = MISSING
    shared: bool | MISSING = Field(default=MISSING, description="Whether the minutes were shared with the customer.")


class InteractionPage(Page[InteractionRead]):
    """One page of interactions, the latest first."""


class OpenedTasks(Read):
    """The tasks that action items became."""

    model_config = ConfigDict(json_schema_extra=shown(examples.OPENED_TASKS))

    task_ids: list[UUID | None] = Field(
        description="In the order of the items; null where a task for the item is open already."
    )
