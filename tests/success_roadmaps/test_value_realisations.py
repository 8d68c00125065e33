"""Value realisations over HTTP: figures, cost by the ledger, confirmation, what was known when, sums, health."""

import datetime as dt
import random
from typing import Any
from uuid import UUID

import pytest

from api.contacts.models import Contact
from api.kit.tables import new_id
from api.success_roadmaps.models import RoadmapGoal
from api.success_roadmaps.value import cost_of_period, economic_value, return_on_investment
from api.success_roadmaps.value_models import ValueRealisation
from tests.success_roadmaps.conftest import Planner, on

QUARTER = {"starts_on": "2026-07-01", "ends_before": "2026-10-01"}
WORK = {"name": "一次回答", "unit": "件", "volume": 1200, "minutes_per_unit": 8, **QUARTER}
YEN_3000 = {"amount": 3000, "currency": "JPY"}


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026."""


async def noted(planner: Planner, account: UUID, **values: Any) -> dict[str, Any]:
    """A quarter of work worth 480,000 yen."""
    body = {"account_id": str(account), "hourly_cost": YEN_3000, **WORK, **values}
    return await planner.post("/v1/value-realisations", body, 201)


async def contact_of(planner: Planner, account: UUID) -> UUID:
    """A contact of an account."""
    return (await planner.workspace.add(Contact, account_id=account, name="佐藤 花子")).id


async def confirmed(planner: Planner, account: UUID, **values: Any) -> dict[str, Any]:
    """Work that a contact of the account confirmed."""
    made = await noted(planner, account, **values)
    return await confirm(planner, made, await contact_of(planner, account))


async def confirm(planner: Planner, made: dict[str, Any], contact: UUID, **values: Any) -> dict[str, Any]:
    """Let a contact confirm the figures."""
    path = f"/v1/value-realisations/{made['id']}:confirm"
    return await planner.post(path, {"contact_id": str(contact), **values}, 200, version=made["version"])


async def patched(planner: Planner, made: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Other values."""
    answer = await planner.client.patch(
        f"/v1/value-realisations/{made['id']}", json=values, headers={"If-Match": str(made["version"])}
    )
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def totals(planner: Planner, **query: Any) -> dict[str, Any]:
    """The sums."""
    answer = await planner.client.get("/v1/value-realisations:totals", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def summed(found: dict[str, Any]) -> list[tuple[str, int, int, float | None]]:
    """Of the sums over all: currency, value, cost, ROI."""
    return [
        (each["currency"], each["value"]["amount"], each["cost"]["amount"], each["roi"]) for each in found["totals"]
    ]


async def test_value_and_roi_against_what_the_customer_pays(planner: Planner) -> None:
    account = await planner.account()
    free = await noted(planner, account)
    assert (free["value"]["amount"], free["cost"]["amount"], free["roi"]) == (480_000, 0, None)
    await planner.sign(account, await planner.product(), 100_000, starts_on="2026-04-01")
    paid = await planner.get(f"/v1/value-realisations/{free['id']}?expand=account")
    assert (paid["cost"], paid["cost_source"], paid["roi"]) == ({"amount": 300_000, "currency": "JPY"}, "mrr", 0.6)
    assert (paid["last_day"], paid["state"], paid["account"]["id"]) == ("2026-09-30", "draft", str(account))
    given = await patched(planner, paid, cost={"amount": 240_000, "currency": "JPY"}, minutes_per_unit=8.25)
    assert (given["value"]["amount"], given["cost_source"], given["roi"]) == (495_000, "given", 1.0625)
    taken_back = await patched(planner, given, cost=None)
    assert (taken_back["cost"]["amount"], taken_back["roi"]) == (300_000, 0.65)
    dollars = await noted(planner, account, hourly_cost={"amount": 4200, "currency": "USD"})
    assert (dollars["cost"], dollars["cost_source"], dollars["roi"]) == (None, "unknown", None), "nothing is converted"


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"ends_before": "2026-07-01"}, "/ends_before"),
        ({"ends_before": "2026-11-24"}, "/ends_before"),
        ({"minutes_per_unit": 1.005}, "/minutes_per_unit"),
        ({"minutes_per_unit": "8"}, "/minutes_per_unit"),
        ({"volume": -1}, "/volume"),
        ({"volume": 2_000_000_000, "minutes_per_unit": 100_000}, "/volume"),
        ({"hourly_cost": {"amount": -1, "currency": "JPY"}}, "/hourly_cost/amount"),
        ({"cost": {"amount": 1, "currency": "USD"}}, "/cost/currency"),
        ({"account_id": str(new_id())}, "/account_id"),
        ({"goal_id": str(new_id())}, "/goal_id"),
        ({"roadmap_id": str(new_id())}, "/roadmap_id"),
    ],
)
async def test_what_is_wrong_is_refused(planner: Planner, values: dict[str, Any], pointer: str) -> None:
    body = {"account_id": str(await planner.account()), "hourly_cost": YEN_3000, **WORK, **values}
    answer = await planner.client.post("/v1/value-realisations", json=body)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_it_belongs_to_a_roadmap_and_goal_of_the_account(planner: Planner) -> None:
    account, other = await planner.account(), await planner.account()
    mine, theirs = await planner.roadmap(account), await planner.roadmap(other)
    goal = str(
        (
            await planner.workspace.add(
                RoadmapGoal,
                roadmap_id=UUID(mine["id"]),
                account_id=account,
                level="company",
                title="問い合わせを減らす",
            )
        ).id
    )
    made = await noted(planner, account, goal_id=goal)
    assert made["roadmap_id"] == mine["id"], "the goal's"
    assert (await planner.tree(mine["id"]))["value"] == [made]
    for wrong in ({"roadmap_id": theirs["id"]}, {"goal_id": goal, "roadmap_id": theirs["id"]}):
        body = {"account_id": str(account), "hourly_cost": YEN_3000, **WORK, **wrong}
        assert (await planner.client.post("/v1/value-realisations", json=body)).status_code == 422
    moved = await patched(planner, made, roadmap_id=None)
    assert (moved["roadmap_id"], moved["goal_id"]) == (None, None)
    stranger = await contact_of(planner, other)
    refused = await planner.client.post(
        f"/v1/value-realisations/{made['id']}:confirm", json={"contact_id": str(stranger)},
        headers={"If-Match": str(moved["version"])},
    )  # fmt: skip
    assert refused.json()["errors"][0]["pointer"] == "/contact_id"
    assert (await planner.tree(mine["id"]))["value"] == []


