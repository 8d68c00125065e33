"""The workspace's business calendar: which days of the week people work, and the holidays."""

import datetime as dt
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from api.auth import examples
from api.kit.db import Tx
from api.kit.schemas import Day, Input, shown

CALENDAR: Final = "business_calendar"
"""The key among the workspace's settings."""
_LONGEST: Final = 3660


class BusinessCalendar(Input):
    """The days on which people work: these days of the week, but not the holidays."""

    model_config = ConfigDict(json_schema_extra=shown(examples.BUSINESS_CALENDAR))

    weekdays: Annotated[
        list[Annotated[int, Field(strict=True, ge=1, le=7)]],
        Field(min_length=1, max_length=7, description="1 is Monday, 7 is Sunday."),
    ] = [1, 2, 3, 4, 5]
    holidays: Annotated[list[Day], Field(max_length=2000)] = []

    def later(self, day: dt.date, days: int) -> dt.date:
        """The business day that is ``days`` business days after ``day``; with 0 the day itself or the next one."""
        closed = frozenset(self.holidays)
        left = days
        for _ in range(_LONGEST):
            if left == 0 and self._works_on(day, closed):
                return day
            day += dt.timedelta(days=1)
            if left and self._works_on(day, closed):
                left -= 1
        return day

    def _works_on(self, day: dt.date, closed: frozenset[dt.date]) -> bool:
        return day.isoweekday() in self.weekdays and day not in closed


async def business_calendar(tx: Tx) -> BusinessCalendar:
    """The workspace's calendar; Monday to Friday where it says nothing."""
    rows = await tx.fetch("SELECT settings -> %s FROM workspaces WHERE workspace_id = %s", [CALENDAR, tx.workspace_id])
    return BusinessCalendar.model_validate(rows[0][0] or {})
