"""A roadmap's life over HTTP: its tree, reviews, reordering, progress and its history."""

import asyncio
from typing import Any
from uuid import UUID

from api.success_roadmaps.editing import edit_roadmap
from api.success_roadmaps.part_schemas import RoadmapEdit
from tests.success_roadmaps.conftest import TREE, Planner, on, titled


async def test_a_tree_is_made_and_read_in_one_call_each(planner: Planner) -> None:
    with on("2026-05-01"):
        account = await planner.account()
        roadmap = await planner.roadmap(account, TREE)
        tree = await planner.tree(roadmap["id"])
    assert tree["roadmap"]["version"] == 2
    company, finance = titled(tree["goals"], "申請時間を半分に"), titled(tree["goals"], "経理部を電子化")
    assert (company["parent_id"], finance["parent_id"]) == (None, company["id"])
    assert [each["title"] for each in tree["milestones"]] == ["キックオフ", "FAQ の下書き", "FAQ の公開"]
    (task,) = tree["tasks"]
    assert task["origin"] == {"kind": "roadmap", "id": titled(tree["milestones"], "キックオフ")["id"]}
    assert [each["state"] for each in tree["hypotheses"]] == ["open"]
    assert await planner.events("roadmap_goal") == ["roadmap_goal.created"] * 4
    assert await planner.events("task") == ["task.created"]


async def test_progress_and_status_are_explained(planner: Planner) -> None:
    with on("2026-04-01"):
        roadmap_id = (await planner.roadmap(await planner.account(), TREE))["id"]
        tree = await planner.tree(roadmap_id)
        company = titled(tree["goals"], "申請時間を半分に")["id"]
        assert (tree["roadmap"]["progress"], tree["roadmap"]["status"]) == (0, "on_track")
    with on("2026-10-01"):
        kickoff, draft = (titled(tree["milestones"], name)["id"] for name in ("キックオフ", "FAQ の下書き"))
        tree = await planner.edit(
            roadmap_id,
            goals=[{"id": company, "current": 4.5}],
            milestones=[
                {"id": kickoff, "reached_on": "2026-04-09", "human_touch": True},
                {"id": draft, "blocker": "担当不在"},
            ],
        )
    # The goals weigh 2 and 1, the roadmap's own milestone 1: (2 x 0.5 + 1 x 0 + 1) / 4.
    told, days = tree["explained"], 183 / 364
    assert (tree["roadmap"]["progress"], tree["roadmap"]["status"]) == (0.5, "on_track")
    assert (told["progress"], told["expected"], told["status"]) == (0.5, days, "on_track")
    assert [(each["title"], each["share"]) for each in told["pulled_down_by"]] == [
        ("問い合わせを減らす", 0.25), ("申請時間を半分に", 0.5),
    ]  # fmt: skip
    assert abs(told["pulled_down_by"][0]["points"] - 25 * days) < 1e-9
    assert told["unmeasured_goal_ids"] == [titled(tree["goals"], "経理部を電子化")["id"]]
    assert told["overdue_milestone_ids"] == [draft, titled(tree["milestones"], "FAQ の公開")["id"]]
    assert told["blocked_milestone_ids"] == [draft]
    assert titled(tree["milestones"], "FAQ の下書き")["blocked_on"] == "2026-10-01"
    assert told["sentence"]["ja"] == "期間の50%が過ぎ、進捗は50%です。"
    with on("2027-01-10"):
        assert await planner.night() == 1
        late = (await planner.tree(roadmap_id))["explained"]
    assert late["status"] == "off_track"
    assert late["sentence"]["en"] == "Progress is 50 % where 78 % of the time has passed: 28 points behind."
    listed = await planner.get("/v1/success-roadmaps?status=off_track")
    assert [each["id"] for each in listed["data"]] == [roadmap_id]
    assert "success_roadmap.status_changed" in await planner.events("success_roadmap")


async def test_history_is_answerable_as_known_at_any_moment(planner: Planner) -> None:
    with on("2026-04-01"):
        roadmap_id = (await planner.roadmap(await planner.account(), TREE))["id"]
        company = titled((await planner.tree(roadmap_id))["goals"], "申請時間を半分に")["id"]
    for day, value in (("2026-06-01", 5.0), ("2026-07-01", 4.0)):
        with on(day):
            await planner.edit(roadmap_id, goals=[{"id": company, "current": value}])
    with on("2026-08-01"):
        path = f"/v1/success-roadmaps/{roadmap_id}/progress"
        now = await planner.get(path)
        then = await planner.get(f"{path}?known_at=2026-06-15T00:00:00Z")
        june = await planner.get(f"{path}?since=2026-06-01&until=2026-06-30")
    values = [(each["day"], each["current"]) for each in now["goals"] if each["goal_id"] == company]
    assert values == [("2026-04-01", None), ("2026-06-01", 5.0), ("2026-07-01", 4.0)]
    assert [each["day"] for each in now["roadmap"]] == ["2026-04-01", "2026-06-01", "2026-07-01"]
    assert [each["day"] for each in then["roadmap"]] == ["2026-04-01", "2026-06-01"]
    assert [each["day"] for each in june["roadmap"]] == ["2026-06-01"]


