"""Figures over HTTP, in few words."""

from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from api.contracts import rollup
from tests.contracts.conftest import Desk, on
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Figures", "on"]


class Figures(Desk):
    """What a console asks of recurring revenue."""

    async def retention(self, first: str, last: str, **query: Any) -> dict[str, Any]:
        """Retention from a day to a day."""
        return await self.ask("retention", **{"from": first, "to": last, **query})

    async def total(self, first: str, last: str, **query: Any) -> dict[str, Any]:
        """Its total."""
        found: dict[str, Any] = (await self.retention(first, last, **query))["total"]
        return found

    async def ask(self, what: str, **query: Any) -> dict[str, Any]:
        """A figure, which must be answered."""
        answer = await self.client.get(f"/v1/analytics/{what}", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def roll_up(self) -> None:
        """What the job does, until nothing is marked."""
        async with self.workspace.write() as tx:
            await rollup.reach(tx)
        while True:
            async with self.workspace.write() as tx:
                if not await rollup.refresh_batch(tx):
                    return

    async def paying(
        self, price: int, since: str, product: UUID | None = None, **values: Any
    ) -> tuple[UUID, dict[str, Any]]:
        """An account with a contract since a day, and the contract."""
        of_account = {
            name: values.pop(name)
            for name in ("name", "industry", "country", "parent_id", "owner_id")
            if name in values
        }
        account = await self.account(**of_account)
        with on(since):
            contract = await self.sign(account, product or await self.product(), price, starts_on=since, **values)
        return account, contract

    async def reprice(self, contract: dict[str, Any], price: int, day: str) -> None:
        """Another price as of a day."""
        item = (await self.items(contract))[-1]
        amount = {"amount": price, "currency": contract["currency"]}
        with on(day):
            await self.act(contract, "amend", effective_on=day, change=[{"item_id": item["id"], "unit_price": amount}])

    async def end(self, contract: dict[str, Any], day: str) -> None:
        """The contract stops on a day."""
        with on(day):
            await self.act(contract, "terminate", ends_before=day)


@pytest.fixture
async def figures(workspace: WorkspaceForTest) -> Figures:
    """The figures of a fresh workspace in Tokyo, in yen."""
    return Figures(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
