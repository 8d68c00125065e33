"""``kill -9`` of the API and of Postgres during acknowledged writes: nothing is lost, nothing is done twice.

``PERENNIAL_TEST_ROUNDS`` sets how often each is killed.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from api.kit.postgres import Cluster
from tests.resilience.ledger import Findings, Ledger
from tests.resilience.running import Serving
from tests.resilience.writers import Writers

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

ROUNDS = int(os.environ.get("PERENNIAL_TEST_ROUNDS", "50"))
READY_SECONDS = 10.0
PASSWORD = "correct horse battery"
Say = Callable[[str], None]


class Workspace:
    """A workspace of a running ``serve``, with an administrator's API key."""

    def __init__(self, service: Serving) -> None:
        self.service = service
        self.id = service.command("create-workspace", "株式会社テスト", "--currency=JPY")
        service.environment["PERENNIAL_ADMIN_PASSWORD"] = PASSWORD
        service.command("create-admin", f"--workspace={self.id}", "--email=a@example.com", "--name=管理者")
        form = {"grant_type": "password", "username": "a@example.com", "password": PASSWORD}
        token = httpx.post(f"{service.base_url}/v1/auth/token", data=form).raise_for_status().json()
        made = httpx.post(
            f"{service.base_url}/v1/api-keys",
            json={"name": "writers", "scopes": ["accounts:read", "accounts:write"]},
            headers={"Authorization": f"Bearer {token['access_token']}"},
        )
        self.ledger = Ledger()
        self.writers = Writers(service.base_url, made.raise_for_status().json()["secret"], self.ledger)

    def owner(self) -> psycopg.Connection:
        """A connection of the superuser."""
        return psycopg.connect(Cluster(self.service.cluster_data).url(), autocommit=True)

    async def findings(self) -> Findings:
        """What is wrong once the worker has numbered all events."""
        with self.owner() as owner:
            deadline = time.monotonic() + 60
            while owner.execute("SELECT 1 FROM outbox LIMIT 1").fetchone():
                assert time.monotonic() < deadline, f"the worker does not catch up:\n{self.service.said[-6000:]}"
                await asyncio.sleep(0.1)
            return self.ledger.held_against(self.id, owner)


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with Serving(folder) as service:
        service.until_ready(240)
        yield Workspace(service)
        broken = [line for line in service.said.splitlines() if '"status":500' in line]
        assert broken == []


def kill_api(service: Serving, _round: int) -> Callable[[], int]:
    """Kill the API; how to find its successor."""
    victim = service.api()
    assert victim, "no API to kill"  # 0 would be this process and its group
    os.kill(victim, signal.SIGKILL)
    return service.api


def kill_postgres(service: Serving, round_: int) -> Callable[[], int]:
    """Kill Postgres, in every second round with all its processes at once; how to find its successor."""
    postmaster = service.postmaster()
    assert postmaster, "no Postgres to kill"
    victims = [postmaster, *(service.backends() if round_ % 2 else [])]
    for victim in victims:
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    return service.postmaster


@pytest.mark.parametrize("kill", [kill_api, kill_postgres])
async def test_nothing_acknowledged_is_lost_and_nothing_is_done_twice(
    workspace: Workspace, kill: Callable[[Serving, int], Callable[[], int]], say: Say
) -> None:
    service, ledger = workspace.service, workspace.ledger
    waits: list[float] = []
    for round_ in range(ROUNDS):
        known = len(ledger.ids)
        async with workspace.writers.writing():
            await asyncio.sleep(random.uniform(0.5, 2))
            waits.append(await killed(service, kill, round_))
            await asyncio.sleep(0.3)
        missing = await workspace.writers.missing(list(ledger.ids.values())[known:])
        findings = await workspace.findings()
        say(f"{kill.__name__} {round_ + 1}: {len(ledger.ids) - known} acknowledged, ready after {waits[-1]:.1f} s")
        assert (missing, findings.good) == (0, True), findings
    counts = ", ".join(f"{name} {count}" for name, count in sorted(ledger.counts.items()))
    say(f"{kill.__name__}, {ROUNDS} rounds: {len(ledger.ids)} accounts acknowledged ({counts}); {findings}")
    say(f"ready again after {sum(waits) / len(waits):.1f} s on average, {max(waits):.1f} s at most")
    assert ledger.counts["retried"] > 0, "no writer noticed anything: this proves nothing"
    assert max(waits) < READY_SECONDS


async def killed(service: Serving, kill: Callable[[Serving, int], Callable[[], int]], round_: int) -> float:
    """Kill, and wait until a successor is ready; how long that took."""
    before = {service.api(), service.postmaster()}
    started = time.monotonic()
    successor = kill(service, round_)
    while (found := successor()) in before or not found or not await asyncio.to_thread(service.is_ready):
        assert time.monotonic() - started < 60, service.said[-4000:]
        await asyncio.sleep(0.1)
    return time.monotonic() - started


async def test_control_without_synchronous_commit_acknowledged_writes_are_lost(workspace: Workspace, say: Say) -> None:
    with workspace.owner() as owner:
        owner.execute("ALTER DATABASE perennial SET synchronous_commit = off")
        # Nobody but the committing processes writes the log, and they only when its buffers are full.
        owner.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        owner.execute(
            "SELECT pg_reload_conf(), pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'perennial_app'"
        )
    workspace.service.until_ready(30)
    lost = []
    for round_ in (1, 3, 5):
        async with workspace.writers.writing():
            await asyncio.sleep(random.uniform(1, 2))
            await killed(workspace.service, kill_postgres, round_)
        lost.append((await workspace.findings()).lost)
    say(f"control: of {len(workspace.ledger.ids)} acknowledged, lost after each round: {lost}")
    assert lost[-1] > 0
