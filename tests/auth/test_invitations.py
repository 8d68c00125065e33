"""/v1/invitations."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from api.auth.invitations import INVITATION_PREFIX
from api.auth.models import Invitation
from api.auth.permissions import ROLE_SCOPES, Role
from api.auth.secret_tokens import SecretToken
from api.auth.shown_once import MARKER
from api.kit import clock
from api.kit.tables import new_id
from tests.auth.people import PASSWORD, if_match, person, sign_in
from tests.support.workspaces import WorkspaceForTest


def someone() -> str:
    return f"{new_id().hex}@example.com"


async def invited(workspace: WorkspaceForTest, email: str, role: Role = Role.csm) -> dict[str, Any]:
    answer = await (await workspace.client()).post("/v1/invitations", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def accept(client: httpx.AsyncClient, token: str) -> httpx.Response:
    body = {"token": token, "name": "田中 陽菜", "password": PASSWORD, "language": "ja"}
    return await client.post("/v1/invitations:accept", json=body)


async def test_an_invited_person_joins(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    email = someone()
    invitation = await invited(workspace, email.upper())
    assert (invitation["email"], invitation["state"]) == (email, "open")
    joined = await accept(client, invitation["token"])
    assert joined.status_code == 201
    user = joined.json()
    assert joined.headers["location"] == f"/v1/users/{user['id']}"
    assert (user["email"], user["role"], user["language"], user["name"]) == (email, "csm", "ja", "田中 陽菜")
    assert (await sign_in(client, email)).status_code == 200
    again = await accept(client, invitation["token"])
    assert (again.status_code, again.json()["code"]) == (410, "invitation_invalid")
    admin = await workspace.client()
    (shown,) = (await admin.get("/v1/invitations")).json()["data"]
    assert shown["state"] == "accepted"
    assert "token" not in shown
    (entry,) = (await admin.get("/v1/audit-log", params={"action": "accepted"})).json()["data"]
    assert entry["actor_id"] == user["id"]


async def test_a_replay_does_not_show_the_token(workspace: WorkspaceForTest) -> None:
    admin, key = await workspace.client(), {"Idempotency-Key": "invite-1"}
    body = {"email": someone(), "role": "viewer"}
    first = await admin.post("/v1/invitations", json=body, headers=key)
    assert first.json()["token"].startswith("inv_")
    assert first.headers["cache-control"] == "no-store"
    replay = await admin.post("/v1/invitations", json=body, headers=key)
    assert (replay.status_code, replay.headers["idempotency-replayed"]) == (201, "true")
    assert replay.json() == {**first.json(), "token": MARKER}


async def test_a_withdrawn_invitation_is_worthless(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    admin, invitation = await workspace.client(), await invited(workspace, someone())
    path = f"/v1/invitations/{invitation['id']}"
    assert (await admin.delete(path)).status_code == 428
    withdrawn = await admin.delete(path, headers=if_match(invitation))
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert (await accept(client, invitation["token"])).status_code == 410


async def test_an_accepted_invitation_cannot_be_withdrawn(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    admin, invitation = await workspace.client(), await invited(workspace, someone())
    await accept(client, invitation["token"])
    (accepted,) = (await admin.get("/v1/invitations", params={"state": "accepted"})).json()["data"]
    answer = await admin.delete(f"/v1/invitations/{invitation['id']}", headers=if_match(accepted))
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_accepted")


async def test_an_expired_invitation_is_worthless(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    admin, invitation = await workspace.client(), await invited(workspace, someone())
    assert dt.datetime.fromisoformat(invitation["expires_at"]) > clock.now() + dt.timedelta(days=6)
    async with workspace.write() as tx:
        (await tx.session.get_one(Invitation, (workspace.id, UUID(invitation["id"])))).expires_at = clock.now()
    assert (await accept(client, invitation["token"])).status_code == 410
    (expired,) = (await admin.get("/v1/invitations", params={"state": "expired"})).json()["data"]
    assert expired["id"] == invitation["id"]
    assert (await admin.get("/v1/invitations", params={"state": "open"})).json()["data"] == []


async def test_a_guessed_token_is_worthless_and_guessing_is_limited(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    invitation = await invited(workspace, someone())
    real = SecretToken.parse(invitation["token"], INVITATION_PREFIX)
    assert real is not None
    guesses = [SecretToken.generate(real.workspace_id, real.id).text(INVITATION_PREFIX) for _ in range(11)]
    assert [(await accept(client, guess)).status_code for guess in guesses] == [410] * 10 + [429]
    unknown = SecretToken.generate(uuid4(), uuid4()).text(INVITATION_PREFIX)
    for text in ("x", "inv_", unknown, invitation["token"].replace("inv_", "rt_")):
        assert (await accept(client, text)).status_code == 410


async def test_an_address_signs_in_to_one_workspace(
    client: httpx.AsyncClient, workspace: WorkspaceForTest, other_workspace: WorkspaceForTest
) -> None:
    user = await person(other_workspace)
    invitation = await invited(workspace, user.email)
    answer = await accept(client, invitation["token"])
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    (still,) = (await (await workspace.client()).get("/v1/invitations")).json()["data"]
    assert still["state"] == "open"


async def test_an_archived_user_can_be_invited_again(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    await (await workspace.client()).delete(f"/v1/users/{user.id}", headers={"If-Match": "1"})
    joined = await accept(client, (await invited(workspace, user.email))["token"])
    assert joined.status_code == 201
    assert joined.json()["id"] != str(user.id)
    assert (await sign_in(client, user.email)).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.admin])
async def test_only_admins_invite_to_the_workspace(workspace: WorkspaceForTest, role: Role) -> None:
    client = await workspace.client(role)
    body = {"email": someone(), "role": "viewer"}
    assert (await client.post("/v1/invitations", json=body)).status_code == 403
    seen = (await client.get("/v1/invitations")).status_code
    assert seen == (200 if role is Role.manager else 403)


async def test_an_api_key_cannot_invite_beyond_its_own_rights(workspace: WorkspaceForTest) -> None:
    key = await workspace.key_client({"invitations:write", *ROLE_SCOPES[Role.viewer]})
    refused = await key.post("/v1/invitations", json={"email": someone(), "role": "admin"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await key.post("/v1/invitations", json={"email": someone(), "role": "viewer"})).status_code == 201


@pytest.mark.parametrize("email", ["no", "a@b", "a b@example.com", "a@example.com\0", "x" * 250 + "@example.com"])
async def test_the_address_is_checked(workspace: WorkspaceForTest, email: str) -> None:
    answer = await (await workspace.client()).post("/v1/invitations", json={"email": email, "role": "csm"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/email"
