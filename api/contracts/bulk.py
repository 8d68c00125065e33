"""Contracts in bulk, as another system states them: accounts and products by our ids or by the caller's."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from pydantic import Field

from api.contracts.bulk_schemas import ContractBulkItem, ItemStated
from api.contracts.known import follow_knowledge
from api.contracts.ledger import Recording, follow_contracts
from api.contracts.models import Contract
from api.contracts.mrr import Cause
from api.contracts.rates import refresh_states, replace_rates
from api.contracts.resource import CONTRACTS
from api.contracts.schemas import currencies_of, item_values
from api.contracts.service import CURRENCY_DIFFERS
from api.contracts.stated_items import Restated, items_there, moved, restate_items, says_nothing_new
from api.contracts.stated_terms import begin_stated_terms, follow_statements, same_terms, terms_there
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.problems import FieldError, Problem, invalid
from api.kit.schemas import Input

_FAR: Final = dt.date.max


class _NewContract(Input):
    """What a new contract needs, with its items as the table states them."""

    account_id: UUID
    name: str
    currency: str
    starts_on: dt.date
    stated_items: list[Any] = Field(alias="items")


async def upsert_contracts(
    tx: Tx,
    items: Sequence[object],
    *,
    atomic: bool = False,
    recording: Recording | None = None,
    known: Mapping[str, dt.datetime] | None = None,
) -> list[ItemResult]:
    """Create or bring up to date contracts by external id; see :mod:`api.kit.bulk`.

    Args:
        tx: The transaction.
        items: As ``ContractBulkItem`` has them.
        atomic: Whether nothing is written unless every item is good.
        recording: How the ledger's lines are dated: at present, unless a history is brought in.
        known: By external id, when what an item says became known; then the ledger's lines are dated so.
    """
    statement = _Statement()
    results = await upsert(tx, statement.upsert, items, atomic=atomic)
    new = [r for r in results if r.status is BulkStatus.created]
    written = {r.key: r.id for r in results if r.status in {BulkStatus.created, BulkStatus.updated} and r.id}
    if written:
        restated = [
            Restated(r.id, None if r.status is BulkStatus.created else statement.days.get(r.key or ""))
            for r in results
            if r.id and (r.status is BulkStatus.created or {"stated_items", "starts_on"} & set(r.changed))
        ]
        rows = await tx.fetch(
            "SELECT c.external_id, c.account_id, (SELECT max(m.recorded_at) FROM mrr_movements m "
            "WHERE m.workspace_id = c.workspace_id AND m.account_id = c.account_id) "
            "FROM contracts c WHERE c.workspace_id = %s AND c.id = ANY(%s)",
            [tx.workspace_id, list(written.values())],
        )
        recording = recording or Recording(Cause.correction)
        if known:
            # Of two contracts of an account at once, both are known when the later one is; never before what was told.
            by_account: dict[UUID, dt.datetime] = {}
            for key, account_id, latest in rows:
                by_account[account_id] = max(known[key], latest or known[key], by_account.get(account_id, known[key]))
            recording = replace(recording, backfilled=True, known=by_account)
        await restate_items(tx, restated)
        await begin_stated_terms(tx, {r.id: statement.terms.get(r.key or "", []) for r in new if r.id}, recording)
        await follow_statements(tx, list(written.values()), recording)
        await replace_rates(tx, list(written.values()))
        await refresh_states(tx, list(written.values()))
        await follow_knowledge(tx, list(written.values()), recording)
        await follow_contracts(tx, [row[1] for row in rows], recording)
    return results


class _Statement:
    """One call: what its items say that the table of contracts does not keep, by external id."""

    def __init__(self) -> None:
        self.days: dict[str, dt.date] = {}
        self.terms: dict[str, list[dict[str, Any]]] = {}
        self.upsert = Upsert(
            CONTRACTS, Contract, ContractBulkItem, _NewContract,
            prepare=self._prepare, refuse=self._refuse, announced=("account_id",),
        )  # fmt: skip

    async def _prepare(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """Put our ids in place of the caller's, and items as the table states them; refuse a second currency."""
        accounts = await _ids(tx, "accounts", {r.given.get("account_external_id") for r in results})
        items = [item for r in results for item in r.given.get("items", ())]
        products = await _ids(tx, "products", {item.get("product_external_id") for item in items})
        ours = await _known_products(tx, {item.get("product_id") for item in items})
        for result in results:
            given, key = result.given, result.key or ""
            external_id = given.pop("account_external_id", None)
            if external_id is not None:
                if external_id not in accounts:
                    result.fail(invalid(_reference("/account_external_id", "account", "アカウント")))
                    continue
                given["account_id"] = accounts[external_id]
            _state_end(given)
            if "effective_on" in given:
                self.days[key] = given.pop("effective_on")
            if "terms" in given:
                self.terms[key] = given.pop("terms")
            if "items" in given:
                _state_items(result, products, ours)
        await _refuse_second_currency(tx, good(results))

    async def _refuse(self, tx: Tx, results: Sequence[ItemResult]) -> None:
        """Fail items that change of an existing contract what cannot; leave out items that say nothing new."""
        ids = [r.id for r in results if r.id]
        rows = await tx.fetch(
            "SELECT id, account_id, currency, starts_on, ends_before FROM contracts "
            "WHERE workspace_id = %s AND id = ANY(%s)",
            [tx.workspace_id, ids],
        )
        known = {row[0]: {"account_id": row[1], "currency": row[2]} for row in rows}
        starts, ends = {row[0]: row[3] for row in rows}, {row[0]: row[4] for row in rows}
        items, terms = await items_there(tx, ids), await terms_there(tx, ids)
        for result in results:
            assert result.id is not None
            key, given = result.key or "", result.given
            moved_fields = [name for name, value in known[result.id].items() if given.get(name, value) != value]
            day, begins = self.days.get(key), given.get("starts_on", starts[result.id])
            end = given.get("ends_before", ends[result.id])
            if moved_fields:
                result.fail(_cannot_change(moved_fields[0]))
            elif key in self.terms and not same_terms(self.terms[key], terms.get(result.id, ())):
                result.fail(_cannot_change("terms"))
            elif end is not None and end <= begins:
                result.fail(invalid(_ends_before_start(begins)))
            elif day is not None and day < begins:
                result.fail(invalid(_before_start(day)))
            elif begins != starts[result.id]:
                given.setdefault("stated_items", moved(items.get(result.id, ()), starts[result.id]))
            elif "stated_items" in given and says_nothing_new(
                given["stated_items"], items.get(result.id, ()), starts[result.id], day
            ):
                del given["stated_items"]


