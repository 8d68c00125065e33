"""How many customers have a roadmap under way: as of a day, as known then, and by owner."""

from typing import Any

from tests.success_roadmaps.conftest import TREE, Planner, on


async def coverage(planner: Planner, **query: Any) -> dict[str, Any]:
    """The figures, and how many parts there are."""
    answer = await planner.client.get("/v1/analytics/roadmap-coverage", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_coverage_is_of_paying_customers_as_known_then(planner: Planner) -> None:
    owner = await planner.workspace.user("csm")
    product = await planner.product()
    mine = await planner.account(owner_id=owner.id)
    agreed, drafted, idle = [await planner.account() for _ in range(3)]
    not_paying = await planner.account()
    contact = str(await planner.contact(agreed))
    with on("2026-04-01"):
        for account in (mine, agreed, drafted, idle):
            await planner.sign(account, product, 10_000, starts_on="2026-04-01")
        for account in (mine, agreed, not_paying):
            await planner.roadmap(account, TREE)
        await planner.roadmap(drafted, state="draft")
    with on("2026-05-01"):
        whole = {"baseline": 0.0, "target": 1.0, "contact_id": contact, "owner_id": str(owner.id)}
        roadmap = (await planner.get(f"/v1/success-roadmaps?account_id={agreed}"))["data"][0]["id"]
        goal = {"level": "company", "title": "全社の目標", "agreed_by_id": contact, **whole}
        await planner.edit(roadmap, goals=[goal])
    with on("2026-06-30"):
        await planner.night()
        found = (await coverage(planner))["total"]
        assert (found["active_accounts"], found["with_roadmap"], found["coverage"]) == (4, 2, 0.5)
        assert (found["with_agreed_goals"], found["agreed_share"]) == (1, 0.25)
        assert found["on_track"] + found["at_risk"] + found["off_track"] + found["without_status"] == 2
        assert found["at_risk"] == 2, "a quarter of the year has passed, and nothing is reached"
        assert found["mean_progress"] == 0
        before = (await coverage(planner, as_of="2026-04-15"))["total"]
        assert (before["with_roadmap"], before["with_agreed_goals"]) == (2, 0)
        unknown = (await coverage(planner, known_at="2026-03-31T00:00:00Z"))["total"]
        assert (unknown["active_accounts"], unknown["coverage"]) == (0, None)
        parts = (await coverage(planner, by="owner"))["parts"]
        assert [(part["label"], part["active_accounts"], part["with_roadmap"]) for part in parts] == [
            (owner.name, 1, 1), (None, 3, 1),
        ]  # fmt: skip
        plans = (await coverage(planner, kind="onboarding"))["total"]
        assert (plans["active_accounts"], plans["with_roadmap"]) == (4, 0)


async def test_a_roadmap_that_is_over_or_archived_covers_nothing(planner: Planner) -> None:
    account = await planner.account()
    with on("2026-04-01"):
        await planner.sign(account, await planner.product(), 10_000, starts_on="2026-04-01")
        roadmap = await planner.roadmap(account, TREE)
    with on("2026-05-01"):
        assert (await coverage(planner))["total"]["with_roadmap"] == 1
        answer = await planner.client.delete(
            f"/v1/success-roadmaps/{roadmap['id']}", headers={"If-Match": f'"{roadmap["version"]}"'}
        )
        assert answer.status_code < 300, answer.text
        assert (await coverage(planner))["total"]["with_roadmap"] == 0
        assert (await coverage(planner, as_of="2026-04-30"))["total"]["with_roadmap"] == 1
