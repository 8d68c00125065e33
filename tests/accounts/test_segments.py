"""/v1/segments: saved filters, their versions, and their use in lists."""

import pytest

from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused


async def segment(accounts: Accounts, name: str = "物流・SMB", **filter_: object) -> Json:
    return await accounts.ok("POST", "/v1/segments", json={"name": name, "filter": filter_})


async def count(accounts: Accounts, segment: Json) -> int:
    counted = await accounts.ok("GET", f"/v1/segments/{segment['id']}/count")
    return int(counted["account_count"])


async def test_a_segment_filters_the_list(accounts: Accounts) -> None:
    body = {"resource": "account", "key": "tier", "label": "tier", "type": "text"}
    await accounts.ok("POST", "/v1/custom-fields", json=body)
    await accounts.create("A", industry="物流", employee_count=100, tags=["重点"], custom={"tier": "gold"})
    await accounts.create("B", industry="物流", employee_count=900)
    await accounts.create("C", industry="小売", employee_count=100)
    expected: list[tuple[dict[str, object], list[str]]] = [
        ({"industry": ["物流"]}, ["A", "B"]),
        ({"industry": ["物流"], "employee_count_max": 500}, ["A"]),
        ({"tags": ["重点"]}, ["A"]),
        ({"custom": {"tier": ["gold"]}}, ["A"]),
        ({"custom.tier": "gold"}, ["A"]),
        ({"q": "c"}, ["C"]),
        ({"phase": ["churned"]}, []),
    ]
    for place, (filter_, names) in enumerate(expected):
        made = await segment(accounts, f"区分{place}", **filter_)
        assert await accounts.names(segment_id=made["id"]) == names, filter_
        assert await count(accounts, made) == len(names)


async def test_the_callers_own_filters_join_and_win(accounts: Accounts) -> None:
    await accounts.create("A", industry="物流", country="JP")
    await accounts.create("B", industry="物流", country="US")
    await accounts.create("C", industry="小売", country="JP")
    made = await segment(accounts, industry=["物流"])
    assert await accounts.names(segment_id=made["id"], country="US") == ["B"]
    assert await accounts.names(segment_id=made["id"], sort="-name", limit=1) == ["B"]
    assert await accounts.names(segment_id=made["id"], industry="小売") == ["C"]


async def test_another_filter_is_the_next_version(accounts: Accounts) -> None:
    made = await segment(accounts, employee_count_min=1000)
    path = f"/v1/segments/{made['id']}"
    renamed = await accounts.ok("PATCH", path, json={"name": "大企業"}, headers={"If-Match": "1"})
    assert (renamed["filter_version"], renamed["version"]) == (1, 2)
    same = await accounts.ok("PATCH", path, json={"filter": {"employee_count_min": 1000}}, headers={"If-Match": "2"})
    assert (same["filter_version"], same["version"]) == (1, 2)
    moved = await accounts.ok("PATCH", path, json={"filter": {"employee_count_min": 501}}, headers={"If-Match": "2"})
    assert (moved["filter_version"], moved["filter"]) == (2, {"employee_count_min": 501})
    versions = (await accounts.ok("GET", f"{path}/versions"))["data"]
    assert [(v["filter_version"], v["filter"]) for v in versions] == [
        (2, {"employee_count_min": 501}),
        (1, {"employee_count_min": 1000}),
    ]


@pytest.mark.parametrize(
    ("filter_", "pointer"),
    [
        ({}, "/filter"),
        ({"phases": ["adoption"]}, "/filter/phases"),
        ({"phase": ["sleeping"]}, "/filter/phase/0"),
        ({"employee_count_min": "many"}, "/filter/employee_count_min"),
        ({"sort": "name"}, "/filter/sort"),
        ({"archived": True}, "/filter/archived"),
        ({"segment_id": str(new_id())}, "/filter/segment_id"),
    ],
)
async def test_a_filter_that_no_list_understands_is_refused(
    accounts: Accounts, filter_: dict[str, object], pointer: str
) -> None:
    answer = await accounts.client.post("/v1/segments", json={"name": "区分", "filter": filter_})
    refused(answer, 422, "invalid_input", pointer)


async def test_names_are_given_once(accounts: Accounts) -> None:
    await segment(accounts, industry=["物流"])
    again = await accounts.client.post("/v1/segments", json={"name": "物流・SMB", "filter": {"q": "x"}})
    refused(again, 409, "already_exists")


async def test_an_archived_segment_filters_nothing(accounts: Accounts) -> None:
    made = await segment(accounts, industry=["物流"])
    path = f"/v1/segments/{made['id']}"
    await accounts.ok("DELETE", path, headers={"If-Match": "1"})
    for segment_id in (made["id"], str(new_id())):
        answer = await accounts.client.get("/v1/accounts", params={"segment_id": segment_id})
        refused(answer, 422, "invalid_input", "?segment_id")
    await accounts.ok("POST", f"{path}:restore")
    assert await accounts.names(segment_id=made["id"]) == []


async def test_a_segments_pages_go_on(accounts: Accounts) -> None:
    for name in "ABC":
        await accounts.create(name, industry="物流")
    made = await segment(accounts, industry=["物流"])
    query = {"segment_id": made["id"], "limit": "2", "include": "total_count"}
    first = await accounts.ok("GET", "/v1/accounts", params=query)
    assert first["page"]["total_count"] == 3
    second = await accounts.ok("GET", "/v1/accounts", params={**query, "cursor": first["page"]["next_cursor"]})
    assert [account["name"] for account in second["data"]] == ["C"]
