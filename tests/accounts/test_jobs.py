"""What accounts do on a schedule."""

import datetime as dt
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.accounts import jobs
from api.accounts.service import create_account
from api.kit import clock
from api.kit.jobs import HOUSEKEEPERS
from tests.support.workspaces import WorkspaceForTest

MORNING = dt.datetime(2026, 6, 1, 1, tzinfo=dt.UTC)  # 10:00 in Tokyo
TODAY = dt.date(2026, 6, 1)


async def adopted(workspace: WorkspaceForTest, owner: psycopg.Connection, deadline: dt.date | None) -> UUID:
    """An account in adoption since January, with a notice deadline."""
    with clock.moved_to(dt.datetime(2026, 1, 5, tzinfo=dt.UTC)):
        async with workspace.write() as tx:
            account = await create_account(tx, {"name": "株式会社さくら物流"})
    owner.execute("UPDATE accounts SET phase = 'adoption' WHERE id = %s", [account.id])
    owner.execute("UPDATE account_phases SET phase = 'adoption' WHERE account_id = %s", [account.id])
    move_deadline(owner, account.id, deadline)
    return account.id


def move_deadline(owner: psycopg.Connection, account_id: UUID, deadline: dt.date | None) -> None:
    owner.execute("UPDATE account_standing SET notice_deadline = %s WHERE account_id = %s", [deadline, account_id])


async def follow(workspace: WorkspaceForTest, moment: dt.datetime = MORNING) -> int:
    with clock.moved_to(moment):
        async with workspace.write() as tx:
            return await jobs.follow_renewals(tx)


def state(owner: psycopg.Connection, account_id: UUID) -> tuple[Any, ...]:
    query = "SELECT phase, phase_since, is_first_renewal, version FROM accounts WHERE id = %s"
    row = owner.execute(query, [account_id]).fetchone()
    assert row is not None
    return row


def history(owner: psycopg.Connection, account_id: UUID) -> list[tuple[Any, ...]]:
    query = "SELECT phase, starts_on, ends_before, reason FROM account_phases WHERE account_id = %s ORDER BY id"
    return owner.execute(query, [account_id]).fetchall()


def traces(owner: psycopg.Connection, account_id: UUID) -> tuple[list[Any], list[Any]]:
    """The moves of an account as its events and as its audit entries tell them."""
    events = "SELECT data FROM events WHERE resource_id = %s AND type = 'account.phase_changed' ORDER BY id"
    audit = "SELECT actor_kind, fields FROM audit_log WHERE resource_id = %s AND action = 'phase_changed' ORDER BY id"
    return (
        [row[0] for row in owner.execute(events, [account_id])],
        owner.execute(audit, [account_id]).fetchall(),
    )


@pytest.mark.parametrize(
    ("days", "phase"), [(-1, "adoption"), (0, "renewal"), (89, "renewal"), (90, "renewal"), (91, "adoption")]
)
async def test_renewal_begins_ninety_days_before_the_notice_deadline(
    workspace: WorkspaceForTest, owner: psycopg.Connection, days: int, phase: str
) -> None:
    account_id = await adopted(workspace, owner, TODAY + dt.timedelta(days=days))
    assert await follow(workspace) == (phase == "renewal")
    assert state(owner, account_id)[0] == phase


async def test_the_day_is_the_workspaces(workspace: WorkspaceForTest, owner: psycopg.Connection) -> None:
    account_id = await adopted(workspace, owner, TODAY + dt.timedelta(days=90))
    midnight = dt.datetime(2026, 5, 31, 15, tzinfo=dt.UTC)
    assert await follow(workspace, midnight - dt.timedelta(minutes=1)) == 0
    assert await follow(workspace, midnight) == 1
    assert state(owner, account_id)[:2] == ("renewal", TODAY)


async def test_it_returns_to_adoption_when_the_deadline_moves_on(
    workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    account_id = await adopted(workspace, owner, TODAY + dt.timedelta(days=60))
    assert [await follow(workspace), await follow(workspace)] == [1, 0]
    assert state(owner, account_id) == ("renewal", TODAY, True, 2)
    move_deadline(owner, account_id, TODAY + dt.timedelta(days=425))
    july = dt.datetime(2026, 7, 10, 1, tzinfo=dt.UTC)
    assert [await follow(workspace, july), await follow(workspace, july)] == [1, 0]
    assert state(owner, account_id) == ("adoption", dt.date(2026, 7, 10), False, 3)
    assert history(owner, account_id) == [
        ("adoption", dt.date(2026, 1, 5), TODAY, None),
        ("renewal", TODAY, dt.date(2026, 7, 10), "notice deadline"),
        ("adoption", dt.date(2026, 7, 10), None, "notice deadline"),
    ]
    events, audit = traces(owner, account_id)
    begun, ended = ["phase", "phase_since"], ["is_first_renewal", "phase", "phase_since"]
    assert events == [
        {"from": "adoption", "to": "renewal", "on": "2026-06-01", "fields": begun, "version": 2},
        {"from": "renewal", "to": "adoption", "on": "2026-07-10", "fields": ended, "version": 3},
    ]
    assert audit == [("system", begun), ("system", ended)]


@pytest.mark.parametrize("phase", ["onboarding", "churned"])
async def test_other_phases_stay(workspace: WorkspaceForTest, owner: psycopg.Connection, phase: str) -> None:
    account_id = await adopted(workspace, owner, TODAY + dt.timedelta(days=30))
    owner.execute("UPDATE accounts SET phase = %s WHERE id = %s", [phase, account_id])
    assert await follow(workspace) == 0
    assert traces(owner, account_id) == ([], [])


async def test_only_this_workspace_moves(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    account_id = await adopted(other_workspace, owner, TODAY)
    assert await follow(workspace) == 0
    assert state(owner, account_id)[0] == "adoption"


async def test_figures_are_computed_anew_once_a_night(workspace: WorkspaceForTest, owner: psycopg.Connection) -> None:
    account_id = await adopted(workspace, owner, None)
    owner.execute("UPDATE account_standing SET acv_minor = 6000000 WHERE account_id = %s", [account_id])
    refreshed = []
    for hour in range(24):
        with clock.moved_to(dt.datetime(2026, 6, 1, hour, 7, tzinfo=dt.UTC)):
            async with workspace.write() as tx:
                refreshed.append(await jobs.refresh_standing(tx))
    assert refreshed == [int(hour == 18) for hour in range(24)]  # 18:07 UTC is 03:07 in Tokyo
    found = owner.execute("SELECT touch_model FROM account_standing WHERE account_id = %s", [account_id]).fetchone()
    assert found == ("high",)


def test_the_worker_runs_them() -> None:
    assert {jobs.follow_renewals, jobs.refresh_standing} <= set(HOUSEKEEPERS)
