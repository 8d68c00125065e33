"""GET /v1/accounts: filters, tags and custom fields, text search, expanded objects, fields."""

import datetime as dt
from typing import Any

import pytest

from api.kit import finding
from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, refused
from tests.support.statements import Sent
from tests.support.workspaces import WorkspaceForTest


async def two(accounts: Accounts) -> None:
    """Two accounts that differ in everything a list can ask for."""
    parent = await accounts.create("本社", external_id="crm-0")
    await accounts.ok("DELETE", f"/v1/accounts/{parent['id']}", headers={"If-Match": "1"})
    sakura = await accounts.create(
        "桜", external_id="crm-1", industry="物流", country="JP", employee_count=320, touch_model_override="high"
    )
    elm = await accounts.create("Elm", external_id="crm-2", industry="小売", country="US", employee_count=20)
    await accounts.act(elm, "change-phase", phase="adoption")
    accounts.know(
        sakura, currency="JPY", mrr_minor=50_000, health_score=80.5, icp_fit=75.0, importance=60.0,
        renewal_on=dt.date(2027, 4, 1), usage_status="healthy",
    )  # fmt: skip
    accounts.know(
        elm, currency="USD", mrr_minor=10_000, health_score=30.0, icp_fit=25.0, importance=10.0,
        renewal_on=dt.date(2026, 10, 1), usage_status="inactive", touch_model="tech",
    )  # fmt: skip
    accounts.owner.execute("UPDATE accounts SET is_first_renewal = false WHERE id = %s", [elm["id"]])


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"external_id": "crm-1"}, ["桜"]),
        ({"external_id": ["crm-1", "crm-2", "crm-0"]}, ["Elm", "桜"]),
        ({"phase": "onboarding"}, ["桜"]),
        ({"phase": ["onboarding", "adoption"]}, ["Elm", "桜"]),
        ({"phase": "churned"}, []),
        ({"industry": "物流"}, ["桜"]),
        ({"country": "US"}, ["Elm"]),
        ({"employee_count_min": 320}, ["桜"]),
        ({"employee_count_min": 321}, []),
        ({"employee_count_max": 20}, ["Elm"]),
        ({"touch_model": "high"}, ["桜"]),
        ({"touch_model": "tech"}, ["Elm"]),
        ({"usage_status": "inactive"}, ["Elm"]),
        ({"currency": "JPY"}, ["桜"]),
        ({"mrr_min": 50_000}, ["桜"]),
        ({"mrr_max": 49_999}, ["Elm"]),
        ({"health_min": 80.5}, ["桜"]),
        ({"health_max": 80}, ["Elm"]),
        ({"icp_fit_min": 75}, ["桜"]),
        ({"importance_min": 60}, ["桜"]),
        ({"renewal_after": "2027-04-01"}, ["桜"]),
        ({"renewal_before": "2027-04-01"}, ["Elm"]),
        ({"is_first_renewal": "true"}, ["桜"]),
        ({"is_first_renewal": "false"}, ["Elm"]),
        ({"archived": "true"}, ["本社"]),
        ({"updated_after": "2100-01-01T00:00:00Z"}, []),
        ({"updated_after": "2020-01-01T09:00:00+09:00"}, ["Elm", "桜"]),
        ({"industry": ["物流", "小売"], "country": "JP"}, ["桜"]),
    ],
)
async def test_filters(accounts: Accounts, query: dict[str, Any], names: list[str]) -> None:
    await two(accounts)
    assert await accounts.names(**query) == names
    page = await accounts.ok("GET", "/v1/accounts", params={**query, "include": "total_count", "limit": 1})
    assert page["page"]["total_count"] == len(names)


