"""The customer's primary contact changes: roadmaps stand, their goals are confirmed anew, maturity waits for that."""

from typing import Any
from uuid import UUID

import pytest

from tests.success_roadmaps.conftest import TREE, Planner, on


async def change_contact(planner: Planner, account: UUID, contact: UUID) -> None:
    """Make a contact the primary one."""
    answer = await planner.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contact)})
    assert answer.status_code == 200, answer.text


async def revert_latest(planner: Planner, account: UUID) -> None:
    """Take the latest change back."""
    changes = await planner.get(f"/v1/accounts/{account}/primary-contact-changes")
    latest = next(each["id"] for each in changes["data"] if each["reverted_at"] is None)
    await planner.post(f"/v1/primary-contact-changes/{latest}:revert", {}, 200)


async def waiting(planner: Planner, roadmap_id: str) -> list[dict[str, Any]]:
    """The milestones to confirm goals that a roadmap has."""
    milestones = (await planner.tree(roadmap_id))["milestones"]
    return [each for each in milestones if each["kind"] == "confirm_goals"]


async def maturity(planner: Planner, account: UUID) -> dict[str, Any]:
    """The account's maturity."""
    return await planner.get(f"/v1/accounts/{account}/maturity")


async def test_each_open_roadmap_asks_once_for_its_goals_to_be_confirmed(planner: Planner) -> None:
    account = await planner.account(language="ja")
    first, second, third = [await planner.contact(account) for _ in range(3)]
    with on("2026-05-01"):
        running = (await planner.roadmap(account, TREE))["id"]
        draft = (await planner.roadmap(account, state="draft"))["id"]
        over = (await planner.roadmap(account))["id"]
        await planner.change(over, state="completed")
        before = await planner.tree(running)
        await change_contact(planner, account, first)
        assert await waiting(planner, running) == []  # nobody was followed
        await change_contact(planner, account, second)
        after = await planner.tree(running)
        for roadmap_id, count in ((running, 1), (draft, 1), (over, 0)):
            assert len(await waiting(planner, roadmap_id)) == count
        (milestone,) = await waiting(planner, running)
        assert (milestone["title"], milestone["due_on"]) == ("新しい担当者と目標を確認する", "2026-05-15")
        assert (after["goals"], after["roadmap"]["progress"]) == (before["goals"], before["roadmap"]["progress"])
        assert after["roadmap"]["version"] == before["roadmap"]["version"] + 1
        await change_contact(planner, account, third)
        assert len(await waiting(planner, running)) == 1
        await revert_latest(planner, account)
        assert len(await waiting(planner, running)) == 1
        await revert_latest(planner, account)
        assert await waiting(planner, running) == []
    assert await planner.events("roadmap_milestone") == (
        ["roadmap_milestone.created"] * 5 + ["roadmap_milestone.archived"] * 2
    )


async def test_goals_confirmed_on_the_roadmaps_let_maturity_pass_level_two_again(planner: Planner) -> None:
    account = await planner.account()
    first, second = [await planner.contact(account) for _ in range(2)]
    with on("2026-05-01"):
        roadmaps = [(await planner.roadmap(account, TREE))["id"] for _ in range(2)]
        await change_contact(planner, account, first)
        await change_contact(planner, account, second)
        assert (await maturity(planner, account))["unconfirmed"] is True
        for roadmap_id, unconfirmed in zip(roadmaps, (True, False), strict=True):
            (milestone,) = await waiting(planner, roadmap_id)
            await planner.edit(roadmap_id, milestones=[{"id": milestone["id"], "reached_on": "2026-05-01"}])
            assert (await maturity(planner, account))["unconfirmed"] is unconfirmed


async def test_goals_confirmed_for_the_account_are_confirmed_on_its_roadmaps(planner: Planner) -> None:
    account = await planner.account()
    first, second = [await planner.contact(account) for _ in range(2)]
    with on("2026-05-01"):
        roadmap_id = (await planner.roadmap(account, TREE))["id"]
        await change_contact(planner, account, first)
        await change_contact(planner, account, second)
        await planner.post(f"/v1/accounts/{account}/maturity:confirm-goals", {}, 200)
        (milestone,) = await waiting(planner, roadmap_id)
    assert (milestone["reached_on"], milestone["human_touch"]) == ("2026-05-01", True)


async def test_people_may_be_erased_and_accounts_merged(planner: Planner) -> None:
    account, winner = await planner.account(), await planner.account()
    contact = await planner.contact(account)
    with on("2026-05-01"):
        roadmap_id = (await planner.roadmap(account, TREE, contact_id=str(contact)))["id"]
        await planner.post(f"/v1/contacts/{contact}:erase", {}, 200, version=1)
        merged = await planner.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(account)}, 200, version=1)
        tree = await planner.tree(roadmap_id)
        goals = await planner.get(f"/v1/roadmap-goals?account_id={winner}")
    assert merged["id"] == str(winner)
    assert (tree["roadmap"]["account_id"], tree["roadmap"]["contact_id"]) == (str(winner), str(contact))
    assert len(goals["data"]) == len(TREE["goals"])


@pytest.mark.parametrize("way", ["complete", "archive", "archive milestone"])
async def test_a_roadmap_that_goes_leaves_nothing_to_confirm(planner: Planner, way: str) -> None:
    account = await planner.account()
    first, second = [await planner.contact(account) for _ in range(2)]
    with on("2026-05-01"):
        confirmed, going = [(await planner.roadmap(account, TREE))["id"] for _ in range(2)]
        await change_contact(planner, account, first)
        await change_contact(planner, account, second)

        async def go(roadmap_id: str) -> None:
            if way == "complete":
                await planner.change(roadmap_id, state="completed")
            elif way == "archive":
                path = f"/v1/success-roadmaps/{roadmap_id}"
                version = (await planner.get(path))["version"]
                answer = await planner.client.delete(path, headers={"If-Match": f'"{version}"'})
                assert answer.status_code == 200, answer.text
            else:
                (milestone,) = await waiting(planner, roadmap_id)
                await planner.edit(roadmap_id, milestones=[{"id": milestone["id"], "archived": True}])

        other = (await planner.roadmap(account))["id"]
        await go(other) if way != "archive milestone" else None
        assert (await maturity(planner, account))["unconfirmed"] is True, "nobody confirmed anything yet"
        (milestone,) = await waiting(planner, confirmed)
        await planner.edit(confirmed, milestones=[{"id": milestone["id"], "reached_on": "2026-05-01"}])
        assert (await maturity(planner, account))["unconfirmed"] is True
        await go(going)
        assert (await maturity(planner, account))["unconfirmed"] is False
