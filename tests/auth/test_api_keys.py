"""/v1/api-keys."""

import datetime as dt
from typing import Any

import httpx
import pytest

from api.auth.permissions import Role
from api.auth.secret_tokens import SecretToken
from api.auth.shown_once import MARKER
from api.kit import clock
from tests.auth.people import if_match
from tests.support.workspaces import WorkspaceForTest, http_client

READS = ["products:read"]


async def created(client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/v1/api-keys", json={"name": "請求連携", "scopes": READS, **changes})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def status(workspace: WorkspaceForTest, secret: str, path: str = "/v1/products") -> int:
    async with http_client(workspace.app, secret) as client:
        return (await client.get(path)).status_code


async def test_a_key_does_what_its_scopes_say(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    key = await created(admin)
    assert key["secret"].startswith("pk_test_")
    assert (key["state"], key["scopes"], key["last_used_at"]) == ("active", READS, None)
    assert key["prefix"] == f"{key['secret'][:12]}…{key['secret'][-4:]}"
    assert await status(workspace, key["secret"]) == 200
    assert await status(workspace, key["secret"], "/v1/api-keys") == 403
    await workspace.access.last_used.finish()
    shown = (await admin.get(f"/v1/api-keys/{key['id']}")).json()
    assert shown["last_used_at"]
    assert "secret" not in shown
    listed = (await admin.get("/v1/api-keys")).json()["data"]
    assert [item["id"] for item in listed] == [key["id"]], "sessions are no keys"


async def test_a_replay_does_not_show_the_secret(workspace: WorkspaceForTest) -> None:
    admin, headers = await workspace.client(), {"Idempotency-Key": "create-1"}
    body = {"name": "x", "scopes": READS}
    first = await admin.post("/v1/api-keys", json=body, headers=headers)
    assert first.headers["cache-control"] == "no-store"
    replay = await admin.post("/v1/api-keys", json=body, headers=headers)
    assert (replay.status_code, replay.headers["idempotency-replayed"]) == (201, "true")
    assert replay.json() == {**first.json(), "secret": MARKER}
    assert replay.headers["location"] == first.headers["location"] == f"/v1/api-keys/{first.json()['id']}"


async def test_a_revoked_key_ends_at_once(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    key = await created(admin)
    assert await status(workspace, key["secret"]) == 200
    path = f"/v1/api-keys/{key['id']}"
    assert (await admin.delete(path)).status_code == 428
    revoked = await admin.delete(path, headers=if_match(key))
    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    assert await status(workspace, key["secret"]) == 401
    assert [k["id"] for k in (await admin.get("/v1/api-keys?state=revoked")).json()["data"]] == [key["id"]]
    assert (await admin.get("/v1/api-keys?state=active")).json()["data"] == []
    again = await admin.post(f"{path}:rotate", json={})
    assert (again.status_code, again.json()["code"]) == (409, "key_ended")


async def test_a_key_expires(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    end = clock.now() + dt.timedelta(hours=1)
    key = await created(admin, expires_at=end.isoformat())
    assert await status(workspace, key["secret"]) == 200
    with clock.moved_to(end):
        assert await status(workspace, key["secret"]) == 401
    past = await admin.post("/v1/api-keys", json={"name": "x", "scopes": READS, "expires_at": "2020-01-01T00:00:00Z"})
    assert past.json()["errors"][0]["pointer"] == "/expires_at"


async def test_rotation_overlaps(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    old = await created(admin)
    answer = await admin.post(f"/v1/api-keys/{old['id']}:rotate", json={"overlap_hours": 2})
    assert answer.status_code == 201
    new = answer.json()
    assert (new["name"], new["scopes"]) == (old["name"], old["scopes"])
    assert answer.headers["location"] == f"/v1/api-keys/{new['id']}"
    assert await status(workspace, old["secret"]) == await status(workspace, new["secret"]) == 200
    with clock.moved_to(clock.now() + dt.timedelta(hours=2, seconds=1)):
        assert await status(workspace, old["secret"]) == 401
        assert await status(workspace, new["secret"]) == 200
    replaced = (await admin.get(f"/v1/api-keys/{old['id']}")).json()
    assert replaced["replaced_by"] == new["id"]
    again = await admin.post(f"/v1/api-keys/{old['id']}:rotate", json={})
    assert (again.status_code, again.json()["code"]) == (409, "key_ended")


@pytest.mark.parametrize(("body", "expected"), [({"overlap_hours": 0}, 401), ({}, 200)])
async def test_the_overlap_can_be_none(workspace: WorkspaceForTest, body: dict[str, int], expected: int) -> None:
    admin = await workspace.client()
    old = await created(admin)
    await admin.post(f"/v1/api-keys/{old['id']}:rotate", json=body)
    assert await status(workspace, old["secret"]) == expected


@pytest.mark.parametrize("hours", [-1, 169, "24", 1.5, None])
async def test_the_overlap_is_at_most_a_week(workspace: WorkspaceForTest, hours: object) -> None:
    admin = await workspace.client()
    old = await created(admin)
    answer = await admin.post(f"/v1/api-keys/{old['id']}:rotate", json={"overlap_hours": hours})
    assert answer.status_code == 422


async def test_a_key_cannot_grant_more_than_it_has(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    strong = await created(admin, scopes=["users:write", "products:read"])
    weak = await workspace.key_client(["api_keys:write", "products:read"])
    refused = await weak.post("/v1/api-keys", json={"name": "x", "scopes": ["products:read", "users:write"]})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/scopes/1"]
    rotated = await weak.post(f"/v1/api-keys/{strong['id']}:rotate", json={})
    assert (rotated.status_code, rotated.json()["code"]) == (403, "forbidden")
    assert (await created(weak))["scopes"] == READS


@pytest.mark.parametrize("scopes", [[], ["everything"], ["products"], ["products:read", "products:erase"]])
async def test_scopes_must_exist(workspace: WorkspaceForTest, scopes: list[str]) -> None:
    answer = await (await workspace.client()).post("/v1/api-keys", json={"name": "x", "scopes": scopes})
    assert answer.status_code == 422


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.admin])
async def test_only_admins_make_keys_of_the_workspace(workspace: WorkspaceForTest, role: Role) -> None:
    client = await workspace.client(role)
    assert (await client.get("/v1/api-keys")).status_code == (200 if role is Role.manager else 403)
    assert (await client.post("/v1/api-keys", json={"name": "x", "scopes": READS})).status_code == 403


async def test_a_session_is_no_key(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    session_id = (await workspace.access.keyring.verify(admin.headers["authorization"][7:])).session_id
    path = f"/v1/api-keys/{session_id}"
    assert (await admin.get(path)).status_code == 404
    assert (await admin.delete(path, headers={"If-Match": "1"})).status_code == 404
    assert (await admin.post(f"{path}:rotate", json={})).status_code == 404


async def test_wrong_secrets_do_not_use_up_the_limit_of_the_key(workspace: WorkspaceForTest) -> None:
    key = await created(await workspace.client())
    real = SecretToken.parse(key["secret"], "pk_test_")
    assert real is not None
    limits = []
    for secret in (key["secret"], SecretToken.generate(real.workspace_id, real.id).text("pk_test_"), key["secret"]):
        async with http_client(workspace.app, secret) as client:
            answer = await client.get("/v1/products")
            limits.append((answer.status_code, int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])))
    assert limits[0] == (200, limits[1][1])
    assert limits[1][0] == 401
    assert limits[2] == (200, limits[0][1] - 1)
