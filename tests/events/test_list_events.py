"""GET /v1/events and /v1/events/{id}."""

from typing import Any

import httpx
import pytest

from api.auth.permissions import Role
from api.kit.db import Database
from api.kit.outbox import number_events
from api.kit.settings import Settings
from tests.auth.people import if_match
from tests.support.workspaces import WorkspaceForTest


@pytest.fixture
async def sequencer(settings: Settings) -> Any:
    """Numbers the waiting events, as the worker does."""
    async with Database(settings.worker_url.get_secret_value(), settings, size=1) as heads:

        async def run(workspace: WorkspaceForTest) -> None:
            while await number_events(heads, workspace.database):
                pass

        yield run


async def read(client: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    answer = await client.get("/v1/events", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def products(client: httpx.AsyncClient, count: int) -> list[dict[str, Any]]:
    return [(await client.post("/v1/products", json={"name": f"製品{n}"})).json() for n in range(count)]


async def test_only_numbered_events_are_shown(workspace: WorkspaceForTest, sequencer: Any) -> None:
    client = await workspace.client()
    (product,) = await products(client, 1)
    assert (await read(client))["data"] == []
    await sequencer(workspace)
    (event,) = (await read(client))["data"]
    assert (event["position"], event["type"], event["resource"]) == (1, "product.created", "product")
    assert event["resource_id"] == product["id"]
    assert event["actor_kind"] == "user"
    assert event["origin"] is None
    assert (await client.get(f"/v1/events/{event['id']}")).json() == event


async def test_a_reader_resumes_where_it_stopped(workspace: WorkspaceForTest, sequencer: Any) -> None:
    client = await workspace.client()
    made = await products(client, 5)
    await sequencer(workspace)
    first = await read(client, limit=2)
    assert first["page"]["has_more"] is True
    rest = await read(client, limit=3, cursor=first["page"]["next_cursor"])
    assert rest["page"] == {"next_cursor": None, "has_more": False}
    seen = first["data"] + rest["data"]
    assert [event["position"] for event in seen] == [1, 2, 3, 4, 5]
    assert [event["resource_id"] for event in seen] == [product["id"] for product in made]
    assert (await read(client, after_position=5))["data"] == []
    await client.patch(f"/v1/products/{made[0]['id']}", json={"name": "新"}, headers=if_match(made[0]))
    await sequencer(workspace)
    (new,) = (await read(client, after_position=5))["data"]
    assert (new["position"], new["type"]) == (6, "product.updated")
    assert new["data"] == {"fields": ["name"], "version": 2}


async def test_it_is_filtered(workspace: WorkspaceForTest, sequencer: Any) -> None:
    client = await workspace.client()
    one, two = await products(client, 2)
    await client.delete(f"/v1/products/{two['id']}", headers=if_match(two))
    me = (await client.get("/v1/me")).json()["user"]
    await client.patch("/v1/me", json={"name": "新しい名前"}, headers=if_match(me))
    await sequencer(workspace)

    async def positions(**query: Any) -> list[int]:
        return [event["position"] for event in (await read(client, **query))["data"]]

    assert await positions(type=["product.archived", "user.updated"]) == [3, 4]
    assert await positions(resource="user") == [4]
    assert await positions(resource_id=one["id"]) == [1]
    assert await positions(resource="product", after_position=1) == [2, 3]


@pytest.mark.parametrize(
    "query", [{"sort": "-position"}, {"sort": "id"}, {"after_position": -1}, {"after_position": 2**63}, {"type": "x"}]
)
async def test_the_query_is_checked(workspace: WorkspaceForTest, query: dict[str, Any]) -> None:
    client = await workspace.client(Role.viewer)
    assert (await client.get("/v1/events", params=query)).status_code == 422


async def test_other_workspaces_see_nothing(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, sequencer: Any
) -> None:
    await products(await workspace.client(), 1)
    await sequencer(workspace)
    (event,) = (await read(await workspace.client()))["data"]
    stranger = await other_workspace.client()
    assert (await read(stranger))["data"] == []
    assert (await stranger.get(f"/v1/events/{event['id']}")).status_code == 404


async def test_the_origin_comes_along(workspace: WorkspaceForTest, sequencer: Any) -> None:
    client = await workspace.client()
    await client.post("/v1/products", json={"name": "x"}, headers={"X-Origin": "crm-sync"})
    await sequencer(workspace)
    assert [event["origin"] for event in (await read(client))["data"]] == ["crm-sync"]
