"""Templates: versions that never change, checked as a whole, made into roadmaps in one call."""

from typing import Any

from tests.success_roadmaps.conftest import Planner, on, titled

DEFINITION: dict[str, Any] = {
    "duration_days": 90,
    "review_every_days": 30,
    "goals": [
        {"key": "live", "level": "department", "title": "運用開始", "due_day": 60},
        {"key": "pilot", "parent": "live", "level": "project", "title": "試行", "baseline": 0.0, "target": 10.0,
         "usage_metric": "approvals"},
    ],
    "milestones": [
        {"key": "kickoff", "title": "キックオフ", "due_day": 7},
        {"key": "value", "goal": "pilot", "title": "最初の承認", "kind": "value", "due_day": 45},
    ],
    "tasks": [{"milestone": "kickoff", "title": "議題を送る", "role": "csm", "due_day": 3}],
    "hypotheses": [{"goal": "pilot", "statement": "部門長から始めると早い"}],
}  # fmt: skip


async def test_a_roadmap_begins_with_all_of_its_template(planner: Planner) -> None:
    metric = await planner.post("/v1/usage-metrics", {"key": "approvals", "name": "承認数"}, 201)
    owner = (await planner.workspace.user("csm")).id
    account = await planner.account(owner_id=owner)
    template = await planner.post(
        "/v1/roadmap-templates", {"name": "標準", "kind": "onboarding", "definition": DEFINITION}, 201
    )
    body = {"account_id": str(account), "template_id": template["id"], "starts_on": "2026-04-01"}
    with on("2026-04-01"):
        roadmap = await planner.post("/v1/success-roadmaps", body, 201)
        tree = await planner.tree(roadmap["id"])
    assert {name: roadmap[name] for name in ("name", "kind", "due_on", "next_review_on", "template_version", "owner_id")} == {
        "name": "標準", "kind": "onboarding", "due_on": "2026-06-30", "next_review_on": "2026-05-01", "template_version": 1,
        "owner_id": str(owner),
    }  # fmt: skip
    live, pilot = titled(tree["goals"], "運用開始"), titled(tree["goals"], "試行")
    assert (pilot["parent_id"], pilot["usage_metric_id"], live["due_on"]) == (live["id"], metric["id"], "2026-05-31")
    value = titled(tree["milestones"], "最初の承認")
    assert (value["goal_id"], value["kind"], value["due_on"]) == (pilot["id"], "value", "2026-05-16")
    (task,) = tree["tasks"]
    assert (task["due_on"], task["role"], task["owner_id"]) == ("2026-04-04", "csm", str(owner))
    assert tree["hypotheses"][0]["goal_id"] == pilot["id"]


async def test_another_definition_is_another_version(planner: Planner) -> None:
    account = await planner.account()
    await planner.post("/v1/usage-metrics", {"key": "approvals", "name": "承認数"}, 201)
    template = await planner.post("/v1/roadmap-templates", {"name": "標準", "definition": DEFINITION}, 201)
    path = f"/v1/roadmap-templates/{template['id']}"
    for definition in (DEFINITION, {"duration_days": 60}):
        answer = await planner.client.patch(path, json={"definition": definition}, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
    found = await planner.get(f"{path}?expand=versions")
    assert (found["newest"], [each["number"] for each in found["versions"]]) == (2, [2, 1])
    assert found["versions"][1]["definition"]["duration_days"] == 90
    body = {"account_id": str(account), "template_id": template["id"], "starts_on": "2026-04-01"}
    newest = await planner.post("/v1/success-roadmaps", body, 201)
    older = await planner.post("/v1/success-roadmaps", {**body, "template_version": 1}, 201)
    assert [(each["due_on"], each["template_version"]) for each in (newest, older)] == [
        ("2026-05-31", 2),
        ("2026-06-30", 1),
    ]
    refused = await planner.post("/v1/success-roadmaps", {**body, "template_version": 9}, 422)
    assert [each["pointer"] for each in refused["errors"]] == ["/template_version"]


async def test_a_definition_says_where_it_contradicts_itself(planner: Planner) -> None:
    wrong = {
        "duration_days": 30,
        "goals": [
            {"key": "a", "level": "project", "title": "上", "usage_metric": "nothing"},
            {"key": "a", "level": "project", "title": "同じ"},
            {"key": "b", "level": "company", "title": "逆さ", "parent": "a", "baseline": 5.0, "target": 1.0},
        ],
        "milestones": [{"key": "m", "title": "遅い", "goal": "c", "due_day": 31}],
        "tasks": [{"title": "知らない", "milestone": "n"}],
    }
    refused = await planner.post("/v1/roadmap-templates", {"name": "標準", "definition": wrong}, 422)
    assert {(each["pointer"].removeprefix("/definition/"), each["code"]) for each in refused["errors"]} == {
        ("goals/1/key", "not_unique"), ("goals/2/parent", "level_order"), ("goals/2/target", "out_of_range"),
        ("goals/0/usage_metric", "reference_not_found"), ("milestones/0/goal", "unknown_value"),
        ("milestones/0/due_day", "out_of_range"), ("tasks/0/milestone", "unknown_value"),
    }  # fmt: skip


async def test_a_roadmap_that_is_too_short_for_its_template_is_refused_where_it_says_so(planner: Planner) -> None:
    account = await planner.account()
    await planner.post("/v1/usage-metrics", {"key": "approvals", "name": "承認数"}, 201)
    template = await planner.post("/v1/roadmap-templates", {"name": "標準", "definition": DEFINITION}, 201)
    body = {"account_id": str(account), "template_id": template["id"], "starts_on": "2026-04-01"}
    refused = await planner.post("/v1/success-roadmaps", {**body, "due_on": "2026-05-30"}, 422)
    assert [error["pointer"] for error in refused["errors"]] == ["/due_on"]
    await planner.post("/v1/success-roadmaps", {**body, "due_on": "2026-05-31"}, 201)
