"""Jobs join the caller's transaction, run once, are tried again, and keep every workspace's house."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import procrastinate
import psycopg
import pytest

from api import worker
from api.auth.models import Credential, CredentialKind, RefreshToken
from api.kit import clock, jobs
from api.kit.db import Database, Tx
from api.kit.settings import Settings
from tests.support.workspaces import WorkspaceForTest

ran: list[str] = []


@jobs.job("tests.note")
async def note(database: Database, text: str) -> None:
    assert isinstance(database, Database)
    ran.append(text)


@jobs.job("tests.fail", attempts=2)
async def fail(database: Database) -> None:
    ran.append("failing")
    raise RuntimeError("as asked")


@pytest.fixture(autouse=True)
def nothing_ran(owner: psycopg.Connection) -> Iterator[None]:
    ran.clear()
    owner.execute("DELETE FROM procrastinate_jobs")
    yield
    owner.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
async def heads(settings: Settings) -> AsyncIterator[Database]:
    async with Database(settings.worker_url.get_secret_value(), settings, size=2) as database:
        yield database


@pytest.fixture
async def work(
    settings: Settings, heads: Database, workspace: WorkspaceForTest
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Runs the jobs that wait, as the worker's role, until there are none."""
    url = settings.worker_url.get_secret_value()
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=3)
    # None of those that run at set times: whether one is due would depend on when the test runs.
    with patch.dict(jobs.app.periodic_registry.periodic_tasks, clear=True), jobs.app.replace_connector(connector):
        async with jobs.app.open_async():

            async def run() -> None:
                await jobs.app.run_worker_async(
                    wait=False,
                    install_signal_handlers=False,
                    listen_notify=False,
                    additional_context={"heads": heads, "tenants": workspace.database},
                )

            yield run


def waiting(owner: psycopg.Connection) -> int:
    # Only this file's jobs: on the hour the worker itself defers housekeeping.
    row = owner.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE %s", ["tests.%"]
    ).fetchone()
    assert row is not None
    return int(row[0])


async def test_a_committed_job_runs_once(
    workspace: WorkspaceForTest, work: Callable[[], Awaitable[None]], owner: psycopg.Connection
) -> None:
    async with workspace.write() as tx:
        await jobs.defer(tx, note, text="一度だけ")
        assert waiting(owner) == 0, "visible before the commit: it did not join the transaction"
    assert waiting(owner) == 1
    await work()
    await work()
    assert ran == ["一度だけ"]


async def test_a_rolled_back_job_never_runs(
    workspace: WorkspaceForTest, work: Callable[[], Awaitable[None]], owner: psycopg.Connection
) -> None:
    async def deferred_then_failed() -> None:
        async with workspace.write() as tx:
            await jobs.defer(tx, note, text="never")
            raise RuntimeError("after the job was deferred")

    with pytest.raises(RuntimeError):
        await deferred_then_failed()
    await work()
    assert ran == []
    assert waiting(owner) == 0


