"""POST /v1/survey-answers and :open, by whoever holds a link."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from api.auth.secret_tokens import SecretToken
from api.auth.shown_once import MARKER
from api.kit.tables import new_id
from api.surveys.links import TOKEN_PREFIX
from tests.surveys.conftest import Voices, on


async def asked(voices: Voices, **survey: Any) -> dict[str, Any]:
    """An invitation with its link."""
    made = await voices.survey(**survey)
    _, contact = await voices.customer("2026-04-01")
    return await voices.post(f"/v1/surveys/{made['id']}/invitations", {"contact_id": contact["id"]}, 201)


async def test_a_link_is_opened_and_answered_once(voices: Voices) -> None:
    invitation = await asked(voices)
    opened = await voices.customers.post("/v1/survey-answers:open", json={"token": invitation["token"]})
    assert opened.status_code == 200, opened.text
    shown = opened.json()
    assert (shown["workspace"], shown["scale_min"], shown["scale_max"]) == ("株式会社テスト", 0, 10)
    assert "薦める" in shown["question"]["ja"]
    assert "recommend" in shown["question"]["en"]
    assert "花子" not in opened.text
    assert (await voices.answer(invitation["token"], 8)).json()["score"] == 8
    again = await voices.answer(invitation["token"], 0)
    assert (again.status_code, again.json()["code"]) == (410, "survey_link_used")
    assert [row["score"] for row in await voices.responses()] == [8]
    (entry,) = (await voices.get("/v1/audit-log?action=answered"))["data"]
    assert (entry["actor_kind"], entry["actor_id"]) == ("system", invitation["id"])


async def test_a_link_expires(voices: Voices) -> None:
    with on("2026-04-01"):
        invitation = await asked(voices, expires_after_days=14)
    with on("2026-04-16"):
        late = await voices.answer(invitation["token"], 8)
        assert (late.status_code, late.json()["code"]) == (410, "survey_link_expired")
        await voices.run_worker()
        assert [row["state"] for row in await voices.invitations()] == ["expired"]
        late = await voices.answer(invitation["token"], 8)
        assert (late.status_code, late.json()["code"]) == (410, "survey_link_expired")
        assert "期限" in (
            await voices.customers.post(
                "/v1/survey-answers:open", json={"token": invitation["token"]}, headers={"Accept-Language": "ja"}
            )
        ).json()["title"]  # fmt: skip


async def test_guesses_are_worthless_and_limited(voices: Voices) -> None:
    invitation = await asked(voices)
    real = SecretToken.parse(invitation["token"], TOKEN_PREFIX)
    assert real is not None
    guesses = [SecretToken.generate(real.workspace_id, real.id).text(TOKEN_PREFIX) for _ in range(11)]
    found = [await voices.answer(guess, 8) for guess in guesses]
    assert [each.status_code for each in found] == [410] * 10 + [429]
    assert {each.json()["code"] for each in found[:10]} == {"survey_link_invalid"}
    elsewhere = SecretToken.generate(uuid4(), uuid4()).text(TOKEN_PREFIX)
    for text in ("x", TOKEN_PREFIX, elsewhere, invitation["token"].replace(TOKEN_PREFIX, "inv_", 1)):
        answer = await voices.answer(text, 8)
        assert (answer.status_code, answer.json()["code"]) == (410, "survey_link_invalid")
    assert await voices.responses() == []


async def test_a_new_link_replaces_the_old_one(voices: Voices) -> None:
    with on("2026-04-01"):
        first = await asked(voices)
        (second,) = await voices.send(ids=[first["id"]])
        refused = await voices.answer(first["token"], 8)
        assert (refused.status_code, refused.json()["code"]) == (410, "survey_link_invalid")
        assert (await voices.answer(second["token"], 8)).status_code == 200
        assert await voices.send(ids=[first["id"]]) == []


async def test_a_replay_shows_no_token(voices: Voices) -> None:
    first = await asked(voices)
    headers = {"Idempotency-Key": str(new_id())}
    answers = [
        await voices.client.post("/v1/survey-invitations:send", json={"ids": [first["id"]]}, headers=headers)
        for _ in range(2)
    ]
    sent, replayed = [answer.json()["data"][0] for answer in answers]
    assert replayed == {**sent, "token": MARKER}
    assert answers[0].headers["cache-control"] == "no-store"
    async with voices.workspace.write() as tx:
        rows = await tx.fetch(
            "SELECT row_to_json(i)::text FROM survey_invitations i WHERE workspace_id = %s", [tx.workspace_id]
        )
    assert sent["token"] not in str(rows)


@pytest.mark.parametrize(("kind", "score"), [("nps", 11), ("csat", 0), ("csat", 6), ("nps", "9"), ("nps", 9.5)])
async def test_a_score_off_the_scale_is_refused(voices: Voices, kind: str, score: Any) -> None:
    invitation = await asked(voices, kind=kind)
    answer = await voices.answer(invitation["token"], score)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/score")
    assert (await voices.answer(invitation["token"], 5)).status_code == 200


async def test_erasing_a_person_ends_the_link_and_takes_the_comment(voices: Voices) -> None:
    invitation = await asked(voices)
    account = UUID(invitation["account_id"])
    other = await voices.contact(account, email="taro@sakura.example")
    survey = invitation["survey_id"]
    second = await voices.post(f"/v1/surveys/{survey}/invitations", {"contact_id": other["id"]}, 201)
    assert (await voices.answer(second["token"], 3, "山田太郎です、電話をください")).status_code == 200
    for contact in (invitation["contact_id"], other["id"]):
        await voices.post(f"/v1/contacts/{contact}:erase", {}, 200)
    assert (await voices.answer(invitation["token"], 3)).json()["code"] == "survey_link_invalid"
    (response,) = await voices.responses()
    assert (response["score"], response["comment"]) == (3, "")