def _state_end(given: dict[str, Any]) -> None:
    """Say how a contract ends where its item leaves it open; what it says of an end that is none goes."""
    stated = given.pop("stops_as", None)
    if given.get("stops_before"):
        given["stops_as"] = stated or (Cause.notice if given.get("notice_received_on") else Cause.terminated).value
    elif "stops_before" in given:
        given["stops_as"] = None


def _state_items(result: ItemResult, products: Mapping[str, UUID], ours: Collection[UUID]) -> None:
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
        product_id = products.get(item.product_external_id) if item.product_external_id else item.product_id
        if product_id is None or (not item.product_external_id and product_id not in ours):
            named = "product_id" if item.product_id and not item.product_external_id else "product_external_id"
            errors.append(_reference(f"/items/{index}/{named}", "product", "商品"))
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


def _cannot_change(name: str) -> Problem:
    text = ("Cannot change on an existing contract", "既存の契約では変更できません")
    return invalid(FieldError(f"/{name}", "not_allowed", *text))


def _before_start(day: dt.date) -> FieldError:
    return FieldError(
        "/effective_on", "out_of_range", f"The contract starts after {day}", f"契約開始日より前です（{day}）"
    )


def _ends_before_start(day: dt.date) -> FieldError:
    return FieldError(
        "/ends_before",
        "out_of_range",
        f"Not after the contract's start, {day}",
        f"契約開始日（{day}）より後にしてください",
    )


async def _ids(tx: Tx, table: str, wanted: set[str | None]) -> dict[str, UUID]:
    rows = await tx.fetch(
        f"SELECT external_id, id FROM {table} WHERE workspace_id = %s AND external_id = ANY(%s)",  # noqa: S608
        [tx.workspace_id, [each for each in wanted if each]],
    )
    return dict(rows)


async def _known_products(tx: Tx, wanted: set[UUID | None]) -> set[UUID]:
    rows = await tx.fetch(
        "SELECT id FROM products WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [each for each in wanted if each]],
    )
    return {row[0] for row in rows}


def _reference(pointer: str, en: str, ja: str) -> FieldError:
    return FieldError(pointer, "reference_not_found", f"There is no such {en}", f"該当する{ja}がありません")
