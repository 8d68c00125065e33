"""From items to rates: what each contract is worth per month, kept in a table for the ledger to sum."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.auth.service import workspace_today
from api.contracts.models import Contract, ContractItem, ContractKind
from api.contracts.mrr import Cause, Item, RampStep, Rate, rates
from api.kit.db import Tx


def item_of(row: ContractItem) -> Item:
    """The item as the arithmetic takes it."""
    return Item(
        starts_on=row.starts_on,
        ends_before=row.ends_before,
        quantity=row.quantity,
        unit_price=row.unit_price,
        interval_months=row.interval_months,
        discount=row.discount,
        discount_ends_before=row.discount_ends_before,
        free_before=row.free_before,
        commitment=row.commitment,
        ramp=[
            RampStep(dt.date.fromisoformat(step["starts_on"]), step.get("quantity"), step.get("unit_price"))
            for step in row.ramp
        ],
        starts_as=Cause(row.starts_as),
        ends_as=Cause(row.ends_as),
    )


def rates_of(contract: Contract, items: Iterable[ContractItem]) -> list[tuple[ContractItem, Rate]]:
    """The rates of a contract's items; none when it is archived, since then it never was."""
    if contract.archived_at is not None:
        return []
    return [
        (row, rate)
        for row in items
        for rate in rates(
            item_of(row),
            stops_before=contract.stops_before,
            stops_as=Cause(contract.stops_as or Cause.terminated),
            trial=contract.kind == ContractKind.trial,
        )
    ]


async def replace_rates(tx: Tx, contract_ids: Sequence[UUID]) -> None:
    """Derive the rates of these contracts anew; set-based, however many there are."""
    await tx.flush()
    here = col(Contract.workspace_id) == tx.workspace_id
    contracts = await tx.session.scalars(
        sa.select(Contract).where(here, col(Contract.id).in_(contract_ids)),
        execution_options={"populate_existing": True},
    )
    items = await tx.session.scalars(
        sa.select(ContractItem).where(
            col(ContractItem.workspace_id) == tx.workspace_id,
            col(ContractItem.contract_id).in_(contract_ids),
            col(ContractItem.archived_at).is_(None),
        ),
        execution_options={"populate_existing": True},
    )
    by_contract: dict[UUID, list[ContractItem]] = {}
    for item in items:
        by_contract.setdefault(item.contract_id, []).append(item)
    found = [
        (contract, item, rate)
        for contract in contracts
        for item, rate in rates_of(contract, by_contract.get(contract.id, ()))
    ]
    await tx.execute(
        "DELETE FROM contract_rates WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s)",
        {"ws": tx.workspace_id, "ids": list(contract_ids)},
    )
    await tx.execute(
        """
        INSERT INTO contract_rates (workspace_id, item_id, starts_on, ends_before, contract_id, account_id, product_id,
            currency, parts, seats, starts_as, ends_as)
        SELECT %(ws)s, * FROM unnest(%(items)s::uuid[], %(starts)s::date[], %(ends)s::date[], %(contracts)s::uuid[],
            %(accounts)s::uuid[], %(products)s::uuid[], %(currencies)s::text[], %(parts)s::bigint[], %(seats)s::bigint[],
            %(starts_as)s::text[], %(ends_as)s::text[])
        """,
        {
            "ws": tx.workspace_id,
            "items": [item.id for _, item, _ in found],
            "starts": [rate.starts_on for _, _, rate in found],
            "ends": [rate.ends_before for _, _, rate in found],
            "contracts": [contract.id for contract, _, _ in found],
            "accounts": [contract.account_id for contract, _, _ in found],
            "products": [item.product_id for _, item, _ in found],
            "currencies": [contract.currency for contract, _, _ in found],
            "parts": [rate.parts for _, _, rate in found],
            "seats": [rate.quantity if item.counts_seats else 0 for _, item, rate in found],
            "starts_as": [rate.starts_as.value for _, _, rate in found],
            "ends_as": [rate.ends_as.value for _, _, rate in found],
        },
    )


_STATES = """
UPDATE contracts c SET state = now.state, mrr_minor = now.mrr FROM (
    SELECT c.id, CASE
        WHEN c.stops_before <= %(today)s THEN 'ended'
        WHEN c.starts_on > %(today)s THEN 'scheduled'
        WHEN c.notice_received_on IS NOT NULL AND c.stops_before IS NOT NULL THEN 'notified'
        WHEN NOT c.auto_renew AND c.stops_before IS NULL AND EXISTS (
            SELECT FROM contract_terms t WHERE t.workspace_id = c.workspace_id AND t.contract_id = c.id
            AND t.decision = 'pending' AND t.ends_before <= %(today)s
        ) THEN 'overdue'
        ELSE 'running' END AS state,
        coalesce((
            SELECT perennial_minor(sum(r.parts)) FROM contract_rates r
            WHERE r.workspace_id = c.workspace_id AND r.contract_id = c.id
            AND r.starts_on <= %(today)s AND (r.ends_before IS NULL OR r.ends_before > %(today)s)
        ), 0) AS mrr
    FROM contracts c WHERE c.workspace_id = %(ws)s {of_these}
) AS now
WHERE c.workspace_id = %(ws)s AND c.id = now.id AND (c.state, c.mrr_minor) IS DISTINCT FROM (now.state, now.mrr)
"""


async def refresh_states(tx: Tx, contract_ids: Sequence[UUID] | None = None) -> int:
    """Bring state and MRR of these contracts (None: of all) to what they are today; how many changed."""
    parameters: dict[str, Any] = {"ws": tx.workspace_id, "today": await workspace_today(tx)}
    if contract_ids is None:
        return await tx.execute(_STATES.format(of_these=""), parameters)
    return await tx.execute(
        _STATES.format(of_these="AND c.id = ANY(%(ids)s)"), {**parameters, "ids": list(contract_ids)}
    )
