"""Targets are judged once, at the last weekly snapshot up to their day; attainment, distribution and moves follow."""

import datetime as dt
from typing import Any
from uuid import UUID

from api.accounts.models import AccountPhase, TeamMember
from api.health_scores.targets import judge
from tests.health_scores.conftest import Clinic, on
from tests.whole_api import makers


async def _judged(clinic: Clinic) -> int:
    async with clinic.workspace.write() as tx:
        return await judge(tx)


async def _target(clinic: Clinic, account: UUID, due: str, **values: Any) -> dict[str, Any]:
    return await clinic.post("/v1/health-targets", {"account_id": str(account), "due_on": due, **values}, 201)


async def test_targets_are_judged_once_at_their_weeks_snapshot(clinic: Clinic) -> None:
    owner, heir = await clinic.workspace.user(), await clinic.workspace.user()
    with on("2026-05-06"):
        await clinic.active()
        fit, weak = await clinic.account(owner_id=owner.id), await clinic.account(owner_id=owner.id)
        silent, gone = await clinic.account(owner_id=heir.id), await clinic.account(phase="churned")
        await clinic.workspace.add(TeamMember, account_id=weak, user_id=owner.id, role="csm", starts_on=makers.APRIL)
        await clinic.workspace.add(AccountPhase, account_id=gone, phase="churned", starts_on=dt.date(2026, 5, 2))
        await clinic.pulse(fit, 4)
        await clinic.pulse(weak, 3)
        await _target(clinic, fit, "2026-05-10", kind="band", band="yellow")
        await _target(clinic, fit, "2026-05-10", kind="score", value=75)
        below = await _target(clinic, weak, "2026-05-12", kind="band", band="green")
        for account in (weak, silent, gone):
            await _target(clinic, account, "2026-05-10", kind="score", value=0 if account is not weak else 50)
        later = await _target(clinic, weak, "2026-06-30", kind="score", value=60)
        for wrong in (
            {"kind": "band", "band": "blue"}, {"kind": "band", "value": 3}, {"kind": "maturity", "value": 2.5},
            {"kind": "score", "band": "green"}, {"kind": "score", "value": 3, "due_on": "2026-05-05"},
        ):  # fmt: skip
            refused = {"account_id": str(fit), "due_on": "2026-05-10", **wrong}
            await clinic.post("/v1/health-targets", refused, 422)
    with on("2026-05-11"):
        assert await _judged(clinic) == 0, "the week's snapshots are still to come"
        await clinic.run_week()
        assert await _judged(clinic) == 5
        assert await _judged(clinic) == 0
    with on("2026-05-13"):
        # Its day is past, and what came of it is known to anybody who looks: it is not to be changed before it is judged.
        path = f"/v1/health-targets/{below['id']}"
        for answer in (
            await clinic.client.patch(path, json={"due_on": "2026-08-01"}, headers={"If-Match": '"1"'}),
            await clinic.client.delete(path, headers={"If-Match": '"1"'}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "health_target_due")
        # The account changes, but not the snapshot of the week that ended before its day.
        await clinic.pulse(weak, 5)
        await clinic.post(f"/v1/accounts/{weak}/team", {"user_id": str(heir.id), "role": "csm"}, 201)
        assert await _judged(clinic) == 1
        page = await clinic.get("/v1/health-targets?expand=health_score&sort=due_on")
        found = [(each["kind"], each["outcome"], each["outcome_reason"]) for each in page["data"]]
        assert sorted(found[:5]) == [
            ("band", "met", "reached"), ("score", "met", "reached"), ("score", "met", "reached"),
            ("score", "missed", "churned"), ("score", "missed", "unscored"),
        ]  # fmt: skip
        assert found[5:] == [("band", "missed", "below"), ("score", "pending", None)]
        decided = page["data"][5]
        assert (decided["health_score"]["as_of"], decided["health_score"]["band"]) == ("2026-05-10", "yellow")
        path, version = f"/v1/health-targets/{below['id']}", {"If-Match": f'"{decided["version"]}"'}
        for answer in (
            await clinic.client.patch(path, json={"band": "red"}, headers=version),
            await clinic.client.delete(path, headers=version),
        ):
            assert (answer.status_code, answer.json()["code"]) == (409, "health_target_judged")
        withdrawn = await clinic.client.delete(f"/v1/health-targets/{later['id']}", headers={"If-Match": '"1"'})
        assert withdrawn.status_code == 200
        async with clinic.workspace.write() as tx:
            told = await tx.fetch(
                "SELECT type, count(*) FROM events WHERE workspace_id = %s AND data ->> 'reason' IS NOT NULL GROUP BY 1",
                [clinic.workspace.id],
            )
        assert dict(told) == {"health_target.met": 3, "health_target.missed": 3}
        asked = "/v1/analytics/health-target-attainment?from=2026-05-01&to=2026-06-30"
        total = (await clinic.get(asked))["total"]
        counts = {"numerator": 3, "denominator": 6, "pending": 0, "withdrawn": 1}
        assert total == {"attainment": 0.5, **counts}
        then = (await clinic.get(f"{asked}&known_at=2026-05-10T00:00:00Z"))["total"]
        assert then == {"attainment": None, "numerator": 0, "denominator": 0, "pending": 7, "withdrawn": 0}
        by_owner = {part["key"]: part for part in (await clinic.get(f"{asked}&by=owner"))["parts"]}
        assert (by_owner[str(owner.id)]["numerator"], by_owner[str(owner.id)]["denominator"]) == (3, 4)
        assert (by_owner[str(heir.id)]["denominator"], by_owner[str(heir.id)]["withdrawn"]) == (1, 1)
        assert sum(part["denominator"] for part in by_owner.values()) == 6


async def test_health_is_spread_moves_and_stands_on_the_screens(clinic: Clinic) -> None:
    with on("2026-05-06"):
        await clinic.active()
        falls, rises, silent = [await clinic.account() for _ in range(3)]
        await clinic.pulse(falls, 5)
        await clinic.pulse(rises, 2)
    with on("2026-05-11"):
        await clinic.run_week()
    with on("2026-05-13"):
        await clinic.pulse(falls, 3)
        await clinic.pulse(rises, 4)
        new = await clinic.account()
        await clinic.pulse(new, 5)
    with on("2026-06-08"):
        await clinic.run_week()
        spread = await clinic.get("/v1/analytics/health-distribution?by=phase")
        assert (spread["week"], spread["total"]["unscored"]) == ("2026-06-07", 1)
        bands = [(each["band"], each["accounts"]) for each in spread["total"]["bands"]]
        assert bands == [("red", 0), ("yellow", 1), ("green", 2)]
        assert [part["key"] for part in spread["parts"]] == ["onboarding"]
        before = await clinic.get("/v1/analytics/health-distribution?as_of=2026-05-20")
        assert [each["accounts"] for each in before["total"]["bands"]] == [1, 0, 1]
        moved = await clinic.get("/v1/analytics/health-transitions?from=2026-05-12")
        assert {(cell["from"], cell["to"]): cell["accounts"] for cell in moved["cells"]} == {
            ("green", "yellow"): 1, ("red", "green"): 1, (None, None): 1,
        }  # fmt: skip
        assert (moved["improved"], moved["worsened"], moved["unchanged"]) == (1, 1, 0)
        assert moved["arrived"] == [{"band": "green", "accounts": 1}]
        rows = {row["id"]: row for row in (await clinic.get("/v1/portfolio"))["data"]}
        assert rows[str(falls)]["health_weeks"] == [None] * 7 + [100.0] + [None] * 3 + [50.0]
        assert rows[str(falls)]["health_change_4w"] == -50.0
        assert rows[str(new)]["health_change_4w"] is None
        overview = await clinic.get(f"/v1/accounts/{falls}/overview")
        assert [part["raw"] for part in overview["health"]["components"]] == [3.0]
        assert (await clinic.get(f"/v1/accounts/{silent}/overview"))["health"]["score"] is None
        points = (await clinic.get(f"/v1/accounts/{falls}/history?series=health&from=2026-05-01&grain=week"))["points"]
        assert [(point["day"], point["health"]) for point in points if point["health"] is not None] == [
            ("2026-05-10", 100.0), ("2026-06-07", 50.0), ("2026-06-08", 50.0),
        ]  # fmt: skip
        line = (await clinic.get(f"/v1/accounts/{falls}/timeline?kind=health"))["data"]
        assert [(each["action"], each["data"]["to"]) for each in line] == [
            ("health_band_changed", "yellow"), ("health_band_changed", "green"),
        ]  # fmt: skip


async def test_a_withdrawn_target_does_not_come_back_once_its_outcome_shows(clinic: Clinic) -> None:
    with on("2026-05-06"):
        account = await clinic.account()
        target = await _target(clinic, account, "2026-05-10", kind="score", value=50)
        path = f"/v1/health-targets/{target['id']}"
        for again in (True, False):
            version = (await clinic.get(path))["version"]
            withdrawn = await clinic.client.delete(path, headers={"If-Match": f'"{version}"'})
            assert withdrawn.status_code == 200, withdrawn.text
            if again:
                await clinic.post(f"{path}:restore", None, 200)
    with on("2026-05-11"):
        refused = await clinic.post(f"{path}:restore", None, 409)
        assert refused["code"] == "health_target_due"
