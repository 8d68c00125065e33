"""The time. Rules ask here and never the system, so that tests can move it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

_held_at: list[dt.datetime] = []


def now() -> dt.datetime:
    """The present moment, in UTC."""
    return _held_at[-1] if _held_at else dt.datetime.now(dt.UTC)


def today(time_zone: str = "UTC") -> dt.date:
    """The present day in ``time_zone`` (an IANA name such as ``Asia/Tokyo``)."""
    return now().astimezone(ZoneInfo(time_zone)).date()


@contextmanager
def moved_to(moment: dt.datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` for the whole process, until the block ends. For tests."""
    _held_at.append(moment)
    try:
        yield
    finally:
        _held_at.remove(moment)
