"""Gaps over HTTP, in few words."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import pytest

from api.auth.permissions import SCOPES
from tests.contracts.conftest import Desk, on, today
from tests.support.workspaces import WorkspaceForTest

__all__ = ["Gaps", "on", "today"]

Json = dict[str, Any]


class Gaps(Desk):
    """What a console does about gaps."""

    async def gap(self, title: str = "承認者を部署ごとに切り替えられない", **values: Any) -> Json:
        """A gap."""
        return await self.post("/v1/product-gaps", {"title": title, "area": "承認フロー", **values}, 201)

    async def report(self, gap: Mapping[str, Any], account: UUID | str, **values: Any) -> Json:
        """A report of it."""
        body = {"gap_id": gap["id"], "account_id": str(account), **values}
        return await self.post("/v1/product-gap-reports", body, 201)

    async def change(self, gap: Mapping[str, Any], expected: int = 200, **values: Any) -> Json:
        """Change a gap as it is now."""
        path = f"/v1/product-gaps/{gap['id']}"
        version = (await self.get(path))["version"]
        answer = await self.client.patch(path, json=values, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == expected, answer.text
        found: Json = answer.json()
        return found

    async def walk(self, gap: Mapping[str, Any], *statuses: str) -> Json:
        """Move a gap on, step by step."""
        changed: Json = {}
        for status in statuses:
            changed = await self.change(gap, status=status, status_reason="方針が変わったため")
        return changed

    async def merge(self, winner: Mapping[str, Any], loser: Mapping[str, Any]) -> Json:
        """Merge a duplicate into a gap."""
        path = f"/v1/product-gaps/{winner['id']}"
        version = (await self.get(path))["version"]
        return await self.post(f"{path}:merge", {"loser_id": loser["id"]}, 200, version=version)

    async def all_of(self, path: str, **query: Any) -> list[Json]:
        """All items of a list, page by page."""
        found: list[Json] = []
        query = {"limit": 200, **query}
        while True:
            answer = await self.client.get(path, params=query)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["data"]
            if page["page"]["next_cursor"] is None:
                return found
            query["cursor"] = page["page"]["next_cursor"]

    async def events(self, *types: str) -> list[Json]:
        """Events of these types, as they were recorded."""
        async with self.workspace.write() as tx:
            rows = await tx.fetch(
                "SELECT type, resource_id::text, data FROM events WHERE type = ANY(%s) ORDER BY id", [list(types)]
            )
        return [{"type": kind, "resource_id": about, "data": data} for kind, about, data in rows]


@pytest.fixture
async def gaps(workspace: WorkspaceForTest) -> Gaps:
    """A workspace in Tokyo, and a key that may do everything in it."""
    return Gaps(workspace, await workspace.key_client(SCOPES.keys() - {"profile:read", "profile:write"}))


def ids(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of items."""
    return [item["id"] for item in items]
