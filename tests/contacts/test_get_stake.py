"""GET, PUT and DELETE /v1/contacts/{contact_id}/stake: for the account's team, and to nobody else there at all."""

import datetime as dt
from typing import Any

import httpx
import psycopg
import pytest

from api.auth.permissions import SCOPES, Role
from api.kit import clock
from tests.contacts.conftest import People
from tests.support.dump import rows_with
from tests.support.workspaces import WorkspaceForTest

SECRET = "来期の昇進がこの導入の成否にかかっている"
DAY = dt.timedelta(days=1)


async def member(
    people: People, contact: dict[str, Any], user_role: Role = Role.csm, **fields: Any
) -> httpx.AsyncClient:
    user = await people.workspace.user(user_role)
    await people.on_team(contact["account_id"], user, **fields)
    return await people.workspace.signed_in(user)


def path(contact: dict[str, Any]) -> str:
    return f"/v1/contacts/{contact['id']}/stake"


async def statuses(client: httpx.AsyncClient, contact: dict[str, Any]) -> list[int]:
    answers = [
        await client.get(path(contact)),
        await client.put(path(contact), json={"text": SECRET}),
        await client.delete(path(contact)),
    ]
    for answer in answers:
        assert SECRET not in answer.text or answer.status_code == 200
    return [answer.status_code for answer in answers]


@pytest.fixture
async def contact(people: People) -> dict[str, Any]:
    """A contact with a stake."""
    contact = await people.contact(await people.account())
    answer = await (await member(people, contact)).put(path(contact), json={"text": SECRET})
    assert answer.status_code == 200, answer.text
    assert answer.json()["text"] == SECRET
    return contact


@pytest.mark.parametrize("user_role", [Role.admin, Role.manager, Role.csm, Role.sales])
async def test_team_reads_and_writes(people: People, contact: dict[str, Any], user_role: Role) -> None:
    client = await member(people, contact, user_role, role="executive_sponsor")
    assert (await client.get(path(contact))).json()["text"] == SECRET
    assert await statuses(client, contact) == [200, 200, 204]


@pytest.mark.parametrize("role", [Role.admin, Role.manager, Role.csm, Role.sales])
async def test_to_others_there_is_none(people: People, contact: dict[str, Any], role: Role) -> None:
    user = await people.workspace.user(role)
    await people.on_team(await people.account("別の会社"), user)
    client = await people.workspace.signed_in(user)
    assert await statuses(client, contact) == [404, 404, 404]
    without = await people.contact(contact["account_id"], "鈴木 次郎")
    hidden, absent = await client.get(path(contact)), await client.get(path(without))
    assert {**hidden.json(), "request_id": ""} == {**absent.json(), "request_id": ""}


@pytest.mark.parametrize(
    ("starts_in_days", "ends_in_days", "archived", "seen"),
    [
        (0, None, False, True),
        (1, None, False, False),
        (-9, 1, False, True),
        (-9, 0, False, False),
        (-1, None, True, False),
    ],
)
async def test_the_team_of_today_counts(
    people: People,
    contact: dict[str, Any],
    starts_in_days: int,
    ends_in_days: int | None,
    *,
    archived: bool,
    seen: bool,
) -> None:
    today = clock.today("Asia/Tokyo")
    client = await member(
        people,
        contact,
        starts_on=today + starts_in_days * DAY,
        ends_before=None if ends_in_days is None else today + ends_in_days * DAY,
        archived_at=clock.now() if archived else None,
    )
    assert (await client.get(path(contact))).status_code == (200 if seen else 404)


async def test_never_for_roles_without_the_scope_nor_for_keys(people: People, contact: dict[str, Any]) -> None:
    for role in (Role.product, Role.viewer):
        assert await statuses(await member(people, contact, role), contact) == [403, 403, 403]
    key = await people.workspace.key_client(SCOPES)
    assert await statuses(key, contact) == [404, 404, 404]


async def test_never_for_other_workspaces(contact: dict[str, Any], other_workspace: WorkspaceForTest) -> None:
    assert await statuses(await other_workspace.client("csm"), contact) == [404, 404, 404]


async def test_changes_are_versioned_and_audited_but_not_announced(
    people: People, contact: dict[str, Any], owner: psycopg.Connection
) -> None:
    client = await member(people, contact)
    first = (await client.get(path(contact))).json()
    changed = await client.put(path(contact), json={"text": "別の理由"}, headers={"If-Match": "1"})
    assert (changed.status_code, changed.json()["version"], changed.json()["id"]) == (200, 2, first["id"])
    stale = await client.put(path(contact), json={"text": "x"}, headers={"If-Match": "1"})
    assert stale.status_code == 412
    assert (await client.put(path(contact), json={"text": " "})).status_code == 422
    assert (await client.delete(path(contact))).status_code == 204
    assert (await client.get(path(contact))).status_code == 404
    assert (await client.delete(path(contact))).status_code == 404
    assert await people.acts(first["id"]) == ["created", "updated", "deleted"]
    assert await people.events(first["id"]) == []
    assert rows_with(owner, people.workspace.id, [SECRET, "別の理由"]) == {}
