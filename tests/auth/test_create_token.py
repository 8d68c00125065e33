"""POST /v1/auth/token."""

import asyncio
import datetime as dt
import unicodedata
from typing import Any

import httpx
import pytest

from api.auth import passwords
from api.auth.models import User
from api.auth.sessions import ATTEMPTS_PER_MINUTE
from api.kit import clock
from tests.auth.people import PASSWORD, me, person, refresh, sign_in
from tests.support.statements import Sent
from tests.support.workspaces import WorkspaceForTest


def after_the_grace() -> Any:
    return clock.moved_to(clock.now() + dt.timedelta(seconds=21))


async def test_a_password_gives_tokens(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    answer = await sign_in(client, f" {user.email.upper()} ")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()
    assert token["token_type"] == "Bearer"
    assert token["expires_in"] == 600
    assert "accounts:write" in token["scope"].split()
    assert "users:write" not in token["scope"].split()
    who = await me(client, token["access_token"])
    assert (who.status_code, who.json()["user"]["id"]) == (200, str(user.id))


async def test_a_password_may_be_composed_in_any_way(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    typed = unicodedata.normalize("NFD", PASSWORD)
    assert typed != PASSWORD
    assert (await sign_in(client, user.email, typed)).status_code == 200


@pytest.mark.parametrize("column", ["suspended_at", "archived_at", None])
async def test_wrong_passwords_and_people_who_left_are_refused(
    client: httpx.AsyncClient, workspace: WorkspaceForTest, column: str | None
) -> None:
    user = await person(workspace)
    if column:
        async with workspace.write() as tx:
            setattr(await tx.session.get_one(User, (workspace.id, user.id)), column, clock.now())
    answer = await sign_in(client, user.email, PASSWORD if column else "wrong password!")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_grant")


async def test_an_unknown_address_costs_what_a_wrong_password_costs(
    client: httpx.AsyncClient,
    workspace: WorkspaceForTest,
    recorded_statements: list[Sent],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = await person(workspace)
    hashes: list[str] = []

    class Hasher:
        def verify(self, _password: str, stored: str) -> bool:
            hashes.append(stored)
            return False

    monkeypatch.setattr(passwords, "_hasher", Hasher())
    costs = []
    for email in (user.email, "nobody@example.com"):
        recorded_statements.clear()
        answer = await sign_in(client, email)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_grant")
        costs.append([sent.text for sent in recorded_statements])
    assert costs[0] == costs[1]
    assert [stored.split("$")[1:4] for stored in hashes] == [hashes[0].split("$")[1:4]] * 2


async def test_guessing_is_limited_per_address(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user, neighbour = await person(workspace), await person(workspace)
    for _ in range(ATTEMPTS_PER_MINUTE):
        assert (await sign_in(client, user.email, "wrong password!")).status_code == 401
    refused = await sign_in(client, user.email)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    assert (await sign_in(client, neighbour.email)).status_code == 200


@pytest.mark.parametrize(
    ("form", "pointer"),
    [
        ({}, "/grant_type"),
        ({"grant_type": "client_credentials"}, "/grant_type"),
        ({"grant_type": "password", "username": "a@example.com"}, "/password"),
        ({"grant_type": "refresh_token"}, "/refresh_token"),
        ({"grant_type": "password", "username": "a\0b", "password": "x"}, "/username"),
        ({"grant_type": "password", "username": "a", "password": "x" * 201}, "/password"),
    ],
)
async def test_the_form_is_checked(client: httpx.AsyncClient, form: dict[str, str], pointer: str) -> None:
    answer = await client.post("/v1/auth/token", data=form)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_refresh_token_is_replaced(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    first = (await sign_in(client, user.email)).json()
    second = (await refresh(client, first["refresh_token"])).json()
    third = (await refresh(client, second["refresh_token"])).json()
    assert len({token["refresh_token"] for token in (first, second, third)}) == 3
    assert (await me(client, third["access_token"])).status_code == 200


async def test_parallel_refreshes_within_the_grace_all_work(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    user = await person(workspace)
    first = (await sign_in(client, user.email)).json()["refresh_token"]
    answers = await asyncio.gather(*(refresh(client, first) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    following = {answer.json()["refresh_token"] for answer in answers}
    assert len(following) == 4
    with after_the_grace():
        again = [await refresh(client, token) for token in following]
    assert [answer.status_code for answer in again] == [200] * 4


async def test_reuse_after_the_grace_ends_the_whole_session(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    user = await person(workspace)
    stolen = (await sign_in(client, user.email)).json()["refresh_token"]
    other_session = (await sign_in(client, user.email)).json()
    current = (await refresh(client, stolen)).json()
    with after_the_grace():
        reused = await refresh(client, stolen)
        assert (reused.status_code, reused.json()["code"]) == (401, "invalid_grant")
        assert (await refresh(client, current["refresh_token"])).status_code == 401
        assert (await me(client, current["access_token"])).status_code == 401
        assert (await me(client, other_session["access_token"])).status_code == 200
    admin = await workspace.client()
    log = (await admin.get("/v1/audit-log", params={"action": "reuse_detected"})).json()["data"]
    assert [(entry["resource"], entry["actor_id"]) for entry in log] == [("session", str(user.id))]


async def test_refresh_tokens_expire_and_cannot_be_altered(
    client: httpx.AsyncClient, workspace: WorkspaceForTest
) -> None:
    user = await person(workspace)
    token = (await sign_in(client, user.email)).json()["refresh_token"]
    for bad in (token[:-1], token[:-1] + "_", "rt_", "é" * 85, token.replace("rt_", "inv_")):
        assert (await refresh(client, bad)).status_code == 401
    with clock.moved_to(clock.now() + dt.timedelta(days=31)):
        assert (await refresh(client, token)).status_code == 401
    assert (await refresh(client, token)).status_code == 200


async def test_a_suspended_user_cannot_refresh(client: httpx.AsyncClient, workspace: WorkspaceForTest) -> None:
    user = await person(workspace)
    token = (await sign_in(client, user.email)).json()["refresh_token"]
    async with workspace.write() as tx:
        (await tx.session.get_one(User, (workspace.id, user.id))).suspended_at = clock.now()
    assert (await refresh(client, token)).status_code == 401
