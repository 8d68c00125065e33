"""Snapshots, runs, explanations, maturity."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from api.contacts.models import Contact
from api.health_scores import jobs
from api.kit.db import Tx
from tests.health_scores.conftest import PULSE, Clinic, on

NOTICE = {
    "key": "notice",
    "source": "days_to_notice_deadline",
    "breakpoints": [{"raw": 0, "points": 0}, {"raw": 100, "points": 100}],
    "weight": 1,
}
LEVELS = {
    "maturity": {"levels": [{"level": level, "criteria": [{"component": "pulse", "min": 3}]} for level in (2, 3, 4, 5)]}
}


async def test_an_account_of_which_nothing_is_known_has_no_score(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.active()
    snapshot = await clinic.score(account)
    assert (snapshot["score"], snapshot["band"]) == (None, None)
    assert snapshot["components"][0]["missing"] == "no_data"
    shown = await clinic.get(f"/v1/accounts/{account}")
    assert shown["health_score"] is None


async def test_without_a_model_there_is_a_clear_problem(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    problem = await clinic.post("/v1/health-scores", {"account_id": str(account)}, 409)
    assert problem["code"] == "no_health_model"


async def test_a_fall_is_told_by_its_components_and_announced(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.active(PULSE, NOTICE)
    product = await clinic.product()
    with on("2026-01-01"):
        await clinic.sign(account, product, 1000, starts_on="2026-01-01", ends_before="2026-12-31", notice_days=30)
        await clinic.pulse(account, 5)
        first = await clinic.score(account)
    with on("2026-10-01"):
        await clinic.pulse(account, 2)
        second = await clinic.score(account)
    assert (first["score"], second["score"]) == (100, 43)
    why = await clinic.explain(second)
    assert why["previous_id"] == first["id"]
    assert {(part["cause"], part["component"]): part["effect"] for part in why["parts"]} == {
        ("behaviour", "pulse"): -37.5,
        ("behaviour", "notice"): -19.5,
    }
    async with clinic.workspace.write() as tx:
        told = await tx.fetch(
            "SELECT data ->> 'from', data ->> 'to' FROM events WHERE workspace_id = %s "
            "AND type = 'account.health_band_changed' ORDER BY id",
            [tx.workspace_id],
        )
    assert told == [(None, "green"), ("green", "yellow")]


async def test_the_weekly_run_takes_one_snapshot_a_week(clinic: Clinic) -> None:
    accounts = [await clinic.account(phase="adoption") for _ in range(3)]
    await clinic.account(phase="churned")
    await clinic.active()
    await clinic.draft({**PULSE, "weight": 5}, name="試験")
    with on("2026-04-20"):  # a Monday
        for account in accounts[:2]:
            await clinic.felt(account, 4, "2026-04-10")
        await clinic.felt(accounts[0], 1, "2026-04-20")  # the week has ended by then
        run = await clinic.run_week()
        assert (run["as_of"], run["accounts_scored"], run["accounts_unscored"]) == ("2026-04-19", 2, 1)
        again = await clinic.run_week()
        assert again["id"] == run["id"]
    snapshots = (await clinic.get("/v1/health-scores?kind=weekly"))["data"]
    assert sorted(each["score"] or 0 for each in snapshots) == [0, 75, 75]


async def test_a_shadow_model_is_scored_and_does_not_count(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.pulse(account, 5)
    await clinic.active()
    shadow = await clinic.draft(
        {**PULSE, "breakpoints": [{"raw": 0, "points": 100}, {"raw": 5, "points": 0}]}, name="逆"
    )
    await clinic.post(f"/v1/health-models/{shadow['id']}:shadow", {}, 200)
    await clinic.post("/v1/health-score-runs", None, 202)
    await clinic.run_started()
    tried = (await clinic.get("/v1/health-scores?kind=shadow"))["data"]
    assert [(each["model_id"], each["score"]) for each in tried] == [(shadow["id"], 0)]
    assert (await clinic.get(f"/v1/accounts/{account}"))["health_score"] == 100


async def test_maturity_climbs_a_level_a_week_and_falls_when_the_contact_changes(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    before, after = [
        (await clinic.workspace.add(Contact, account_id=account, name=name)).id for name in ("山田 花子", "鈴木 一郎")
    ]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(before)})
    for monday in ("2026-04-06", "2026-04-13", "2026-04-20"):
        with on(monday):
            await clinic.felt(account, 3, monday[:-2] + f"{int(monday[-2:]) - 1:02}")
            await clinic.run_week()
    levels = [each["maturity"] for each in (await clinic.get("/v1/health-scores?kind=weekly&sort=as_of"))["data"]]
    assert levels == [2, 3, 4]
    with on("2026-04-20"):
        assert (await clinic.score(account))["score"] == 48  # 4 × 3
        changed = await clinic.client.put(
            f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(after), "reason": "異動"}
        )
        assert changed.status_code == 200
        assert (await clinic.score(account))["score"] == 24  # 2 × 3
        stands = await clinic.get(f"/v1/accounts/{account}/maturity")
        assert (stands["level"], stands["unconfirmed"], stands["history"][0]["cause"]) == (2, True, "contact_changed")
    # Old evidence says nothing any more, and new evidence nothing above 2 before the goals are confirmed.
    with on("2026-04-27"):
        await clinic.felt(account, 3, "2026-04-26")
        await clinic.run_week()
        assert (await clinic.get(f"/v1/accounts/{account}/maturity"))["level"] == 2
        confirmed = await clinic.post(f"/v1/accounts/{account}/maturity:confirm-goals", None, 200)
        assert not confirmed["unconfirmed"]
    with on("2026-05-04"):
        await clinic.felt(account, 3, "2026-05-03")
        await clinic.run_week()
        assert (await clinic.get(f"/v1/accounts/{account}/maturity"))["level"] == 3


async def test_a_contact_change_that_is_taken_back_gives_the_level_back(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    contacts = [(await clinic.workspace.add(Contact, account_id=account, name=name)).id for name in ("山田", "鈴木")]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contacts[0])})
    for monday in ("2026-04-06", "2026-04-13"):
        with on(monday):
            await clinic.felt(account, 5, monday[:-2] + f"{int(monday[-2:]) - 1:02}")
            await clinic.run_week()
    await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contacts[1])})
    assert (await clinic.get(f"/v1/accounts/{account}/maturity"))["level"] == 2
    changes = (await clinic.get(f"/v1/accounts/{account}/primary-contact-changes"))["data"]
    latest = max(changes, key=lambda change: change["changed_at"])
    await clinic.post(f"/v1/primary-contact-changes/{latest['id']}:revert", None, 200)
    stands = await clinic.get(f"/v1/accounts/{account}/maturity")
    assert (stands["level"], stands["unconfirmed"]) == (3, False)
    assert stands["history"][0]["cause"] == "contact_change_reverted"


async def test_a_contact_change_before_the_first_level_resets_too(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    contacts = [(await clinic.workspace.add(Contact, account_id=account, name=name)).id for name in ("山田", "鈴木")]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    for contact in contacts:
        with on("2026-04-06"):
            await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contact)})
    assert (await clinic.get(f"/v1/accounts/{account}/maturity"))["unconfirmed"]
    for monday in ("2026-04-13", "2026-04-20", "2026-04-27"):
        with on(monday):
            await clinic.felt(account, 5, monday[:-2] + f"{int(monday[-2:]) - 1:02}")
            await clinic.run_week()
    stands = await clinic.get(f"/v1/accounts/{account}/maturity")
    assert (stands["level"], stands["unconfirmed"]) == (2, True)


async def test_taking_one_change_back_does_not_confirm_the_one_before(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    names = ("山田", "鈴木", "佐藤")
    contacts = [(await clinic.workspace.add(Contact, account_id=account, name=name)).id for name in names]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    for day, contact in zip(("2026-03-30", "2026-04-14", "2026-04-15"), contacts, strict=True):
        with on(day):
            await clinic.felt(account, 5, day)
            await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contact)})
        if contact == contacts[0]:
            with on("2026-04-06"):
                await clinic.run_week()
    with on("2026-04-15"):
        changes = (await clinic.get(f"/v1/accounts/{account}/primary-contact-changes"))["data"]
        latest = max(changes, key=lambda change: change["changed_at"])
        await clinic.post(f"/v1/primary-contact-changes/{latest['id']}:revert", None, 200)
        stands = await clinic.get(f"/v1/accounts/{account}/maturity")
    assert (stands["evidence_from"], stands["unconfirmed"]) == ("2026-04-14", True)


async def test_a_reset_while_a_run_is_under_way_is_kept(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    contacts = [(await clinic.workspace.add(Contact, account_id=account, name=name)).id for name in ("山田", "鈴木")]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    await clinic.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": str(contacts[0])})
    for monday in ("2026-04-06", "2026-04-13"):
        with on(monday):
            await clinic.felt(account, 5, monday[:-2] + f"{int(monday[-2:]) - 1:02}")
            await clinic.run_week()
    with on("2026-04-20"):
        await clinic.felt(account, 5, "2026-04-19")
        async with clinic.workspace.write() as tx:
            await tx.execute("UPDATE account_maturity SET level = 2, unconfirmed = true")
            run = asyncio.create_task(clinic.run_week())
            await asyncio.sleep(1)  # it waits for the row
            assert not run.done()
        await run
    assert (await clinic.get(f"/v1/accounts/{account}/maturity"))["level"] == 2


async def test_accounts_with_maturity_can_be_merged(clinic: Clinic) -> None:
    accounts = [await clinic.account(phase="adoption") for _ in range(2)]
    await clinic.active({**PULSE, "window_days": 7}, definition=LEVELS)
    with on("2026-04-06"):
        for account in accounts:
            await clinic.felt(account, 5, "2026-04-05")
        await clinic.run_week()
        winner = await clinic.get(f"/v1/accounts/{accounts[0]}")
        await clinic.post(f"/v1/accounts/{accounts[0]}:merge", {"loser_id": str(accounts[1])}, 200, winner["version"])
    assert (await clinic.get(f"/v1/accounts/{accounts[0]}/maturity"))["level"] == 2


async def test_an_account_that_comes_while_a_run_is_under_way_waits_for_the_next(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await clinic.account(phase="adoption")
    await clinic.active()

    @asynccontextmanager
    async def meanwhile(_tx: Tx, _rows: int | None = None) -> AsyncIterator[None]:
        await clinic.account(phase="adoption")  # after the count of ids, before the statement
        yield

    monkeypatch.setattr(Tx, "joining_many", meanwhile)
    await clinic.post("/v1/health-score-runs", None, 202)
    run = await clinic.run_started()
    assert (run["state"], run["accounts_unscored"]) == ("done", 1)


async def test_a_band_that_no_text_can_be_is_refused(clinic: Clinic) -> None:
    answer = await clinic.client.get("/v1/health-scores?band=%00")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "?band")


async def test_a_run_that_was_lost_is_given_up_and_the_week_is_scored_after_all(clinic: Clinic) -> None:
    account = await clinic.account(phase="adoption")
    await clinic.felt(account, 4, "2026-04-10")
    await clinic.active()
    with on("2026-04-20"):
        async with clinic.workspace.write() as tx:
            assert await jobs.score_each_week(tx) == 1  # its job is lost: nobody carries it out
            assert await jobs.give_up_stalled(tx) == 0
    with on("2026-04-21"):
        async with clinic.workspace.write() as tx:
            assert await jobs.give_up_stalled(tx) == 1
        run = await clinic.run_week()
    assert (run["state"], run["as_of"], run["accounts_scored"]) == ("done", "2026-04-19", 1)


async def test_a_model_that_retires_during_a_run_is_passed_over(clinic: Clinic) -> None:
    for phase in ("onboarding", "adoption"):
        await clinic.felt(await clinic.account(phase=phase), 4, "2026-04-10")
    first = await clinic.active(name="導入", phases=["onboarding"], priority=1)
    await clinic.active(name="定着", phases=["adoption"], priority=2)
    with on("2026-04-20"):
        await clinic.post("/v1/health-score-runs", None, 202)
        await clinic.post(f"/v1/health-models/{first['id']}:retire", None, 200)
        run = await clinic.run_started()
    assert (run["state"], run["models_done"], run["accounts_scored"]) == ("done", 2, 1)
