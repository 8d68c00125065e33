"""Contracts in bulk, as another system states them: accounts and products by our ids or by the caller's."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import Field

from api.contracts.bulk_schemas import ContractBulkItem, ItemStated
from api.contracts.ledger import Recording, follow_contracts
from api.contracts.models import Contract
from api.contracts.mrr import Cause
from api.contracts.rates import refresh_states, replace_rates
from api.contracts.resource import CONTRACTS
from api.contracts.schemas import currencies_of, item_values
from api.contracts.service import CURRENCY_DIFFERS
from api.contracts.stated_terms import follow_statements
from api.kit import clock
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.schemas import Input
from api.kit.tables import new_id

_FAR: Final = dt.date.max


class _NewContract(Input):
    """What a new contract needs, with its items as the table states them."""

    account_id: UUID
    name: str
    currency: str
    starts_on: dt.date
    stated_items: list[Any] = Field(alias="items")


async def upsert_contracts(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, recording: Recording | None = None
) -> list[ItemResult]:
    """Create or bring up to date contracts by external id; see :mod:`api.kit.bulk`.

    ``recording`` says how the ledger's lines are dated: at present, unless a history is brought in.
    """
    results = await upsert(tx, _UPSERT, items, atomic=atomic)
    written = [r.id for r in results if r.status in {BulkStatus.created, BulkStatus.updated} and r.id]
    if written:
        restated = [
            r.id for r in results
            if r.id and (r.status is BulkStatus.created or {"stated_items", "starts_on"} & set(r.changed))
        ]  # fmt: skip
        await _restate_items(tx, restated)
        await follow_statements(tx, written)
        await replace_rates(tx, written)
        await refresh_states(tx, written)
        rows = await tx.fetch(
            "SELECT DISTINCT account_id FROM contracts WHERE workspace_id = %s AND id = ANY(%s)",
            [tx.workspace_id, written],
        )
        await follow_contracts(tx, [row[0] for row in rows], recording or Recording(Cause.correction))
    return results


async def _prepare(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Put our ids in place of the caller's, and items as the table states them; refuse a second currency."""
    accounts = await _ids(tx, "accounts", {r.given.get("account_external_id") for r in results})
    products = await _ids(
        tx, "products", {i.get("product_external_id") for r in results for i in r.given.get("items", ())}
    )
    for result in results:
        external_id = result.given.pop("account_external_id", None)
        if external_id is not None:
            if external_id not in accounts:
                result.fail(invalid(_reference("/account_external_id", "account", "アカウント")))
                continue
            result.given["account_id"] = accounts[external_id]
        if result.given.get("stops_before"):
            noticed = result.given.get("notice_received_on")
            result.given["stops_as"] = (Cause.notice if noticed else Cause.terminated).value
        elif "stops_before" in result.given:
            result.given["stops_as"] = None
        if "items" in result.given:
            _state_items(result, products)
    await _refuse_second_currency(tx, good(results))


def _state_items(result: ItemResult, products: Mapping[str, UUID]) -> None:
    given, stated, errors = result.given.pop("items"), [], []
    for index, raw in enumerate(given):
        item = ItemStated.model_validate(raw)
        currency = result.given.get("currency")
        if currency and currencies_of(item) - {currency}:
            errors.append(
                FieldError(
                    f"/items/{index}", "currency_differs",
                    f"The contract is in {currency}", f"契約の通貨は {currency} です",
                )
            )  # fmt: skip
        product_id = item.product_id or products.get(item.product_external_id or "")
        if product_id is None:
            errors.append(_reference(f"/items/{index}/product_external_id", "product", "商品"))
        values = {k: v for k, v in item_values(item).items() if k not in {"product_id", "product_external_id"}}
        stated.append({**values, "product_id": product_id})
    if errors:
        result.fail(invalid(*errors))
    result.given["stated_items"] = stated


