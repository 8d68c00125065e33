"""What winning its customers cost each company of the demo: by month, and by segment as marketing plans for them."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from api.analytics.acquisition_costs import create_acquisition_cost
from api.contracts.terms import months_later
from api.demo.lives import DAYS, Life
from api.demo.market import Market
from api.kit.db import Tx

_COSTS: Final = {
    # for each customer won, and every month whether one is won or not; minor units
    "JPY": {"enterprise": (9_600_000, 2_800_000), "focus": (1_800_000, 900_000), "others": (2_900_000, 1_500_000)},
    "USD": {"enterprise": (8_400_000, 2_600_000), "focus": (1_700_000, 800_000), "others": (2_800_000, 1_400_000)},
}


async def state_costs(tx: Tx, market: Market, lives: Sequence[Life], *, domain: str, today: dt.date) -> None:
    """State what each month cost that is over, by segment; the segments do not overlap, so that the sum is right."""
    rows = await tx.fetch("SELECT name, id FROM segments WHERE workspace_id = %s", [tx.workspace_id])
    segment_ids: dict[str, UUID] = dict(rows)
    named = {"focus": market.segments[0][0], "enterprise": market.segments[1][0]}
    for kind, values in costs(market, lives, domain, today):
        segment = {"segment_id": segment_ids[named[kind]]} if kind in named else {}
        await create_acquisition_cost(tx, {**values, **segment})


def costs(
    market: Market, lives: Sequence[Life], domain: str, today: dt.date
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Whom a cost was for, and the cost in the API's shape; the same for the same arguments."""
    chance = random.Random(f"costs of {domain}")  # noqa: S311 - invented data, not a secret
    currency = "JPY" if market.country == "JP" else "USD"
    focus = market.segments[0][2]
    won = Counter((life.started_on.replace(day=1), _kind(life, focus)) for life in lives)
    month = (today - dt.timedelta(days=DAYS)).replace(day=1)
    while month < today.replace(day=1):
        for kind, (each, always) in _COSTS[currency].items():
            customers = won[month, kind]
            amount = round((customers * each + always) * chance.uniform(0.85, 1.2), -3)
            yield (
                kind,
                {
                    "starts_on": month,
                    "ends_before": months_later(month, 1),
                    "amount": {"amount": int(amount), "currency": currency},
                    "customers_won": customers,
                },
            )
        month = months_later(month, 1)


def _kind(life: Life, focus: Mapping[str, Any]) -> str:
    if life.company.employees > focus["employee_count_max"]:
        return "enterprise"
    in_focus = life.company.industry in focus["industry"] and life.company.employees >= focus["employee_count_min"]
    return "focus" if in_focus else "others"
