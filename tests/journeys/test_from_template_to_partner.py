"""A roadmap from a template, goals agreed, a contact who leaves, value realised, a case, a partner: over HTTP only.

What the worker does each hour is called as it calls it.
"""

import httpx

from api.kit.db import Database
from api.kit.outbox import number_events
from api.reference_cases.jobs import take_candidates
from tests.journeys.test_from_value_to_partner import partner_of
from tests.journeys.test_when_to_make_contact import heads
from tests.reference_cases.conftest import Json, Library, library, on
from tests.success_roadmaps.conftest import titled

__all__ = ["heads", "library"]

TEMPLATE = {
    "duration_days": 180,
    "review_every_days": 30,
    "goals": [
        {"key": "cost", "level": "company", "title": "一次回答の時間を減らす", "due_day": 180,
         "metric_name": "平均処理時間", "metric_unit": "秒", "baseline": 400.0, "target": 300.0,
         "direction": "lower_is_better"},
        {"key": "bot", "parent": "cost", "level": "project", "title": "音声応答の導入", "due_day": 90},
    ],
    "milestones": [
        {"key": "kickoff", "title": "キックオフ", "due_day": 7},
        {"key": "live", "goal": "bot", "title": "夜間の一次受付を自動化", "kind": "value", "due_day": 60},
    ],
    "tasks": [{"milestone": "kickoff", "title": "現状の件数を聞く", "role": "csm", "due_day": 3}],
}  # fmt: skip


async def test_what_a_customer_achieved_is_found_by_a_partner(
    library: Library, client: httpx.AsyncClient, heads: Database
) -> None:
    account = await library.post(
        "/v1/accounts", {"name": "株式会社さくら物流", "industry": "物流", "language": "ja"}, 201
    )
    here = {"account_id": account["id"]}
    first, second = [await library.post("/v1/contacts", {**here, "name": name}, 201) for name in ("山本 恵", "加藤 翔")]

    async def follow(contact: Json) -> None:
        path = f"/v1/accounts/{account['id']}/primary-contact"
        assert (await library.client.put(path, json={"contact_id": contact["id"]})).status_code == 200

    async def edit(**parts: list[Json]) -> Json:
        path = f"/v1/success-roadmaps/{roadmap['id']}"
        return await library.post(f"{path}:edit", parts, 200, version=(await library.get(path))["version"])

    with on("2026-04-01"):
        await follow(first)
        template = {"name": "音声応答の立ち上げ", "kind": "success", "definition": TEMPLATE}
        template = await library.post("/v1/roadmap-templates", template, 201)
        body = {**here, "template_id": template["id"], "starts_on": "2026-04-01", "contact_id": first["id"]}
        roadmap = await library.post("/v1/success-roadmaps", body, 201)
        tree = await library.get(f"/v1/success-roadmaps/{roadmap['id']}/tree")
        goals = [{"id": goal["id"], "agreed_by_id": first["id"]} for goal in tree["goals"]]
        tree = await edit(goals=goals)
        assert [goal["agreed"] for goal in tree["goals"]] == [True, True]
    with on("2026-06-10"):
        await library.post(f"/v1/contacts/{first['id']}:left", {}, 200)
        await follow(second)
        tree = await library.get(f"/v1/success-roadmaps/{roadmap['id']}/tree")
        asked = titled(tree["milestones"], "新しい担当者と目標を確認する")
        assert (tree["roadmap"]["state"], asked["kind"], asked["reached_on"]) == ("active", "confirm_goals", None)
        live = titled(tree["milestones"], "夜間の一次受付を自動化")
        reached = [{"id": each["id"], "reached_on": "2026-06-10", "human_touch": True} for each in (asked, live)]
        cost = titled(tree["goals"], "一次回答の時間を減らす")
        tree = await edit(milestones=reached, goals=[{"id": cost["id"], "current": 280.0}])
        assert (titled(tree["goals"], cost["title"])["progress"], tree["roadmap"]["status"]) == (1, "on_track")
    with on("2026-07-02"):
        body = {
            **here, "roadmap_id": roadmap["id"], "goal_id": cost["id"], "name": "一次回答", "volume": 1200,
            "minutes_per_unit": 8, "starts_on": "2026-06-01", "ends_before": "2026-07-01",
            "hourly_cost": {"amount": 3000, "currency": "JPY"}, "cost": {"amount": 120_000, "currency": "JPY"},
        }  # fmt: skip
        value = await library.post("/v1/value-realisations", body, 201)
        path = f"/v1/value-realisations/{value['id']}:confirm"
        value = await library.post(path, {"contact_id": second["id"]}, 200, version=value["version"])
        assert (value["value"]["amount"], value["roi"]) == (480_000, 3)
        while await number_events(heads, library.workspace.database):
            pass
        async with library.workspace.write() as tx:
            await take_candidates(tx)
        [candidate] = (await library.get(f"/v1/reference-candidates?account_id={account['id']}"))["data"]
        assert candidate["kind"] == "value_realised"
    partner, headers = await partner_of(library.workspace, client)
    initiative = {"key": "voice_bot", "name_ja": "音声応答の導入", "name_en": "Voice agent"}
    initiative = await library.post("/v1/initiatives", initiative, 201)
    metric = {"key": "handle_time", "name_ja": "平均処理時間", "name_en": "Handle time", "direction": "lower_is_better"}
    metric = await library.post("/v1/outcome-metrics", metric, 201)
    content = {
        "title_ja": "夜間の一次受付を自動化", "summary_ja": "夜間の問い合わせを音声応答が受ける。",
        "initiative_ids": [initiative["id"]],
        "outcomes": [{"metric_id": metric["id"], "baseline": 400, "result": 280}],
    }  # fmt: skip
    path = f"/v1/reference-candidates/{candidate['id']}:accept"
    case = await library.post(path, content, 201, version=candidate["version"])
    agreed = {
        **here, "contact_id": second["id"], "acts": ["search"], "fields": ["account_name", "title"],
        "audience": "named_partners", "partner_ids": [partner["id"]], "naming": "named", "evidence": "7 月の議事録",
        "granted_on": "2026-07-02",
    }  # fmt: skip
    await library.post("/v1/reference-consents", agreed, 201)
    question = {"initiative": "voice_bot", "metric": "handle_time", "min_improvement_pct": "30", "q": "音声応答"}
    answer = await client.get("/v1/partner/reference-cases", params=question, headers=headers)
    assert answer.json()["data"] == [], "nobody has reviewed it"
    await library.approve(case)
    answer = await client.get("/v1/partner/reference-cases", params=question, headers=headers)
    [found] = answer.json()["data"]
    assert (found["account_name"], found["title_ja"]) == ("株式会社さくら物流", "夜間の一次受付を自動化")
    assert found["outcomes"][0]["improvement_pct"] == 30
