"""POST /v1/accounts/{account_id}:merge."""

import asyncio
from typing import Any

from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused


async def merge(accounts: Accounts, winner: Json, loser: Json) -> Json:
    answer = await accounts.act(winner, "merge", loser_id=loser["id"])
    assert answer.status_code == 200, answer.text
    merged: Json = answer.json()
    return merged


async def contact(accounts: Accounts, account: Json, name: str, *, primary: bool = False) -> Json:
    made = await accounts.ok("POST", "/v1/contacts", json={"account_id": account["id"], "name": name})
    if primary:
        path = f"/v1/accounts/{account['id']}/primary-contact"
        made = await accounts.ok("PUT", path, json={"contact_id": made["id"]})
    return made


async def test_the_winner_keeps_its_own_and_takes_what_it_lacks(accounts: Accounts) -> None:
    for key in ("tier", "sites"):
        body = {"resource": "account", "key": key, "label": key, "type": "text"}
        await accounts.ok("POST", "/v1/custom-fields", json=body)
    winner = await accounts.create("桜", external_id="crm-1", industry="物流", tags=["a"], custom={"tier": "gold"})
    loser = await accounts.create(
        "さくら", external_id="crm-2", industry="小売", country="JP", employee_count=9, tags=["b", "a"],
        custom={"tier": "silver", "sites": "3"},
    )  # fmt: skip
    merged = await merge(accounts, winner, loser)
    assert (merged["name"], merged["external_id"], merged["industry"]) == ("桜", "crm-1", "物流")
    assert (merged["country"], merged["employee_count"]) == ("JP", 9)
    assert (merged["tags"], merged["custom"]) == (["a", "b"], {"tier": "gold", "sites": "3"})
    assert await accounts.names() == ["桜"]
    assert await accounts.names(archived=True) == []
    assert await accounts.names(tags="b") == ["桜"]
    assert await accounts.names(custom__sites="3") == ["桜"]
    assert accounts.events(loser["id"])[-1][0] == "account.merged"
    assert accounts.events(loser["id"])[-1][1]["into"] == winner["id"]
    assert accounts.events(winner["id"])[-1][0] == "account.absorbed"


async def test_every_id_of_the_loser_leads_to_the_winner(accounts: Accounts) -> None:
    first, second = await accounts.create("A", external_id="crm-1"), await accounts.create("B", external_id="crm-2")
    third = await accounts.create("C", external_id="crm-3")
    await accounts.ok("PUT", f"/v1/accounts/{first['id']}/external-refs/billing", json={"ref": "cus-1"})
    await merge(accounts, second, first)
    await merge(accounts, third, second)
    for path in (
        f"/v1/accounts/{first['id']}", f"/v1/accounts/{second['id']}", "/v1/accounts/by-external-id/crm-1",
        "/v1/accounts/by-external-id/crm-2", "/v1/accounts/by-ref/billing/cus-1",
    ):  # fmt: skip
        answer = await accounts.client.get(path)
        assert (answer.status_code, answer.json()["id"]) == (200, third["id"]), path
        assert answer.headers["Content-Location"] == f"/v1/accounts/{third['id']}"
    for path in (f"/v1/accounts/{first['id']}/phases", f"/v1/accounts/{first['id']}:restore"):
        refused(await accounts.client.request("GET" if "phases" in path else "POST", path), 404, "not_found")


async def test_an_upsert_by_a_former_id_changes_the_winner(accounts: Accounts) -> None:
    winner, loser = await accounts.create("A", external_id="crm-1"), await accounts.create("B", external_id="crm-2")
    await merge(accounts, winner, loser)
    changed = await accounts.ok("PUT", "/v1/accounts/by-external-id/crm-2", json={"industry": "物流"})
    assert (changed["id"], changed["external_id"], changed["industry"]) == (winner["id"], "crm-1", "物流")
    answer = await accounts.client.post(
        "/v1/accounts:bulk-upsert",
        json={"items": [{"external_id": "crm-2", "name": "B", "country": "JP"}]},
        headers={"Idempotency-Key": str(new_id())},
    )
    (item,) = answer.json()["items"]
    assert (item["status"], item["id"]) == ("updated", winner["id"])
    assert len(await accounts.names()) == 1


