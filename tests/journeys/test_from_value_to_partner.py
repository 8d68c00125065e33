"""Value is realised, a case is made of it, the customer agrees, a partner finds it and asks: over HTTP only."""

from typing import Any

import httpx

from api.auth.permissions import Role
from tests.auth.people import PASSWORD, me, sign_in
from tests.reference_cases.conftest import Json, Library, library
from tests.support.workspaces import WorkspaceForTest

__all__ = ["library"]

FOUND = "/v1/partner/reference-cases"


async def partner_of(workspace: WorkspaceForTest, client: httpx.AsyncClient) -> tuple[Json, dict[str, str]]:
    """A partner whom a manager adds, and the header of its person who accepts an invitation and signs in."""
    manager = await workspace.client(Role.manager)
    partner = (await manager.post("/v1/partners", json={"name": "Harbor", "domain": "harbor.example.com"})).json()
    body = {"email": f"alex@{workspace.id.hex}.example.com", "role": "partner", "partner_id": partner["id"]}
    invitation = (await manager.post("/v1/invitations", json=body)).json()
    acceptance = {"token": invitation["token"], "name": "Alex", "password": PASSWORD}
    assert (await client.post("/v1/invitations:accept", json=acceptance)).status_code == 201
    token = (await sign_in(client, body["email"])).json()["access_token"]
    assert (await me(client, token)).json()["partner"]["name"] == "Harbor"
    return partner, {"Authorization": f"Bearer {token}"}


async def test_a_case_is_approved_and_a_partner_finds_it(library: Library, client: httpx.AsyncClient) -> None:
    workspace = library.workspace
    partner, headers = await partner_of(workspace, client)

    async def finds(**query: Any) -> list[Json]:
        answer = await client.get(FOUND, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        data: list[Json] = answer.json()["data"]
        return data

    account = await library.post("/v1/accounts", {"name": "株式会社さくら物流", "industry": "物流"}, 201)
    contact = await library.post("/v1/contacts", {"account_id": account["id"], "name": "山本 恵"}, 201)
    initiative = await library.post(
        "/v1/initiatives",
        {"key": "voice_bot", "name_ja": "音声応答の導入", "name_en": "Voice agent", "synonyms": ["ボイスボット"]},
        201,
    )
    metric = await library.post(
        "/v1/outcome-metrics",
        {"key": "handle_time", "name_ja": "平均処理時間", "name_en": "Handle time", "direction": "lower_is_better"},
        201,
    )
    case = await library.draft(
        account["id"], initiative["id"], metric["id"], 400, 280, quote="夜間の一次受付がなくなりました。"
    )
    await library.do(case, "submit")
    assert await finds() == [], "not reviewed yet"
    await library.do(case, "review", decision="approve")
    assert await finds() == [], "nobody has agreed yet"
    agreed = {
        "account_id": account["id"], "contact_id": contact["id"], "acts": ["search", "call", "quote"],
        "fields": ["account_name", "title", "quote"], "audience": "named_partners", "partner_ids": [partner["id"]],
        "naming": "named", "evidence": "商談の議事録", "granted_on": "2026-11-01",
    }  # fmt: skip
    consent = await library.post("/v1/reference-consents", agreed, 201)
    question = {"initiative": "voice_bot", "metric": "handle_time", "min_improvement_pct": 30}
    for words in ("ボイスボット 処理時間", "voice handle"):
        [found] = await finds(**question, q=words)
        assert (found["account_name"], found["outcomes"][0]["improvement_pct"]) == ("株式会社さくら物流", 30)
        assert (found["outcomes"][0]["baseline"], found["summary_ja"]) == (None, None), "that was not agreed to"
    body = {"act": "call", "prospect": "みなと倉庫", "due_on": "2027-05-15", "case_id": found["id"]}
    asked = await client.post("/v1/partner/reference-requests", json=body, headers=headers)
    assert (asked.status_code, asked.json()["state"]) == (201, "open")
    one = f"{FOUND}/{found['id']}"
    etag = (await client.get(one, headers=headers)).headers["ETag"]
    assert (await client.get(one, headers={**headers, "If-None-Match": etag})).status_code == 304
    await library.post(f"/v1/contacts/{contact['id']}:left", {}, 200)
    assert (await client.get(one, headers={**headers, "If-None-Match": etag})).status_code == 404, "who agreed has left"
    successor = await library.post("/v1/contacts", {"account_id": account["id"], "name": "加藤 翔"}, 201)
    path = f"/v1/reference-consents/{consent['id']}"
    version = (await library.get(path))["version"]
    again = {"contact_id": successor["id"], "evidence": "メール"}
    await library.post(f"{path}:reconfirm", again, 200, version=version)
    assert [case["id"] for case in await finds(**question)] == [found["id"]]