async def test_a_correction_keeps_what_was_known_and_needs_another_confirmation(planner: Planner) -> None:
    account = await planner.account()
    with on("2026-04-01"):
        await planner.sign(account, await planner.product(), 100_000, starts_on="2026-04-01")
    contact = await contact_of(planner, account)
    with on("2026-10-02"):
        made = await noted(planner, account)
    with on("2026-10-08"):
        agreed = await confirm(planner, made, contact, evidence="定例会")
        assert (agreed["state"], agreed["confirmed_by_id"], agreed["evidence"]) == ("confirmed", str(contact), "定例会")
    with on("2026-10-20"):
        renamed = await patched(planner, agreed, name="一次回答の自動化")
        assert (renamed["state"], renamed["recorded_at"]) == ("confirmed", agreed["recorded_at"])
        corrected = await patched(planner, renamed, volume=900)
        assert (corrected["state"], corrected["confirmed_by_id"]) == ("draft", None)
    with on("2026-10-25"):
        again = await confirm(planner, corrected, contact)
    with on("2026-11-01"):
        path = f"/v1/value-realisations/{made['id']}"
        await planner.client.delete(path, headers={"If-Match": str(again["version"])})
    known = {}
    for at in ("10-05", "10-10", "10-22", "10-28", "11-02"):
        found = await totals(planner, known_at=f"2026-{at}T12:00:00+09:00")
        known[at] = [row[1:3] for row in summed(found)]
    assert known == {
        "10-05": [], "10-10": [(480_000, 300_000)], "10-22": [], "10-28": [(360_000, 300_000)], "11-02": []
    }  # fmt: skip
    drafts = await totals(planner, known_at="2026-10-22T12:00:00+09:00", state="draft")
    assert [row[1] for row in summed(drafts)] == [360_000]
    shown = await planner.get(f"{path}?expand=superseded")
    before = [(each["state"], each["volume"], each["value"]["amount"]) for each in shown["superseded"]]
    assert before == [("draft", 1200, 480_000), ("confirmed", 1200, 480_000), ("draft", 900, 360_000),
        ("confirmed", 900, 360_000)]  # fmt: skip
    restored = await planner.post(f"{path}:restore", None, 200)
    assert restored["archived_at"] is None
    assert [row[1] for row in summed(await totals(planner))] == [360_000]
    assert await planner.events("value_realisation") == [
        f"value_realisation.{what}"
        for what in ("created", "confirmed", "updated", "corrected", "confirmed", "archived", "restored")
    ]