async def test_filters_by_owner_and_parent(accounts: Accounts) -> None:
    user = await accounts.workspace.user()
    parent = await accounts.create("親会社")
    child = await accounts.create("子会社", parent_id=parent["id"])
    await accounts.ok("POST", f"/v1/accounts/{parent['id']}/team", json={"user_id": str(user.id), "role": "csm"})
    assert await accounts.names(owner_id=str(user.id)) == ["親会社"]
    assert await accounts.names(parent_id=[parent["id"], str(new_id())]) == [child["name"]]
    assert await accounts.names(owner_id=str(new_id())) == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"phases": "adoption"}, "?phases"),
        ({"phase": "sleeping"}, "?phase"),
        ({"country": "jp"}, "?country"),
        ({"health_min": "NaN"}, "?health_min"),
        ({"renewal_before": "soon"}, "?renewal_before"),
        ({"sort": "kana"}, "?sort"),
        ({"expand": "mother"}, "?expand"),
        ({"fields": "secret"}, "?fields"),
        ({"fields": "children"}, "?fields"),  # nested only when it is expanded
        ({"include": "sums"}, "?include"),
    ],
)
async def test_what_a_list_does_not_know_is_told(accounts: Accounts, query: dict[str, str], pointer: str) -> None:
    refused(await accounts.client.get("/v1/accounts", params=query), 422, "invalid_input", pointer)


async def test_tags_and_custom_fields_in_both_spellings(accounts: Accounts) -> None:
    for key, type_ in (("tier", "option"), ("sites", "number"), ("logo", "boolean")):
        options = {"options": ["gold", "silver"]} if type_ == "option" else {}
        body = {"resource": "account", "key": key, "label": key, "type": type_, **options}
        await accounts.ok("POST", "/v1/custom-fields", json=body)
    await accounts.create("A", tags=["重点", "東日本"], custom={"tier": "gold", "sites": 3, "logo": True})
    await accounts.create("B", tags=["重点"], custom={"tier": "silver", "sites": 1.5, "logo": False})
    await accounts.create("C")
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({"tags": "東日本"}, ["A"]),
        ({"tags": ["東日本", "重点"]}, ["A", "B"]),
        ({"custom.tier": "gold"}, ["A"]),
        ({"custom[tier]": "gold"}, ["A"]),
        ({"custom.tier": ["gold", "silver"]}, ["A", "B"]),
        ({"custom.sites": "3"}, ["A"]),
        ({"custom.sites": "1.5"}, ["B"]),
        ({"custom.logo": "false"}, ["B"]),
        ({"tags": "重点", "custom.tier": "silver"}, ["B"]),
        ({"custom.tier": "gold", "custom.logo": "false"}, []),
    ]
    for query, names in expected:
        assert await accounts.names(**query) == names, query


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("物流", ["さくら物流株式会社"]),
        ("流", ["さくら物流株式会社"]),
        ("サクラ", ["さくら物流株式会社"]),
        ("ｻｸﾗ", ["さくら物流株式会社"]),
        ("harbor", ["Harbor Analytics"]),
        ("HARBOR ana", ["Harbor Analytics"]),
        ("ｈａｒｂｏｒ", ["Harbor Analytics"]),
        ("harbor.example", ["Harbor Analytics"]),
        ("CRM-1", ["Harbor Analytics", "さくら物流株式会社"]),
        ("a", ["Harbor Analytics", "さくら物流株式会社"]),
        ("株式会社 物流", []),
        ("100%", ["100%天然水"]),
        ("%", ["100%天然水"]),
        ("_", []),
    ],
)
async def test_search_in_both_languages(accounts: Accounts, text: str, names: list[str]) -> None:
    await accounts.create("さくら物流株式会社", external_id="crm-11", kana="サクラブツリュウ", domain="sakura.example")
    await accounts.create("Harbor Analytics", external_id="crm-12", domain="harbor.example")
    await accounts.create("100%天然水")
    assert await accounts.names(q=text) == names


async def test_search_finds_a_text_that_is_everywhere_or_in_more_rows_than_candidates(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, recorded_statements: list[Sent]
) -> None:
    for number in range(25):
        await accounts.create(f"さくら物流 {number:02}")
    await accounts.create("北斗商事")

    async def found(text: str) -> tuple[list[str], str]:
        names, query = [], {"q": text, "limit": 10, "sort": "-name", "include": "total_count"}
        while True:
            page = await accounts.ok("GET", "/v1/accounts", params=query)
            names += [account["name"] for account in page["data"]]
            if page["page"]["next_cursor"] is None:
                assert page["page"]["total_count"] == len(names)
                return names, "scanned" if "strpos" in recorded_statements[-1].text else "by candidates"
            query["cursor"] = page["page"]["next_cursor"]

    all_of_them = [f"さくら物流 {number:02}" for number in reversed(range(25))]
    assert await found("さくら") == (all_of_them, "scanned")
    assert await found("流 1") == (all_of_them[5:15], "by candidates")
    monkeypatch.setattr(finding, "MOST_CANDIDATES", 9)
    assert await found("流 1") == (all_of_them[5:15], "scanned")
    monkeypatch.setattr(finding, "MOST_CANDIDATES", 10)
    assert await found("流 1") == (all_of_them[5:15], "by candidates")


