"""What partners see and ask, beside what the consent walk compares."""

from typing import Any
from uuid import UUID

import pytest

from api.reference_cases import published
from api.reference_cases.visibility import Audience, visible_to
from tests.reference_cases.conftest import PARTNER_CASES as CASES
from tests.reference_cases.conftest import Json, Library, Partner, on

REQUESTS = "/v1/partner/reference-requests"


async def published_case(library: Library, **values: Any) -> tuple[UUID, UUID, Json]:
    """An approved case that all partners may see; its account, contact and consent."""
    bot, time, account = (
        await library.initiative(),
        await library.metric(),
        await library.account(name="株式会社さくら"),
    )
    contact = await library.contact(account)
    await library.approved(account, bot, time, 400, 300, quote="助かりました")
    return account, contact, await library.consent(account, contact, **values)


async def test_a_partner_asks_and_is_answered_and_told_nothing_else(
    library: Library, two: tuple[Partner, Partner]
) -> None:
    harbor, tsunagu = two
    with on("2026-11-22"):
        await published_case(library)
        [case] = await harbor.sees()
        body = {"act": "call", "prospect": "みなと倉庫", "due_on": "2026-12-20", "note": "30 分", "case_id": case["id"]}
        asked = await harbor.client.post(REQUESTS, json=body)
        assert asked.status_code == 201, asked.text
        mine = f"{REQUESTS}/{asked.json()['id']}"
        assert (asked.json()["state"], asked.json()["answer"]) == ("open", None)
        strange = await tsunagu.client.post(REQUESTS, json=body)
        assert (strange.status_code, strange.json()["errors"][0]["pointer"]) == (422, "/case_id")
        [ours] = (await library.get("/v1/reference-requests"))["data"]
        named = (await library.get("/v1/reference-cases"))["data"][0]["id"]
        assert (ours["partner_id"], ours["case_id"], ours["note"]) == (str(harbor.id), named, "30 分")
        change = {"note": "健全度が赤なので見送り", "state": "cancelled", "answer": "今回は難しいとのことです"}
        path = f"/v1/reference-requests/{ours['id']}"
        answered = await library.client.patch(path, json=change, headers={"If-Match": f'"{ours["version"]}"'})
        assert (answered.status_code, answered.json()["answer"]) == (200, change["answer"])
        told = (await harbor.client.get(mine)).json()
        assert told == {**asked.json(), "state": "declined", "answer": change["answer"]}, (
            "its own words, and ours to it"
        )
        assert (await tsunagu.client.get(mine)).status_code == 404
        assert (await tsunagu.client.get(REQUESTS)).json()["data"] == []
        own = await library.post("/v1/reference-requests", {**body, "case_id": None} | {"prospect": "x"}, 422)
        assert own["errors"][0]["pointer"] == "/case_id"


async def test_an_answer_needs_a_partner_who_asked(library: Library) -> None:
    ours = await library.post("/v1/reference-requests", {"act": "call", "prospect": "x", "due_on": "2026-12-20"}, 201)
    path = f"/v1/reference-requests/{ours['id']}"
    answer = await library.client.patch(path, json={"answer": "はい"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/answer")


async def test_the_name_is_gone_with_its_consent_and_so_is_the_id(
    library: Library, two: tuple[Partner, Partner]
) -> None:
    harbor, tsunagu = two
    with on("2026-11-22"):
        account, contact, by_name = await published_case(library, fields=["account_name", "title"])
        await library.consent(account, contact, naming="anonymous", fields=[])
        [named], [theirs] = await harbor.sees(), await tsunagu.sees()
        assert named["id"] != theirs["id"]
        assert named["account_name"] == "株式会社さくら"
        assert len(await harbor.sees(q="さくら")) == 1
        path = f"{CASES}/{named['id']}"
        etag = (await harbor.client.get(path)).headers["ETag"]
        await library.post(f"/v1/reference-consents/{by_name['id']}:revoke", {"reason": "-"}, 200, version=1)
        assert (await harbor.client.get(path, headers={"If-None-Match": etag})).status_code == 404
        [nameless] = await harbor.sees()
        assert nameless["anonymous"]
        assert nameless["id"] != named["id"]
        assert (nameless["account_name"], nameless["title_ja"]) == (None, None)
        assert await harbor.sees(q="さくら") == []
        assert len(await harbor.sees(q="ボイスボット")) == 1, "words of the catalogue stay"


async def test_the_second_wall_between_partners_holds_alone(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, _ = two
    with on("2026-11-22"):
        await published_case(library)
        await library.workspace.client()
        async with library.workspace.write() as tx:
            await tx.fetch("SELECT set_config('app.partner_id', %s, true)", [str(harbor.id)])
            for table in ("partner_case_handles", "partner_reference_cases", "partner_case_entries"):
                rows = await tx.fetch(f"SELECT DISTINCT partner_id FROM {table}")
                assert rows == [(harbor.id,)], table
            found = await tx.fetch("SELECT id FROM find_partner_reference_cases(ARRAY['音声'], 10) AS found (id)")
            assert len(found) == 1
        async with library.workspace.write() as tx:
            assert len(await tx.fetch("SELECT DISTINCT partner_id FROM partner_reference_cases")) == 2
            assert await tx.fetch("SELECT id FROM find_partner_reference_cases(ARRAY['音声'], 10) AS found (id)") == []


async def test_the_rows_say_what_visibility_says(library: Library, two: tuple[Partner, Partner]) -> None:
    harbor, _ = two
    with on("2026-11-22"):
        account, contact, _ = await published_case(library, fields=["title", "quote"], acts=["search", "quote"])
        other = await library.account(name="他社")
        await library.consent(
            account, contact, audience="public", exclusions=[{"account_id": str(other)}], naming="anonymous", fields=[]
        )
        async with library.workspace.write() as tx:
            [seen] = await visible_to(tx, Audience(harbor.id, "Harbor"))
        assert (seen.named, sorted(seen.fields)) == (True, ["quote", "title"])
        [case] = await harbor.sees()
        assert (case["title_ja"], case["quote"], case["summary_ja"]) == ("処理時間を短縮", "助かりました", None)
        version = (await library.get(f"/v1/accounts/{other}"))["version"]
        await library.client.patch(
            f"/v1/accounts/{other}", json={"legal_name": "HARBOR"}, headers={"If-Match": f'"{version}"'}
        )
        assert await harbor.sees() == [], "an excluded customer turns out to be the partner"


async def test_a_workspace_has_no_partners_paths(library: Library) -> None:
    for path in (CASES, REQUESTS):
        assert (await library.client.get(path)).status_code == 403


async def test_of_many_cases_a_new_partner_sees_nothing_first_and_all_soon(
    library: Library, two: tuple[Partner, Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    harbor, _ = two
    with on("2026-11-22"):
        await published_case(library)
        monkeypatch.setattr(published, "AT_ONCE", 0)
        path = f"/v1/partners/{harbor.id}"
        await library.client.patch(path, json={"domain": "harbor.example.com"}, headers={"If-Match": '"1"'})
        assert await harbor.sees() == []
        workspace = library.workspace
        await published.show_all(workspace.database, workspace.id, [harbor.id])
        assert len(await harbor.sees()) == 1
