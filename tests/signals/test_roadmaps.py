"""Signals and roadmaps: reviews that are late, news that matters to one."""

from typing import Any
from uuid import UUID

import pytest

from tests.signals.conftest import Lookout, on

NEWS = {
    "category": "ir",
    "title": "中期経営計画を発表",
    "source": "ir_watch",
    "external_id": "ir-1",
    "occurred_on": "2026-11-20",
}


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


async def drawn(lookout: Lookout, account: UUID, **values: Any) -> dict[str, Any]:
    """A roadmap."""
    body = {"account_id": str(account), "name": "2026年度", "starts_on": "2026-04-01", "due_on": "2027-03-31"}
    return await lookout.post("/v1/success-roadmaps", body | values, 201)


async def test_a_review_that_is_late_is_noticed_until_it_is_held(lookout: Lookout) -> None:
    account = await lookout.account()
    with on("2026-10-01"):
        roadmap = await drawn(lookout, account, review_every_days=30, starts_on="2026-10-01")
        await drawn(lookout, account, review_every_days=None, starts_on="2026-10-01")
    with on("2026-11-07"):
        assert await lookout.look_around("stale_roadmap") == 0, "a week's grace"
    with on("2026-11-08"):
        assert await lookout.look_around("stale_roadmap") == 1
        assert await lookout.look_around("stale_roadmap") == 0
        [signal] = await lookout.signals(kind="stale_roadmap")
        assert (signal["subject"], signal["severity"], signal["evidence"]) == (
            roadmap["id"], "warning",
            {"roadmap_id": roadmap["id"], "next_review_on": "2026-10-31", "last_reviewed_on": None},
        )  # fmt: skip
        version = (await lookout.get(f"/v1/success-roadmaps/{roadmap['id']}"))["version"]
        await lookout.post(
            f"/v1/success-roadmaps/{roadmap['id']}:review", {"held_on": "2026-11-08"}, 200, version=version
        )
        assert await lookout.look_around("stale_roadmap") == 1
        assert await lookout.states("stale_roadmap") == ["resolved"]


async def test_news_is_attached_to_a_roadmap_and_its_tree_lists_it(lookout: Lookout) -> None:
    account, other = await lookout.account(), await lookout.account()
    mine, second, theirs = [await drawn(lookout, each) for each in (account, account, other)]
    news = {**NEWS, "account_id": str(account)}
    wrong = await lookout.client.post("/v1/signals", json={**news, "roadmap_id": theirs["id"]})
    assert wrong.json()["errors"][0]["pointer"] == "/roadmap_id"
    posted = await lookout.post("/v1/signals", {**news, "roadmap_id": mine["id"]}, 201)
    assert posted["roadmap_id"] == mine["id"]
    again = await lookout.post("/v1/signals", {**news, "title": "訂正"}, 201)
    assert (again["id"], again["roadmap_id"]) == (posted["id"], mine["id"]), "posted again it stays where it was"

    async def attached(roadmap: dict[str, Any]) -> list[str]:
        tree = await lookout.get(f"/v1/success-roadmaps/{roadmap['id']}/tree")
        listed = await lookout.signals(roadmap_id=roadmap["id"])
        assert [each["id"] for each in tree["signals"]] == [each["id"] for each in listed]
        return [each["title"] for each in tree["signals"]]

    assert (await attached(mine), await attached(second)) == (["訂正"], [])
    path = f"/v1/signals/{posted['id']}:attach"
    moved = await lookout.post(path, {"roadmap_id": second["id"]}, 200, version=again["version"])
    assert (await attached(mine), await attached(second)) == ([], ["訂正"])
    refused = await lookout.client.post(
        path, json={"roadmap_id": theirs["id"]}, headers={"If-Match": str(moved["version"])}
    )
    assert refused.status_code == 422
    same = await lookout.post(path, {"roadmap_id": second["id"]}, 200, version=moved["version"])
    assert same["version"] == moved["version"]
    await lookout.post(f"/v1/accounts/{other}:merge", {"loser_id": str(account)}, 200, version=1)
    assert await attached(second) == ["訂正"]
    free = await lookout.post(path, {"roadmap_id": None}, 200, version=moved["version"])
    assert (free["roadmap_id"], await attached(second)) == (None, [])
