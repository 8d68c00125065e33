"""Items of contracts that another system states: whether they say anything new, and how they take effect."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from api.kit import clock
from api.kit.db import Tx
from api.kit.tables import new_id

Stated = Mapping[str, Any]
"""An item as ``contracts.stated_items`` keeps it: by the names of the columns, prices in minor units."""

_PLAIN: Final[Stated] = {
    "product_id": None, "starts_on": None, "ends_before": None, "quantity": 1, "counts_seats": True, "unit_price": 0,
    "interval_months": 1, "discount": 0, "discount_ends_before": None, "free_before": None, "commitment": None,
    "ramp": [],
}  # fmt: skip
_CAUSES: Final = ("starts_as", "ends_as")
_COLUMNS: Final = (*_PLAIN, *_CAUSES)


@dataclass(frozen=True, slots=True)
class Restated:
    """A contract whose items are to be as it states them, from a day on or (None) altogether."""

    contract_id: UUID
    effective_on: dt.date | None = None


async def items_there(tx: Tx, contract_ids: Sequence[UUID]) -> dict[UUID, list[Stated]]:
    """The items of these contracts as they would be stated."""
    rows = await tx.fetch(
        f"SELECT contract_id, {', '.join(_COLUMNS)} FROM contract_items "  # noqa: S608
        "WHERE workspace_id = %s AND contract_id = ANY(%s) AND archived_at IS NULL",
        [tx.workspace_id, list(contract_ids)],
    )
    found: dict[UUID, list[Stated]] = {}
    for contract_id, *values in rows:
        found.setdefault(contract_id, []).append(dict(zip(_COLUMNS, values, strict=True)))
    return found


def says_nothing_new(
    stated: Iterable[Stated], there: Iterable[Stated], starts_on: dt.date, effective_on: dt.date | None
) -> bool:
    """Whether a contract has these items already, from ``effective_on`` on or (None) altogether."""
    wanted = _in_order(stated, starts_on, effective_on)
    known = _in_order(there, starts_on, effective_on)
    return [plain for plain, _ in wanted] == [plain for plain, _ in known] and all(
        all(causes[name] == text for name, text in given.items())
        for (_, given), (_, causes) in zip(wanted, known, strict=True)
    )


def _in_order(
    items: Iterable[Stated], starts_on: dt.date, effective_on: dt.date | None
) -> list[tuple[list[str], dict[str, str]]]:
    """What each item says beside why it begins and ends, as texts; and that. None that is over by the day."""
    found = []
    for item in items:
        if effective_on and item.get("ends_before") and item["ends_before"] <= effective_on:
            continue
        begins = max(item.get("starts_on") or starts_on, effective_on or starts_on)
        plain = {**_PLAIN, **{name: item[name] for name in _PLAIN if name in item}, "starts_on": begins}
        causes = {} if effective_on else {name: str(item[name]) for name in _CAUSES if item.get(name)}
        ramp = [sorted(step.items()) for step in plain["ramp"]]
        found.append(([str(value) for value in {**plain, "ramp": ramp}.values()], causes))
    return sorted(found, key=lambda each: each[0])


def moved(there: Iterable[Stated], before: dt.date) -> list[Stated]:
    """Items as they are, to be stated of a contract whose start moves away from ``before``."""
    return [{**item, "starts_on": None if item["starts_on"] == before else item["starts_on"]} for item in there]


async def restate_items(tx: Tx, restated: Sequence[Restated]) -> None:
    """Let the items of these contracts be those that they state; set-based, however many there are."""
    parameters: dict[str, Any] = {
        "ws": tx.workspace_id,
        "now": clock.now(),
        "ids": [each.contract_id for each in restated],
        "days": [each.effective_on for each in restated],
    }
    these = "unnest(%(ids)s::uuid[], %(days)s::date[]) AS r (contract_id, effective_on)"
    await tx.execute(
        f"""
        UPDATE contract_items i SET version = i.version + 1, updated_at = %(now)s,
            archived_at = CASE WHEN r.effective_on IS NULL OR i.starts_on >= r.effective_on THEN %(now)s::timestamptz END,
            ends_as = CASE WHEN i.starts_on < r.effective_on THEN 'amendment' ELSE i.ends_as END,
            ends_before = CASE WHEN i.starts_on < r.effective_on THEN r.effective_on ELSE i.ends_before END
        FROM {these}
        WHERE i.workspace_id = %(ws)s AND i.contract_id = r.contract_id AND i.archived_at IS NULL
        AND (r.effective_on IS NULL OR i.ends_before IS NULL OR i.ends_before > r.effective_on)
        """,  # noqa: S608
        parameters,
    )
    rows = await tx.fetch(
        "SELECT c.id, item.value FROM contracts c CROSS JOIN jsonb_array_elements(c.stated_items) AS item "
        "WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s)",
        parameters,
    )
    stated = [{**item, "id": str(new_id()), "contract_id": str(contract_id)} for contract_id, item in rows]
    await tx.execute(
        f"""
        INSERT INTO contract_items (workspace_id, id, version, created_at, updated_at, contract_id, account_id,
            product_id, starts_on, ends_before, quantity, counts_seats, unit_price, interval_months, discount,
            discount_ends_before, free_before, commitment, ramp, starts_as, ends_as)
        SELECT %(ws)s, s.id, 1, %(now)s, %(now)s, c.id, c.account_id, s.product_id,
            greatest(coalesce(s.starts_on, c.starts_on), r.effective_on), s.ends_before, coalesce(s.quantity, 1),
            coalesce(s.counts_seats, true), s.unit_price, coalesce(s.interval_months, 1), coalesce(s.discount, 0),
            s.discount_ends_before, s.free_before, s.commitment, coalesce(s.ramp, '[]'),
            coalesce(s.starts_as, CASE WHEN coalesce(s.starts_on, c.starts_on) <= r.effective_on THEN 'amendment'
                ELSE 'signed' END), coalesce(s.ends_as, 'item_end')
        FROM jsonb_to_recordset(%(stated)s) AS s (id uuid, contract_id uuid, product_id uuid, starts_on date,
            ends_before date, quantity bigint, counts_seats boolean, unit_price bigint, interval_months integer,
            discount integer, discount_ends_before date, free_before date, commitment bigint, ramp jsonb,
            starts_as text, ends_as text)
        JOIN contracts c ON c.workspace_id = %(ws)s AND c.id = s.contract_id
        JOIN {these} ON r.contract_id = c.id
        WHERE r.effective_on IS NULL OR s.ends_before IS NULL OR s.ends_before > r.effective_on
        """,  # noqa: S608
        {**parameters, "stated": Jsonb(stated)},
    )