async def test_search_walks_the_list_where_many_rows_match_soon(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch, recorded_statements: list[Sent]
) -> None:
    monkeypatch.setattr(finding, "FEW_CANDIDATES", 5)
    for number in range(12):
        await accounts.create(f"さくら物流 {number:02}")

    async def page(limit: int) -> str:
        assert len(await accounts.names(q="さくら", limit=limit, sort="name")) == min(limit, 12)
        return "walked" if "strpos" in recorded_statements[-1].text else "by candidates"

    assert await page(3) == "walked"
    assert await page(12) == "by candidates"


async def test_search_joins_the_other_filters(accounts: Accounts) -> None:
    await accounts.create("さくら物流", industry="物流")
    await accounts.create("さくら商店", industry="小売")
    assert await accounts.names(q="さくら", industry="小売") == ["さくら商店"]
    refused(await accounts.client.get("/v1/accounts", params={"q": " "}), 422, "invalid_input", "?q")


async def test_expands(accounts: Accounts) -> None:
    user = await accounts.workspace.user(name="高橋 彩")
    parent = await accounts.create("親会社", external_id="crm-0")
    account = await accounts.create("中間", parent_id=parent["id"])
    children = [await accounts.create(name, parent_id=account["id"]) for name in ("子B", "子A", "子C")]
    await accounts.ok("DELETE", f"/v1/accounts/{children[2]['id']}", headers={"If-Match": "1"})
    member = await accounts.ok(
        "POST", f"/v1/accounts/{account['id']}/team", json={"user_id": str(user.id), "role": "csm"}
    )
    await accounts.ok("PUT", f"/v1/accounts/{account['id']}/external-refs/billing", json={"ref": "cus-9"})
    plain = await accounts.get(account)
    assert not {"owner", "parent", "children", "team", "external_refs"} & plain.keys()
    names = "owner,parent,children,team,external_refs,icp_fit_reasons,importance_reasons"
    full = await accounts.get(account, expand=names)
    assert full["owner"] == {"id": str(user.id), "name": "高橋 彩", "role": "csm"}
    assert full["parent"] == {"id": parent["id"], "external_id": "crm-0", "name": "親会社", "phase": "onboarding"}
    assert [child["name"] for child in full["children"]] == ["子A", "子B"]
    assert full["team"] == [
        {"id": member["id"], "user_id": str(user.id), "role": "csm", "starts_on": member["starts_on"]}
    ]
    assert full["external_refs"] == [{"source": "billing", "ref": "cus-9"}]
    assert full["icp_fit_reasons"] == []
    assert {reason["criterion"] for reason in full["importance_reasons"]} >= {"contract_amount", "seats"}
    assert {name: full[name] for name in plain} == plain
    lonely = await accounts.get(parent, expand="owner,parent,team,external_refs")
    assert (lonely["owner"], lonely["parent"], lonely["team"], lonely["external_refs"]) == (None, None, [], [])


async def test_a_list_shows_only_the_fields_asked_for(accounts: Accounts) -> None:
    account = await accounts.create()
    for fields in ("name,phase", "name,phase,children"):
        page = await accounts.ok("GET", "/v1/accounts", params={"fields": fields, "expand": "children"})
        assert page["data"] == [{"id": account["id"], "name": account["name"], "phase": "onboarding", "children": []}]


async def test_strangers_accounts_are_in_no_list(accounts: Accounts, other_workspace: WorkspaceForTest) -> None:
    await accounts.create("さくら物流", tags=["重点"])
    stranger = await other_workspace.client("admin")
    for query in ({}, {"q": "さくら"}, {"tags": "重点"}):
        page = (await stranger.get("/v1/accounts", params={**query, "include": "total_count"})).json()
        assert (page["data"], page["page"]["total_count"]) == ([], 0)
