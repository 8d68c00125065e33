"""POST /v1/accounts:bulk-upsert."""

from typing import Any

import pytest

from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused

PATH = "/v1/accounts:bulk-upsert"


async def send(accounts: Accounts, items: list[Any], key: str = "", **query: Any) -> list[Json]:
    headers = {"Idempotency-Key": key or str(new_id())}
    answer = await accounts.client.post(PATH, json={"items": items}, params=query, headers=headers)
    assert answer.status_code == 207, answer.text
    results: list[Json] = answer.json()["items"]
    assert [result["index"] for result in results] == list(range(len(items)))
    return results


def pointers(result: Json) -> list[str]:
    return [error["pointer"] for error in result["problem"]["errors"]]


async def test_five_thousand_with_three_bad_rows(accounts: Accounts) -> None:
    items: list[Json] = [{"external_id": f"crm-{n}", "name": f"会社{n}", "industry": "物流"} for n in range(5_000)]
    items[10] |= {"name": ""}
    items[2_000] = {"name": "番号なし"}
    items[4_999] |= {"colour": "red"}
    results = await send(accounts, items)
    failed = {result["index"]: pointers(result) for result in results if result["status"] == "failed"}
    assert failed == {10: ["/name"], 2_000: ["/external_id"], 4_999: ["/colour"]}
    assert sum(result["status"] == "created" for result in results) == 4_997
    page = await accounts.ok("GET", "/v1/accounts", params={"include": "total_count", "industry": "物流"})
    assert page["page"]["total_count"] == 4_997
    assert await accounts.names(q="会社4998") == ["会社4998"]
    made = next(result["id"] for result in results if result["external_id"] == "crm-77")
    assert [type_ for type_, _ in accounts.events(made)] == ["account.created"]
    phases = await accounts.ok("GET", f"/v1/accounts/{made}/phases")
    assert [phase["phase"] for phase in phases["data"]] == ["onboarding"]


async def test_what_differs_is_updated_and_the_rest_left_alone(accounts: Accounts) -> None:
    body = {"resource": "account", "key": "tier", "label": "tier", "type": "text"}
    await accounts.ok("POST", "/v1/custom-fields", json=body)
    items = [
        {"external_id": "a", "name": "A", "tags": ["重点"], "custom": {"tier": "gold"}},
        {"external_id": "b", "name": "B", "country": "JP"},
    ]
    first = await send(accounts, items)
    assert [result["status"] for result in first] == ["created", "created"]
    again = await send(accounts, items)
    assert [(r["status"], r["id"]) for r in again] == [("unchanged", first[0]["id"]), ("unchanged", first[1]["id"])]
    third = await send(
        accounts, [{"external_id": "b", "country": None}, {"external_id": "a", "custom": {"tier": "gold"}}]
    )
    assert [result["status"] for result in third] == ["updated", "unchanged"]
    a, b = [await accounts.get(result) for result in first]
    assert (a["version"], b["version"], b["country"], b["name"]) == (1, 2, None, "B")
    assert accounts.events(b["id"])[-1] == ("account.updated", {"fields": ["country"]})
    assert len(accounts.events(a["id"])) == 1
    await send(accounts, [{"external_id": "a", "tags": [], "custom": {"tier": None}}])
    assert (await accounts.names(tags="重点"), await accounts.names(custom__tier="gold")) == ([], [])


async def test_atomic_is_all_or_nothing(accounts: Accounts) -> None:
    items = [{"external_id": "a", "name": "A"}, {"external_id": "b", "name": "B", "country": "Japan"}]
    results = await send(accounts, items, atomic=True)
    assert [(r["status"], r["id"]) for r in results] == [("not_applied", None), ("failed", None)]
    assert await accounts.names() == []
    items[1]["country"] = "JP"
    assert [result["status"] for result in await send(accounts, items, atomic=True)] == ["created", "created"]


async def test_each_item_fails_on_its_own(accounts: Accounts) -> None:
    archived = await accounts.create("旧", external_id="old")
    await accounts.ok("DELETE", f"/v1/accounts/{archived['id']}", headers={"If-Match": "1"})
    cases: list[tuple[Any, str, list[str]]] = [
        ({"external_id": "ok", "name": "OK"}, "created", []),
        ({"external_id": "ok", "name": "もう一度"}, "failed", [""]),
        ({"external_id": "p", "name": "P", "parent_id": str(new_id())}, "failed", ["/parent_id"]),
        ({"external_id": "c", "name": "C", "custom": {"tier": "gold"}}, "failed", ["/custom/tier"]),
        ({"external_id": "n"}, "failed", ["/name"]),
        ({"external_id": "e", "name": "E", "employee_count": "12"}, "failed", ["/employee_count"]),
        ({"external_id": "m", "name": "M", "mrr": 5}, "failed", ["/mrr"]),
        ("text", "failed", [""]),
        (None, "failed", [""]),
        ({"external_id": 7, "name": "N"}, "failed", ["/external_id"]),
    ]
    results = await send(accounts, [item for item, _, _ in cases])
    for (item, status, where), result in zip(cases, results, strict=True):
        assert result["status"] == status, item
        assert (pointers(result) if result["problem"] else []) == where, item
    (gone,) = await send(accounts, [{"external_id": "old", "name": "新"}])
    assert (gone["status"], gone["problem"]["code"]) == ("failed", "archived")
    assert await accounts.names() == ["OK"]


async def test_a_repeated_key_replays_and_another_body_is_refused(accounts: Accounts) -> None:
    items = [{"external_id": "a", "name": "A"}]
    first = await send(accounts, items, key="run-1")
    assert await send(accounts, items, key="run-1") == first
    headers = {"Idempotency-Key": "run-1"}
    other = await accounts.client.post(PATH, json={"items": [{"external_id": "b", "name": "B"}]}, headers=headers)
    refused(other, 422, "idempotency_key_reused")
    refused(await accounts.client.post(PATH, json={"items": items}), 422, "invalid_input", "Idempotency-Key:")


@pytest.mark.parametrize("items", [[], [{"external_id": str(n), "name": "x"} for n in range(5_001)], "text", None])
async def test_a_request_takes_one_to_five_thousand(accounts: Accounts, items: object) -> None:
    headers = {"Idempotency-Key": str(new_id())}
    answer = await accounts.client.post(PATH, json={"items": items}, headers=headers)
    refused(answer, 422, "invalid_input", "/items")


async def test_parents_of_the_same_workspace_can_be_given(accounts: Accounts) -> None:
    parent = await accounts.create("本社")
    (child,) = await send(accounts, [{"external_id": "c", "name": "子", "parent_id": parent["id"]}])
    assert (await accounts.get(child))["parent_id"] == parent["id"]


async def test_its_statements_do_not_grow_with_the_items(accounts: Accounts, recorded_statements: list[object]) -> None:
    await send(accounts, [{"external_id": "first", "name": "first"}])  # loads the driver's types
    counts = []
    for size in (2, 40):
        recorded_statements.clear()
        await send(accounts, [{"external_id": f"{size}-{n}", "name": f"{n}", "tags": ["x"]} for n in range(size)])
        counts.append(len(recorded_statements))
    assert counts[0] == counts[1] < 30
