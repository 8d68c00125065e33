"""The gate before activation: a backtest proves the definition that it tested, and no other."""

from typing import Any
from uuid import UUID

from api.health_scores import backtesting
from tests.health_scores.conftest import Clinic, on
from tests.health_scores.generated import LAST_DAY, generate
from tests.health_scores.test_backtests import USAGE

AFTER = LAST_DAY.isoformat()
INVERTED = {**USAGE, "breakpoints": [{"raw": 0, "points": 100}, {"raw": 100, "points": 0}]}


async def test_a_draft_edited_before_its_backtest_began_is_not_proven_by_another_definition(clinic: Clinic) -> None:
    await generate(clinic.workspace, 400, seed=1)
    with on(AFTER):
        model = await clinic.draft(INVERTED)
        path = f"/v1/health-models/{model['id']}"
        asked = await clinic.post("/v1/backtests", {"model_id": model["id"], "weeks": 40}, 202)
        edited = await _redefine(clinic, path, USAGE)
        assert edited["definition_hash"] != asked["definition_hash"]
        await backtesting.carry_out(clinic.workspace.database, clinic.workspace.id, UUID(asked["id"]))
        found = await clinic.get(f"/v1/backtests/{asked['id']}")
        assert (found["state"], found["passed"]) == ("failed", None)
        again = await _redefine(clinic, path, INVERTED)
        assert again["definition_hash"] == asked["definition_hash"]
        await clinic.post(f"{path}:activate", {}, 409)


async def _redefine(clinic: Clinic, path: str, component: dict[str, Any]) -> dict[str, Any]:
    model = await clinic.get(path)
    definition = {**model["definition"], "components": [component]}
    answer = await clinic.client.patch(
        path, json={"definition": definition}, headers={"If-Match": f'"{model["version"]}"'}
    )
    assert answer.status_code == 200, answer.text
    edited: dict[str, Any] = answer.json()
    return edited


async def test_the_outcome_must_be_one_of_the_models_phases(clinic: Clinic) -> None:
    model = await clinic.draft(phases=["adoption", "renewal"])
    wrong = {"model_id": model["id"], "label": "onboarding_not_completed"}
    problem = await clinic.post("/v1/backtests", wrong, 422)
    assert problem["errors"][0]["pointer"] == "/label"
    onboarding = await clinic.draft(name="導入", phases=["onboarding"])
    await clinic.post("/v1/backtests", {**wrong, "model_id": onboarding["id"]}, 202)


async def test_a_proof_beside_a_version_that_is_no_longer_active_is_none(clinic: Clinic) -> None:
    await generate(clinic.workspace, 400, seed=1)
    with on(AFTER):
        models = [await clinic.draft(USAGE), await clinic.draft({**USAGE, "window_days": 21})]
        for model in models:
            assert (await clinic.backtest(model, weeks=40))["passed"]
        await clinic.activate(models[0], None)
        refused = await clinic.post(f"/v1/health-models/{models[1]['id']}:activate", {}, 409)
        assert refused["code"] == "health_model_not_proven"
        await clinic.backtest(models[1], weeks=40)
        await clinic.activate(models[1], None)
