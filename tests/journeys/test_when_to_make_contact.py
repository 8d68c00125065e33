"""When to make contact: intents fade, 60 opens one task, people may know better, and outcomes say whether it works."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.health_scores.goal_jobs import follow_intents
from api.kit.db import Database
from api.kit.outbox import number_events
from api.kit.settings import Settings
from tests.contracts.conftest import Desk, desk, on

__all__ = ["desk"]


@pytest.fixture
async def heads(settings: Settings) -> AsyncIterator[Database]:
    """The worker's own connection, which numbers events."""
    async with Database(settings.worker_url.get_secret_value(), settings, size=1) as heads:
        yield heads


async def _hour(desk: Desk, heads: Database) -> None:
    """What the worker does in an hour."""
    while await number_events(heads, desk.workspace.database):
        pass
    async with desk.workspace.write() as tx:
        await follow_intents(tx)


async def _complete(desk: Desk, task: dict[str, Any], outcome: str) -> None:
    await desk.post(f"/v1/tasks/{task['id']}:complete", {"outcome": outcome}, 200, version=task["version"])


async def test_a_promoter_counts_however_the_answer_came(desk: Desk, heads: Database) -> None:
    account = await desk.account()
    with on("2026-05-01"):
        body = {"kind": "nps", "name": "NPS", "active": True, "anchor": "first_paid", "offsets": [{"days": 30}]}
        survey = await desk.post("/v1/surveys", body, 201)
        answers = [
            {"external_id": f"r{score}", "survey_id": survey["id"], "account_id": str(account), "score": score,
             "answered_at": "2026-05-01T01:00:00Z"}
            for score in (8, 9)
        ]  # fmt: skip
        await desk.post("/v1/survey-responses:bulk-upsert", {"items": answers}, 207)
        await _hour(desk, heads)
        assert (await desk.get(f"/v1/accounts/{account}/approach-score"))["computed"] == 20


async def test_intents_cross_the_threshold_once(desk: Desk, heads: Database) -> None:
    owner = await desk.workspace.user()
    account, quiet = await desk.account(owner_id=owner.id, language="ja"), await desk.account()
    score, here = f"/v1/accounts/{account}/approach-score", {"account_id": str(account)}
    tasks = f"/v1/tasks?account_id={account}&sort=created_at"

    async def intent(**values: Any) -> dict[str, Any]:
        return await desk.post("/v1/approach-intents", {**here, **values}, 201)

    async def enter(phase: str) -> None:
        path = f"/v1/accounts/{account}"
        await desk.post(f"{path}:change-phase", {"phase": phase}, 200, version=(await desk.get(path))["version"])

    with on("2026-05-01"):
        await enter("adoption")
        first = await intent(key="pricing_page_viewed", external_id="web-1")
        again = await intent(key="pricing_page_viewed", external_id="web-1")
        assert (first["points"], again["id"]) == (20, first["id"])
        refused = await desk.post("/v1/approach-intents", {**here, "key": "horoscope"}, 422)
        assert refused["errors"][0]["pointer"] == "/points"
        assert (await desk.get(score))["computed"] == 20
    with on("2026-05-15"):
        await intent(key="partner_referral", points=35)
        found = await desk.get(score)
        assert [(part["key"], part["points"]) for part in found["contributions"]] == [
            ("partner_referral", 35), ("pricing_page_viewed", 10),
        ]  # fmt: skip
        await _hour(desk, heads)
        assert (await desk.get(tasks))["data"] == []
        # The renewal window opens: 45 points become 75.
        await enter("renewal")
        await _hour(desk, heads)
        await _hour(desk, heads)
        await intent(key="pricing_page_viewed")
        [task] = (await desk.get(tasks))["data"]
        assert (task["origin"]["kind"], task["owner_id"], task["due_on"]) == (
            "approach_score", str(owner.id), "2026-05-18",
        )  # fmt: skip
        assert "アプローチスコア 75" in task["title"]
        [event] = (await desk.get(f"/v1/approach-intents?account_id={account}&source=event"))["data"]
        assert (event["key"], event["points"]) == ("renewal_opened", 30)
        await _complete(desk, task, "succeeded")
    with on("2026-05-20"):
        override = {"value": 5, "reason": "昨日訪問済み", "expires_at": "2026-06-20T00:00:00+09:00"}
        answer = await desk.client.put(f"{score}/override", json=override)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert (found["effective"], found["override"]["reason"], found["computed"] > 70) == (5, "昨日訪問済み", True)
    with on("2026-06-18"):
        # Hot again, and the pause of 30 days is over, but somebody knows better until the 20th.
        for _ in range(4):
            await intent(key="pricing_page_viewed")
        await _hour(desk, heads)
        [listed] = (await desk.get("/v1/approach-scores?effective_min=1"))["data"]
        assert (listed["account_id"], listed["effective"], listed["computed"] > 80) == (str(account), 5, True)
        assert len((await desk.get(tasks))["data"]) == 1
    with on("2026-06-20"):
        await _hour(desk, heads)
        assert (await desk.get(score))["override"] is None
        [_, second] = (await desk.get(tasks))["data"]
        await _complete(desk, second, "no_effect")
        await _hour(desk, heads)
        assert len((await desk.get(tasks))["data"]) == 2
        rate = await desk.get("/v1/analytics/approach-hit-rate?from=2026-05-01")
        assert (rate["numerator"], rate["denominator"], rate["hit_rate"], rate["opened"]) == (1, 2, 0.5, 2)
        assert (round(rate["low"], 3), round(rate["high"], 3)) == (0.095, 0.905)
        assert (await desk.get(f"/v1/accounts/{quiet}/approach-score"))["effective"] == 0


async def test_an_intent_worth_next_to_nothing_stops_nobodys_score(desk: Desk, heads: Database) -> None:
    account = await desk.account()
    with on("2026-11-20"):
        intent = {"account_id": str(account), "key": "looked", "points": 5e-324}
        assert (await desk.post("/v1/approach-intents", intent, 201))["points"] == 0
    with on("2026-11-22"):
        await _hour(desk, heads)
