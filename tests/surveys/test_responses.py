"""Responses of other tools, corrections, and what was known when."""

from typing import Any

from tests.surveys.conftest import Voices, on
from tests.whole_api import makers

TOKYO = "+09:00"


async def bulk(voices: Voices, *items: dict[str, Any]) -> list[Any]:
    found = await voices.post("/v1/survey-responses:bulk-upsert", {"items": list(items)}, 207)
    return [
        each["status"] if each["problem"] is None else [error["pointer"] for error in each["problem"]["errors"]]
        for each in found["items"]
    ]


async def test_a_correction_keeps_what_was_known(voices: Voices) -> None:
    with on("2026-04-01"):
        await voices.survey(external_id="nps")
        await makers.account(voices.workspace, external_id="crm-1")
    given = {"external_id": "t1", "survey_external_id": "nps", "account_external_id": "crm-1"}
    with on("2026-05-02"):
        item = {**given, "score": 9, "answered_at": f"2026-05-01T10:00:00{TOKYO}", "comment": "良い"}
        assert await bulk(voices, item) == ["created"]
        assert await bulk(voices, item) == ["unchanged"]
    with on("2026-05-10"):
        assert await bulk(voices, {**item, "score": 2}) == ["updated"]
    with on("2026-05-20"):
        (response,) = await voices.responses()
        assert (response["score"], response["recorded_at"][:10]) == (2, "2026-05-10")
        await voices.patch(
            f"/v1/survey-responses/{response['id']}", response["version"], {"score": 7, "comment": "訂正"}
        )
    month = {"from": "2026-05-01", "to": "2026-05-31"}
    with on("2026-06-01"):
        for known_at, score in (("01", None), ("05", 100), ("15", -100), ("25", 0)):
            found = await voices.scores(**month, known_at=f"2026-05-{known_at}T23:00:00{TOKYO}")
            assert found["total"]["score"] == score, known_at
        (response,) = await voices.responses()
        path = f"/v1/survey-responses/{response['id']}"
        removed = await voices.client.delete(path, headers={"If-Match": str(response["version"])})
        assert removed.status_code == 200
        assert (await voices.scores(**month))["total"]["n"] == 0
        assert (await voices.scores(**month, known_at=f"2026-05-25T23:00:00{TOKYO}"))["total"]["n"] == 1


async def test_only_news_sends_somebody_to_the_customer(voices: Voices) -> None:
    with on("2026-05-20"):
        await voices.survey(external_id="nps")
        await makers.account(voices.workspace, external_id="crm-1")
        given = {"survey_external_id": "nps", "account_external_id": "crm-1"}
        old = {**given, "external_id": "old", "score": 1, "answered_at": "2026-03-01T00:00:00Z"}
        new = {**given, "external_id": "new", "score": 8, "answered_at": "2026-05-19T00:00:00Z"}
        assert await bulk(voices, old, new) == ["created", "created"]
        assert (await voices.get("/v1/tasks"))["data"] == []
        assert await bulk(voices, {**new, "score": 6}) == ["updated"]
        assert await bulk(voices, {**new, "score": 5}) == ["updated"]
        assert len((await voices.get("/v1/tasks"))["data"]) == 1


async def test_what_is_wrong_with_an_item_is_said(voices: Voices) -> None:
    with on("2026-05-20"):
        survey = await voices.survey(external_id="nps", kind="csat")
        account, contact = await voices.customer("2026-04-01")
        item = {"external_id": "t1", "survey_id": survey["id"], "score": 4, "answered_at": "2026-05-19T00:00:00Z"}
        assert await bulk(
            voices,
            {**item, "contact_id": contact["id"]},  # the account is the contact's
            {**item, "external_id": "t2"},
            {**item, "external_id": "t3", "account_id": str(account), "score": 0},
            {**item, "external_id": "t4", "account_id": str(account), "answered_at": "2026-05-21T00:00:00Z"},
            {**item, "external_id": "t5", "account_external_id": "nobody"},
        ) == ["created", ["/account_id"], ["/score"], ["/answered_at"], ["/account_external_id"]]
        assert (await voices.responses())[0]["account_id"] == str(account)
        assert await bulk(voices, {"external_id": "t1", "score": 6}) == [["/score"]]
        assert await bulk(voices, {"external_id": "t1", "answered_at": "2026-05-18T00:00:00Z"}) == [["/answered_at"]]


async def test_merging_accounts_moves_invitations_and_answers(voices: Voices) -> None:
    with on("2026-04-01"):
        survey = await voices.survey()
        winner, _ = await voices.customer("2026-04-01", primary=False)
        loser, contact = await voices.customer("2026-04-01")
        path = f"/v1/surveys/{survey['id']}/invitations"
        asked = await voices.post(path, {"contact_id": contact["id"]}, 201)
    with on("2026-05-01"):
        await voices.run_worker()  # each account has decided its day 30: nobody to ask, and throttled or asked
        version = (await voices.get(f"/v1/accounts/{winner}"))["version"]
        await voices.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=version)
        await voices.run_worker()
    with on("2026-04-10"):
        assert (await voices.answer(asked["token"], 10)).status_code == 410  # its time was over on 15 April
    assert {row["account_id"] for row in await voices.invitations()} == {str(winner)}
