"""PATCH, DELETE /v1/contacts/{contact_id}, :restore and :left."""

from uuid import UUID

from api.kit import clock
from api.kit.tables import new_id
from tests.contacts.conftest import People


def version(contact: dict[str, object]) -> dict[str, str]:
    return {"If-Match": str(contact["version"])}


async def test_patch_changes_only_what_is_sent(people: People) -> None:
    contact = await people.contact(await people.account(), title="部長", email="h@x.example")
    path = f"/v1/contacts/{contact['id']}"
    assert (await people.client.patch(path, json={"title": None})).status_code == 428
    answer = await people.client.patch(path, json={"title": None, "stance": "neutral"}, headers=version(contact))
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["title"], changed["stance"], changed["email"]) == (None, "neutral", "h@x.example")
    assert changed["version"] == 2
    stale = await people.client.patch(path, json={"title": "課長"}, headers=version(contact))
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    kind, data = (await people.events(contact["id"]))[-1]
    assert (kind, data["fields"]) == ("contact.updated", ["stance", "title"])


async def test_move_to_another_account_ends_being_primary(people: People) -> None:
    old, new = await people.account(), await people.account("みどり商事")
    contact = await people.contact(old)
    contact = (await people.make_primary(old, contact)).json()
    path = f"/v1/contacts/{contact['id']}"
    nowhere = {"account_id": str(new_id())}
    refused = await people.client.patch(path, json=nowhere, headers=version(contact))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/account_id")
    moved = await people.client.patch(path, json={"account_id": str(new)}, headers=version(contact))
    assert moved.status_code == 200, moved.text
    assert (moved.json()["account_id"], moved.json()["is_primary"]) == (str(new), False)
    assert [change["to_contact_id"] for change in await people.changes(old)] == [None, contact["id"]]


async def test_left_defaults_to_today_and_ends_being_primary(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id)
    await people.make_primary(account_id, contact)
    left = await people.client.post(f"/v1/contacts/{contact['id']}:left", json={})
    assert left.status_code == 200, left.text
    today = clock.today("Asia/Tokyo").isoformat()
    assert (left.json()["left_on"], left.json()["is_primary"]) == (today, False)
    kind, data = (await people.events(contact["id"]))[-1]
    assert (kind, data["left_on"], data["account_id"]) == ("contact.left", today, str(account_id))
    newest = (await people.changes(account_id))[0]
    assert (newest["from_contact_id"], newest["to_contact_id"]) == (contact["id"], None)
    again = await people.make_primary(account_id, contact)
    assert (again.status_code, again.json()["code"]) == (409, "contact_has_left")


async def test_left_by_patch_is_the_same_and_null_takes_it_back(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id)
    contact = (await people.make_primary(account_id, contact)).json()
    path = f"/v1/contacts/{contact['id']}"
    future = await people.client.patch(path, json={"left_on": "2999-12-31"}, headers=version(contact))
    assert future.status_code == 422
    body = {"left_on": "2025-03-31", "title": "顧問"}
    left = (await people.client.patch(path, json=body, headers=version(contact))).json()
    assert (left["left_on"], left["title"], left["is_primary"]) == ("2025-03-31", "顧問", False)
    assert (await people.events(contact["id"]))[-1][0] == "contact.left"
    back = (await people.client.patch(path, json={"left_on": None}, headers=version(left))).json()
    assert back["left_on"] is None
    assert (await people.make_primary(account_id, contact)).status_code == 200


async def test_archive_leaves_lists_and_being_primary_until_restored(people: People) -> None:
    account_id = await people.account()
    first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
    first = (await people.make_primary(account_id, first)).json()
    path = f"/v1/contacts/{first['id']}"
    archived = await people.client.delete(path, headers=version(first))
    assert archived.status_code == 200, archived.text
    assert archived.json()["archived_at"] is not None
    assert await people.primary_ids(account_id) == []
    assert (await people.make_primary(account_id, first)).json()["code"] == "archived"
    edit = await people.client.patch(path, json={"title": "x"}, headers=version(archived.json()))
    assert (edit.status_code, edit.json()["code"]) == (409, "archived")
    assert (await people.make_primary(account_id, second)).status_code == 200
    restored = await people.client.post(f"{path}:restore")
    assert restored.status_code == 200, restored.text
    assert await people.primary_ids(account_id) == [second["id"]]
    assert [kind for kind, _ in await people.events(first["id"])][-2:] == ["contact.archived", "contact.restored"]


async def test_roles_that_may_write(people: People) -> None:
    contact = await people.contact(await people.account())
    for role, status in {"csm": 200, "sales": 200, "viewer": 403, "product": 403}.items():
        client = await people.workspace.client(role)
        current = await people.get(contact["id"])
        answer = await client.patch(
            f"/v1/contacts/{UUID(contact['id'])}", json={"title": role}, headers=version(current)
        )
        assert answer.status_code == status, (role, answer.text)
