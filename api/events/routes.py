"""The change feed over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads
from api.events.schemas import EventPage, EventQuery, EventRead
from api.events.service import EVENTS
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/events", tag="events")

CanReadEvents = Annotated[Tx, reads("events:read")]


@router.get("", response_model=EventPage, openapi_extra=EVENTS.documented())
async def list_events(tx: CanReadEvents, query: Annotated[EventQuery, asked(EventQuery)]) -> Response:
    """Read the change feed: what happened, in commit order.

    At the end `next_cursor` is null. To go on later, send the last `position` you saw as `after_position`.
    """
    return await answers.page(tx, EVENTS, EventRead, query)


@router.get("/{event_id}", response_model=EventRead, openapi_extra=EVENTS.documented())
async def get_event(tx: CanReadEvents, event_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one event."""
    return await answers.item(tx, EVENTS, EventRead, event_id, query)