async def test_a_job_with_a_key_waits_once_and_spares_the_transaction(
    workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    async with workspace.write() as tx:
        await jobs.defer(tx, note, once="key", text="first")
    async with workspace.write() as tx:
        await jobs.defer(tx, note, once="key", text="second")
        await jobs.defer(tx, note, text="the transaction still works")
    texts = owner.execute("SELECT args ->> 'text' FROM procrastinate_jobs ORDER BY id").fetchall()
    assert texts == [("first",), ("the transaction still works",)]


async def test_a_failed_job_is_tried_again_later(
    workspace: WorkspaceForTest, work: Callable[[], Awaitable[None]], owner: psycopg.Connection
) -> None:
    async with workspace.write() as tx:
        await jobs.defer(tx, fail)
    await work()
    row = owner.execute(
        "SELECT status::text, attempts, scheduled_at > now() FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'"
    ).fetchone()
    assert row == ("todo", 1, True)
    owner.execute("UPDATE procrastinate_jobs SET scheduled_at = now()")
    await work()
    assert owner.execute(
        "SELECT status::text, attempts FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'"
    ).fetchone() == ("failed", 2)
    assert ran == ["failing", "failing"]


@pytest.mark.parametrize(("attempts", "status"), [(0, "todo"), (jobs.MOST_ATTEMPTS - 1, "failed")])
async def test_a_dead_workers_job_is_rescued_but_not_for_ever(
    workspace: WorkspaceForTest,
    work: Callable[[], Awaitable[None]],
    owner: psycopg.Connection,
    attempts: int,
    status: str,
) -> None:
    async with workspace.write() as tx:
        await jobs.defer(tx, note, text="again")
    owner.execute(
        "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id) "
        "UPDATE procrastinate_jobs SET status = 'doing', attempts = %s, worker_id = dead.id FROM dead",
        [attempts],
    )
    assert await jobs.rescue() == 1
    assert owner.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name LIKE 'tests.%'").fetchone() == (
        status,
    )


@pytest.fixture
def two_workspaces(workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, owner: psycopg.Connection) -> None:
    """No others: earlier tests have left thousands, whose houses nobody needs kept."""
    ours = [workspace.id, other_workspace.id]
    owner.execute("DELETE FROM workspace_directory WHERE workspace_id <> ALL(%s)", [ours])


@pytest.mark.usefixtures("two_workspaces")
async def test_housekeeping_forgets_what_has_expired_in_every_workspace(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, heads: Database
) -> None:
    for each in (workspace, other_workspace):
        await add_tokens(each)
    worker.load_jobs()
    await jobs.keep_house(heads, workspace.database)
    for each in (workspace, other_workspace):
        async with each.write() as tx:
            assert await tx.fetch("SELECT count(*) FROM idempotency_keys WHERE workspace_id = %s", [each.id]) == [(1,)]
            assert await tx.fetch("SELECT count(*) FROM refresh_tokens WHERE workspace_id = %s", [each.id]) == [(1,)]


async def add_tokens(workspace: WorkspaceForTest) -> None:
    """An expired and a good one of each kind."""
    session = await workspace.add(Credential, kind=CredentialKind.session.value)
    for expired in (True, False):
        age = dt.timedelta(days=2) if expired else dt.timedelta()
        await workspace.add(
            RefreshToken,
            session_id=session.id,
            secret_hash=b"",
            expires_at=clock.now() + dt.timedelta(days=1) - age,
        )
        async with workspace.write() as tx:
            await tx.execute(
                "INSERT INTO idempotency_keys (workspace_id, principal, route, key, fingerprint, status, headers, body, "
                "created_at) VALUES (%(ws)s, 'p', 'r', %(key)s, '', 200, '{}', '', %(at)s)",
                {"ws": workspace.id, "key": str(expired), "at": clock.now() - age},
            )


@pytest.mark.usefixtures("two_workspaces")
async def test_one_workspaces_trouble_does_not_stop_the_housekeeping(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, heads: Database
) -> None:
    seen: list[UUID | None] = []

    async def trouble(tx: Tx) -> int:
        seen.append(tx.workspace_id)
        raise RuntimeError("as asked")

    with housekeeper(trouble):
        await jobs.keep_house(heads, workspace.database)
    assert {workspace.id, other_workspace.id} <= set(seen)


@contextmanager
def housekeeper(keep: Callable[[Tx], Awaitable[int]]) -> Iterator[None]:
    jobs.housekeeping(keep)
    try:
        yield
    finally:
        jobs.HOUSEKEEPERS.remove(keep)


async def test_a_loop_goes_on_after_an_outage() -> None:
    stopping = asyncio.Event()
    outcomes: list[Any] = [psycopg.OperationalError("gone"), RuntimeError("bug"), None]

    async def work() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        stopping.set()

    await worker.until_stopped("test", work, stopping)
    assert outcomes == []