async def test_sums_are_those_of_a_plain_reading(planner: Planner) -> None:
    """Random work of several accounts and roadmaps, overlapping, against sums day by day."""
    chance = random.Random("sums")
    first = dt.date(2026, 1, 1)
    ledgers: dict[UUID, list[tuple[dt.date, int]]] = {}
    roadmaps: dict[UUID, list[UUID]] = {}
    for _ in range(3):
        account = await planner.account()
        product, price = await planner.product(), chance.randrange(50_000, 200_000)
        await planner.sign(account, product, price, starts_on="2026-02-10")
        await planner.sign(account, product, 33_333, starts_on="2026-05-20")
        ledgers[account] = [(dt.date(2026, 2, 10), price), (dt.date(2026, 5, 20), 33_333)]
        roadmaps[account] = [UUID((await planner.roadmap(account))["id"]) for _ in range(2)]
    rows = []
    for account in ledgers:
        for _ in range(8):
            start = first + dt.timedelta(days=chance.randrange(200))
            row = ValueRealisation(
                workspace_id=planner.workspace.id, account_id=account, name="x", starts_on=start,
                ends_before=start + dt.timedelta(days=chance.randrange(1, 90)), volume=chance.randrange(5000),
                minute_hundredths=chance.randrange(2000), currency="JPY", hourly_cost_minor=chance.randrange(6000),
                cost_minor=chance.choice((None, None, chance.randrange(10**6))), state="confirmed",
                roadmap_id=chance.choice((None, *roadmaps[account])),
            )  # fmt: skip
            rows.append(row)
    await planner.workspace.add_all(*rows)

    def plainly(chosen: list[ValueRealisation]) -> tuple[int, int]:
        value = sum(economic_value(row.volume, row.minute_hundredths, row.hourly_cost_minor) for row in chosen)
        cost = sum(row.cost_minor or 0 for row in chosen)
        for account, ledger in ledgers.items():
            covered = {
                row.starts_on + dt.timedelta(days=number)
                for row in chosen
                if row.account_id == account and row.cost_minor is None
                for number in range((row.ends_before - row.starts_on).days)
            }
            # In millionths, so that rounding each day changes nothing.
            parts = [(effective_on, amount * 10**6) for effective_on, amount in ledger]
            exact = sum(cost_of_period(parts, day, day + dt.timedelta(days=1)) for day in covered)
            cost += round(exact / 10**6)
        return value, cost

    whole = await totals(planner, by="roadmap", limit=200)
    value, cost = plainly(rows)
    assert summed(whole) == [("JPY", value, cost, return_on_investment(value, cost))]
    groups: dict[tuple[UUID, UUID | None], list[ValueRealisation]] = {}
    for row in rows:
        groups.setdefault((row.account_id, row.roadmap_id), []).append(row)
    found = {
        (each["account_id"], each["roadmap_id"]): (each["value"]["amount"], each["cost"]["amount"])
        for each in whole["data"]
    }
    assert found == {
        (str(account), roadmap and str(roadmap)): plainly(chosen) for (account, roadmap), chosen in groups.items()
    }
    by_account = await totals(planner, by="account", period_after="2026-03-01", period_before="2026-04-01")
    for each in by_account["data"]:
        chosen = [
            row for row in rows
            if str(row.account_id) == each["account_id"]
            and row.ends_before > dt.date(2026, 3, 1) and row.starts_on < dt.date(2026, 4, 1)
        ]  # fmt: skip
        assert (each["value"]["amount"], each["cost"]["amount"]) == plainly(chosen)
        shown = (await planner.get(f"/v1/value-realisations?account_id={each['account_id']}&limit=200"))["data"]
        for one in shown:
            (row,) = [row for row in rows if str(row.id) == one["id"]]
            mrr = cost_of_period(ledgers[row.account_id], row.starts_on, row.ends_before)
            assert one["cost"]["amount"] == (mrr if row.cost_minor is None else row.cost_minor)
            assert one["value"]["amount"] == economic_value(row.volume, row.minute_hundredths, row.hourly_cost_minor)