async def test_parts_are_moved_in_one_call_or_not_at_all(planner: Planner) -> None:
    with on("2026-04-01"):
        roadmap_id = (await planner.roadmap(await planner.account(), TREE))["id"]
        tree = await planner.tree(roadmap_id)
        ids = {goal["title"]: goal["id"] for goal in tree["goals"]}
        pilot, finance, company = ids["FAQ の整備"], ids["経理部を電子化"], ids["申請時間を半分に"]
        live = titled(tree["milestones"], "FAQ の公開")["id"]
        moved = await planner.verb(
            roadmap_id,
            "arrange",
            {
                "goals": [{"id": pilot, "parent_id": finance, "position": 7}],
                "milestones": [{"id": live, "goal_id": None, "position": 0}],
            },
        )
        assert (titled(moved["goals"], "FAQ の整備")["parent_id"], moved["goals"][-1]["id"]) == (finance, pilot)
        assert titled(moved["milestones"], "FAQ の公開")["goal_id"] is None
        assert moved["roadmap"]["version"] == tree["roadmap"]["version"] + 1
        upside_down = [
            {"id": pilot, "parent_id": None, "position": 0},
            {"id": company, "parent_id": pilot, "position": 0},
            {"id": finance, "parent_id": finance, "position": 0},
        ]
        refused = await planner.verb(roadmap_id, "arrange", {"goals": upside_down}, 422)
        after = await planner.tree(roadmap_id)
    assert {(each["pointer"], each["code"]) for each in refused["errors"]} == {
        ("/goals/1/parent_id", "level_order"), ("/goals/2/parent_id", "level_order"),
    }  # fmt: skip
    assert after["goals"] == moved["goals"]
    assert await planner.events("roadmap_goal") == ["roadmap_goal.created"] * 4 + ["roadmap_goal.moved"]


async def test_an_edit_refuses_what_contradicts_itself_with_pointers(planner: Planner) -> None:
    account, other = await planner.account(), await planner.account()
    stranger = str(await planner.contact(other))
    roadmap_id = (await planner.roadmap(account, TREE))["id"]
    before = await planner.tree(roadmap_id)
    refused = await planner.edit(
        roadmap_id,
        status=422,
        goals=[
            {"title": "階層がない"},
            {"level": "project", "title": "親がいない", "parent_ref": "nowhere"},
            {"level": "company", "title": "逆向き", "baseline": 5.0, "target": 1.0},
            {"level": "company", "title": "よその人", "contact_id": stranger},
            {"id": before["goals"][0]["id"], "agreed_at": "2026-04-01T00:00:00Z"},
        ],
        milestones=[{"title": "未来", "reached_on": "2999-01-01"}, {"id": before["goals"][0]["id"], "title": "別物"}],
        hypotheses=[{"id": before["hypotheses"][0]["id"], "state": "confirmed"}],
    )
    assert {(each["pointer"], each["code"]) for each in refused["errors"]} == {
        ("/goals/0/level", "missing"), ("/goals/1/parent_ref", "reference_not_found"), ("/goals/2/target", "out_of_range"),
        ("/goals/3/contact_id", "reference_not_found"), ("/goals/4/agreed_by_id", "required"),
        ("/milestones/0/reached_on", "out_of_range"), ("/milestones/1/id", "reference_not_found"),
        ("/hypotheses/0/evidence", "required"),
    }  # fmt: skip
    assert await planner.tree(roadmap_id) == before


async def test_an_agreement_is_to_what_was_agreed(planner: Planner) -> None:
    account = await planner.account()
    contact = str(await planner.contact(account))
    roadmap_id = (await planner.roadmap(account, TREE))["id"]
    goal = titled((await planner.tree(roadmap_id))["goals"], "申請時間を半分に")
    agreed = await planner.edit(roadmap_id, goals=[{"id": goal["id"], "agreed_by_id": contact}])
    assert titled(agreed["goals"], goal["title"])["agreed"]
    kept = await planner.edit(roadmap_id, goals=[{"id": goal["id"], "current": 5.0, "detail": "経理から"}])
    assert titled(kept["goals"], goal["title"])["agreed_by_id"] == contact
    changed = await planner.edit(roadmap_id, goals=[{"id": goal["id"], "target": 2.0}])
    assert titled(changed["goals"], goal["title"])["agreed_by_id"] is None


async def test_what_is_below_a_goal_goes_with_it(planner: Planner) -> None:
    roadmap_id = (await planner.roadmap(await planner.account(), TREE))["id"]
    tree = await planner.tree(roadmap_id)
    support = titled(tree["goals"], "問い合わせを減らす")["id"]
    gone = await planner.edit(roadmap_id, goals=[{"id": support, "archived": True}])
    assert {goal["title"] for goal in gone["goals"]} == {"申請時間を半分に", "経理部を電子化"}
    assert [each["title"] for each in gone["milestones"]] == ["キックオフ"]
    assert gone["hypotheses"] == []
    back = await planner.edit(roadmap_id, goals=[{"id": support, "archived": False}])
    assert support in {goal["id"] for goal in back["goals"]}


