"""Shapes of tickets."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, model_validator

from api.kit.bulk_schemas import BulkItems, items_of
from api.kit.schemas import ExternalId, Input, Line, Moment, Page, RecordQuery, RecordRead, SearchText, refused, shown
from api.tickets import examples
from api.tickets.models import TicketSeverity

Score = Annotated[float, Field(strict=True, ge=-1000, le=1000, allow_inf_nan=False)]
Subject = Annotated[Line, Field(description="Erased with the contact who wrote it.")]
Least = Annotated[Score, Field(description="The worst score of its scale.")]
Most = Annotated[Score, Field(description="The best score of its scale.")]
Flag = Annotated[bool, Field(strict=True)]


def _sound(given: Any) -> None:  # noqa: ANN401
    """Refuse what cannot be, as far as the fields at hand tell."""
    opened, closed, answered = given.opened_at, given.closed_at, given.first_answered_at
    if isinstance(opened, dt.datetime):
        for later in (closed, answered):
            if isinstance(later, dt.datetime) and later < opened:
                raise refused(
                    "A ticket is answered and closed after it was opened",
                    "回答日時と終了日時は受付日時以降にしてください",
                )
    least, score, most = given.satisfaction_min, given.satisfaction_score, given.satisfaction_max
    if isinstance(least, float) and isinstance(most, float) and least >= most:
        raise refused(
            "satisfaction_min must be below satisfaction_max",
            "satisfaction_min は satisfaction_max より小さくしてください",
        )
    if isinstance(score, float) and (
        (isinstance(least, float) and score < least) or (isinstance(most, float) and score > most)
    ):
        raise refused("The score is off its scale", "スコアが尺度の範囲外です")


class TicketCreate(Input):
    """A ticket to add."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TICKET_CREATE))

    account_id: UUID
    contact_id: UUID | None = None
    external_id: ExternalId | None = None
    subject: Subject = ""
    severity: TicketSeverity = TicketSeverity.normal
    opened_at: Moment
    first_answered_at: Moment | None = None
    closed_at: Moment | None = None
    escalated: Flag = False
    satisfaction_score: Score | None = Field(
        default=None, description="How content the customer was with the resolution, on the scale beside it."
    )
    satisfaction_min: Least = 0.0
    satisfaction_max: Most = 100.0

    @model_validator(mode="after")
    def _checked(self) -> "TicketCreate":
        _sound(self)
        return self


class TicketUpdate(Input):
    """Changes to a ticket; absent fields stay, null clears."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TICKET_UPDATE))

    contact_id: UUID | None | MISSING = MISSING
    external_id: ExternalId | None | MISSING = MISSING
    subject: Subject | MISSING = MISSING
    severity: TicketSeverity | MISSING = MISSING
    opened_at: Moment | MISSING = MISSING
    first_answered_at: Moment | None | MISSING = MISSING
    closed_at: Moment | None | MISSING = MISSING
    escalated: Flag | MISSING = MISSING
    satisfaction_score: Score | None | MISSING = MISSING
    satisfaction_min: Least | MISSING = MISSING
    satisfaction_max: Most | MISSING = MISSING

    @model_validator(mode="after")
    def _checked(self) -> "TicketUpdate":
        _sound(self)
        return self


class TicketItem(TicketUpdate):
    """A ticket as the support desk knows it."""

    model_config = ConfigDict(json_schema_extra=shown(examples.ITEM))

    external_id: ExternalId
    account_id: UUID | MISSING = MISSING
    account_external_id: ExternalId | MISSING = MISSING


class TicketBulkUpsert(Input):
    """Tickets to create or bring up to date, by external id."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BULK))

    items: Annotated[BulkItems, items_of(TicketItem)]


class TicketState(StrEnum):
    """Where a ticket stands."""

    open = "open"
    closed = "closed"


class TicketRead(RecordRead):
    """A ticket."""

    model_config = ConfigDict(json_schema_extra=shown(examples.TICKET_READ))

    account_id: UUID
    contact_id: UUID | None
    external_id: str | None
    subject: str
    severity: TicketSeverity
    state: TicketState
    opened_at: AwareDatetime
    first_answered_at: AwareDatetime | None
    closed_at: AwareDatetime | None
    escalated: bool
    satisfaction_score: float | None
    satisfaction_min: float
    satisfaction_max: float
    satisfaction: float | None = Field(description="The score brought to 0–100.")
    recorded_at: AwareDatetime = Field(description="Since when we know of it.")
    backfilled: bool


class TicketSort(StrEnum):
    """The orders of a list of tickets."""

    opened_at = "opened_at"
    opened_at_down = "-opened_at"
    closed_at = "closed_at"
    closed_at_down = "-closed_at"
    created_at = "created_at"
    created_at_down = "-created_at"
    updated_at = "updated_at"
    updated_at_down = "-updated_at"


class TicketQuery(RecordQuery):
    """The tickets to list."""

    sort: TicketSort | MISSING = MISSING
    q: SearchText | MISSING = Field(default=MISSING, description="Text in subject or external id.")
    account_id: list[UUID] | MISSING = MISSING
    contact_id: list[UUID] | MISSING = MISSING
    external_id: list[ExternalId] | MISSING = MISSING
    severity: list[TicketSeverity] | MISSING = MISSING
    state: list[TicketState] | MISSING = MISSING
    escalated: bool | MISSING = MISSING
    opened_after: Moment | MISSING = MISSING
    opened_before: Moment | MISSING = MISSING
    closed_after: Moment | MISSING = MISSING
    closed_before: Moment | MISSING = MISSING


class TicketPage(Page[TicketRead]):
    """One page of tickets."""
