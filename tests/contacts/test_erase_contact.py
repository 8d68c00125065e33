"""POST /v1/contacts/{contact_id}:erase."""

import asyncio
from typing import Any

import psycopg
import pytest

from api.kit.custom_fields import CustomField
from tests.contacts.conftest import People
from tests.support.dump import rows_with

CANARIES = {
    "name": "神無月 真琴",
    "kana": "カンナヅキ マコト",
    "email": "makoto.kannazuki@canary.example",
    "phone": "+81-90-5550-7731",
    "title": "環境本部 特命部長カナリア",
    "notes": "娘さんがカナリア高校に入学",
    "external_id": "canary-crm-4711",
}
TAG, CUSTOM, STAKE, REASON = "釣りカナリア部", "カナリア町", "昇進カナリア", "神無月さんのカナリア休職"
TEXTS = [*CANARIES.values(), TAG, CUSTOM, STAKE, REASON]


@pytest.fixture
async def person(people: People) -> dict[str, Any]:
    """A primary contact with every kind of personal value, created and noted with idempotency keys."""
    await people.workspace.add(CustomField, resource="contact", key="town", label="町", type="text", options=[])
    account_id = await people.account()
    before = await people.contact(account_id, "前任 太郎")
    await people.make_primary(account_id, before)
    body = {"account_id": str(account_id), **CANARIES, "tags": [TAG], "custom": {"town": CUSTOM}}
    created = await people.client.post(
        "/v1/contacts", json=body, headers={"Idempotency-Key": f"create {CANARIES['external_id']}"}
    )
    assert created.status_code == 201, created.text
    person: dict[str, Any] = created.json()
    await people.make_primary(account_id, person, reason=REASON)
    user = await people.workspace.user("csm")
    await people.on_team(account_id, user)
    team = await people.workspace.signed_in(user)
    stake = await team.put(f"/v1/contacts/{person['id']}/stake", json={"text": STAKE})
    assert stake.status_code == 200, stake.text
    left = await people.client.post(f"/v1/contacts/{person['id']}:left", json={}, headers={"Idempotency-Key": "left"})
    assert left.status_code == 200, left.text
    return person


async def test_nothing_personal_remains_in_any_table(
    people: People, person: dict[str, Any], owner: psycopg.Connection
) -> None:
    # The control: before, every text is found, and not in one place only.
    before = rows_with(owner, people.workspace.id, TEXTS)
    assert set().union(*before.values()) == set(TEXTS)
    assert set(before) >= {
        "contacts", "contact_stakes", "primary_contact_changes", "field_values", "idempotency_keys"
    }  # fmt: skip
    answer = await people.client.post(f"/v1/contacts/{person['id']}:erase", headers={"Idempotency-Key": "erase"})
    assert answer.status_code == 200, answer.text
    assert rows_with(owner, people.workspace.id, TEXTS) == {}


async def test_facts_stay(people: People, person: dict[str, Any]) -> None:
    now = await people.get(person["id"])
    erased = (await people.client.post(f"/v1/contacts/{person['id']}:erase")).json()
    gone: dict[str, Any] = {
        "name": "(erased)", "kana": None, "email": None, "phone": None, "title": None, "notes": "",
        "external_id": None, "tags": [], "custom": {},
    }  # fmt: skip
    moved = {"version", "updated_at", "erased_at"}
    assert {**now, **gone, **{name: erased[name] for name in moved}} == erased
    assert erased["erased_at"] is not None
    newest, change, _ = await people.changes(person["account_id"])
    assert (newest["from_contact_id"], change["to_contact_id"]) == (person["id"], person["id"])
    assert change["reason"] is None
    found = await people.client.get("/v1/contacts", params={"q": "神無月"})
    assert found.json()["data"] == []


async def test_announces_tables_and_counts_once(people: People, person: dict[str, Any]) -> None:
    path = f"/v1/contacts/{person['id']}:erase"
    first = await people.client.post(path)
    kind, data = (await people.events(person["id"]))[-1]
    assert kind == "contact.erased"
    assert data["tables"] == {
        "contacts": 1, "contact_stakes": 1, "primary_contact_changes": 1, "idempotency_keys": 2
    }  # fmt: skip
    assert (await people.acts(person["id"]))[-1] == "erased"
    again = await people.client.post(path)
    assert (again.status_code, again.json()) == (200, first.json())
    assert [kind for kind, _ in await people.events(person["id"])].count("contact.erased") == 1


async def test_erasing_a_primary_contact_leaves_the_account_without_one(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id)
    await people.make_primary(account_id, contact)
    assert (await people.client.post(f"/v1/contacts/{contact['id']}:erase")).status_code == 200
    assert await people.primary_ids(account_id) == []
    assert (await people.make_primary(account_id, contact)).json()["code"] == "erased"


async def test_erased_contacts_cannot_be_changed(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id)
    user = await people.workspace.user("csm")
    await people.on_team(account_id, user)
    team = await people.workspace.signed_in(user)
    path = f"/v1/contacts/{contact['id']}"
    erased = (await people.client.post(f"{path}:erase")).json()
    version = {"If-Match": str(erased["version"])}
    for answer in (
        await people.client.patch(path, json={"name": "復活"}, headers=version),
        await people.client.post(f"{path}:left", json={}),
        await team.put(f"{path}/stake", json={"text": "x"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "erased"), answer.text
    archived = await people.client.delete(path, headers=version)
    assert archived.status_code == 200, archived.text
    assert (await people.client.post(f"{path}:erase")).status_code == 200


async def test_other_people_keep_theirs(people: People, person: dict[str, Any]) -> None:
    other = await people.contact(person["account_id"], "別人 花子", tags=["別"], notes="メモ")
    await people.client.post(f"/v1/contacts/{person['id']}:erase")
    assert await people.get(other["id"]) == other
    found = await people.client.get("/v1/contacts", params={"tags": "別"})
    assert [contact["id"] for contact in found.json()["data"]] == [other["id"]]


async def test_only_administrators_erase(people: People) -> None:
    contact = await people.contact(await people.account())
    for role in ("manager", "csm", "sales", "product", "viewer"):
        client = await people.workspace.client(role)
        assert (await client.post(f"/v1/contacts/{contact['id']}:erase")).status_code == 403
    assert (await people.get(contact["id"]))["erased_at"] is None


async def test_erasing_while_editing_leaves_nothing(people: People, owner: psycopg.Connection) -> None:
    account_id = await people.account()
    for _ in range(5):
        contact = await people.contact(account_id, "競合カナリア")
        path = f"/v1/contacts/{contact['id']}"
        edited, erased = await asyncio.gather(
            people.client.patch(path, json={"title": "競合カナリア長"}, headers={"If-Match": "1"}),
            people.client.post(f"{path}:erase"),
        )
        assert erased.status_code == 200, erased.text
        assert edited.status_code in {200, 409, 412}, edited.text
    assert rows_with(owner, people.workspace.id, ["競合カナリア"]) == {}
