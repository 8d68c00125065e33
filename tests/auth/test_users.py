"""/v1/users."""

import asyncio
from uuid import uuid4

import httpx
import psycopg
import pytest

from api.auth.models import User
from api.auth.permissions import ROLE_SCOPES, Role
from api.kit import clock
from tests.auth.people import if_match, me, person, sign_in
from tests.support.workspaces import WorkspaceForTest


async def test_users_are_listed_and_filtered(workspace: WorkspaceForTest) -> None:
    client = await workspace.client()
    await workspace.user(Role.sales, name="Abe", email="abe@example.com")
    await workspace.user(Role.viewer, name="Baba", email="baba@example.com")

    async def names(**filters: object) -> list[str]:
        answer = await client.get("/v1/users", params=filters)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text
        return [user["name"] for user in answer.json()["data"]]

    assert await names() == ["Abe", "Baba", "山田 花子"]
    assert await names(sort="-name") == ["山田 花子", "Baba", "Abe"]
    assert await names(role=["sales", "viewer"]) == ["Abe", "Baba"]
    assert await names(email=" ABE@example.com ") == ["Abe"]
    (baba,) = (await client.get("/v1/users", params={"role": "viewer"})).json()["data"]
    await client.patch(f"/v1/users/{baba['id']}", json={"suspended": True}, headers=if_match(baba))
    assert await names(suspended=True) == ["Baba"]
    assert await names(suspended=False) == ["Abe", "山田 花子"]


async def test_strangers_are_not_found(workspace: WorkspaceForTest, other_workspace: WorkspaceForTest) -> None:
    client = await workspace.client()
    stranger = await other_workspace.user()
    path = f"/v1/users/{stranger.id}"
    assert (await client.get(path)).status_code == 404
    assert (await client.patch(path, json={"name": "x"}, headers={"If-Match": "1"})).status_code == 404
    assert (await client.delete(path, headers={"If-Match": "1"})).status_code == 404


async def test_a_new_role_counts_from_the_next_request(workspace: WorkspaceForTest) -> None:
    admin, user = await workspace.client(), await workspace.user(Role.viewer)
    client = await workspace.signed_in(user)
    assert (await client.get("/v1/audit-log")).status_code == 403
    raised = await admin.patch(f"/v1/users/{user.id}", json={"role": "admin"}, headers={"If-Match": "1"})
    assert (raised.status_code, raised.json()["role"]) == (200, "admin")
    assert (await client.get("/v1/audit-log")).status_code == 200
    await admin.patch(f"/v1/users/{user.id}", json={"role": "csm"}, headers=if_match(raised.json()))
    assert (await client.get("/v1/audit-log")).status_code == 403


async def test_a_suspension_counts_from_the_next_request(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    admin, user = await workspace.client(), await person(workspace)
    token = (await sign_in(client, user.email)).json()["access_token"]
    assert (await me(client, token)).status_code == 200
    path = f"/v1/users/{user.id}"
    suspended = (await admin.patch(path, json={"suspended": True}, headers={"If-Match": "1"})).json()
    assert suspended["suspended"] is True
    assert suspended["suspended_at"]
    assert (await me(client, token)).status_code == 401
    again = await admin.patch(path, json={"suspended": True}, headers=if_match(suspended))
    assert again.json() == suspended
    back = (await admin.patch(path, json={"suspended": False}, headers=if_match(suspended))).json()
    assert (back["suspended"], back["suspended_at"]) == (False, None)
    assert (await me(client, token)).status_code == 401, "the session had ended"
    assert (await sign_in(client, user.email)).status_code == 200


@pytest.mark.parametrize("column", ["suspended_at", "archived_at"])
async def test_a_session_left_behind_is_worthless(workspace: WorkspaceForTest, column: str) -> None:
    user = await workspace.user()
    client = await workspace.signed_in(user)
    assert (await client.get("/v1/me")).status_code == 200
    async with workspace.write() as tx:
        setattr(await tx.session.get_one(User, (workspace.id, user.id)), column, clock.now())
    assert (await client.get("/v1/me")).status_code == 401


async def test_an_archived_user_is_out(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    admin, user = await workspace.client(), await person(workspace)
    token = (await sign_in(client, user.email)).json()["access_token"]
    archived = await admin.delete(f"/v1/users/{user.id}", headers={"If-Match": "1"})
    assert archived.status_code == 200
    assert archived.json()["archived_at"]
    assert (await me(client, token)).status_code == 401
    assert (await sign_in(client, user.email)).status_code == 401
    change = await admin.patch(f"/v1/users/{user.id}", json={"name": "x"}, headers=if_match(archived.json()))
    assert (change.status_code, change.json()["code"]) == (409, "archived")


@pytest.mark.parametrize("change", [{"role": "csm"}, {"suspended": True}, None])
async def test_the_last_admin_stays(workspace: WorkspaceForTest, change: dict[str, object] | None) -> None:
    admin = await workspace.client()
    await workspace.user(Role.admin, suspended_at=clock.now())
    me = (await admin.get("/v1/me")).json()["user"]
    path = f"/v1/users/{me['id']}"
    leave = (
        admin.delete(path, headers=if_match(me))
        if change is None
        else admin.patch(path, json=change, headers=if_match(me))
    )
    answer = await leave
    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert (await admin.get("/v1/me")).status_code == 200


async def test_two_admins_cannot_demote_each_other_at_once(
    workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    users = [await workspace.user(Role.admin) for _ in range(2)]
    clients = [await workspace.signed_in(user) for user in users]
    async with workspace.write() as tx, asyncio.TaskGroup() as group:
        await tx.fetch("SELECT 1 FROM users FOR UPDATE")
        requests = [
            group.create_task(
                client.patch(f"/v1/users/{victim.id}", json={"role": "viewer"}, headers={"If-Match": "1"})
            )
            for client, victim in zip(clients, reversed(users), strict=True)
        ]
        await both_wait(owner)
        await tx.execute("ROLLBACK")
    answers = [request.result() for request in requests]
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def both_wait(owner: psycopg.Connection) -> None:
    """Until two transactions of this database wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(5):
        while owner.execute(waiting).fetchone() != (2,):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.admin])
async def test_only_admins_change_users(workspace: WorkspaceForTest, role: Role) -> None:
    client = await workspace.client(role)
    path = f"/v1/users/{uuid4()}"
    assert (await client.patch(path, json={"role": "admin"}, headers={"If-Match": "1"})).status_code == 403
    assert (await client.delete(path, headers={"If-Match": "1"})).status_code == 403


async def test_an_api_key_cannot_give_a_role_beyond_its_own_rights(workspace: WorkspaceForTest) -> None:
    await workspace.client()
    user = await workspace.user(Role.viewer)
    path = f"/v1/users/{user.id}"
    small = await workspace.key_client({"users:write", *ROLE_SCOPES[Role.csm]})
    refused = await small.patch(path, json={"role": "admin"}, headers={"If-Match": "1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    raised = await small.patch(path, json={"role": "csm"}, headers={"If-Match": "1"})
    assert raised.json()["role"] == "csm"
    leaver = await workspace.user(Role.admin, suspended_at=clock.now())
    back = await small.patch(f"/v1/users/{leaver.id}", json={"suspended": False}, headers={"If-Match": "1"})
    assert back.status_code == 403
