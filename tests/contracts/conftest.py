"""Contracts over HTTP, in few words."""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from api.auth.permissions import SCOPES
from api.contracts import jobs
from api.kit import clock
from api.kit.tables import new_id
from api.products.models import Product
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api import makers

TOKYO = ZoneInfo("Asia/Tokyo")


def on(day: str) -> AbstractContextManager[None]:
    """The clock at noon of a day in Tokyo."""
    return clock.moved_to(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), TOKYO))


class Desk:
    """What a console does with contracts."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.client = client

    async def account(self, **values: Any) -> UUID:
        """An account."""
        return await makers.account(self.workspace, **values)

    async def product(self, name: str = "アナリティクス") -> UUID:
        """A product."""
        return (await self.workspace.add(Product, name=name)).id

    async def sign(self, account_id: UUID, product_id: UUID, price: int, **values: Any) -> dict[str, Any]:
        """A contract of one item, billed monthly in yen unless said otherwise."""
        item = {
            "product_id": str(product_id),
            "unit_price": {"amount": price, "currency": values.get("currency", "JPY")},
        }
        item |= values.pop("item", {})
        body = {"account_id": str(account_id), "name": "契約", "currency": "JPY", "items": [item], **values}
        return await self.post("/v1/contracts", body, 201)

    async def act(self, contract: Mapping[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """One of a contract's verbs, at the contract's present version."""
        path = f"/v1/contracts/{contract['id']}"
        version = (await self.get(path))["version"]
        return await self.post(f"{path}:{verb}", body, 200, version=version)

    async def act_refused(self, contract: Mapping[str, Any], verb: str, **body: Any) -> dict[str, Any]:
        """One of a contract's verbs, which must be refused with 409."""
        path = f"/v1/contracts/{contract['id']}"
        version = (await self.get(path))["version"]
        return await self.post(f"{path}:{verb}", body, 409, version=version)

    async def items(self, contract: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A contract's items."""
        found: list[dict[str, Any]] = (await self.get(f"/v1/contracts/{contract['id']}?expand=items"))["items"]
        return found

    async def ledger(self, account_id: UUID) -> list[tuple[str, str, int]]:
        """The account's lines in the order of their recording: day, type, amount."""
        page = await self.get(f"/v1/mrr-movements?account_id={account_id}&sort=recorded_at&limit=200")
        return [(line["effective_on"], line["type"], line["amount"]["amount"]) for line in page["data"]]

    async def mrr(self, account_id: UUID, as_of: str, known_at: str | None = None, what: str = "mrr") -> int:
        """A figure of the account's, in minor units; 0 without any."""
        known = "" if known_at is None else f"&known_at={known_at}T23:59:59%2B09:00"
        found = await self.get(f"/v1/accounts/{account_id}/mrr?as_of={as_of}{known}")
        return sum(each[what]["amount"] for each in found["currencies"])

    async def run_calendar(self) -> None:
        """What the worker does every hour."""
        async with self.workspace.write() as tx:
            await jobs.follow_the_calendar(tx)

    async def get(self, path: str) -> dict[str, Any]:
        """GET, which must succeed."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, path: str, body: Any, status: int, version: int | None = None) -> dict[str, Any]:
        """POST, which must answer so."""
        headers = {"Idempotency-Key": str(new_id())} | ({"If-Match": f'"{version}"'} if version else {})
        answer = await self.client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def desk(workspace: WorkspaceForTest) -> Desk:
    """A desk in a fresh workspace in Tokyo."""
    # A key, since a session would be over as soon as the clock moves.
    return Desk(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))


@pytest.fixture
def today() -> Iterator[None]:
    """22 November 2026, whatever day it is."""
    with on("2026-11-22"):
        yield
