"""Usage over HTTP, in few words."""

import datetime as dt
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from api.accounts.models import Account, AccountStanding
from api.auth.permissions import SCOPES
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]


class Meter:
    """What an integration does with usage."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.client = client

    async def account(self, external_id: str, *, seats: int | None = None) -> UUID:
        """An account that was there before the clock moved."""
        row = await self.workspace.add(
            Account, name=external_id, external_id=external_id, phase_since=dt.date(2026, 1, 1)
        )
        await self.workspace.add(AccountStanding, account_id=row.id, seats=seats)
        return row.id

    async def metric(self, key: str, **values: Any) -> Json:
        """A metric of the catalogue."""
        answer = await self.client.post("/v1/usage-metrics", json={"key": key, "name": key, **values})
        assert answer.status_code == 201, answer.text
        found: Json = answer.json()
        return found

    async def send(self, *items: Json, **query: Any) -> list[Json]:
        """The results of a bulk upsert."""
        answer = await self.client.post(
            "/v1/usage-measurements:bulk-upsert",
            json={"items": list(items)},
            params=query,
            headers={"Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == 207, answer.text
        found: list[Json] = answer.json()["items"]
        return found

    async def load(self, *lines: object, **query: Any) -> Json:
        """What became of lines; a text stands for itself."""
        body = b"\n".join(line.encode() if isinstance(line, str) else orjson.dumps(line) for line in lines)
        answer = await self.client.post(
            "/v1/usage-measurements:bulk-load",
            content=body,
            params=query,
            headers={"Idempotency-Key": str(new_id()), "Content-Type": "application/jsonl"},
        )
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def usage(self, account_id: UUID, **query: Any) -> Json:
        """An account's usage."""
        answer = await self.client.get(f"/v1/accounts/{account_id}/usage", params=query)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def values(self, account_id: UUID, metric: str, **query: Any) -> dict[str, float | None]:
        """The points of one metric, by date."""
        (series,) = (await self.usage(account_id, metric=metric, **query))["metrics"]
        return {point["date"]: point["value"] for point in series["points"]}

    async def statuses(self, account_id: UUID) -> list[tuple[str | None, str]]:
        """The statuses an account has had, newest first, and since when."""
        answer = await self.client.get(f"/v1/accounts/{account_id}/usage-statuses")
        assert answer.status_code == 200, answer.text
        return [(each["status"], each["since"]) for each in answer.json()["data"]]


def measured(account: str, day: str, value: float, metric: str = "logins") -> Json:
    """A measurement by the caller's own ids."""
    return {"account_external_id": account, "metric": metric, "day": day, "value": value}


@pytest.fixture
async def meter(workspace: WorkspaceForTest) -> Meter:
    """A meter in a fresh workspace in Tokyo."""
    # A key, since a session would be over as soon as the clock moves.
    return Meter(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))
