"""POST /v1/contacts and PUT /v1/contacts/by-external-id/{external_id}."""

import asyncio
from uuid import UUID

import pytest

from tests.contacts.conftest import People


async def test_create_shows_what_was_sent(people: People) -> None:
    account_id = await people.account()
    created = await people.contact(
        account_id,
        kana="サトウ ハナコ",
        email=" Hanako.Sato@Sakura-Logi.example ",
        stakeholder_role="decision_maker",
        influence=5,
        stance="supportive",
        since="2024-04-01",
        tags=["ユーザー会", "ユーザー会"],
    )
    assert created["email"] == "hanako.sato@sakura-logi.example"
    assert created["stakeholder_role"] == "decision_maker"
    assert created["tags"] == ["ユーザー会"]
    assert (created["version"], created["is_primary"], created["erased_at"]) == (1, False, None)
    assert await people.get(created["id"]) == created
    assert await people.events(created["id"]) == [
        (
            "contact.created",
            {
                "account_id": str(account_id),
                "fields": [
                    "account_id", "email", "influence", "kana", "name", "since", "stakeholder_role", "stance",
                    "tags",
                ],
            },
        )
    ]  # fmt: skip
    assert await people.acts(created["id"]) == ["created"]


async def test_expand_account(people: People) -> None:
    account_id = await people.account("株式会社みどり商事")
    created = await people.contact(account_id)
    answer = await people.client.get(f"/v1/contacts/{created['id']}", params={"expand": "account"})
    assert answer.json()["account"] == {
        "id": str(account_id),
        "external_id": None,
        "name": "株式会社みどり商事",
        "phase": "onboarding",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "佐藤"),
        ("email", "a@b"),
        ("phone", "電話"),
        ("influence", 6),
        ("influence", "5"),
        ("stakeholder_role", "boss"),
        ("stance", ""),
        ("left_on", "2999-01-01"),
        ("name", " "),
        ("is_primary", True),
        ("erased_at", "2026-01-01T00:00:00Z"),
        ("account_id", "0199c2f0-0000-7000-8000-000000000000"),
    ],
)
async def test_create_refuses(people: People, field: str, value: object) -> None:
    body = {"account_id": str(await people.account()), "name": "佐藤 花子", field: value}
    answer = await people.client.post("/v1/contacts", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


@pytest.mark.parametrize("address", ["taro..yamada.@docomo.example", "日本@例え.example", "x@y.example"])
async def test_create_takes_addresses_that_are_in_use(people: People, address: str) -> None:
    assert (await people.contact(await people.account(), email=address))["email"] == address


async def test_upsert_creates_then_changes(people: People) -> None:
    account_id = await people.account()
    body = {"account_id": str(account_id), "name": "佐藤 花子", "title": "部長"}
    path = "/v1/contacts/by-external-id/crm-88"
    created = await people.client.put(path, json=body)
    assert created.status_code == 201, created.text
    assert created.headers["Location"] == f"/v1/contacts/{created.json()['id']}"
    changed = await people.client.put(path, json={"account_id": str(account_id), "name": "鈴木 花子"})
    assert changed.status_code == 200, changed.text
    assert changed.json()["id"] == created.json()["id"]
    assert (changed.json()["name"], changed.json()["title"]) == ("鈴木 花子", "部長")
    stale = await people.client.put(path, json=body, headers={"If-Match": "1"})
    assert stale.status_code == 412


async def test_upserts_of_one_new_id_at_once_make_one_contact(people: People) -> None:
    body = {"account_id": str(await people.account()), "name": "佐藤 花子"}
    path = "/v1/contacts/by-external-id/crm-race"
    answers = await asyncio.gather(*(people.client.put(path, json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({UUID(answer.json()["id"]) for answer in answers}) == 1
