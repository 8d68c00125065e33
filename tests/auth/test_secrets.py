"""Secrets and addresses never reach the log, the audit log, the events or the stored answers."""

import io

import httpx
import psycopg
import pytest
import structlog

from api.auth.permissions import Role
from api.kit import edge
from tests.auth.people import PASSWORD, person, refresh, sign_in
from tests.support.workspaces import WorkspaceForTest

NEW = "correct horse battery staple"
KEPT = ("audit_log", "events", "idempotency_keys", "credentials", "invitations", "refresh_tokens")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What the service writes to its log."""
    written = io.BytesIO()
    processors = structlog.get_config()["processors"]
    monkeypatch.setattr(edge, "log", structlog.wrap_logger(structlog.BytesLogger(written), processors))
    return written


async def test_no_secret_is_kept(
    client: httpx.AsyncClient,
    workspace: WorkspaceForTest,
    owner: psycopg.Connection,
    log: io.BytesIO,
) -> None:
    user = await person(workspace, Role.admin)
    first = (await sign_in(client, user.email)).json()
    second = (await refresh(client, first["refresh_token"])).json()
    bearer = {"Authorization": f"Bearer {second['access_token']}"}
    body = {"current_password": PASSWORD, "new_password": NEW}
    await client.post("/v1/me/password", json=body, headers={**bearer, "Idempotency-Key": "1"})
    key = await client.post(
        "/v1/api-keys",
        json={"name": "x", "scopes": ["products:read"]},
        headers={**bearer, "Idempotency-Key": "2"},
    )
    rotated = await client.post(
        f"/v1/api-keys/{key.json()['id']}:rotate", json={}, headers={**bearer, "Idempotency-Key": "3"}
    )
    invitation = await client.post(
        "/v1/invitations",
        json={"email": f"new-{user.email}", "role": "csm"},
        headers={**bearer, "Idempotency-Key": "4"},
    )
    await client.get("/v1/products", headers={"Authorization": f"Bearer {key.json()['secret']}"})
    await client.post("/v1/auth/revoke", data={"token": second["refresh_token"]})
    lines = log.getvalue().decode()
    assert [answer.status_code for answer in (key, rotated, invitation)] == [201] * 3
    secrets = [
        PASSWORD, NEW, key.json()["secret"], rotated.json()["secret"], invitation.json()["token"],
        first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"],
    ]  # fmt: skip
    kept = {
        table: "\n".join(
            row[0]
            for row in owner.execute(
                f"SELECT to_jsonb(t) || CASE WHEN '{table}' = 'idempotency_keys' "
                f"THEN jsonb_build_object('body', convert_from((to_jsonb(t)->>'body')::bytea, 'UTF8')) "
                f"ELSE '{{}}' END #>> '{{}}' FROM {table} t WHERE workspace_id = %s",
                [workspace.id],
            ).fetchall()
        )
        for table in KEPT
    }
    assert all(kept.values())
    assert '"operation":"create_api_key"' in lines
    for secret in secrets:
        found = [place for place, text in {**kept, "log": lines}.items() if secret in text]
        assert not found, f"{secret[:12]}… stands in {found}"
    for place in ("audit_log", "events"):
        assert user.email not in kept[place]
    assert user.email not in lines


async def test_no_representation_shows_a_hash(workspace: WorkspaceForTest) -> None:
    admin = await workspace.client()
    created = await admin.post("/v1/api-keys", json={"name": "x", "scopes": ["products:read"]})
    for path in ("/v1/api-keys", f"/v1/api-keys/{created.json()['id']}", "/v1/invitations", "/v1/users", "/v1/me"):
        assert "hash" not in (await admin.get(path)).text
    assert (await admin.get("/v1/api-keys", params={"fields": "secret_hash"})).status_code == 422
