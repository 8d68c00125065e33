"""/v1/partners, and the people and keys that partners have."""

from typing import Any

import httpx
import psycopg
import pytest

from api.auth.models import Credential, User
from api.auth.permissions import PARTNER_SCOPES, PARTNERS_ONLY, SCOPES, Role
from api.kit.tables import new_id
from tests.auth.people import PASSWORD, if_match, me, refresh, sign_in
from tests.support.workspaces import WorkspaceForTest, http_client

READS = ["partner_reference_cases:read"]


@pytest.fixture
async def manager(workspace: WorkspaceForTest) -> httpx.AsyncClient:
    """A manager, who deals with partners."""
    return await workspace.client(Role.manager)


@pytest.fixture
async def partner(manager: httpx.AsyncClient) -> dict[str, Any]:
    """A partner as the API shows it."""
    answer = await manager.post("/v1/partners", json={"name": "つなぐ", "domain": "Tsunagu.example.jp"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["domain"] == "tsunagu.example.jp"
    return dict(answer.json())


async def joined(manager: httpx.AsyncClient, anyone: httpx.AsyncClient, partner: dict[str, Any]) -> dict[str, Any]:
    """A person of the partner, who has accepted an invitation."""
    body = {"email": f"{new_id().hex}@example.com", "role": "partner", "partner_id": partner["id"]}
    invited = await manager.post("/v1/invitations", json=body)
    assert (invited.status_code, invited.json()["partner_id"]) == (201, partner["id"]), invited.text
    acceptance = {"token": invited.json()["token"], "name": "中村 樹", "password": PASSWORD, "language": "ja"}
    answer = await anyone.post("/v1/invitations:accept", json=acceptance)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def key_of(client: httpx.AsyncClient, partner: dict[str, Any], **changes: Any) -> httpx.Response:
    body = {"name": "検索", "scopes": READS, "partner_id": partner["id"], **changes}
    return await client.post("/v1/api-keys", json=body)


async def test_a_partners_person_signs_in_and_sees_no_more_than_the_name(
    client: httpx.AsyncClient, manager: httpx.AsyncClient, partner: dict[str, Any]
) -> None:
    user = await joined(manager, client, partner)
    assert (user["role"], user["partner_id"]) == ("partner", partner["id"])
    token = (await sign_in(client, user["email"])).json()
    assert set(token["scope"].split()) == PARTNER_SCOPES
    seen = (await me(client, token["access_token"])).json()
    assert seen["partner"] == {
        "id": partner["id"], "name": "つなぐ", "language": "en", "workspace_name": "株式会社テスト",
    }  # fmt: skip
    assert (seen["workspace"], seen["my_day"], seen["api_key"]) == (None, None, None)
    assert (seen["role"], seen["scopes"]) == ("partner", sorted(PARTNER_SCOPES))


async def test_an_archived_partner_is_out_at_once(
    client: httpx.AsyncClient, workspace: WorkspaceForTest, manager: httpx.AsyncClient, partner: dict[str, Any]
) -> None:
    user = await joined(manager, client, partner)
    tokens = (await sign_in(client, user["email"])).json()
    secret = (await key_of(manager, partner, scopes=["profile:read"])).json()["secret"]
    waiting = await manager.post(
        "/v1/invitations", json={"email": "late@example.com", "role": "partner", "partner_id": partner["id"]}
    )

    async def statuses() -> list[int]:
        async with http_client(workspace.app, secret) as key:
            return [(await me(client, tokens["access_token"])).status_code, (await key.get("/v1/me")).status_code]

    assert await statuses() == [200, 200]
    path = f"/v1/partners/{partner['id']}"
    assert (await manager.delete(path, headers=if_match(partner))).status_code == 200
    assert await statuses() == [401, 401]
    assert (await sign_in(client, user["email"])).status_code == 401
    assert (await refresh(client, tokens["refresh_token"])).status_code == 401
    acceptance = {"token": waiting.json()["token"], "name": "x", "password": PASSWORD}
    assert (await client.post("/v1/invitations:accept", json=acceptance)).status_code == 410
    assert (await key_of(manager, partner)).json()["code"] == "archived"
    assert (await manager.post(f"{path}:restore")).status_code == 200
    assert await statuses() == [200, 200]


async def test_managers_deal_with_partners_keys_only(
    workspace: WorkspaceForTest, manager: httpx.AsyncClient, partner: dict[str, Any]
) -> None:
    admin = await workspace.client()
    own = (await admin.post("/v1/api-keys", json={"name": "x", "scopes": ["products:read"]})).json()
    refused = [
        await manager.post("/v1/api-keys", json={"name": "x", "scopes": ["products:read"]}),
        await manager.post(f"/v1/api-keys/{own['id']}:rotate", json={}),
        await manager.delete(f"/v1/api-keys/{own['id']}", headers=if_match(own)),
        await manager.post("/v1/invitations", json={"email": "x@example.com", "role": "csm"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "forbidden")] * 4
    made = (await key_of(manager, partner)).json()
    rotated = await manager.post(f"/v1/api-keys/{made['id']}:rotate", json={})
    assert (rotated.status_code, rotated.json()["partner_id"]) == (201, partner["id"])
    new = rotated.json()
    assert (await manager.delete(f"/v1/api-keys/{new['id']}", headers=if_match(new))).json()["state"] == "revoked"
    listed = (await manager.get("/v1/api-keys", params={"partner_id": partner["id"]})).json()["data"]
    assert {key["id"] for key in listed} == {made["id"], new["id"]}


async def test_a_partners_key_holds_no_other_scope(workspace: WorkspaceForTest, partner: dict[str, Any]) -> None:
    others = sorted(SCOPES.keys() - PARTNER_SCOPES)
    answer = await key_of(await workspace.client(), partner, scopes=[*READS, *others])
    assert answer.status_code == 422
    pointers = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert pointers == [(f"/scopes/{place}", "not_allowed") for place in range(1, len(others) + 1)]


async def test_the_database_holds_partners_to_their_scopes_and_role_too(
    workspace: WorkspaceForTest, partner: dict[str, Any]
) -> None:
    for model, values in (
        (Credential, {"kind": "api_key", "scopes": ["accounts:read"], "partner_id": partner["id"]}),
        (User, {"email": "a@example.com", "name": "x", "role": "viewer", "partner_id": partner["id"]}),
        (User, {"email": "a@example.com", "name": "x", "role": "partner"}),
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await workspace.add(model, **values)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "scopes": READS}, "/scopes/0"),
        ({"name": "x", "scopes": READS, "partner_id": str(new_id())}, "/partner_id"),
    ],
)
async def test_a_partners_scopes_need_the_partner(
    manager: httpx.AsyncClient, workspace: WorkspaceForTest, body: dict[str, Any], pointer: str
) -> None:
    for client in (await workspace.client(), manager) if "partner_id" in body else (await workspace.client(),):
        answer = await client.post("/v1/api-keys", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_the_role_of_partners_is_neither_given_nor_taken(
    client: httpx.AsyncClient, workspace: WorkspaceForTest, manager: httpx.AsyncClient, partner: dict[str, Any]
) -> None:
    admin = await workspace.client()
    theirs, ours = await joined(manager, client, partner), await workspace.user(Role.viewer)
    for path, role in ((f"/v1/users/{theirs['id']}", "viewer"), (f"/v1/users/{ours.id}", "partner")):
        answer = await admin.patch(path, json={"role": role}, headers={"If-Match": "1"})
        assert (answer.status_code, answer.json()["code"]) == (409, "role_of_partners")
    for body in ({"role": "csm", "partner_id": partner["id"]}, {"role": "partner"}):
        answer = await admin.post("/v1/invitations", json={"email": "x@example.com", **body})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/partner_id")


async def test_a_key_written_past_the_service_gains_nothing(
    workspace: WorkspaceForTest, partner: dict[str, Any]
) -> None:
    everything = await workspace.key_client(SCOPES)
    held = set((await everything.get("/v1/me")).json()["scopes"])
    assert held == SCOPES.keys() - PARTNERS_ONLY
