"""Acquisition costs: what winning customers cost in a period, stated by the workspace."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.analytics.models import AcquisitionCost
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Resource, money

_cost: sa.Table = AcquisitionCost.__table__  # type: ignore[attr-defined]
ACQUISITION_COSTS: Final = Resource(
    "acquisition_cost",
    AcquisitionCost,
    values={"amount": money(_cost.c.amount_minor, _cost.c.currency)},
    sorts={"starts_on": col(AcquisitionCost.starts_on), "created_at": col(AcquisitionCost.created_at)},
    default_sort="-starts_on",
    filters={
        "starts_after": lambda day: _cost.c.starts_on >= sa.cast(day, sa.Date()),
        "starts_before": lambda day: _cost.c.starts_on < sa.cast(day, sa.Date()),
    },
)


async def create_acquisition_cost(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Add what a period cost; its id."""
    values = _columns(values)
    _refuse_backwards(values["starts_on"], values["ends_before"])
    return (await write.create(tx, ACQUISITION_COSTS, AcquisitionCost, values)).id


async def update_acquisition_cost(tx: Tx, cost_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change what a period cost."""
    cost = await write.lock(tx, ACQUISITION_COSTS, AcquisitionCost, cost_id, version=version)
    values = _columns(values)
    _refuse_backwards(values.get("starts_on", cost.starts_on), values.get("ends_before", cost.ends_before))
    await write.change(tx, ACQUISITION_COSTS, cost, values)


async def archive_acquisition_cost(tx: Tx, cost_id: UUID, version: int) -> None:
    """Take a cost out of lists and figures."""
    await write.archive(tx, ACQUISITION_COSTS, AcquisitionCost, cost_id, version)


async def restore_acquisition_cost(tx: Tx, cost_id: UUID) -> None:
    """Bring an archived cost back."""
    await write.restore(tx, ACQUISITION_COSTS, AcquisitionCost, cost_id)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The body as columns: money is an amount and a currency."""
    kept = dict(values)
    if "amount" in kept:
        amount = kept.pop("amount")
        kept |= {"amount_minor": amount["amount"], "currency": amount["currency"]}
    return kept


def _refuse_backwards(starts_on: Any, ends_before: Any) -> None:  # noqa: ANN401
    if ends_before <= starts_on:
        raise invalid(
            FieldError("/ends_before", "out_of_range", f"After {starts_on}", f"{starts_on} より後にしてください")
        )
