"""PATCH /v1/me and POST /v1/me/password."""

import httpx
import pytest

from api.auth.permissions import Role
from tests.auth.people import PASSWORD, me, person, refresh, sign_in
from tests.support.workspaces import WorkspaceForTest

NEW = "correct horse battery staple"


@pytest.mark.parametrize("role", list(Role))
async def test_everyone_can_change_their_profile(workspace: WorkspaceForTest, role: Role) -> None:
    user = await workspace.user(role)
    client = await workspace.signed_in(user)
    change = {"name": "鈴木 一郎", "language": "ja", "time_zone": "Asia/Tokyo"}
    answer = await client.patch("/v1/me", json=change)
    assert answer.status_code == 200
    assert change.items() <= answer.json().items()
    assert (answer.json()["id"], answer.json()["version"]) == (str(user.id), 2)
    assert (await client.patch("/v1/me", json={"time_zone": None})).json()["time_zone"] is None
    stale = await client.patch("/v1/me", json={"name": "x"}, headers={"If-Match": "2"})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 3)


@pytest.mark.parametrize(
    "change", [{"role": "admin"}, {"suspended": False}, {"email": "a@example.com"}, {"time_zone": "Mars/Base"}]
)
async def test_nobody_changes_their_own_standing(workspace: WorkspaceForTest, change: dict[str, object]) -> None:
    client = await workspace.client(Role.viewer)
    assert (await client.patch("/v1/me", json=change)).status_code == 422


async def test_an_api_key_has_no_profile(workspace: WorkspaceForTest) -> None:
    client = await workspace.key_client(["profile:read", "profile:write"])
    passwords = {"current_password": PASSWORD, "new_password": NEW}
    for answer in (
        await client.patch("/v1/me", json={"name": "x"}),
        await client.post("/v1/me/password", json=passwords),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "user_required")


async def test_a_new_password_ends_the_other_sessions(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    here, there = (await sign_in(client, user.email)).json(), (await sign_in(client, user.email)).json()
    answer = await client.post(
        "/v1/me/password",
        json={"current_password": PASSWORD, "new_password": NEW},
        headers={"Authorization": f"Bearer {here['access_token']}"},
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await me(client, here["access_token"])).status_code == 200
    assert (await me(client, there["access_token"])).status_code == 401
    assert (await refresh(client, there["refresh_token"])).status_code == 401
    assert (await sign_in(client, user.email)).status_code == 401
    assert (await sign_in(client, user.email, NEW)).status_code == 200


async def test_the_current_password_is_needed_and_guesses_are_limited(workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    client = await workspace.signed_in(user)
    body = {"current_password": "wrong password!", "new_password": NEW}
    statuses = [await client.post("/v1/me/password", json=body) for _ in range(11)]
    assert [answer.status_code for answer in statuses] == [422] * 10 + [429]
    assert statuses[0].json()["errors"][0]["pointer"] == "/current_password"


async def test_a_new_password_is_long_enough(workspace: WorkspaceForTest) -> None:
    client = await workspace.signed_in(await person(workspace))
    body = {"current_password": PASSWORD, "new_password": "elevenchars"}
    answer = await client.post("/v1/me/password", json=body)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (422, "/new_password", "too_short")
