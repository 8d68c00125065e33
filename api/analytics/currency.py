"""Amounts in another currency, at the workspace's exchange rates.

A rate says what one unit of a currency is worth in the base currency; a day without one has the latest before it.
Amounts are in minor units, which currencies have differently many of.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction
from typing import Final

from api.auth.service import workspace_currency
from api.kit import clock
from api.kit.currencies import minor_digits
from api.kit.db import Tx
from api.kit.problems import problem_type

RATE_MISSING: Final = problem_type(
    "exchange_rate_missing",
    409,
    en=(
        "No exchange rate",
        "There is no exchange rate of {currency} on or before {day}; set one, or ask in {currency}.",
    ),
    ja=(
        "為替レートがありません",
        "{day} 以前の {currency} の為替レートがありません。レートを登録するか、{currency} で集計してください。",
    ),
)


def converted(amount: int, factor: Fraction) -> int:
    """Minor units at a factor, half to even; ``perennial_converted`` in SQL."""
    return round(amount * factor)


class Rates:
    """The exchange rates of a workspace, as far as they are needed."""

    def __init__(self, base: str, known: list[tuple[str, dt.date, str]]) -> None:
        self._base = base
        self._days: dict[str, list[dt.date]] = defaultdict(list)
        self._rates: dict[str, list[Fraction]] = defaultdict(list)
        for currency, day, rate in sorted(known):
            self._days[currency].append(day)
            self._rates[currency].append(Fraction(rate))

    def factor(self, currency: str, into: str, day: dt.date) -> Fraction:
        """By what minor units of one currency are multiplied to be those of another.

        Raises ``exchange_rate_missing`` when there is no rate of either on or before the day.
        """
        if currency == into:
            return Fraction(1)
        worth = self._rate(currency, day) / self._rate(into, day)
        return worth * Fraction(10) ** (minor_digits(into) - minor_digits(currency))

    def _rate(self, currency: str, day: dt.date) -> Fraction:
        if currency == self._base:
            return Fraction(1)
        found = bisect_right(self._days[currency], day)
        if not found:
            raise RATE_MISSING(currency=currency, day=day)
        return self._rates[currency][found - 1]


_RATES: Final = """
SELECT e.currency, e.day, coalesce((
    SELECT s.rate FROM exchange_rates_superseded s
    WHERE s.workspace_id = %(ws)s AND s.currency = e.currency AND s.day = e.day AND s.superseded_at > %(known)s
    ORDER BY s.superseded_at LIMIT 1
), e.rate)
FROM exchange_rates e
WHERE e.workspace_id = %(ws)s AND e.currency = ANY(%(currencies)s) AND e.day <= %(day)s AND e.archived_at IS NULL
"""


async def rates_until(tx: Tx, currencies: Collection[str], day: dt.date, known_at: dt.datetime | None = None) -> Rates:
    """The rates of these currencies up to a day, as known at a moment (None: now).

    The first rate that was set of a day counts as known all along, a correction from when it was made.
    """
    rows = await tx.fetch(
        _RATES,
        {
            "ws": tx.workspace_id,
            "currencies": sorted(currencies),
            "day": day,
            "known": known_at or clock.now(),
        },
    )
    return Rates(await workspace_currency(tx), list(rows))
