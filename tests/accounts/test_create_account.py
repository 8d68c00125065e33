"""POST /v1/accounts."""

import pytest

from api.kit import clock
from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, refused

FULL = {
    "external_id": "crm-1042",
    "name": "株式会社さくら物流",
    "legal_name": "株式会社さくら物流ホールディングス",
    "kana": "カブシキガイシャサクラブツリュウ",
    "corporate_number": "0010401000000",
    "domain": "sakura-logi.example",
    "industry": "物流",
    "employee_count": 320,
    "country": "JP",
    "language": "ja",
    "touch_model_override": "high",
    "sources": {"name": "crm"},
    "tags": ["重点", "東日本"],
}


async def test_it_is_created_as_told_and_starts_in_onboarding(accounts: Accounts) -> None:
    answer = await accounts.client.post("/v1/accounts", json=FULL)
    assert answer.status_code == 201, answer.text
    account = answer.json()
    assert answer.headers["Location"] == f"/v1/accounts/{account['id']}"
    assert {name: account[name] for name in FULL} == FULL
    assert (account["version"], account["phase"], account["is_first_renewal"]) == (1, "onboarding", True)
    assert account["phase_since"] == clock.today("Asia/Tokyo").isoformat()
    assert (account["touch_model"], account["mrr"], account["owner_id"]) == ("high", None, None)
    assert await accounts.get(account) == account
    phases = await accounts.ok("GET", f"/v1/accounts/{account['id']}/phases")
    assert [(p["phase"], p["starts_on"], p["ends_before"]) for p in phases["data"]] == [
        ("onboarding", account["phase_since"], None)
    ]
    fields = sorted([*FULL, "phase_since"])
    assert accounts.events(account["id"]) == [("account.created", {"fields": fields})]
    assert accounts.acts(account["id"]) == [("created", fields)]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"name": None}, "/name"),
        ({"country": "JPN"}, "/country"),
        ({"domain": "さくら"}, "/domain"),
        ({"employee_count": -1}, "/employee_count"),
        ({"employee_count": 2**31}, "/employee_count"),
        ({"touch_model_override": "none"}, "/touch_model_override"),
        ({"parent_id": str(new_id())}, "/parent_id"),
        ({"custom": {"tier": "gold"}}, "/custom/tier"),
        ({"mrr": 1}, "/mrr"),
        ({"owner_id": str(new_id())}, "/owner_id"),
        ({"phase": "adoption"}, "/phase"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_place(
    accounts: Accounts, fields: dict[str, object], pointer: str
) -> None:
    answer = await accounts.client.post("/v1/accounts", json={"name": "A", **fields})
    refused(answer, 422, "invalid_input", pointer)
    assert await accounts.names() == []


async def test_an_external_id_is_given_once(accounts: Accounts) -> None:
    await accounts.create(external_id="crm-1")
    answer = await accounts.client.post("/v1/accounts", json={"name": "B", "external_id": "crm-1"})
    assert "external_id" in refused(answer, 409, "already_exists")["detail"]


async def test_repeated_tags_count_once_and_text_is_normalised(accounts: Accounts) -> None:
    account = await accounts.create("か\u3099んこう", tags=["重点", "重点"])
    assert (account["name"], account["tags"]) == ("がんこう", ["重点"])
