"""The arithmetic of value realisation: what work is worth that people no longer do, against what our product costs.

Source: 逆説のカスタマーサクセス / KARAKURI, "the same work done by people" (人間換算の ROI): value = volume × minutes ÷ 60 ×
hourly cost, ROI = (value − cost) ÷ cost. Everything is exact until one rounding, half to even as in the ledger; amounts
are minor units of one currency, and nothing is ever converted into another.

:mod:`api.success_roadmaps.value_sql` says the same in SQL, and tests hold the two equal.
"""

import calendar
import datetime as dt
from collections.abc import Iterable
from typing import Final

from api.contracts.mrr import rounded

HUNDREDTHS: Final = 100
"""Minutes per unit are kept in hundredths of a minute."""
MONTH: Final = 377_580
"""Parts of a month: the least number that 28, 29, 30 and 31 days divide."""
LARGEST: Final = 10**12
"""The largest value of one realisation, so that sums of thousands are still exact in JSON."""


def economic_value(volume: int, minute_hundredths: int, hourly_cost: int) -> int:
    """What the same work costs when people do it, in minor units.

    Args:
        volume: How many units of work were done in the period.
        minute_hundredths: How long a person takes for one, in hundredths of a minute.
        hourly_cost: What an hour of that person costs, in minor units.
    """
    return rounded(volume * minute_hundredths * hourly_cost, of=60 * HUNDREDTHS)


def return_on_investment(value: int, cost: int) -> float | None:
    """(value − cost) ÷ cost: 0.5 means that each unit spent came back one and a half times. None at cost 0."""
    return (value - cost) / cost if cost else None


def month_parts(day: dt.date) -> int:
    """How much time lies before a day, in parts of a month: each month is one, and its days share it alike."""
    length = calendar.monthrange(day.year, day.month)[1]
    return (12 * day.year + day.month) * MONTH + (day.day - 1) * (MONTH // length)


def cost_of_period(movements: Iterable[tuple[dt.date, int]], starts_on: dt.date, ends_before: dt.date) -> int:
    """What a customer pays for a period, from the movements of its MRR ``(effective on, change in minor units)``.

    A day costs its MRR divided by the days of its month, so that whole months cost just their MRR.
    """
    end = month_parts(ends_before)
    return rounded(
        sum(
            amount * (end - month_parts(max(effective_on, starts_on)))
            for effective_on, amount in movements
            if effective_on < ends_before
        ),
        of=MONTH,
    )
