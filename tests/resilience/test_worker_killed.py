"""``kill -9`` of the worker in the middle of jobs: they run again, with one effect, and the queue goes on."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from api.kit import jobs
from tests.resilience import held_jobs
from tests.resilience.held_jobs import AFTER_COMMIT, BEFORE_COMMIT
from tests.resilience.running import Running
from tests.support.workspaces import WorkspaceForTest

pytestmark = pytest.mark.soak

# A worker counts as dead after 30 s, which is looked for every minute.
RESCUE_SECONDS = 120.0
Say = Callable[[str], None]


def count(owner: psycopg.Connection, query: str) -> int:
    row = owner.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


async def until(reached: Callable[[], bool], seconds: float, worker: Running) -> float:
    """Wait for it; how long that took."""
    started = time.monotonic()
    while not reached():
        assert time.monotonic() - started < seconds, worker.said[-3000:]
        await asyncio.sleep(0.2)
    return time.monotonic() - started


async def test_jobs_of_a_killed_worker_run_again_with_one_effect(
    folder: Path, environment: dict[str, str], workspace: WorkspaceForTest, owner: psycopg.Connection, say: Say
) -> None:
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid IN (71, 72) AND NOT granted"
    left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.resilience.add'"
    noted = "SELECT key FROM idempotency_keys WHERE workspace_id = %s ORDER BY key"
    for place in (BEFORE_COMMIT, AFTER_COMMIT):
        owner.execute("SELECT pg_advisory_lock(%s)", [place])
    async with workspace.write() as tx:
        for name, place in (("before", BEFORE_COMMIT), ("after", AFTER_COMMIT), ("free", 0)):
            await jobs.defer(tx, held_jobs.add, workspace_id=str(workspace.id), name=name, held_at=place)
        await jobs.defer(tx, held_jobs.fail)
    with Running("worker", folder, module="tests.resilience.held_jobs", **environment) as worker:
        await until(lambda: count(owner, held) == 2 and count(owner, left) == 2, 30, worker)
        worker.process.kill()
        worker.process.wait()
    at_death = [key for (key,) in owner.execute(noted, [workspace.id])]
    owner.execute("SELECT pg_advisory_unlock_all()")
    with Running("worker", folder, module="tests.resilience.held_jobs", **environment) as worker:
        took = await until(lambda: count(owner, left) == 0, RESCUE_SECONDS, worker)
        rescued = worker.said.count('"event":"rescued"')
    effects = [key for (key,) in owner.execute(noted, [workspace.id])]
    failing = count(owner, "SELECT attempts FROM procrastinate_jobs WHERE task_name = 'tests.resilience.fail'")
    owner.execute("DELETE FROM procrastinate_jobs")
    say(
        f"worker killed with 2 jobs running: {rescued} rescued, done {took:.0f} s later; the failing job: {failing} tries"
    )
    assert at_death == ["after", "free"]
    assert effects == ["after", "before", "free"]
    assert rescued == 2
    assert failing > 1
