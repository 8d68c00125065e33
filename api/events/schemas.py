"""Shapes of the change feed."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.events import examples
from api.kit.actors import ActorKind
from api.kit.schemas import Key, ListQuery, Page, Read, shown

EventType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}\.[a-z][a-z0-9_]{0,62}$")]


class EventRead(Read):
    """One fact: what happened to what, by whom. Ids and field names, never personal values."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EVENT_READ))

    id: UUID
    position: int = Field(description="Its place in commit order: 1, 2, 3 … without gaps. Remember the last one.")
    type: str = Field(examples=["account.updated"])
    resource: str = Field(examples=["account"])
    resource_id: UUID
    data: dict[str, Any]
    actor_kind: ActorKind
    actor_id: UUID | None
    origin: str | None = Field(description="The `X-Origin` that the change was sent with, so that syncs do not loop.")
    request_id: str | None
    occurred_at: AwareDatetime


class EventSort(StrEnum):
    """The order of the change feed."""

    position = "position"


class EventQuery(ListQuery):
    """The events to read."""

    sort: EventSort | MISSING = MISSING
    after_position: Annotated[int, Field(ge=0, le=2**63 - 1)] | MISSING = Field(
        default=MISSING, description="Only what came after this position: where you stopped the last time."
    )
    type: list[EventType] | MISSING = MISSING
    resource: list[Key] | MISSING = MISSING
    resource_id: list[UUID] | MISSING = MISSING


class EventPage(Page[EventRead]):
    """One page of the change feed."""
