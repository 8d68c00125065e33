"""PUT /v1/accounts/{account_id}/primary-contact and POST /v1/primary-contact-changes/{change_id}:revert."""

import asyncio
from itertools import pairwise

from api.kit import clock
from api.kit.tables import new_id
from tests.contacts.conftest import People


async def test_set_moves_the_flag_records_and_announces(people: People) -> None:
    account_id = await people.account()
    first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
    assert (await people.make_primary(account_id, first)).status_code == 200
    answer = await people.make_primary(account_id, second, reason="4月の人事異動")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["id"], answer.json()["is_primary"]) == (second["id"], True)
    assert await people.primary_ids(account_id) == [second["id"]]
    newest, oldest = await people.changes(account_id)
    assert (oldest["from_contact_id"], oldest["to_contact_id"]) == (None, first["id"])
    assert (newest["from_contact_id"], newest["to_contact_id"]) == (first["id"], second["id"])
    assert (newest["reason"], newest["reverted_at"]) == ("4月の人事異動", None)
    assert newest["changed_on"] == clock.today("Asia/Tokyo").isoformat()
    assert (await people.events(account_id))[-1] == (
        "account.primary_contact_changed",
        {"change_id": newest["id"], "from_contact_id": first["id"], "to_contact_id": second["id"]},
    )
    assert await people.acts(account_id) == ["primary_contact_changed"] * 2


async def test_setting_the_same_contact_again_changes_nothing(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id)
    once = await people.make_primary(account_id, contact)
    again = await people.make_primary(account_id, contact)
    assert (again.status_code, again.json()) == (200, once.json())
    assert len(await people.changes(account_id)) == 1


async def test_set_refuses_strangers(people: People) -> None:
    account_id = await people.account()
    elsewhere = await people.contact(await people.account("みどり商事"))
    for contact in (elsewhere, {"id": str(new_id())}):
        answer = await people.make_primary(account_id, contact)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/contact_id")
    assert (await people.make_primary(new_id(), elsewhere)).status_code == 404
    nowhere = await people.client.get(f"/v1/accounts/{new_id()}/primary-contact-changes")
    assert nowhere.status_code == 404


async def test_changes_at_once_follow_one_another(people: People) -> None:
    account_id = await people.account()
    contacts = [await people.contact(account_id, f"候補 {number}") for number in range(6)]
    for _ in range(2):
        answers = await asyncio.gather(*(people.make_primary(account_id, contact) for contact in contacts))
        assert {answer.status_code for answer in answers} == {200}
    (primary,) = await people.primary_ids(account_id)
    chain = [(change["from_contact_id"], change["to_contact_id"]) for change in await people.changes(account_id)]
    chain.reverse()
    assert chain[0][0] is None
    assert chain[-1][1] == primary
    assert all(before[1] == after[0] for before, after in pairwise(chain))


async def test_leaving_and_being_named_at_once_end_in_one_of_two_orders(people: People) -> None:
    for _ in range(5):
        account_id = await people.account()
        first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
        await people.make_primary(account_id, first)
        named, left = await asyncio.gather(
            people.make_primary(account_id, second),
            people.client.post(f"/v1/contacts/{second['id']}:left", json={}),
        )
        assert left.status_code == 200, left.text
        assert named.status_code in {200, 409}, named.text
        assert await people.primary_ids(account_id) == ([] if named.status_code == 200 else [first["id"]])
        assert not (await people.get(second["id"]))["is_primary"]


async def test_revert_goes_back_step_by_step(people: People) -> None:
    account_id = await people.account()
    first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
    await people.make_primary(account_id, first)
    await people.make_primary(account_id, second)
    newest, oldest = await people.changes(account_id)
    too_early = await people.client.post(f"/v1/primary-contact-changes/{oldest['id']}:revert")
    assert (too_early.status_code, too_early.json()["code"]) == (409, "not_latest_change")
    reverted = await people.client.post(f"/v1/primary-contact-changes/{newest['id']}:revert")
    assert reverted.status_code == 200, reverted.text
    assert reverted.json()["reverted_at"] is not None
    assert await people.primary_ids(account_id) == [first["id"]]
    assert (await people.events(account_id))[-1] == (
        "account.primary_contact_change_reverted",
        {"change_id": newest["id"], "from_contact_id": first["id"], "to_contact_id": second["id"]},
    )
    assert (await people.acts(account_id))[-1] == "primary_contact_change_reverted"
    twice = await people.client.post(f"/v1/primary-contact-changes/{newest['id']}:revert")
    assert twice.status_code == 409
    assert (await people.client.post(f"/v1/primary-contact-changes/{oldest['id']}:revert")).status_code == 200
    assert await people.primary_ids(account_id) == []
    assert (await people.client.post(f"/v1/primary-contact-changes/{new_id()}:revert")).status_code == 404


async def test_revert_refuses_a_contact_who_has_left(people: People) -> None:
    account_id = await people.account()
    first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
    await people.make_primary(account_id, first)
    await people.make_primary(account_id, second)
    await people.client.post(f"/v1/contacts/{first['id']}:left", json={})
    newest = (await people.changes(account_id))[0]
    answer = await people.client.post(f"/v1/primary-contact-changes/{newest['id']}:revert")
    assert (answer.status_code, answer.json()["code"]) == (409, "contact_has_left")
    assert await people.primary_ids(account_id) == [second["id"]]


async def test_reverts_at_once_take_back_one_change(people: People) -> None:
    account_id = await people.account()
    first, second = await people.contact(account_id), await people.contact(account_id, "鈴木 次郎")
    await people.make_primary(account_id, first)
    await people.make_primary(account_id, second)
    newest = (await people.changes(account_id))[0]
    path = f"/v1/primary-contact-changes/{newest['id']}:revert"
    answers = await asyncio.gather(*(people.client.post(path) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await people.primary_ids(account_id) == [first["id"]]


async def test_changes_can_show_the_contacts(people: People) -> None:
    account_id = await people.account()
    contact = await people.contact(account_id, title="部長")
    await people.make_primary(account_id, contact)
    answer = await people.client.get(
        f"/v1/accounts/{account_id}/primary-contact-changes", params={"expand": "from_contact,to_contact"}
    )
    (change,) = answer.json()["data"]
    assert change["from_contact"] is None
    assert change["to_contact"] == {"id": contact["id"], "name": "佐藤 花子", "title": "部長"}