async def _refuse_second_currency(tx: Tx, results: Sequence[ItemResult]) -> None:
    rows = await tx.fetch(
        "SELECT account_id, external_id, currency, starts_on, stops_before FROM contracts "
        "WHERE workspace_id = %s AND account_id = ANY(%s) AND archived_at IS NULL",
        [tx.workspace_id, [r.given["account_id"] for r in results if r.given.get("account_id")]],
    )
    known: dict[UUID, dict[str | None, tuple[str, dt.date, dt.date]]] = {}
    for account_id, external_id, currency, starts_on, stops_before in rows:
        known.setdefault(account_id, {})[external_id] = (currency, starts_on, stops_before or _FAR)
    for result in results:
        given = result.given
        if not (given.get("account_id") and given.get("currency") and given.get("starts_on")):
            continue
        here = known.setdefault(given["account_id"], {})
        span = (given["currency"], given["starts_on"], given.get("stops_before") or _FAR)
        for external_id, (currency, starts_on, ends) in here.items():
            if external_id != result.key and currency != span[0] and starts_on < span[2] and span[1] < ends:
                result.fail(CURRENCY_DIFFERS(currency=currency))
                break
        else:
            here[result.key] = span


async def _refuse_moves(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Fail items that would give an existing contract to another account, or another currency."""
    rows = await tx.fetch(
        "SELECT id, account_id, currency FROM contracts WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [result.id for result in results]],
    )
    known = {row[0]: {"account_id": row[1], "currency": row[2]} for row in rows}
    for result in good(results):
        for name, value in known[result.id].items():
            if result.given.get(name, value) != value:
                result.fail(
                    invalid(
                        FieldError(
                            f"/{name}", "not_allowed",
                            "Cannot change on an existing contract", "既存の契約では変更できません",
                        )
                    )
                )  # fmt: skip
                break


async def _ids(tx: Tx, table: str, wanted: set[str | None]) -> dict[str, UUID]:
    rows = await tx.fetch(
        f"SELECT external_id, id FROM {table} WHERE workspace_id = %s AND external_id = ANY(%s)",  # noqa: S608
        [tx.workspace_id, [each for each in wanted if each]],
    )
    return dict(rows)


async def _restate_items(tx: Tx, contract_ids: Sequence[UUID]) -> None:
    """Replace the items of these contracts by those they state."""
    parameters: dict[str, Any] = {"ws": tx.workspace_id, "ids": list(contract_ids), "now": clock.now()}
    await tx.execute(
        "UPDATE contract_items SET archived_at = %(now)s, version = version + 1, updated_at = %(now)s "
        "WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s) AND archived_at IS NULL",
        parameters,
    )
    rows = await tx.fetch(
        "SELECT c.id, item.value FROM contracts c CROSS JOIN jsonb_array_elements(c.stated_items) AS item "
        "WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s)",
        parameters,
    )
    stated = [{**item, "id": str(new_id()), "contract_id": str(contract_id)} for contract_id, item in rows]
    await tx.execute(
        """
        INSERT INTO contract_items (workspace_id, id, version, created_at, updated_at, contract_id, account_id,
            product_id, starts_on, ends_before, quantity, counts_seats, unit_price, interval_months, discount,
            discount_ends_before, free_before, commitment, ramp, starts_as, ends_as)
        SELECT %(ws)s, s.id, 1, %(now)s, %(now)s, c.id, c.account_id, s.product_id, coalesce(s.starts_on, c.starts_on),
            s.ends_before, coalesce(s.quantity, 1), coalesce(s.counts_seats, true), s.unit_price,
            coalesce(s.interval_months, 1), coalesce(s.discount, 0), s.discount_ends_before, s.free_before, s.commitment,
            coalesce(s.ramp, '[]'), 'signed', 'item_end'
        FROM jsonb_to_recordset(%(stated)s) AS s (id uuid, contract_id uuid, product_id uuid, starts_on date,
            ends_before date, quantity bigint, counts_seats boolean, unit_price bigint, interval_months integer,
            discount integer, discount_ends_before date, free_before date, commitment bigint, ramp jsonb)
        JOIN contracts c ON c.workspace_id = %(ws)s AND c.id = s.contract_id
        """,
        {**parameters, "stated": Jsonb(stated)},
    )


def _reference(pointer: str, en: str, ja: str) -> FieldError:
    return FieldError(pointer, "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません")


_UPSERT: Final = Upsert(
    CONTRACTS,
    Contract,
    ContractBulkItem,
    _NewContract,
    prepare=_prepare,
    refuse=_refuse_moves,
    announced=("account_id",),
)
