"""Contracts go out as a file and come back from it: the same here, and equal where there are none."""

from typing import Any

import psycopg
import pytest

from api.auth.permissions import SCOPES
from tests.contracts.conftest import Desk, on
from tests.exports.conftest import Exports
from tests.imports.conftest import Importer, counted
from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]
FORMATS = ("csv", "xlsx", "jsonl")
_IDS = ("id", "product_id", "follows_id", "account_id")
_OWN = (*_IDS, "version", "created_at", "updated_at", "recorded_at", "corrects_id", "contract_id", "backfilled")


def yen(amount: int) -> Json:
    return {"amount": amount, "currency": "JPY"}


async def house(workspace: WorkspaceForTest) -> Desk:
    """A workspace that has the accounts and products."""
    desk = Desk(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
    for key in ("a-1", "a-2"):
        await desk.account(external_id=key)
    for key in ("core", "+plus"):
        await desk.post("/v1/products", {"name": key, "external_id": key}, 201)
    return desk


async def live(desk: Desk) -> None:
    """Contracts with a past: added to, raised, renewed late, ended, lapsed and taken back, on trial, with ramps."""
    accounts = {a["external_id"]: a["id"] for a in (await desk.get("/v1/accounts"))["data"]}
    products = {p["external_id"]: p["id"] for p in (await desk.get("/v1/products"))["data"]}

    def item(product: str, price: int, **values: Any) -> Json:
        return {"product_id": products[product], "unit_price": yen(price), **values}

    async def sign(key: str, account: str, *items: Json, **values: Any) -> Json:
        body = {"external_id": key, "account_id": accounts[account], "name": f"契約 {key}", "currency": "JPY",
                "starts_on": "2024-01-15", "items": list(items), **values}  # fmt: skip
        return await desk.post("/v1/contracts", body, 201)

    with on("2024-01-10"):
        annual = await sign(
            "=k-1", "a-1", item("core", 1_000, quantity=10, discount_pct=12.5, discount_ends_before="2024-07-01"),
            item("+plus", 60_000, interval_months=12, counts_seats=False, starts_on="2024-03-01",
                 commitment=yen(120_000), ramp=[{"starts_on": "2024-09-01", "quantity": 2},
                                                {"starts_on": "2024-10-01", "unit_price": yen(70_000)}]),
            ends_before="2025-01-15", signed_on="2023-12-20", renewal_months=6, notice_days=45,
        )  # fmt: skip
        rolling = await sign("k-2", "a-2", item("core", 2_000, free_before="2024-02-15"))
        lapsing = await sign("k-3", "a-2", item("+plus", 500), ends_before="2024-05-01")
        await sign("k-4", "a-2", item("core", 900), kind="trial", ends_before="2024-03-01", auto_renew=True)
    with on("2024-04-01"):
        core = next(each for each in await desk.items(annual) if each["product_external_id"] == "core")
        await desk.act(annual, "amend", effective_on="2024-05-01", change=[{"item_id": core["id"], "quantity": 14}])
        await desk.act(rolling, "give-notice", received_on="2024-03-31", ends_before="2024-06-01")
    with on("2024-07-01"):
        await desk.run_calendar()
        assert (await desk.get(f"/v1/contracts/{lapsing['id']}"))["stops_as"] == "lapsed"
    with on("2025-02-01"):
        await desk.act(annual, "renew", decided_on="2025-01-31")


async def file_of(desk: Desk, exports: Exports, format_: str) -> bytes:
    if format_ == "jsonl":
        return await exports.content("contracts", format_, query={"expand": ["account", "items", "terms"]})
    return await exports.content("contracts", format_, query={"expand": ["account", "terms"]}, one_row_per="items")


async def everything(desk: Desk) -> Any:
    """Contracts, items, terms and the ledger, ids and dates of recording aside."""
    contracts = (await desk.get("/v1/contracts?expand=items,terms&sort=name&limit=200"))["data"]
    lines = (await desk.get("/v1/mrr-movements?limit=200"))["data"]
    products = {p["id"]: p["external_id"] for p in (await desk.get("/v1/products"))["data"]}
    ledger: dict[tuple[Any, ...], int] = {}
    for line in lines:
        key = (line["effective_on"], line["type"], products[line["product_id"]])
        ledger[key] = ledger.get(key, 0) + line["amount"]["amount"]
    return without(contracts), {key: amount for key, amount in sorted(ledger.items()) if amount}


def without(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((without(each) for each in value), key=repr)
    if isinstance(value, dict):
        return {name: without(each) for name, each in value.items() if name not in _OWN}
    return value


@pytest.mark.parametrize("format_", FORMATS)
async def test_what_went_out_comes_back_as_it_was(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, owner: psycopg.Connection, format_: str
) -> None:
    here, there = await house(workspace), await house(other_workspace)
    await live(here)
    with on("2025-03-01"):
        exports = Exports(here.workspace, here.client, owner)
        content = await file_of(here, exports, format_)
        rows = 6 if format_ != "jsonl" else 4
        before = await everything(here)
        name: Json = {"filename": f"contracts.{format_}"}
        again = await Importer(here.workspace, here.client).done(content, resource="contracts", **name)
        assert counted(again) == (0, 0, rows, 0), again
        assert await everything(here) == before
        new = await Importer(there.workspace, there.client).done(content, resource="contracts", **name)
        assert counted(new) == (rows, 0, 0, 0), await Importer(there.workspace, there.client).rows(new["id"])
        assert await everything(there) == before
