"""Business days."""

import datetime as dt

import pytest

from api.auth.business_calendar import BusinessCalendar


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        ("2026-11-19", 2, "2026-11-24"),  # Thursday: Friday, then the weekend and a holiday, Tuesday
        ("2026-11-21", 2, "2026-11-25"),  # a Saturday
        ("2026-11-21", 0, "2026-11-24"),
        ("2026-11-20", 0, "2026-11-20"),
    ],
)
def test_weekends_and_holidays_do_not_count(day: str, days: int, due: str) -> None:
    calendar = BusinessCalendar(holidays=[dt.date(2026, 11, 23)])  # 勤労感謝の日
    assert calendar.later(dt.date.fromisoformat(day), days) == dt.date.fromisoformat(due)
    assert calendar.weekdays == [1, 2, 3, 4, 5]
