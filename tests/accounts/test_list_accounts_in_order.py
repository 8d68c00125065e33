"""GET /v1/accounts: every order in both directions, page by page over equal and missing keys."""

import datetime as dt
from typing import Any

import psycopg
import pytest

from api.accounts.schemas import AccountSort
from tests.accounts.conftest import Accounts, refused
from tests.support.workspaces import WorkspaceForTest

COLUMNS: dict[str, tuple[str, list[Any]]] = {
    "mrr": ("mrr_minor", [None, 100, 100, 100, 900, None, 5]),
    "health_score": ("health_score", [None, 10.5, 10.5, 10.5, 99.0, None, 0.0]),
    "importance": ("importance", [None, 50.0, 50.0, 50.0, 80.0, None, 1.0]),
    "icp_fit": ("icp_fit", [None, 50.0, 50.0, 50.0, 100.0, None, 0.0]),
    "renewal_on": ("renewal_on", [None, *[dt.date(2026, 10, 1)] * 3, dt.date(2027, 1, 1), None, dt.date(2026, 1, 1)]),
}


async def walk(accounts: Accounts, **query: Any) -> list[str]:
    """The ids of all pages, by following the cursors."""
    found: list[str] = []
    while True:
        page = await accounts.ok("GET", "/v1/accounts", params={**query, "limit": 2, "fields": "id"})
        found += [account["id"] for account in page["data"]]
        assert page["page"]["has_more"] == (page["page"]["next_cursor"] is not None)
        if page["page"]["next_cursor"] is None:
            return found
        query["cursor"] = page["page"]["next_cursor"]


@pytest.mark.parametrize("sort", list(AccountSort))
async def test_pages_follow_the_order(accounts: Accounts, sort: AccountSort) -> None:
    key, down = sort.value.removeprefix("-"), sort.value.startswith("-")
    made = [await accounts.create("同名" if place % 3 else f"名前{place}") for place in range(7)]
    moment = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    if key in COLUMNS:
        column, values = COLUMNS[key]
        for account, value in zip(made, values, strict=True):
            accounts.know(account, **{column: value})
        last = dt.date.max if key == "renewal_on" else -1
        keys: list[Any] = [last if value is None else value for value in values]
    elif key == "name":
        keys = [account["name"] for account in made]
    else:
        keys = [moment + dt.timedelta(days=place // 3) for place in range(7)]
        set_moments(accounts.owner, key, zip(made, keys, strict=True))
    expected = sorted(zip(keys, [account["id"] for account in made], strict=True), reverse=down)
    assert await walk(accounts, sort=sort.value) == [account_id for _, account_id in expected]


def set_moments(owner: psycopg.Connection, column: str, pairs: Any) -> None:
    for account, moment in pairs:
        owner.execute(f"UPDATE accounts SET {column} = %s WHERE id = %s".encode(), [moment, account["id"]])


async def test_a_row_that_comes_or_goes_meanwhile_repeats_nothing(accounts: Accounts) -> None:
    for name in "ACEG":
        await accounts.create(name)
    first = await accounts.ok("GET", "/v1/accounts", params={"limit": 2})
    await accounts.create("B")
    await accounts.create("F")
    cursor = first["page"]["next_cursor"]
    second = await accounts.ok("GET", "/v1/accounts", params={"limit": 2, "cursor": cursor})
    assert [account["name"] for account in first["data"] + second["data"]] == ["A", "C", "E", "F"]


async def test_a_cursor_belongs_to_its_list(accounts: Accounts, other_workspace: WorkspaceForTest) -> None:
    for name in "ABC":
        await accounts.create(name, industry="物流")
    page = await accounts.client.get("/v1/accounts", params={"limit": 1, "industry": "物流"})
    cursor = page.json()["page"]["next_cursor"]
    assert f"cursor={cursor}" in page.headers["Link"]
    again = await accounts.client.get(page.headers["Link"].split(">")[0].removeprefix("<"))
    assert [account["name"] for account in again.json()["data"]] == ["B"]
    for query in (
        {"industry": "小売"}, {"industry": "物流", "sort": "-name"}, {"industry": "物流", "q": "A"}, {},
    ):  # fmt: skip
        refused(
            await accounts.client.get("/v1/accounts", params={**query, "limit": 1, "cursor": cursor}),
            400,
            "invalid_cursor",
        )
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    answer = await accounts.client.get("/v1/accounts", params={"industry": "物流", "limit": 1, "cursor": forged})
    refused(answer, 400, "invalid_cursor")
    stranger = await other_workspace.client("admin")
    seen = await stranger.get("/v1/accounts", params={"industry": "物流", "limit": 1, "cursor": cursor})
    assert seen.json().get("data", []) == []
