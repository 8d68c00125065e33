"""PATCH, DELETE and :restore of /v1/accounts/{account_id}; PUT and GET by external id; :batch-get."""

from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, refused


async def test_absent_fields_stay_and_null_clears(accounts: Accounts) -> None:
    account = await accounts.create(industry="物流", country="JP", tags=["重点"])
    answer = await accounts.update(account, industry=None, employee_count=40)
    assert answer.status_code == 200, answer.text
    changed = answer.json()
    assert (changed["industry"], changed["employee_count"]) == (None, 40)
    assert (changed["country"], changed["tags"], changed["version"]) == ("JP", ["重点"], 2)
    told = {"fields": ["employee_count", "industry"], "version": 2}
    assert accounts.events(account["id"])[-1] == ("account.updated", told)
    assert accounts.acts(account["id"])[-1] == ("updated", ["employee_count", "industry"])


async def test_custom_values_merge(accounts: Accounts) -> None:
    for key, type_ in (("tier", "text"), ("sites", "number")):
        await accounts.ok(
            "POST", "/v1/custom-fields", json={"resource": "account", "key": key, "label": key, "type": type_}
        )
    account = await accounts.create(custom={"tier": "gold", "sites": 3})
    account = (await accounts.update(account, custom={"sites": 4})).json()
    assert account["custom"] == {"tier": "gold", "sites": 4}
    account = (await accounts.update(account, custom={"tier": None})).json()
    assert account["custom"] == {"sites": 4}
    refused(await accounts.update(account, custom={"sites": "四"}), 422, "invalid_input", "/custom/sites")
    assert await accounts.names(custom__tier="gold") == []
    assert await accounts.names(custom__sites="4") == [account["name"]]


async def test_nothing_changed_is_no_new_version(accounts: Accounts) -> None:
    account = await accounts.create(industry="物流")
    assert (await accounts.update(account, industry="物流")).json() == account
    assert len(accounts.events(account["id"])) == 1


async def test_a_change_names_the_version_it_saw(accounts: Accounts) -> None:
    account = await accounts.create()
    path = f"/v1/accounts/{account['id']}"
    refused(await accounts.client.patch(path, json={"industry": "物流"}), 428, "precondition_required")
    await accounts.update(account, industry="物流")
    stale = refused(await accounts.update(account, industry="小売"), 412, "stale_version")
    assert stale["current_version"] == 2
    missing = await accounts.client.patch(
        f"/v1/accounts/{new_id()}", json={"industry": "物流"}, headers={"If-Match": "1"}
    )
    refused(missing, 404, "not_found")


async def test_an_archived_account_leaves_lists_until_it_is_restored(accounts: Accounts) -> None:
    account = await accounts.create()
    path = f"/v1/accounts/{account['id']}"
    archived = (await accounts.client.delete(path, headers={"If-Match": "1"})).json()
    assert archived["archived_at"] is not None
    assert (await accounts.names(), await accounts.names(archived=True)) == ([], [account["name"]])
    assert (await accounts.get(account))["archived_at"] == archived["archived_at"]
    refused(await accounts.update(archived, industry="物流"), 409, "archived")
    restored = await accounts.ok("POST", f"{path}:restore")
    assert (restored["archived_at"], restored["version"]) == (None, 3)
    assert await accounts.names() == [account["name"]]
    assert [type_ for type_, _ in accounts.events(account["id"])] == [
        "account.created", "account.archived", "account.restored",
    ]  # fmt: skip


async def test_by_external_id_creates_then_changes(accounts: Accounts) -> None:
    path = "/v1/accounts/by-external-id/crm-7"
    refused(await accounts.client.get(path), 404, "not_found")
    refused(await accounts.client.put(path, json={"industry": "物流"}), 422, "invalid_input", "/name")
    created = await accounts.ok("PUT", path, json={"name": "A", "tags": ["重点"]})
    assert (created["external_id"], created["version"]) == ("crm-7", 1)
    same = await accounts.ok("PUT", path, json={"name": "A"})
    assert same == created
    changed = await accounts.ok("PUT", path, json={"industry": "物流"}, headers={"If-Match": "1"})
    assert (changed["id"], changed["industry"], changed["tags"]) == (created["id"], "物流", ["重点"])
    refused(await accounts.client.put(path, json={"industry": "小売"}, headers={"If-Match": "1"}), 412, "stale_version")
    assert await accounts.ok("GET", path) == changed
    other = await accounts.client.put(
        "/v1/accounts/by-external-id/crm-8", json={"name": "B"}, headers={"If-Match": "1"}
    )
    refused(other, 404, "not_found")


async def test_batch_get_keeps_the_order_and_leaves_out_what_is_not_there(accounts: Accounts) -> None:
    first, second = await accounts.create("A"), await accounts.create("B")
    ids = [second["id"], str(new_id()), first["id"], second["id"]]
    answer = await accounts.ok("POST", "/v1/accounts:batch-get", json={"ids": ids})
    assert [account["name"] for account in answer["data"]] == ["B", "A"]
    for body in ([], [str(new_id())] * 201):
        refused(await accounts.client.post("/v1/accounts:batch-get", json={"ids": body}), 422, "invalid_input", "/ids")
