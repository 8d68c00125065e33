"""Backtests: they find what is there, do not find what is not, and see nothing that was recorded later."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from api.health_scores import backtesting
from tests.health_scores.conftest import PULSE, Clinic, on
from tests.health_scores.generated import LAST_DAY, generate

USAGE = {
    "key": "usage",
    "source": "usage",
    "of": "active_users",
    "window_days": 28,
    "breakpoints": [{"raw": 0, "points": 0}, {"raw": 100, "points": 100}],
    "weight": 1,
}
AFTER = LAST_DAY.isoformat()


def told(figures: dict[str, Any]) -> str:
    return "AUC {auc:.3f} ({auc_low:.3f} to {auc_high:.3f}), {events} events in {cases} cases".format(**figures)


async def test_it_finds_health_that_drives_churn_and_the_model_passes(clinic: Clinic) -> None:
    generated = await generate(clinic.workspace, 400, seed=1)
    with on(AFTER):
        model = await clinic.draft(USAGE)
        found = await clinic.backtest(model, weeks=40)
        figures = found["report"]["model"]
        print(f"\n{generated.left} of 400 accounts left, driven by their health: {told(figures)}")  # noqa: T201 - the figures are evidence
        assert generated.left > 60
        assert figures["auc_low"] > 0.6
        assert figures["top_decile_lift"] > 1.5
        assert (found["passed"], found["failed_criteria"]) == (True, [])
        assert found["report"]["by_phase"]["adoption"]["cases"] == figures["cases"]
        # The proof is of this exact definition: with any other it is gone, and with the same one it holds again.
        path = f"/v1/health-models/{model['id']}"
        for phases, state, status in ((["adoption"], "draft", 409), (model["phases"], "draft", 200)):
            version = (await clinic.get(path))["version"]
            edited = await clinic.client.patch(path, json={"phases": phases}, headers={"If-Match": f'"{version}"'})
            assert (edited.json()["state"], edited.json()["passed_backtest_id"]) == (state, None)
            active = await clinic.post(f"{path}:activate", {}, status)
        assert (active["state"], active["passed_backtest_id"]) == ("active", found["id"])
        # The next version is measured beside it, on the same cases.
        worse = await clinic.draft({**USAGE, "window_days": 7}, PULSE)
        beside = (await clinic.backtest(worse, weeks=40))["report"]
        assert beside["active"]["auc"] == pytest.approx(figures["auc"])
        assert beside["active"]["cases"] == beside["same_cases"]["cases"] == beside["model"]["cases"]


async def test_keeping_silent_about_half_of_the_accounts_compares_on_the_other_half(clinic: Clinic) -> None:
    await generate(clinic.workspace, 60, seed=5)
    with on(AFTER):
        await clinic.active(USAGE)
        accounts = (await clinic.get("/v1/accounts?limit=200&fields=id"))["data"]
        for account in accounts[::2]:
            await clinic.felt(UUID(account["id"]), 3, "2025-01-10")
        silent = await clinic.draft({**USAGE, "weight": 1}, {**PULSE, "weight": 1.2})
        report = (await clinic.backtest(silent, weeks=8))["report"]
    assert report["model"]["unscored"] > 0
    assert report["active"]["cases"] == report["same_cases"]["cases"] == report["model"]["cases"]


async def test_churn_that_usage_knows_nothing_of_does_not_pass(clinic: Clinic) -> None:
    await generate(clinic.workspace, 400, seed=2, driven=False)
    with on(AFTER):
        model = await clinic.draft(USAGE)
        found = await clinic.backtest(model, weeks=40)
        figures = found["report"]["model"]
        print(f"\nchurn that usage knows nothing of: {told(figures)}")  # noqa: T201 - the figures are evidence
        assert figures["auc_low"] <= 0.5 <= figures["auc_high"]
        assert "auc_not_above_half" in found["failed_criteria"]
        refused = await clinic.post(f"/v1/health-models/{model['id']}:activate", {}, 409)
        assert "auc_not_above_half" in refused["detail"]


async def test_what_was_recorded_later_would_make_any_model_look_good(clinic: Clinic) -> None:
    await generate(clinic.workspace, 300, seed=3, driven=False)
    with on(AFTER):
        model = await clinic.draft(USAGE)
        asked = await clinic.post("/v1/backtests", {"model_id": model["id"], "weeks": 20}, 202)
        named = clinic.workspace.database, clinic.workspace.id, UUID(asked["id"])
        honest = await backtesting.measure(*named)
        leaking = await backtesting.measure(*named, leak_guard=False)
    assert honest is not None
    assert leaking is not None
    print(f"\nwith what was recorded later: {told(leaking['model'])}; without: {told(honest['model'])}")  # noqa: T201 - the figures are evidence
    assert leaking["model"]["auc"] > 0.95
    assert honest["model"]["auc_low"] < 0.55
    assert honest["model"]["cases"] == leaking["model"]["cases"]


async def test_components_whose_past_is_not_kept_count_as_missing_and_are_named(clinic: Clinic) -> None:
    await generate(clinic.workspace, 40, seed=4)
    covered = {**PULSE, "key": "covered", "source": "stakeholder_coverage", "missing": "worst"}
    with on(AFTER):
        model = await clinic.draft({**USAGE, "weight": 3}, covered)
        report = (await clinic.backtest(model, weeks=4))["report"]
    assert report["components_without_past"] == ["covered"]


async def test_notice_is_the_outcome_and_ends_the_population(clinic: Clinic) -> None:
    account, product = await clinic.account(phase="adoption"), await clinic.product()
    with on("2026-01-05"):
        contract = await clinic.sign(account, product, 1000, starts_on="2026-01-05")
        await clinic.felt(account, 2, "2026-01-05")
    with on("2026-04-08"):
        await clinic.act(contract, "give-notice", received_on="2026-04-08")
    with on("2026-06-01"):
        model = await clinic.draft()
        found = await clinic.backtest(model, weeks=16, horizon_days=30)
    figures = found["report"]["model"]
    first = dt.date.fromisoformat(found["report"]["first_week"])
    weeks = [first + dt.timedelta(days=7 * number) for number in range(16)]
    notice = dt.date(2026, 4, 8)
    assert weeks[-1] > notice
    customers = [day for day in weeks if dt.date(2026, 1, 5) <= day < notice]
    assert figures["cases"] == len(customers)
    assert figures["events"] == sum(day + dt.timedelta(days=30) >= notice for day in customers)


async def test_an_end_that_is_known_already_is_no_case(clinic: Clinic) -> None:
    account, product = await clinic.account(phase="adoption"), await clinic.product()
    with on("2026-01-05"):
        contract = await clinic.sign(account, product, 1000, starts_on="2026-01-05")
        await clinic.felt(account, 2, "2026-01-05")
    with on("2026-03-09"):  # it pays until the end of May
        await clinic.act(contract, "terminate", ends_before="2026-06-01")
    with on("2026-08-03"):
        model = await clinic.draft()
        found = await clinic.backtest(model, weeks=26, horizon_days=30)
    figures = found["report"]["model"]
    first, ended = dt.date.fromisoformat(found["report"]["first_week"]), dt.date(2026, 3, 9)
    weeks = [first + dt.timedelta(days=7 * number) for number in range(26)]
    customers = [day for day in weeks if dt.date(2026, 1, 5) <= day < ended]
    assert figures["cases"] == len(customers)
    assert figures["events"] == sum(day + dt.timedelta(days=30) >= ended for day in customers)