async def test_the_accounts_timeline_tells_of_it(planner: Planner) -> None:
    account = await planner.account()
    made = await confirmed(planner, account)
    path = f"/v1/accounts/{account}/timeline?kind=value_realisation"
    found = {each["action"]: each for each in (await planner.get(path))["data"]}
    assert found.keys() == {"noted", "confirmed"}
    for each in found.values():
        assert (each["id"], each["on"]) == (made["id"], QUARTER["starts_on"])
        assert (each["data"]["amount"], each["data"]["currency"]) == (480_000, "JPY")
        assert each["data"]["contact_id"] == made["confirmed_by_id"]


async def test_merging_accounts_takes_value_along(planner: Planner) -> None:
    winner, loser = await planner.account(), await planner.account()
    await planner.sign(loser, await planner.product(), 100_000, starts_on="2026-04-01")
    made = await confirmed(planner, loser)
    await planner.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=1)
    shown = await planner.get(f"/v1/value-realisations/{made['id']}")
    assert (shown["account_id"], shown["cost"]["amount"], shown["roi"]) == (str(winner), 300_000, 0.6)
    drafted = await noted(planner, loser)
    assert drafted["account_id"] == str(winner), "the loser's id leads to the winner"


async def test_health_reads_the_roi_that_was_known(planner: Planner) -> None:
    account, quiet, elsewhere = [await planner.account() for _ in range(3)]
    for each, price in ((account, 100_000), (quiet, 100_000)):
        await planner.sign(each, await planner.product(), price, starts_on="2026-04-01")
    with on("2026-10-02"):
        made = await noted(planner, account)
        await noted(planner, quiet)
        await confirmed(planner, elsewhere)
    contact = await contact_of(planner, account)
    with on("2026-10-10"):
        agreed = await confirm(planner, made, contact)
    with on("2026-11-10"):
        await confirm(planner, await patched(planner, agreed, volume=600), contact)
    component = {
        "key": "value", "source": "value_realised", "window_days": 90, "weight": 1,
        "breakpoints": [{"raw": 0, "points": 0}, {"raw": 100, "points": 100}],
    }  # fmt: skip
    bands = [{"key": "red", "min": 0}, {"key": "green", "min": 50}]
    definition = {"components": [component], "bands": bands}
    model = await planner.post(
        "/v1/health-models", {"name": "価値", "phases": ["onboarding", "adoption"], "definition": definition}, 201
    )
    await planner.post(f"/v1/health-models/{model['id']}:activate", {"override_reason": "試験"}, 200)
    scores = {}
    for name, each in (("account", account), ("quiet", quiet), ("elsewhere", elsewhere)):
        snapshot = await planner.post("/v1/health-scores", {"account_id": str(each)}, 201)
        scores[name] = snapshot["components"][0]["raw"]
    assert scores == {"account": -20.0, "quiet": None, "elsewhere": None}
