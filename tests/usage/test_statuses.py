"""Utilisation and the usage statuses, with their history."""

from uuid import UUID

import psycopg

from api.kit import clock
from api.usage import jobs
from tests.contracts.conftest import on
from tests.usage.conftest import Meter, measured


async def measured_on(meter: Meter, days: list[str], value: float, account: str = "crm-1") -> None:
    await meter.load(*(measured(account, day, value, "active_users") for day in days))


async def keep_house(meter: Meter) -> None:
    async with meter.workspace.write() as tx:
        await jobs.follow_usage(tx)


async def shown(meter: Meter, account_id: UUID) -> tuple[str | None, float | None]:
    """What the account itself says, which is what lists filter by."""
    (account,) = (await meter.client.get("/v1/accounts", params={"fields": "usage_status"})).json()["data"]
    utilisation = (await meter.usage(account_id))["utilisation"]
    assert account["usage_status"] == utilisation["status"]
    return utilisation["status"], utilisation["utilisation"]


async def test_a_status_follows_usage_and_the_calendar(meter: Meter, owner: psycopg.Connection) -> None:
    ours = await meter.account("crm-1", seats=50)
    await meter.metric("active_users", aggregation="avg", role="active")
    with on("2026-10-05"):
        assert await shown(meter, ours) == (None, None)
        await measured_on(meter, ["2026-10-04", "2026-10-05"], 30)
        assert await shown(meter, ours) == ("healthy", 0.6)
        await measured_on(meter, ["2026-10-05"], 29)
        assert await shown(meter, ours) == ("needs_attention", 0.59)
    with on("2026-11-01"):
        await keep_house(meter)
        assert await meter.statuses(ours) == [("needs_attention", "2026-10-05"), ("healthy", "2026-10-05")]
    with on("2026-11-02"):
        await keep_house(meter)
        await keep_house(meter)
        assert await shown(meter, ours) == ("inactive", 0)
        assert (await meter.statuses(ours))[0] == ("inactive", "2026-11-02")
    events = owner.execute(
        "SELECT data ->> 'from', data ->> 'to' FROM events WHERE workspace_id = %s AND type = 'account.usage_status_changed' "
        "AND resource_id = %s ORDER BY id",
        [meter.workspace.id, ours],
    ).fetchall()
    assert events == [(None, "healthy"), ("healthy", "needs_attention"), ("needs_attention", "inactive")]


async def test_thresholds_are_the_workspaces_own(meter: Meter) -> None:
    ours = await meter.account("crm-1", seats=100)
    await meter.metric("active_users", aggregation="max", role="active")
    with on("2026-11-20"):
        await measured_on(meter, ["2026-11-19"], 40)
        assert await shown(meter, ours) == ("needs_attention", 0.4)
        settings = {"healthy_from_pct": 40, "attention_from_pct": 10, "idle_days": 7}
        answer = await meter.client.put("/v1/usage-settings", json=settings)
        assert (answer.status_code, answer.json()) == (200, settings)
        assert await shown(meter, ours) == ("healthy", 0.4)
        refused = await meter.client.put("/v1/usage-settings", json={"attention_from_pct": 61})
        assert refused.status_code == 422
    with on("2026-11-26"):
        await keep_house(meter)
        assert await shown(meter, ours) == ("inactive", 0.4)


async def test_a_metric_can_stand_for_the_licences(meter: Meter) -> None:
    ours = await meter.account("crm-1")
    active = await meter.metric("active_users", aggregation="last", role="active")
    licensed = await meter.metric("licences", aggregation="last", role="licensed")
    with on("2026-11-20"):
        await measured_on(meter, ["2026-11-19"], 4)
        assert await shown(meter, ours) == (None, None)
        await meter.load(
            measured("crm-1", "2026-11-01", 8, "licences"), measured("crm-1", "2026-11-18", 16, "licences")
        )
        assert await shown(meter, ours) == ("needs_attention", 0.25)
        archived = await meter.client.delete(f"/v1/usage-metrics/{licensed['id']}", headers={"If-Match": "1"})
        assert archived.status_code == 200
        assert await shown(meter, ours) == (None, None)
        second = await meter.client.post("/v1/usage-metrics", json={"key": "mau", "name": "MAU", "role": "active"})
        assert (second.status_code, second.json()["code"]) == (409, "metric_role_taken")
        taken = await meter.client.post("/v1/usage-metrics", json={"key": "licences", "name": "again"})
        assert (taken.status_code, taken.json()["code"]) == (409, "metric_key_taken")
        path = f"/v1/usage-metrics/{active['id']}"
        changed = await meter.client.patch(path, json={"role": None}, headers={"If-Match": "1"})
        assert changed.json()["role"] is None
        assert (await meter.client.post(f"/v1/usage-metrics/{licensed['id']}:restore")).status_code == 200


async def test_a_merger_takes_usage_along(meter: Meter, owner: psycopg.Connection) -> None:
    winner, loser = await meter.account("crm-1", seats=10), await meter.account("crm-2", seats=10)
    await meter.metric("active_users", aggregation="sum", role="active")
    with on("2026-11-18"):
        await measured_on(meter, ["2026-11-16", "2026-11-17"], 1)
        await measured_on(meter, ["2026-11-17", "2026-11-18", "2026-11-10"], 3, "crm-2")
        await measured_on(meter, ["2026-11-18", "2026-11-17"], 4, "crm-2")
    with on("2026-11-19"):
        answer = await meter.client.post(
            f"/v1/accounts/{winner}:merge", json={"loser_id": str(loser)}, headers={"If-Match": "1"}
        )
        assert answer.status_code == 200, answer.text
        period = {"from": "2026-11-09", "to": "2026-11-22"}
        assert list((await meter.values(winner, "active_users", grain="week", **period)).values()) == [3, 6]
        assert (await meter.usage(winner))["utilisation"]["utilisation"] == 0.9
        # An id of the loser's leads to the winner.
        await measured_on(meter, ["2026-11-19"], 1, "crm-2")
        assert list((await meter.values(winner, "active_users", grain="week", **period)).values()) == [3, 7]
        known = f"{clock.now():%Y-%m-%d}T00:00:00Z"
        assert (await meter.values(winner, "active_users", known_at=known, **period))["2026-11-18"] == 4
    left = "SELECT count(*) FROM usage_{} WHERE workspace_id = %s AND account_id = %s"
    for table in ("daily", "weekly", "superseded"):
        assert owner.execute(left.format(table).encode(), [meter.workspace.id, loser]).fetchone() == (0,), table
