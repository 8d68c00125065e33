"""What the rules find, and how signals follow it."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from api.contacts.models import Contact
from api.interactions.models import Interaction
from api.surveys.models import SurveyResponse
from api.tickets.models import Ticket
from tests.signals.conftest import Lookout, on
from tests.whole_api import makers

TODAY = "2026-11-22"
LAST_WEEK = "2026-11-09"  # the last finished one begins on this Monday


@pytest.fixture(autouse=True)
def _today(today: None) -> None:
    """22 November 2026, a Sunday."""


async def test_a_drop_opens_one_signal_and_is_over_by_itself_when_use_is_back(lookout: Lookout) -> None:
    falling, steady = await lookout.account(), await lookout.account()
    metric = await lookout.metric("active_users", role="active")
    await lookout.weeks(falling, metric, LAST_WEEK, 50, 50, 50, 50, 20, 30, 30, 20)
    await lookout.weeks(steady, metric, LAST_WEEK, 50, 50, 50, 50, 40, 40, 40, 40)
    assert await lookout.look_around("usage_drop") == 1
    assert await lookout.look_around("usage_drop") == 0
    [signal] = await lookout.signals(kind="usage_drop")
    assert signal["account_id"] == str(falling)
    assert (signal["severity"], signal["evidence"]["before"], signal["evidence"]["recent"]) == ("warning", 200, 100)
    assert signal["evidence"]["change_pct"] == -50
    await lookout.forget_weeks(falling)
    await lookout.weeks(falling, metric, LAST_WEEK, 50, 50, 50, 50, 48, 48, 48, 48)
    assert await lookout.look_around("usage_drop") == 1
    await lookout.forget_weeks(falling)
    await lookout.weeks(falling, metric, LAST_WEEK, 50, 50, 50, 50, 0, 0, 0, 0)
    await lookout.look_around("usage_drop")
    states = [(each["status"], each["severity"]) for each in await lookout.signals(kind="usage_drop")]
    assert states == [("resolved", "warning"), ("open", "critical")], "a cause that comes back is another signal"


async def test_thresholds_differ_by_segment_and_are_previewed(lookout: Lookout) -> None:
    metric = await lookout.metric("active_users", role="active")
    shops = await lookout.account(industry="小売")
    others = await lookout.account(industry="物流")
    for account in (shops, others):
        await lookout.weeks(account, metric, LAST_WEEK, 50, 50, 50, 50, 45, 40, 40, 45)
    segment = await lookout.post("/v1/segments", {"name": "小売", "filter": {"industry": ["小売"]}}, 201)
    rule = {"segments": [{"segment_id": segment["id"], "severity": "critical", "parameters": {"drop_pct": 15}}]}
    outlook = await lookout.post("/v1/signal-rules/usage_drop:preview", rule, 200)
    assert (outlook["accounts"], outlook["would_open"], outlook["critical"]) == (1, 1, 1)
    assert await lookout.signals() == []
    shown = await lookout.set_rule("usage_drop", **rule)
    assert shown["segments"][0]["parameters"] == {**shown["defaults"], "drop_pct": 15}
    await lookout.look_around("usage_drop")
    [signal] = await lookout.signals(kind="usage_drop")
    assert (signal["account_id"], signal["severity"], signal["rule_version"]) == (str(shops), "critical", 1)
    await lookout.set_rule("usage_drop", enabled=False)
    await lookout.look_around("usage_drop")
    assert await lookout.states("usage_drop") == ["resolved"]


async def test_what_a_rule_does_not_know_is_refused(lookout: Lookout) -> None:
    body = {"parameters": {"drop_pc": 20}, "segments": [{"segment_id": str(UUID(int=1)), "parameters": {"weeks": 0}}]}
    answer = await lookout.client.put("/v1/signal-rules/usage_drop", json=body)
    assert answer.status_code == 422
    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert pointers == {"/parameters/drop_pc", "/segments/0/parameters/weeks", "/segments/0/segment_id"}


async def test_what_a_person_closed_stays_closed_while_its_cause_lasts(lookout: Lookout) -> None:
    account = await lookout.account()
    metric = await lookout.metric("active_users", role="active")
    await lookout.weeks(account, metric, LAST_WEEK, 50, 50, 50, 50, 25, 25, 25, 25)
    await lookout.look_around("usage_drop")
    [signal] = await lookout.signals()
    dismissed = await lookout.do(signal, "dismiss", reason="閉店期間", snooze_days=2)
    assert (dismissed["status"], dismissed["dismiss_reason"]) == ("dismissed", "閉店期間")
    assert await lookout.look_around("usage_drop") == 0
    again = await lookout.client.post(
        f"/v1/signals/{signal['id']}:resolve", headers={"If-Match": f'"{dismissed["version"]}"'}
    )
    assert (again.status_code, again.json()["code"]) == (409, "signal_over")
    await lookout.forget_weeks(account)
    await lookout.weeks(account, metric, LAST_WEEK, 50, 50, 50, 50, 5, 5, 5, 5)
    await lookout.look_around("usage_drop")
    assert await lookout.states("usage_drop") == ["dismissed", "open"], "it got worse"
    [_, worse] = await lookout.signals()
    await lookout.do(worse, "acknowledge")
    await lookout.do(worse, "resolve")
    assert await lookout.look_around("usage_drop") == 0
    await lookout.forget_weeks(account)
    await lookout.look_around("usage_drop")
    await lookout.weeks(account, metric, LAST_WEEK, 50, 50, 50, 50, 5, 5, 5, 5)
    await lookout.look_around("usage_drop")
    assert await lookout.states("usage_drop") == ["dismissed", "resolved", "open"]


async def test_a_snooze_ends(lookout: Lookout) -> None:
    account = await lookout.account()
    await lookout.workspace.add(Contact, account_id=account, name="佐藤")
    await lookout.look_around("single_threaded")
    [signal] = await lookout.signals()
    await lookout.do(signal, "dismiss", reason="一人で十分", snooze_days=10)
    with on("2026-12-01"):
        assert await lookout.look_around("single_threaded") == 0
    with on("2026-12-03"):
        assert await lookout.look_around("single_threaded") == 1
        assert await lookout.states("single_threaded") == ["dismissed", "open"]


async def test_silent_trouble_compares_errors_and_tickets_with_peers(lookout: Lookout) -> None:
    used = await lookout.metric("active_users", role="active")
    errors = await lookout.metric("errors", direction="lower_is_better")
    accounts = [await lookout.account(employee_count=100) for _ in range(7)]
    large = await lookout.account(employee_count=5000)
    for place, account in enumerate([*accounts, large]):
        await lookout.weeks(account, used, LAST_WEEK, 100, 100, 100, 100)
        many = 50 if place in (0, 1) or account == large else 5
        await lookout.weeks(account, errors, LAST_WEEK, many, many, many, many)
    opened = dt.datetime(2026, 11, 10, tzinfo=dt.UTC)
    await lookout.workspace.add(Ticket, account_id=accounts[1], subject="止まる", opened_at=opened)
    await lookout.look_around("silent_trouble")
    [signal] = await lookout.signals(kind="silent_trouble")
    assert signal["account_id"] == str(accounts[0]), "the one who asked is not silent, the large one has no peers"
    evidence = signal["evidence"]
    assert (evidence["errors"], evidence["errors_per_use"], evidence["peers_median"]) == (200, 0.5, 0.05)
    assert (evidence["peers"], evidence["peers_with_tickets_pct"]) == (7, 14.3)


async def test_notice_is_noticed_at_once_and_taken_back_at_once(lookout: Lookout) -> None:
    account = await lookout.account()
    contract = await lookout.sign(
        account, await lookout.product(), 100_000, starts_on="2026-01-01", ends_before="2027-01-01", auto_renew=True
    )
    await lookout.act(contract, "give-notice", reasons=["price"])
    [signal] = await lookout.signals(account_id=str(account))
    assert (signal["kind"], signal["severity"], signal["subject"]) == ("notice_received", "critical", contract["id"])
    await lookout.act(contract, "reinstate")
    assert await lookout.states("notice_received") == ["resolved"]


async def _overdue(lookout: Lookout, account: UUID) -> None:
    await lookout.sign(account, await lookout.product(), 100_000, starts_on="2025-11-15", ends_before="2026-11-15")


async def _alone(lookout: Lookout, account: UUID) -> None:
    await lookout.workspace.add(Contact, account_id=account, name="佐藤")


async def _escalated(lookout: Lookout, account: UUID) -> None:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    await lookout.workspace.add(Ticket, account_id=account, subject="停止", opened_at=at, escalated=True)


async def _unhappy(lookout: Lookout, account: UUID) -> None:
    survey = await makers.survey(lookout.workspace)
    day = dt.date(2026, 11, 1)
    await lookout.workspace.add(
        SurveyResponse, survey_id=survey, account_id=account, score=4, answered_on=day,
        answered_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    )  # fmt: skip


async def _silent(lookout: Lookout, account: UUID) -> None:
    at = dt.datetime(2026, 8, 1, tzinfo=dt.UTC)
    await lookout.workspace.add(Interaction, account_id=account, kind="call", subject="定例", occurred_at=at)


async def _red(lookout: Lookout, account: UUID) -> None:
    await lookout.active()
    await lookout.pulse(account, 5)
    await lookout.score(account)
    await lookout.pulse(account, 1)
    await lookout.score(account)


@pytest.mark.parametrize(
    ("kind", "cause", "evidence"),
    [
        ("overdue_renewal", _overdue, {"ended_before": "2026-11-15"}),
        ("single_threaded", _alone, {"contacts": 1, "stakeholders": 0}),
        ("escalated_tickets", _escalated, {"tickets": 1, "escalated": 1}),
        ("detractor", _unhappy, {"score": 4, "answered_on": "2026-11-01"}),
        ("silent_account", _silent, {"last_interaction_on": "2026-08-01"}),
        ("red_health", _red, {"score": 0, "band": "red"}),
        ("band_dropped", _red, {"from_band": "green", "to_band": "red"}),
    ],
)
async def test_each_kind_is_noticed_and_over_when_its_cause_is_gone(
    lookout: Lookout, kind: str, cause: Any, evidence: dict[str, object]
) -> None:
    account = await lookout.account()
    async with lookout.workspace.write() as tx:
        await tx.execute("UPDATE accounts SET created_at = '2026-10-01' WHERE id = %(id)s", {"id": account})
    await cause(lookout, account)
    await lookout.look_around(kind)
    [signal] = await lookout.signals(kind=kind)
    assert signal["account_id"] == str(account)
    assert evidence.items() <= signal["evidence"].items()
    async with lookout.workspace.write() as tx:
        await tx.execute("UPDATE accounts SET archived_at = now() WHERE id = %(id)s", {"id": account})
    assert await lookout.look_around(kind) == 1
    [signal] = await lookout.signals(kind=kind)
    assert (signal["status"], signal["resolved_by_itself"]) == ("resolved", True)
