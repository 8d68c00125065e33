"""Group companies: ``parent_id`` of accounts, and the ids that other systems have for them."""

import asyncio

from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, refused


async def test_nobody_stands_above_itself(accounts: Accounts) -> None:
    top = await accounts.create("本社")
    middle = await accounts.create("中間", parent_id=top["id"])
    bottom = await accounts.create("末端", parent_id=middle["id"])
    for below in (top, middle, bottom):
        refused(await accounts.update(top, parent_id=below["id"]), 409, "circular_hierarchy")
    assert (await accounts.get(top))["parent_id"] is None
    assert (await accounts.update(bottom, parent_id=top["id"])).status_code == 200


async def test_a_bulk_cannot_close_a_circle(accounts: Accounts) -> None:
    top = await accounts.create("本社", external_id="crm-1")
    bottom = await accounts.create("子", external_id="crm-2", parent_id=top["id"])
    answer = await accounts.client.post(
        "/v1/accounts:bulk-upsert",
        json={"items": [{"external_id": "crm-1", "parent_id": bottom["id"]}]},
        headers={"Idempotency-Key": str(new_id())},
    )
    refused(answer, 409, "circular_hierarchy")
    assert (await accounts.get(top))["parent_id"] is None


async def test_two_changes_at_once_close_no_circle(accounts: Accounts) -> None:
    first, second = await accounts.create("A"), await accounts.create("B")
    answers = await asyncio.gather(
        accounts.update(first, parent_id=second["id"]), accounts.update(second, parent_id=first["id"])
    )
    assert sorted(answer.status_code for answer in answers) != [200, 200]
    parents = [(await accounts.get(account))["parent_id"] for account in (first, second)]
    assert parents.count(None) >= 1


async def test_references_are_noted_replaced_and_forgotten(accounts: Accounts) -> None:
    account, other = await accounts.create("A"), await accounts.create("B")
    path = f"/v1/accounts/{account['id']}/external-refs"
    await accounts.ok("PUT", f"{path}/crm", json={"ref": "001"})
    await accounts.ok("PUT", f"{path}/billing", json={"ref": "cus/1 α"})
    found = await accounts.ok("GET", "/v1/accounts/by-ref/billing/cus%2F1%20%CE%B1")
    assert found["id"] == account["id"]
    await accounts.ok("PUT", f"{path}/crm", json={"ref": "002"})
    assert (await accounts.get(account, expand="external_refs"))["external_refs"] == [
        {"source": "billing", "ref": "cus/1 α"},
        {"source": "crm", "ref": "002"},
    ]
    taken = await accounts.client.put(f"/v1/accounts/{other['id']}/external-refs/crm", json={"ref": "002"})
    refused(taken, 409, "external_ref_taken")
    same = await accounts.client.put(f"/v1/accounts/{other['id']}/external-refs/support", json={"ref": "002"})
    assert same.status_code == 200
    before = len(accounts.events(account["id"]))
    await accounts.ok("PUT", f"{path}/crm", json={"ref": "002"})
    assert len(accounts.events(account["id"])) == before
    await accounts.ok("DELETE", f"{path}/crm")
    refused(await accounts.client.get("/v1/accounts/by-ref/crm/002"), 404, "not_found")
    refused(await accounts.client.get("/v1/accounts/by-ref/crm/001"), 404, "not_found")
    assert accounts.events(account["id"])[-1] == ("account.updated", {"fields": ["external_refs"]})


async def test_a_reference_belongs_to_an_account_that_is_there(accounts: Accounts) -> None:
    missing = await accounts.client.put(f"/v1/accounts/{new_id()}/external-refs/crm", json={"ref": "1"})
    refused(missing, 404, "not_found")
    account = await accounts.create()
    for source, ref in (("CRM", "1"), ("crm", " ")):
        answer = await accounts.client.put(f"/v1/accounts/{account['id']}/external-refs/{source}", json={"ref": ref})
        assert answer.status_code == 422
