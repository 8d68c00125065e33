"""Tickets: what was known of them when, in bulk, through mergers and the erasure of people."""

import datetime as dt
from typing import Any

import psycopg
import pytest

from api.kit.known_at import KnownAt
from api.kit.tables import new_id
from api.tickets.bulk import upsert_tickets
from tests.contracts.conftest import Desk, desk, on

__all__ = ["desk"]
MARCH = "2026-03-02T01:00:00Z"


def known(owner: psycopg.Connection, desk: Desk, at: str) -> list[tuple[Any, ...]]:
    """What was known of all tickets at a moment: open or not, satisfaction, whether it counts."""
    query = """
        SELECT closed_at IS NULL, satisfaction, archived FROM ticket_versions
        WHERE workspace_id = %(ws)s AND recorded_at <= %(at)s AND (superseded_at IS NULL OR superseded_at > %(at)s)
    """
    return owner.execute(query, {"ws": desk.workspace.id, "at": f"{at}T12:00:00+09:00"}).fetchall()


async def changed(desk: Desk, ticket: dict[str, Any], **values: Any) -> dict[str, Any]:
    headers = {"If-Match": str(ticket["version"])}
    answer = await desk.client.patch(f"/v1/tickets/{ticket['id']}", json=values, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_every_state_is_kept_as_it_was_known(desk: Desk, owner: psycopg.Connection) -> None:
    account = await desk.account()
    with on("2026-03-05"):
        ticket = await desk.post("/v1/tickets", {"account_id": str(account), "opened_at": MARCH}, 201)
        assert (ticket["state"], ticket["satisfaction"], ticket["severity"]) == ("open", None, "normal")
    with on("2026-03-10"):
        rated = {"satisfaction_score": 4, "satisfaction_min": 1, "satisfaction_max": 5}
        ticket = await changed(desk, ticket, closed_at="2026-03-04T00:00:00Z", **rated)
        assert (ticket["state"], ticket["satisfaction"]) == ("closed", 75)
    with on("2026-03-11"):
        ticket = await changed(desk, ticket, subject="別の件名")
    with on("2026-03-12"):
        ticket = await changed(desk, ticket, closed_at=None)
    with on("2026-03-13"):
        headers = {"If-Match": str(ticket["version"])}
        assert (await desk.client.delete(f"/v1/tickets/{ticket['id']}", headers=headers)).status_code == 200
    assert known(owner, desk, "2026-03-04") == []
    assert known(owner, desk, "2026-03-09") == [(True, None, False)]
    assert known(owner, desk, "2026-03-11") == [(False, 75, False)]
    assert known(owner, desk, "2026-03-12") == [(True, 75, False)]
    assert known(owner, desk, "2026-03-13") == [(True, 75, True)]
    count = owner.execute("SELECT count(*) FROM ticket_versions WHERE workspace_id = %s", [desk.workspace.id])
    assert count.fetchone() == (4,)


async def test_a_history_is_known_on_its_days(desk: Desk, owner: psycopg.Connection) -> None:
    account = await desk.account()
    item = {"external_id": "zd-1", "account_id": str(account), "opened_at": MARCH, "satisfaction_score": 90.0}
    with on("2026-06-01"):
        for closed_at in ("2026-03-08T00:00:00Z", "2026-03-20T00:00:00Z"):
            async with desk.workspace.write() as tx:
                (result,) = await upsert_tickets(tx, [{**item, "closed_at": closed_at}], known_at=KnownAt.fact_date)
                assert result.problem is None
    assert known(owner, desk, "2026-03-01") == []
    assert known(owner, desk, "2026-03-03") == [(True, None, False)]
    # The correction of June takes real time.
    assert known(owner, desk, "2026-03-09") == known(owner, desk, "2026-06-02") == [(False, 90, False)]
    superseded = "SELECT count(*) FROM ticket_versions WHERE workspace_id = %s AND superseded_at = %s"
    moment = dt.datetime(2026, 6, 1, 3, tzinfo=dt.UTC)
    assert owner.execute(superseded, [desk.workspace.id, moment]).fetchone() == (1,)


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"account_external_id": "nobody"}, "/account_external_id"),
        ({"closed_at": "2026-03-01T00:00:00Z"}, ""),
        ({"satisfaction_score": 6.0, "satisfaction_max": 5.0}, ""),
        ({"opened_at": None}, "/opened_at"),
    ],
)
async def test_one_bad_ticket_fails_alone(desk: Desk, wrong: dict[str, Any], pointer: str) -> None:
    good = {"account_id": str(await desk.account()), "opened_at": MARCH}
    bad = {**good, **wrong}
    if "account_external_id" in wrong:
        del bad["account_id"]
    items = [{**good, "external_id": "zd-1"}, {**bad, "external_id": "zd-2"}]
    first, second = (await desk.post("/v1/tickets:bulk-upsert", {"items": items}, 207))["items"]
    assert (first["status"], second["status"]) == ("created", "failed")
    assert second["problem"]["errors"][0]["pointer"] == pointer


async def test_an_existing_ticket_stays_in_order(desk: Desk) -> None:
    accounts = [str(await desk.account()) for _ in range(2)]
    item = {"external_id": "zd-1", "account_id": accounts[0], "opened_at": MARCH}
    await desk.post("/v1/tickets:bulk-upsert", {"items": [item]}, 207)
    for wrong, pointer in (
        ({"account_id": accounts[1]}, "/account_id"),
        ({"closed_at": "2026-01-01T00:00:00Z"}, "/closed_at"),
    ):
        (result,) = (await desk.post("/v1/tickets:bulk-upsert", {"items": [{"external_id": "zd-1", **wrong}]}, 207))[
            "items"
        ]
        assert result["problem"]["errors"][0]["pointer"] == pointer


async def test_erasing_the_person_erases_the_subject(desk: Desk) -> None:
    account = await desk.account()
    person = await desk.post("/v1/contacts", {"account_id": str(account), "name": "山田 花子"}, 201)
    body = {"account_id": str(account), "opened_at": MARCH, "contact_id": person["id"], "subject": "山田です"}
    ticket = await desk.post("/v1/tickets", body, 201)
    headers = {"Idempotency-Key": str(new_id()), "If-Match": str(person["version"])}
    erased = await desk.client.post(f"/v1/contacts/{person['id']}:erase", headers=headers)
    assert erased.status_code == 200, erased.text
    assert (await desk.get(f"/v1/tickets/{ticket['id']}"))["subject"] == ""
    assert (await desk.get("/v1/tickets?q=山田"))["data"] == []


async def test_tickets_and_churn_reports_follow_a_merger(desk: Desk) -> None:
    winner, loser = await desk.account(external_id="crm-1"), await desk.account(external_id="crm-2")
    await desk.post("/v1/tickets", {"account_id": str(loser), "opened_at": MARCH}, 201)
    report = {"external_id": "C-1", "account_external_id": "crm-2", "occurred_on": "2026-03-01", "reason_code": "price"}
    await desk.post("/v1/churn-reports:bulk-upsert", {"items": [report]}, 207)
    await desk.post(f"/v1/accounts/{winner}:merge", {"loser_id": str(loser)}, 200, version=1)
    report = {**report, "external_id": "C-2"}
    await desk.post("/v1/churn-reports:bulk-upsert", {"items": [report]}, 207)
    for path, count in (("tickets", 1), ("churn-reports", 2)):
        found = (await desk.get(f"/v1/{path}?account_id={winner}"))["data"]
        assert [each["account_id"] for each in found] == [str(winner)] * count
