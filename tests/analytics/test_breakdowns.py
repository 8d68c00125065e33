"""What a cohort is broken down by freezes at its opening, as far as history reaches; filters likewise."""

import datetime as dt
from typing import Any
from uuid import UUID

from api.accounts.models import AccountPhase, SegmentVersion, TeamMember
from tests.analytics.conftest import Figures

YEAR = ("2025-04-01", "2026-03-31")
BEFORE, WITHIN = dt.date(2025, 1, 1), dt.date(2025, 9, 1)


def openings(found: dict[str, Any]) -> dict[str | None, int]:
    return {part["key"]: part["opening"]["amount"] for part in found["parts"]}


async def test_the_phase_is_that_of_the_opening(figures: Figures) -> None:
    account, _ = await figures.paying(100, "2025-01-01")
    add = figures.workspace.add
    await add(AccountPhase, account_id=account, phase="adoption", starts_on=BEFORE, ends_before=WITHIN)
    await add(AccountPhase, account_id=account, phase="renewal", starts_on=WITHIN)
    await figures.paying(30, "2025-01-01")
    assert openings(await figures.retention(*YEAR, by="phase")) == {"adoption": 100, "onboarding": 30}
    assert (await figures.total(*YEAR, phase="adoption"))["opening"]["amount"] == 100
    assert (await figures.total(*YEAR, phase="renewal"))["opening"]["amount"] == 0


async def test_the_owner_is_that_of_the_opening(figures: Figures) -> None:
    first, second = (await figures.workspace.user(name="佐藤"), await figures.workspace.user(name="鈴木"))
    account, _ = await figures.paying(100, "2025-01-01", owner_id=second.id)
    add = figures.workspace.add
    await add(TeamMember, account_id=account, user_id=first.id, role="csm", starts_on=BEFORE, ends_before=WITHIN)
    await add(TeamMember, account_id=account, user_id=second.id, role="csm", starts_on=WITHIN)
    await figures.paying(30, "2025-01-01", owner_id=second.id)
    late, _ = await figures.paying(7, "2025-01-01", owner_id=second.id)
    await add(TeamMember, account_id=late, user_id=first.id, role="csm", starts_on=WITHIN)
    found = await figures.retention(*YEAR, by="owner")
    assert openings(found) == {str(first.id): 107, str(second.id): 30}
    assert {part["label"] for part in found["parts"]} == {"佐藤", "鈴木"}
    assert (await figures.total(*YEAR, owner_id=str(first.id)))["opening"]["amount"] == 107


async def test_a_segment_is_what_it_was_at_the_opening(figures: Figures) -> None:
    await figures.paying(100, "2025-01-01", industry="物流")
    await figures.paying(30, "2025-01-01", industry="小売")
    segment = await figures.post("/v1/segments", {"name": "物流", "filter": {"industry": ["小売"]}}, 201)
    both = await figures.post("/v1/segments", {"name": "両方", "filter": {"industry": ["小売", "物流"]}}, 201)
    await figures.workspace.add(
        SegmentVersion, segment_id=UUID(segment["id"]), filter_version=0, filter={"industry": ["物流"]},
        valid_from=dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    )  # fmt: skip
    ids: dict[str, Any] = {"segment_id": [segment["id"], both["id"]]}
    assert (await figures.total(*YEAR, segment_id=segment["id"]))["opening"]["amount"] == 100
    assert openings(await figures.retention(*YEAR, by="segment", **ids)) == {segment["id"]: 100, both["id"]: 30}
    assert openings(await figures.retention(*YEAR, by="segment", segment_id=segment["id"])) == {
        segment["id"]: 100,
        None: 30,
    }
    missing = await figures.client.get("/v1/analytics/retention", params={"segment_id": str(await figures.account())})
    assert missing.json()["errors"][0]["code"] == "reference_not_found"


async def test_filters_of_accounts(figures: Figures) -> None:
    product = await figures.product()
    await figures.paying(100, "2025-01-01", product, industry="物流", country="JP")
    await figures.paying(30, "2025-01-01", industry="物流", country="US")
    assert (await figures.total(*YEAR, industry="物流", country="US"))["opening"]["amount"] == 30
    assert (await figures.total(*YEAR, product_id=str(product)))["opening"]["amount"] == 100
    months = (await figures.ask("movements", **{"from": "2025-01-01", "to": "2025-02-10"}, country="US"))["months"]
    assert [month["movements"]["new"]["amount"] for month in months] == [30, 0]
    assert (months[-1]["to"], months[-1]["closing"]["amount"]) == ("2025-02-10", 30)


async def test_cohorts_keep_what_is_left(figures: Figures) -> None:
    product = await figures.product()
    await figures.paying(100, "2025-01-10", product)
    _, leaving = await figures.paying(100, "2025-01-20", product)
    await figures.end(leaving, "2025-03-05")
    await figures.paying(50, "2025-02-01", product)
    await figures.roll_up()
    for source, query in (("rollup", {}), ("ledger", {"known_at": "2027-01-01T00:00:00Z"})):
        found = await figures.ask("cohorts", as_of="2025-03-31", **query)
        assert found["source"] == source
        january, february = found["cohorts"]
        assert (january["cohort"], january["accounts"]) == ("2025-01-01", 2)
        assert [(month["accounts"], month["mrr"]["amount"]) for month in january["months"]] == [
            (2, 200),
            (2, 200),
            (1, 100),
        ]
        assert (january["months"][-1]["logo_retention"], january["months"][-1]["revenue_retention"]) == (0.5, 0.5)
        assert [month["months_since"] for month in february["months"]] == [0, 1]
    assert (await figures.ask("cohorts", as_of="2025-03-31", cohorts=2))["cohorts"][0]["cohort"] == "2025-02-01"
