"""GET /v1/contacts."""

from typing import Any

import pytest

from api.kit.custom_fields import CustomField
from tests.contacts.conftest import People


async def names(people: People, **query: Any) -> list[str]:
    answer = await people.client.get("/v1/contacts", params=query)
    assert answer.status_code == 200, answer.text
    return [contact["name"] for contact in answer.json()["data"]]


@pytest.fixture
async def listed(people: People) -> People:
    """Five contacts that differ in everything one can filter by."""
    sakura, midori = await people.account("株式会社さくら物流"), await people.account("みどり商事")
    await people.workspace.add(CustomField, resource="contact", key="region", label="地域", type="text", options=[])
    await people.contact(
        sakura, "佐藤 花子", kana="サトウ ハナコ", email="hanako@sakura.example", title="物流企画部 部長",
        stakeholder_role="decision_maker", influence=5, stance="supportive", tags=["VIP"],
        custom={"region": "関東"}, external_id="c-1",
    )  # fmt: skip
    await people.contact(
        sakura, "高橋 一郎", department="情報システム部", stakeholder_role="blocker", influence=3, stance="opposed"
    )
    await people.contact(midori, "Dana Reyes", title="VP Operations", stakeholder_role="champion", influence=1)
    await people.contact(midori, "田中 退職", left_on="2025-03-31")
    primary = await people.contact(midori, "山本 主担当", tags=["ユーザー会"], custom={"region": "関西"})
    assert (await people.make_primary(midori, primary)).status_code == 200
    return people


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "部長"}, ["佐藤 花子"]),
        ({"q": "ﾊﾅｺ"}, ["佐藤 花子"]),  # half-width kana finds full-width
        ({"q": "情報システム"}, ["高橋 一郎"]),
        ({"q": "operations"}, ["Dana Reyes"]),
        ({"q": "OPER"}, ["Dana Reyes"]),
        ({"q": "sakura.example"}, ["佐藤 花子"]),
        ({"q": "佐"}, ["佐藤 花子"]),  # one character has no bigram
        ({"q": "長"}, ["佐藤 花子"]),
        ({"q": "藤花"}, []),
        ({"q": "%"}, []),
        ({"stakeholder_role": ["champion", "blocker"]}, ["Dana Reyes", "高橋 一郎"]),
        ({"stance": "opposed"}, ["高橋 一郎"]),
        ({"influence_min": 3}, ["佐藤 花子", "高橋 一郎"]),
        ({"influence_min": 2, "influence_max": 4}, ["高橋 一郎"]),
        ({"is_primary": "true"}, ["山本 主担当"]),
        ({"is_primary": "false", "influence_max": 1}, ["Dana Reyes"]),
        ({"has_left": "true"}, ["田中 退職"]),
        ({"has_left": "false", "tags": "ユーザー会"}, ["山本 主担当"]),
        ({"tags": ["VIP", "ユーザー会"]}, ["佐藤 花子", "山本 主担当"]),
        ({"custom.region": "関東"}, ["佐藤 花子"]),
        ({"custom[region]": "関西"}, ["山本 主担当"]),
        ({"email": "Hanako@Sakura.example"}, ["佐藤 花子"]),
        ({"email": "hanako@sakura.exampl"}, []),
        ({"external_id": "c-1"}, ["佐藤 花子"]),
        ({"updated_after": "2999-01-01T00:00:00Z"}, []),
        ({"updated_after": "2020-01-01T00:00:00Z", "q": "dana"}, ["Dana Reyes"]),
        ({"archived": "true"}, []),
    ],
)  # fmt: skip
async def test_filters(listed: People, query: dict[str, Any], expected: list[str]) -> None:
    assert sorted(await names(listed, **query)) == sorted(expected)


async def test_account_filter_sort_and_pages(listed: People) -> None:
    first = (await listed.client.get("/v1/contacts", params={"limit": 2, "include": "total_count"})).json()
    assert first["page"]["total_count"] == 5
    assert [contact["name"] for contact in first["data"]] == ["Dana Reyes", "佐藤 花子"]
    rest = await names(listed, limit=200, cursor=first["page"]["next_cursor"])
    assert rest == ["山本 主担当", "田中 退職", "高橋 一郎"]
    assert await names(listed, sort="-name") == [*reversed(rest), "佐藤 花子", "Dana Reyes"]
    account_id = first["data"][1]["account_id"]
    assert await names(listed, account_id=account_id, sort="-created_at") == ["高橋 一郎", "佐藤 花子"]


@pytest.mark.parametrize("query", [{"influence_min": 9}, {"sort": "email"}, {"mail": "x"}, {"expand": "stake"}])
async def test_unknown_filters_are_refused(people: People, query: dict[str, Any]) -> None:
    assert (await people.client.get("/v1/contacts", params=query)).status_code == 422


async def test_a_list_is_one_statement(listed: People, recorded_statements: list[str]) -> None:
    await names(listed, influence_min=1, tags="VIP", expand="account")
    assert len(recorded_statements) == 1, recorded_statements


async def test_expand_shows_each_contact_its_own_account(listed: People) -> None:
    answer = await listed.client.get("/v1/contacts", params={"expand": "account"})
    for contact in answer.json()["data"]:
        assert contact["account"]["id"] == contact["account_id"]
