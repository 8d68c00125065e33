"""The commercial side of the demo: contracts as billing states them, then what people did with some."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from api.contracts import exchange_rates, jobs, renewals, service
from api.contracts.bulk import upsert_contracts
from api.contracts.ledger import Recording
from api.contracts.mrr import Cause
from api.contracts.schemas import ItemChange, Price
from api.contracts.terms import months_later
from api.demo.deals import RATES, RENEWED_LATE, UNDECIDED, deals
from api.demo.lives import Life
from api.demo.market import Market
from api.kit.db import Tx

_FORECASTS: Final = ("commit", "likely", "at_risk", "lost")
_MONTHS: Final = 40


async def sell(tx: Tx, market: Market, lives: Sequence[Life], *, domain: str, today: dt.date) -> None:
    """Bring in the contracts, known at the days of their facts; renew one late; note what is expected of some."""
    await _state_rates(tx, market, today)
    brought = deals(market, lives, domain, today)
    results = await upsert_contracts(tx, brought, atomic=True, recording=Recording(Cause.imported, backfilled=True))
    ids = {}
    for result in results:
        assert result.id is not None, result.problem
        ids[result.key] = result.id
    late = ids[f"k-{lives[RENEWED_LATE].company.key}"]
    contract = await _row(tx, "version, stops_before, auto_renew", late)
    if contract["stops_before"] is None and not contract["auto_renew"]:
        await _renew_late(tx, late, contract["version"], today)
    for place, forecast in zip(UNDECIDED, _FORECASTS, strict=True):
        await _expect(tx, ids[f"k-{lives[place].company.key}"], forecast)
    await jobs.follow_the_calendar(tx)


async def _state_rates(tx: Tx, market: Market, today: dt.date) -> None:
    base = "JPY" if market.country == "JP" else "USD"
    for currency, (first, step) in RATES[base].items():
        for month in range(_MONTHS):
            day = months_later(today.replace(day=1), month - _MONTHS + 1)
            rate = Decimal(first) + Decimal(step) * (month % 7 - 3)
            await exchange_rates.set_exchange_rate(tx, currency, day, {"rate": str(rate), "source": "demo"})


async def _renew_late(tx: Tx, contract_id: UUID, version: int, today: dt.date) -> None:
    items = await service.items_of(tx, contract_id)
    core = items[0]
    currency = (await _row(tx, "currency", contract_id))["currency"]
    dearer = ItemChange(item_id=core.id, unit_price=Price(amount=core.unit_price * 110 // 100, currency=currency))
    decided_on = today - dt.timedelta(days=1)
    await service.renew_contract(tx, contract_id, version, decided_on=decided_on, change=[dearer])


async def _expect(tx: Tx, contract_id: UUID, forecast: str) -> None:
    rows = await tx.fetch(
        "SELECT id, version FROM contract_terms WHERE workspace_id = %s AND contract_id = %s AND decision = 'pending'",
        [tx.workspace_id, contract_id],
    )
    for term_id, version in rows:
        await renewals.update_renewal(tx, term_id, version, {"forecast": forecast})


async def _row(tx: Tx, columns: str, contract_id: UUID) -> Mapping[str, Any]:
    await tx.flush()
    rows = await tx.fetch(
        f"SELECT {columns} FROM contracts WHERE workspace_id = %s AND id = %s",  # noqa: S608
        [tx.workspace_id, contract_id],
    )
    return dict(zip(columns.split(", "), rows[0], strict=True))
