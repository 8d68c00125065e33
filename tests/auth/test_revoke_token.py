"""POST /v1/auth/revoke, and GET /.well-known/jwks.json."""

import httpx
import pytest

from api.auth.secret_tokens import SecretToken
from api.auth.sessions import REFRESH_PREFIX
from api.kit.tables import new_id
from tests.auth.people import me, person, refresh, sign_in
from tests.support.workspaces import WorkspaceForTest


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_signing_out_ends_the_session_at_once(
    client: httpx.AsyncClient, workspace: WorkspaceForTest, kind: str
) -> None:
    user = await person(workspace)
    ended, kept = (await sign_in(client, user.email)).json(), (await sign_in(client, user.email)).json()
    assert (await me(client, ended["access_token"])).status_code == 200
    answer = await client.post("/v1/auth/revoke", data={"token": ended[kind]})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await me(client, ended["access_token"])).status_code == 401
    assert (await refresh(client, ended["refresh_token"])).status_code == 401
    assert (await me(client, kept["access_token"])).status_code == 200
    admin = await workspace.client()
    (entry,) = (await admin.get("/v1/audit-log", params={"action": "signed_out"})).json()["data"]
    assert entry["actor_id"] == str(user.id)


async def test_a_token_that_is_not_ours_is_answered_alike(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    token, _ = await workspace.access.keyring.issue(user_id=new_id(), workspace_id=workspace.id, session_id=new_id())
    for text in ("x", "rt_x", "a.b.c", token):
        answer = await client.post("/v1/auth/revoke", data={"token": text, "token_type_hint": "other"})
        assert (answer.status_code, answer.content) == (200, b"")


async def test_a_token_whose_secret_is_guessed_ends_nothing(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    user = await person(workspace)
    token = (await sign_in(client, user.email)).json()
    real = SecretToken.parse(token["refresh_token"], REFRESH_PREFIX)
    assert real is not None
    guess = SecretToken.generate(real.workspace_id, real.id).text(REFRESH_PREFIX)
    assert (await client.post("/v1/auth/revoke", data={"token": guess})).status_code == 200
    assert (await me(client, token["access_token"])).status_code == 200


async def test_the_keys_are_published(client: httpx.AsyncClient) -> None:
    answer = await client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    for key in answer.json()["keys"]:
        assert key.keys() == {"kty", "n", "e", "kid", "use", "alg"}
        assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
