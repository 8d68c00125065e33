"""What one can read of the event log."""

from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from api.kit.outbox import Event
from api.kit.resources import Resource

EVENTS: Final = Resource(
    "event",
    Event,
    sorts={"position": col(Event.position)},
    filters={"after_position": lambda value: col(Event.position) > sa.cast(value, sa.BigInteger)},
    visible=col(Event.position).is_not(None),
)
