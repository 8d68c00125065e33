"""POST /v1/accounts/{account_id}:change-phase, its history, and the onboarding criteria."""

import datetime as dt

import pytest

from api.accounts.models import Phase
from api.accounts.phases import NEXT
from api.kit import clock
from api.kit.tables import new_id
from tests.accounts.conftest import Accounts, Json, refused

ALLOWED = {(Phase(now), to) for now, following in NEXT.items() for to in following}
ROUTES = {
    Phase.onboarding: [],
    Phase.adoption: ["adoption"],
    Phase.renewal: ["adoption", "renewal"],
    Phase.churned: ["churned"],
}
DAY = dt.date(2026, 5, 1)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(3), dt.UTC)


async def history(accounts: Accounts, account: Json) -> list[tuple[str, str, str | None]]:
    page = await accounts.ok("GET", f"/v1/accounts/{account['id']}/phases")
    return [(phase["phase"], phase["starts_on"], phase["ends_before"]) for phase in page["data"]]


def test_the_table_is_the_one_of_the_domain() -> None:
    assert {(now.value, to.value) for now, to in ALLOWED} == {
        ("onboarding", "adoption"), ("onboarding", "churned"), ("adoption", "renewal"), ("adoption", "churned"),
        ("renewal", "adoption"), ("renewal", "churned"), ("churned", "onboarding"),
    }  # fmt: skip


@pytest.mark.parametrize("to", list(Phase))
@pytest.mark.parametrize("now", list(Phase))
async def test_each_step_is_allowed_or_refused(accounts: Accounts, now: Phase, to: Phase) -> None:
    account = await accounts.create()
    for phase in ROUTES[now]:
        assert (await accounts.act(account, "change-phase", phase=phase)).status_code == 200
    before = await accounts.get(account)
    answer = await accounts.act(account, "change-phase", phase=to.value, reason="定例で確認")
    if (now, to) not in ALLOWED:
        refused(answer, 409, "phase_not_next")
        assert await accounts.get(account) == before
        return
    after = answer.json()
    assert (after["phase"], after["version"]) == (to.value, before["version"] + 1)
    assert (await history(accounts, account))[0][0] == to.value
    type_, data = accounts.events(account["id"])[-1]
    assert (type_, data["from"], data["to"]) == ("account.phase_changed", now.value, to.value)


async def test_the_history_has_no_gap_and_no_overlap(accounts: Accounts) -> None:
    with clock.moved_to(at(DAY)):
        account = await accounts.create()
    with clock.moved_to(at(DAY + dt.timedelta(days=200))):
        await accounts.act(account, "change-phase", phase="adoption", on="2026-06-01", reason="初期設定が完了")
        await accounts.act(account, "change-phase", phase="renewal", on="2026-10-01")
        await accounts.act(account, "change-phase", phase="churned")
    assert await history(accounts, account) == [
        ("churned", "2026-11-17", None),
        ("renewal", "2026-10-01", "2026-11-17"),
        ("adoption", "2026-06-01", "2026-10-01"),
        ("onboarding", "2026-05-01", "2026-06-01"),
    ]
    page = await accounts.ok("GET", f"/v1/accounts/{account['id']}/phases", params={"phase": "adoption"})
    assert [phase["reason"] for phase in page["data"]] == ["初期設定が完了"]


async def test_the_day_lies_between_the_phases_start_and_today(accounts: Accounts) -> None:
    with clock.moved_to(at(DAY)):
        account = await accounts.create()
    with clock.moved_to(at(DAY + dt.timedelta(days=10))):
        for day in ("2026-04-30", "2026-05-12"):
            answer = await accounts.act(account, "change-phase", phase="adoption", on=day)
            refused(answer, 422, "invalid_input", "/on")
        assert (await accounts.act(account, "change-phase", phase="adoption", on="2026-05-01")).status_code == 200


async def test_the_first_renewal_is_one_until_it_is_over(accounts: Accounts) -> None:
    account = await accounts.create()
    seen = []
    for phase in ("adoption", "renewal", "adoption", "churned", "onboarding"):
        changed = (await accounts.act(account, "change-phase", phase=phase)).json()
        seen.append((changed["is_first_renewal"], changed["onboarding_completed_at"] is not None))
    assert seen == [(True, True), (True, True), (False, True), (False, True), (True, False)]


async def test_a_change_names_the_version_it_saw(accounts: Accounts) -> None:
    account = await accounts.create()
    path = f"/v1/accounts/{account['id']}:change-phase"
    refused(await accounts.client.post(path, json={"phase": "adoption"}), 428, "precondition_required")
    stale = await accounts.client.post(path, json={"phase": "adoption"}, headers={"If-Match": "7"})
    refused(stale, 412, "stale_version")
    missing = await accounts.client.post(
        f"/v1/accounts/{new_id()}:change-phase", json={"phase": "adoption"}, headers={"If-Match": "1"}
    )
    refused(missing, 404, "not_found")


async def configure(accounts: Accounts, *keys: str) -> None:
    criteria = [{"key": key, "label": key} for key in keys]
    await accounts.ok("PUT", "/v1/account-settings", json={"onboarding_criteria": criteria})


async def note(accounts: Accounts, account: Json, key: str, met: object = True) -> Json:
    path = f"/v1/accounts/{account['id']}/onboarding-criteria/{key}"
    return await accounts.ok("PUT", path, json={"met": met})


async def test_onboarding_ends_by_itself_when_all_criteria_are_met(accounts: Accounts) -> None:
    await configure(accounts, "kickoff", "trained")
    account = await accounts.create()
    assert (await note(accounts, account, "kickoff"))["phase"] == "onboarding"
    assert (await note(accounts, account, "kickoff", met=False))["phase"] == "onboarding"
    assert (await note(accounts, account, "trained"))["phase"] == "onboarding"
    done = await note(accounts, account, "kickoff")
    assert (done["phase"], done["onboarding_completed_at"] is not None) == ("adoption", True)
    assert [phase[0] for phase in await history(accounts, account)] == ["adoption", "onboarding"]
    assert accounts.events(account["id"])[-1][0] == "account.phase_changed"
    assert (await note(accounts, account, "kickoff", met=False))["phase"] == "adoption"


async def test_a_criterion_that_is_met_already_changes_nothing(accounts: Accounts) -> None:
    await configure(accounts, "kickoff", "trained")
    account = await accounts.create()
    first = await note(accounts, account, "kickoff")
    assert await note(accounts, account, "kickoff") == first


async def test_onboarding_begins_anew_after_a_churn(accounts: Accounts) -> None:
    await configure(accounts, "kickoff")
    account = await accounts.create()
    await note(accounts, account, "kickoff")
    for phase in ("churned", "onboarding"):
        await accounts.act(account, "change-phase", phase=phase)
    assert (await accounts.get(account))["phase"] == "onboarding"
    assert (await note(accounts, account, "kickoff"))["phase"] == "adoption"


async def test_only_criteria_of_the_settings_can_be_noted(accounts: Accounts) -> None:
    account = await accounts.create()
    path = f"/v1/accounts/{account['id']}/onboarding-criteria/kickoff"
    refused(await accounts.client.put(path, json={"met": True}), 404, "no_such_criterion")
    await configure(accounts, "kickoff")
    refused(await accounts.client.put(path, json={"met": "yes"}), 422, "invalid_input", "/met")
