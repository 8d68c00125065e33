"""The life of health models."""

from api.auth.permissions import SCOPES
from api.kit.tables import new_id
from tests.health_scores.conftest import BANDS, PULSE, Clinic, on
from tests.support.workspaces import WorkspaceForTest


async def test_a_definition_that_contradicts_itself_is_refused_with_pointers(clinic: Clinic) -> None:
    wrong = {
        **PULSE,
        "source": "usage",
        "of": "logins",
        "breakpoints": [{"raw": 5, "points": 0}, {"raw": 1, "points": 1}],
    }
    body = {"name": "標準", "definition": {"components": [wrong], "bands": [*BANDS[:2], BANDS[1]]}}
    problem = await clinic.post("/v1/health-models", body, 422)
    assert {(error["pointer"], error["code"]) for error in problem["errors"]} == {
        ("/definition/components/0/breakpoints", "not_monotonic"),
        ("/definition/components/0/of", "unknown_value"),
        ("/definition/bands", "not_unique"),
        ("/definition/bands/2/min", "overlapping"),
    }


async def test_versions_count_up_and_one_is_active(clinic: Clinic) -> None:
    first = await clinic.active()
    second = await clinic.active({**PULSE, "weight": 2})
    assert (first["number"], second["number"], second["state"]) == (1, 2, "active")
    assert (await clinic.get(f"/v1/health-models/{first['id']}"))["state"] == "retired"


async def test_without_a_passed_backtest_only_an_admin_with_a_reason_activates(
    clinic: Clinic, workspace: WorkspaceForTest
) -> None:
    model = await clinic.draft()
    path = f"/v1/health-models/{model['id']}:activate"
    assert (await clinic.post(path, {}, 409))["code"] == "health_model_not_proven"
    manager = await workspace.key_client(SCOPES.keys() - {"health_models:override"})
    answer = await manager.post(path, json={"override_reason": "急ぎ"}, headers={"Idempotency-Key": str(new_id())})
    assert (answer.status_code, answer.json()["code"]) == (403, "override_needs_admin")
    active = await clinic.activate(model, "初年度で解約の実績がない")
    assert (active["state"], active["override_reason"]) == ("active", "初年度で解約の実績がない")


async def test_only_drafts_can_be_edited_and_a_change_takes_the_proof_away(clinic: Clinic) -> None:
    model = await clinic.draft()
    path = f"/v1/health-models/{model['id']}"
    changed = await clinic.client.patch(
        path,
        json={"definition": {"components": [{**PULSE, "weight": 3}], "bands": BANDS}},
        headers={"If-Match": f'"{model["version"]}"'},
    )
    assert changed.json()["definition_hash"] != model["definition_hash"]
    active = await clinic.activate(model)
    refused = await clinic.client.patch(path, json={"priority": 1}, headers={"If-Match": f'"{active["version"]}"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "health_model_not_a_draft")


async def test_the_model_with_the_lowest_priority_applies(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    everyone = await clinic.active(name="全体", priority=100)
    assert (await clinic.score(account))["model_id"] == everyone["id"]
    adoption = await clinic.active(name="定着", priority=10, phases=["adoption"])
    assert (await clinic.score(account))["model_id"] == adoption["id"]
    segment = await clinic.post("/v1/segments", {"name": "物流", "filter": {"industry": ["物流"]}}, 201)
    await clinic.active(name="物流", priority=1, segment_id=segment["id"])
    assert (await clinic.score(account))["model_id"] == adoption["id"]


async def test_a_simulation_stores_nothing(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption", industry="物流")
    await clinic.pulse(account, 5)
    segment = await clinic.post("/v1/segments", {"name": "物流", "filter": {"industry": ["物流"]}}, 201)
    model = await clinic.draft()
    path = f"/v1/health-models/{model['id']}:simulate"
    of_one = await clinic.post(path, {"account_id": str(account)}, 200)
    assert (of_one["score"], of_one["band"], of_one["components"][0]["raw"]) == (100, "green", 5)
    of_many = await clinic.post(path, {"segment_id": segment["id"]}, 200)
    assert of_many["moves"] == [{"before": None, "after": "green", "accounts": 1}]
    assert (await clinic.get("/v1/health-scores"))["data"] == []
    await clinic.post(path, {}, 422)


async def test_next_to_nothing_is_nothing(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.pulse(account, 3)
    tiny = {
        **PULSE,
        "key": "tiny",
        "weight": 1e-320,
        "breakpoints": [{"raw": 0, "points": 0}, {"raw": 5, "points": 5e-324}],
    }
    model = await clinic.draft(PULSE, tiny, {**tiny, "key": "light", "weight": 1})
    assert [each["weight"] for each in model["definition"]["components"]] == [1, 0, 1]
    said = await clinic.post(f"/v1/health-models/{model['id']}:simulate", {"account_id": str(account)}, 200)
    assert said["score"] == 25


async def test_an_archived_segment_stops_its_own_model_and_no_other(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption", industry="物流")
    await clinic.pulse(account, 5)
    everyone = await clinic.active(name="全体")
    segment = await clinic.post("/v1/segments", {"name": "物流", "filter": {"industry": ["物流"]}}, 201)
    own = await clinic.active(name="物流", priority=1, segment_id=segment["id"])
    assert (await clinic.score(account))["model_id"] == own["id"]
    archived = await clinic.client.delete(
        f"/v1/segments/{segment['id']}", headers={"If-Match": f'"{segment["version"]}"'}
    )
    assert archived.status_code == 200
    assert (await clinic.score(account))["model_id"] == everyone["id"]
    with on("2026-12-28"):
        assert (await clinic.run_week())["state"] == "done"
    tested = await clinic.backtest(own, weeks=1)
    assert tested["report"]["model"]["cases"] == 0
    body = {"name": "別", "segment_id": segment["id"], "definition": own["definition"]}
    problem = await clinic.post("/v1/health-models", body, 422)
    assert problem["errors"][0]["pointer"] == "/segment_id"
