"""What contracts say of health: those that stand. An archived one is a mistake taken back, an ended one is over."""

import datetime as dt
from typing import Any

from api.accounts.models import AccountPhase
from api.success_roadmaps.models import MilestoneKind, RoadmapMilestone
from tests.health_scores.conftest import PULSE, Clinic, on
from tests.health_scores.test_health_scores import NOTICE

PRODUCTS = {
    "key": "products",
    "source": "products_in_use",
    "breakpoints": [{"raw": 0, "points": 0}, {"raw": 10, "points": 100}],
    "weight": 1,
}


async def archive(clinic: Clinic, contract: dict[str, Any]) -> None:
    """Take a contract back."""
    path = f"/v1/contracts/{contract['id']}"
    version = (await clinic.get(path))["version"]
    answer = await clinic.client.delete(path, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text


async def test_products_and_notice_are_those_of_contracts_that_run(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.active(PRODUCTS, NOTICE)
    term = {"starts_on": "2026-01-01", "ends_before": "2027-01-01", "notice_days": 30}

    async def raw() -> list[float | None]:
        return [part["raw"] for part in (await clinic.score(account))["components"]]

    with on("2026-03-01"):
        _, ended, mistaken = [
            await clinic.sign(account, await clinic.product(name), 1000, **{**term, "ends_before": end})
            for name, end in (("会計", "2027-01-01"), ("労務", "2026-09-01"), ("採用", "2026-07-01"))
        ]
        assert await raw() == [3, (dt.date(2026, 6, 1) - dt.date(2026, 3, 1)).days]
        await archive(clinic, mistaken)
        assert await raw() == [2, (dt.date(2026, 8, 2) - dt.date(2026, 3, 1)).days]
        await clinic.act(ended, "terminate", ends_before="2026-04-01")
        assert (await raw())[0] == 2, "it runs until then"
    with on("2026-04-01"):
        assert await raw() == [1, (dt.date(2026, 12, 2) - dt.date(2026, 4, 1)).days]


async def cases(clinic: Clinic, model: dict[str, Any], **values: Any) -> tuple[int, int]:
    """How many cases and events a backtest of a week counts."""
    figures = (await clinic.backtest(model, weeks=1, horizon_days=28, **values))["report"]["model"]
    return figures["cases"], figures["events"]


async def test_an_archived_contract_is_no_case_and_no_outcome(clinic: Clinic) -> None:
    with on("2026-01-05"):
        product = await clinic.product()
        model = await clinic.draft()
        stays, leaves, other = [await clinic.account(phase="adoption") for _ in range(3)]
        for account in (stays, leaves, other):
            await clinic.sign(account, product, 1000, starts_on="2026-01-01")
            await clinic.felt(account, 3, "2026-01-06")
    with on("2026-01-20"):
        earlier = await clinic.sign(other, product, 500, starts_on="2026-01-15")
        await clinic.act(earlier, "give-notice", reasons=["予算"])
    with on("2026-02-10"):
        mistaken = await clinic.sign(leaves, product, 500, starts_on="2026-01-15")
        await clinic.act(mistaken, "give-notice", reasons=["予算"])
    with on("2026-03-09"):
        assert await cases(clinic, model) == (2, 1), "who had given notice before is no case"
        await archive(clinic, earlier)
        assert await cases(clinic, model) == (3, 1), "the notice was a mistake"
        await archive(clinic, mistaken)
        assert await cases(clinic, model) == (3, 0)


async def test_onboarding_is_complete_with_the_first_value_milestone(clinic: Clinic) -> None:
    with on("2026-01-05"):
        product = await clinic.product()
        model = await clinic.draft(PULSE, phases=["onboarding"])
        for reached, kind in (
            (None, MilestoneKind.value), ("2026-02-20", MilestoneKind.value), ("2026-02-20", MilestoneKind.step),
            ("2026-01-20", MilestoneKind.value), ("2026-03-20", MilestoneKind.value),
        ):  # fmt: skip
            account = await clinic.account(phase="onboarding")
            await clinic.workspace.add(
                AccountPhase, account_id=account, phase="onboarding", starts_on=dt.date(2026, 1, 1)
            )
            await clinic.sign(account, product, 1000, starts_on="2026-01-01")
            await clinic.felt(account, 3, "2026-01-06")
            roadmap = await clinic.post(
                "/v1/success-roadmaps",
                {"account_id": str(account), "name": "導入", "starts_on": "2026-01-05", "due_on": "2026-12-31"},
                201,
            )
            await clinic.workspace.add(
                RoadmapMilestone,
                roadmap_id=roadmap["id"],
                account_id=account,
                kind=kind,
                title="最初の成果",
                reached_on=reached and dt.date.fromisoformat(reached),
            )
    with on("2026-03-09"):
        # One had reached it before the week, one reached it within the horizon; one did much, but not that.
        assert await cases(clinic, model, label="onboarding_not_completed") == (4, 3)
