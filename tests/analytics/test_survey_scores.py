"""GET /v1/analytics/survey-scores."""

from tests.surveys.conftest import Voices, on, voices
from tests.whole_api import makers

__all__ = ["voices"]


async def test_scores_by_month_and_by_what_the_account_was_then(voices: Voices) -> None:
    with on("2026-04-01"):
        nps = await voices.survey(external_id="nps")
        await voices.survey(external_id="csat", kind="csat")
        accounts = [await makers.account(voices.workspace, external_id=f"crm-{n}", industry="物流") for n in range(3)]
        segment = await voices.post("/v1/segments", {"name": "物流", "filter": {"industry": ["物流"]}}, 201)
        other = await voices.post("/v1/segments", {"name": "小売", "filter": {"industry": ["小売"]}}, 201)
        await _use(voices, str(accounts[0]), "healthy")
    scores = [(4, 10), (4, 9), (4, 6), (5, 8)]  # month, score
    with on("2026-05-20"):
        items = [
            {
                "external_id": f"t{n}", "survey_external_id": "nps", "account_external_id": f"crm-{n % 3}",
                "score": score, "answered_at": f"2026-{month:02}-15T03:00:00Z",
            }
            for n, (month, score) in enumerate(scores)
        ]  # fmt: skip
        await voices.post("/v1/survey-responses:bulk-upsert", {"items": items}, 207)
        # What the account is later on changes no answer.
        await _use(voices, str(accounts[0]), "inactive")
        found = await voices.scores(**{"from": "2026-04-01", "to": "2026-05-31"}, by="usage_status")
        assert (found["kpi_eligible"], found["basis"], found["as_of"]) == (False, ["response"], "2026-05-31")
        total = found["total"]
        assert (total["n"], total["score"], total["response_rate"]) == (4, 25, None)
        assert (total["positive"], total["neutral"], total["negative"]) == (2, 1, 1)
        assert [(each["month"], each["n"], round(each["score"], 2)) for each in found["months"]] == [
            ("2026-04-01", 3, 33.33), ("2026-05-01", 1, 0),
        ]  # fmt: skip
        # April's answers were old when they got here, so nobody knows what was used then.
        assert [(each["key"], each["n"]) for each in found["parts"]] == [("healthy", 1), (None, 3)]
        ids = {"segment_id": [other["id"], segment["id"]]}
        parts = (await voices.scores(**{"from": "2026-04-01"}, by="segment", **ids))["parts"]
        assert [(each["key"], each["label"], each["n"]) for each in parts] == [(segment["id"], "物流", 4)]
        assert (await voices.scores(**{"from": "2026-04-01"}, segment_id=other["id"]))["total"]["n"] == 0
        by_phase = await voices.scores(**{"from": "2026-04-01"}, by="phase", survey_id=nps["id"])
        assert [(each["key"], each["n"]) for each in by_phase["parts"]] == [("onboarding", 4)]
        csat = await voices.scores(**{"from": "2026-04-01"}, kind="csat")
        assert (csat["total"]["n"], csat["total"]["score"], csat["kpi_eligible"]) == (0, None, None)


async def test_the_response_rate_counts_links(voices: Voices) -> None:
    with on("2026-04-01"):
        survey = await voices.survey()
        tokens = []
        for place in range(4):
            _, contact = await voices.customer("2026-04-01", name=f"顧客{place}")
            path = f"/v1/surveys/{survey['id']}/invitations"
            tokens.append((await voices.post(path, {"contact_id": contact["id"]}, 201))["token"])
        assert (await voices.answer(tokens[0], 10)).status_code == 200
    with on("2026-04-02"):
        assert (await voices.answer(tokens[1], 9)).status_code == 200
        month = {"from": "2026-04-01", "to": "2026-04-30"}
        found = await voices.scores(**month, by="phase")
        assert (found["total"]["invited"], found["total"]["response_rate"]) == (4, 0.5)
        assert [(each["key"], each["response_rate"]) for each in found["parts"]] == [("onboarding", 0.5)]
        known = await voices.scores(**month, known_at="2026-04-01T23:00:00+09:00")
        assert (known["total"]["n"], known["total"]["response_rate"]) == (1, 0.25)
        refused = await voices.client.get("/v1/analytics/survey-scores", params={"kind": "nps", "by": "segment"})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?segment_id")


async def _use(voices: Voices, account_id: str, status: str) -> None:
    async with voices.workspace.write() as tx:
        await tx.execute(
            "UPDATE account_standing SET usage_status = %(status)s WHERE workspace_id = %(ws)s AND account_id = %(id)s",
            {"ws": tx.workspace_id, "id": account_id, "status": status},
        )
