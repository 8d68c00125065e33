"""The days of usage: which are accepted, which are kept."""

import datetime as dt
from typing import Final

YEARS_BACK: Final = 10


def accepted_days(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day that a measurement may be about; tomorrow, because somewhere it is tomorrow already."""
    return today.replace(year=today.year - YEARS_BACK, day=1), today + dt.timedelta(days=1)


def kept_from(today: dt.date, months_kept: int) -> dt.date:
    """The first day of the oldest month whose days are kept."""
    months = today.year * 12 + today.month - 1 - months_kept
    return dt.date(months // 12, months % 12 + 1, 1)


def oldest_certain_day(today: dt.date, months_kept: int) -> dt.date:
    """From this Monday on no day of a week can have been retired."""
    first = kept_from(today, months_kept)
    return first + dt.timedelta(days=-first.weekday() % 7)
