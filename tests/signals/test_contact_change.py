"""The rule of the change of the person in charge, from the change to its being taken back."""

import datetime as dt

from tests.signals.conftest import Lookout, on

LEVELS = {"levels": [{"level": level, "criteria": [{"component": "pulse", "min": 3}]} for level in (2, 3, 4, 5)]}


async def test_a_new_person_in_charge_is_noticed_at_once_and_halves_the_score(lookout: Lookout) -> None:
    account = await lookout.account()
    people = []
    for name in ("佐藤", "鈴木"):
        values = {"account_id": str(account), "name": name, "stakeholder_role": "champion"}
        people.append((await lookout.post("/v1/contacts", values, 201))["id"])
    monday = dt.date(2026, 9, 7)
    with on("2026-09-01"):
        await _name(lookout, account, people[0])
        await lookout.active(definition={"maturity": LEVELS})
        assert await lookout.signals() == [], "the first person in charge is no change"
    for week in range(4):
        with on((monday + dt.timedelta(weeks=week)).isoformat()):
            await lookout.pulse(account, 3)
            await lookout.run_week()
    with on("2026-10-01"):
        await lookout.pulse(account, 3)
        before = await lookout.score(account)
        assert (before["maturity"], before["state"], before["score"]) == (4, 3, 48)
        await _name(lookout, account, people[1])
        [signal] = await lookout.signals(account_id=str(account))
        assert (signal["kind"], signal["status"], signal["severity"]) == ("contact_changed", "open", "warning")
        assert signal["evidence"]["from_contact_id"] == people[0]
        assert (await lookout.get(f"/v1/accounts/{account}/maturity"))["level"] == 2
        await lookout.pulse(account, 3)
        after = await lookout.score(account)
        assert (after["maturity"], after["state"], after["score"]) == (2, 3, 24)
        overview = await lookout.get(f"/v1/accounts/{account}/overview")
        assert [each["id"] for each in overview["signals"]] == [signal["id"]]
    with on("2026-10-02"):
        [change, _] = (await lookout.get(f"/v1/accounts/{account}/primary-contact-changes"))["data"]
        await lookout.post(f"/v1/primary-contact-changes/{change['id']}:revert", None, 200)
        [signal] = await lookout.signals(account_id=str(account))
        assert (signal["status"], signal["resolved_by_itself"]) == ("resolved", True)
        assert (await lookout.get(f"/v1/accounts/{account}/maturity"))["level"] == 4
        assert (await lookout.score(account))["score"] == 48
        told = await lookout.get(f"/v1/accounts/{account}/timeline?kind=signal")
        assert [each["action"] for each in told["data"]] == ["resolved", "opened"]


async def test_two_changes_leave_one_open_signal_and_confirmed_goals_none(lookout: Lookout) -> None:
    account = await lookout.account()
    with on("2026-09-01"):
        await lookout.active(definition={"maturity": LEVELS})
        for name in ("佐藤", "鈴木", "高橋"):
            contact = await lookout.post("/v1/contacts", {"account_id": str(account), "name": name}, 201)
            await _name(lookout, account, contact["id"])
        assert await lookout.states("contact_changed") == ["resolved", "open"]
    with on("2026-09-20"):
        await lookout.pulse(account, 3)
        await lookout.run_week()
        assert await lookout.look_around("contact_changed") == 0
    with on("2026-11-15"):
        await lookout.look_around("contact_changed")
        assert await lookout.states("contact_changed") == ["resolved", "resolved"], "after sixty days it is no news"


async def _name(lookout: Lookout, account: object, contact_id: str) -> None:
    answer = await lookout.client.put(f"/v1/accounts/{account}/primary-contact", json={"contact_id": contact_id})
    assert answer.status_code == 200, answer.text