async def test_contacts_and_children_follow(accounts: Accounts) -> None:
    winner, loser = await accounts.create("A"), await accounts.create("B")
    child = await accounts.create("子", parent_id=loser["id"])
    ours = await contact(accounts, winner, "佐藤", primary=True)
    theirs = await contact(accounts, loser, "鈴木", primary=True)
    await merge(accounts, winner, loser)
    people = await accounts.ok("GET", "/v1/contacts", params={"account_id": winner["id"], "fields": "is_primary"})
    assert {(p["id"], p["is_primary"]) for p in people["data"]} == {(ours["id"], True), (theirs["id"], False)}
    assert (await accounts.get(child))["parent_id"] == winner["id"]
    changes = await accounts.ok("GET", f"/v1/accounts/{winner['id']}/primary-contact-changes")
    assert {change["to_contact_id"] for change in changes["data"]} == {ours["id"], theirs["id"]}


async def test_the_losers_primary_contact_stays_where_the_winner_has_none(accounts: Accounts) -> None:
    winner, loser = await accounts.create("A"), await accounts.create("B")
    theirs = await contact(accounts, loser, "鈴木", primary=True)
    await merge(accounts, winner, loser)
    assert (await accounts.ok("GET", f"/v1/contacts/{theirs['id']}"))["is_primary"] is True


async def test_team_and_phases_stay_sane(accounts: Accounts) -> None:
    first, second, helper = [await accounts.workspace.user() for _ in range(3)]
    winner, loser = await accounts.create("A"), await accounts.create("B")
    for account, user, role in (
        (winner, first, "csm"), (loser, second, "csm"), (winner, helper, "support"), (loser, helper, "support"),
    ):  # fmt: skip
        await accounts.ok("POST", f"/v1/accounts/{account['id']}/team", json={"user_id": str(user.id), "role": role})
    await merge(accounts, winner, loser)
    merged = await accounts.get(winner, expand="team")
    assert merged["owner_id"] == str(first.id)
    assert sorted((m["role"], m["user_id"]) for m in merged["team"]) == [
        ("csm", str(first.id)), ("support", str(helper.id)),
    ]  # fmt: skip
    phases = (await accounts.ok("GET", f"/v1/accounts/{winner['id']}/phases"))["data"]
    assert [phase["ends_before"] for phase in phases].count(None) == 1


async def test_the_losers_csm_owns_where_the_winner_has_none(accounts: Accounts) -> None:
    user = await accounts.workspace.user()
    winner, loser = await accounts.create("A"), await accounts.create("B")
    await accounts.ok("POST", f"/v1/accounts/{loser['id']}/team", json={"user_id": str(user.id), "role": "csm"})
    merged = await merge(accounts, winner, loser)
    assert merged["owner_id"] == str(user.id)


async def test_a_parent_can_be_merged_into_its_child_and_back(accounts: Accounts) -> None:
    top = await accounts.create("本社")
    parent = await accounts.create("親", parent_id=top["id"])
    child = await accounts.create("子", parent_id=parent["id"])
    assert (await merge(accounts, child, parent))["parent_id"] == top["id"]
    assert (await merge(accounts, top, child))["parent_id"] is None


async def test_what_cannot_be_merged(accounts: Accounts) -> None:
    account, archived = await accounts.create("A"), await accounts.create("B")
    await accounts.ok("DELETE", f"/v1/accounts/{archived['id']}", headers={"If-Match": "1"})
    refused(await accounts.act(account, "merge", loser_id=account["id"]), 409, "merge_with_itself")
    refused(await accounts.act(account, "merge", loser_id=archived["id"]), 409, "archived")
    refused(await accounts.act(account, "merge", loser_id=str(new_id())), 404, "not_found")
    csm = await accounts.workspace.client("csm")
    path, body = f"/v1/accounts/{account['id']}:merge", {"loser_id": archived["id"]}
    assert (await csm.post(path, json=body, headers={"If-Match": "1"})).status_code == 403


async def test_two_merges_at_once_lose_nothing(accounts: Accounts) -> None:
    first, second = await accounts.create("A"), await accounts.create("B")

    def request(winner: Json, loser: Json) -> Any:
        path = f"/v1/accounts/{winner['id']}:merge"
        return accounts.client.post(path, json={"loser_id": loser["id"]}, headers={"If-Match": "1"})

    answers = await asyncio.gather(request(first, second), request(second, first))
    assert sorted(answer.status_code for answer in answers) in ([200, 404], [200, 409], [200, 412])
    assert len(await accounts.names()) == 1
