"""A roadmap's life over HTTP: its tree, reviews, reordering, progress and its history."""

from tests.success_roadmaps.conftest import TREE, Planner, on, titled


async def test_a_tree_is_made_in_one_call_and_read_in_one_call(planner: Planner) -> None:
    with on("2026-05-01"):
        account = await planner.account()
        roadmap = await planner.roadmap(account, TREE)
        tree = await planner.tree(roadmap["id"])
    assert tree["roadmap"]["version"] == 2
    company, finance = titled(tree["goals"], "申請時間を半分に"), titled(tree["goals"], "経理部を電子化")
    assert (company["parent_id"], finance["parent_id"]) == (None, company["id"])
    assert tree["milestones"][0]["title"] == "キックオフ"
    (task,) = tree["tasks"]
    assert task["origin"] == {"kind": "roadmap", "id": titled(tree["milestones"], "キックオフ")["id"]}
    assert [each["state"] for each in tree["hypotheses"]] == ["open"]