async def test_reviews_follow_their_cadence(planner: Planner) -> None:
    with on("2026-04-01"):
        made = await planner.roadmap(await planner.account(), TREE, review_every_days=30)
        roadmap_id = made["id"]
        assert (made["next_review_on"], made["review_overdue"]) == ("2026-05-01", False)
    with on("2026-05-10"):
        assert [r["id"] for r in (await planner.get("/v1/success-roadmaps?review_overdue=true"))["data"]] == [
            roadmap_id
        ]
        held = await planner.verb(roadmap_id, "review", {"held_on": "2026-05-08", "notes": "順調"})
        assert (held["last_reviewed_on"], held["next_review_on"], held["review_overdue"]) == (
            "2026-05-08", "2026-06-07", False,
        )  # fmt: skip
        earlier = await planner.verb(roadmap_id, "review", {"held_on": "2026-04-20"})
        assert earlier["next_review_on"] == "2026-06-07"
        reviews = (await planner.tree(roadmap_id))["reviews"]
    assert [each["held_on"] for each in reviews] == ["2026-05-08", "2026-04-20"]
    assert (reviews[0]["progress"], reviews[0]["status"]) == (0, "at_risk")


async def test_a_roadmap_that_is_over_stands_still(planner: Planner) -> None:
    roadmap_id = (await planner.roadmap(await planner.account(), TREE))["id"]
    over = await planner.change(roadmap_id, state="completed")
    assert (over["state"], over["status"], over["ended_on"] is None) == ("completed", None, False)
    refused = await planner.edit(roadmap_id, status=409, milestones=[{"title": "もう一つ"}])
    assert refused["code"] == "roadmap_over"
    again = await planner.change(roadmap_id, state="active")
    assert (again["state"], again["ended_on"]) == ("active", None)
    assert again["status"] is not None


async def test_a_usage_metric_gives_the_value(planner: Planner) -> None:
    account = await planner.account()
    metric = await planner.post("/v1/usage-metrics", {"key": "approvals", "name": "承認数", "aggregation": "sum"}, 201)
    with on("2026-05-20"):
        items = [
            {"account_id": str(account), "metric": "approvals", "day": day, "value": value}
            for day, value in (("2026-03-01", 100), ("2026-05-01", 30), ("2026-05-19", 20))
        ]
        await planner.post("/v1/usage-measurements:bulk-upsert", {"items": items}, 207)
        goal = {
            "level": "project",
            "title": "承認を増やす",
            "baseline": 0.0,
            "target": 200.0,
            "usage_metric_id": metric["id"],
        }
        tree = (await planner.edit((await planner.roadmap(account))["id"], goals=[goal]))["goals"]
    assert [(goal["current"], goal["current_on"], goal["progress"]) for goal in tree] == [(50, "2026-05-19", 0.25)]


async def test_what_comes_back_needs_its_goal(planner: Planner) -> None:
    roadmap = (await planner.roadmap(await planner.account(), TREE))["id"]
    tree = await planner.tree(roadmap)
    pilot = titled(tree["goals"], "FAQ の整備")
    milestone, hypothesis = titled(tree["milestones"], "FAQ の公開"), tree["hypotheses"][0]
    await planner.edit(roadmap, goals=[{"id": pilot["id"], "archived": True}])
    back: dict[str, Any] = {
        "milestones": [{"id": milestone["id"], "archived": False}],
        "hypotheses": [{"id": hypothesis["id"], "archived": False}],
    }
    refused = await planner.edit(roadmap, status=422, **back)
    assert [error["pointer"] for error in refused["errors"]] == ["/milestones/0/archived", "/hypotheses/0/archived"]
    await planner.edit(roadmap, goals=[{"id": pilot["id"], "archived": False}], **back)
    assert titled((await planner.tree(roadmap))["milestones"], "FAQ の公開")["goal_id"] == pilot["id"]
    await planner.change(roadmap, kind="onboarding")
    async with planner.workspace.write() as tx:
        [(data,)] = await tx.fetch(
            "SELECT data FROM events WHERE type = 'success_roadmap.updated' ORDER BY id DESC LIMIT 1"
        )
    assert data["kind"] == "onboarding", "told as it is now"


async def test_the_night_waits_for_an_edit_and_sees_what_it_wrote(planner: Planner) -> None:
    with on("2026-04-01"):
        made = await planner.roadmap(await planner.account(), TREE)
        company = titled((await planner.tree(made["id"]))["goals"], "申請時間を半分に")["id"]
    with on("2026-10-01"):
        async with planner.workspace.write() as tx:
            edit = RoadmapEdit.model_validate({"goals": [{"id": company, "current": 4.5}]})
            await edit_roadmap(tx, UUID(made["id"]), made["version"], edit)
            night = asyncio.create_task(planner.night())
            done, _ = await asyncio.wait([night], timeout=0.3)
            assert not done
        await night
        assert (await planner.get(f"/v1/success-roadmaps/{made['id']}"))["progress"] == 0.25
