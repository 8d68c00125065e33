"""Exchange rates to the base currency."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.service import workspace_currency
from api.contracts.models import ExchangeRate, ExchangeRateSuperseded
from api.contracts.resource import EXCHANGE_RATES
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import problem_type

OWN_CURRENCY: Final = problem_type(
    "base_currency_has_no_rate",
    409,
    en=("The base currency", "{currency} is the workspace's base currency; its rate is always 1."),
    ja=("基準通貨です", "{currency} はワークスペースの基準通貨で、レートは常に 1 です。"),
)


async def set_exchange_rate(tx: Tx, currency: str, day: dt.date, values: Mapping[str, Any]) -> UUID:
    """Add or replace the rate of a day; its id."""
    if currency == await workspace_currency(tx):
        raise OWN_CURRENCY(currency=currency)
    existing = await tx.session.scalar(
        sa.select(ExchangeRate)
        .where(
            col(ExchangeRate.workspace_id) == tx.workspace_id,
            col(ExchangeRate.currency) == currency,
            col(ExchangeRate.day) == day,
        )
        .with_for_update()
    )
    if existing is not None:
        if values.get("rate", existing.rate) != existing.rate:
            tx.session.add(
                ExchangeRateSuperseded(
                    workspace_id=existing.workspace_id, currency=currency, day=day, rate=existing.rate
                )
            )
        await write.change(tx, EXCHANGE_RATES, existing, values)
        return existing.id
    return (await write.create(tx, EXCHANGE_RATES, ExchangeRate, {**values, "currency": currency, "day": day})).id
