"""Events get their numbers in commit order, without gaps, once; what was rolled back gets none."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from api.kit import outbox
from api.kit.db import Database, Tx
from api.kit.settings import Settings
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest


@pytest.fixture
async def heads(settings: Settings) -> AsyncIterator[Database]:
    async with Database(settings.worker_url.get_secret_value(), settings, size=2) as database:
        yield database


@pytest.fixture(autouse=True)
async def nothing_waits(heads: Database, workspace: WorkspaceForTest) -> None:
    while await outbox.number_events(heads, workspace.database):
        pass


async def record(workspace: WorkspaceForTest, name: str) -> UUID:
    """One event in a transaction of its own; the id of what it is about."""
    about = new_id()
    async with workspace.write() as tx:
        outbox.record(tx, name, "test", about)
    return about


async def numbered(workspace: WorkspaceForTest) -> list[tuple[Any, ...]]:
    async with workspace.database.read(workspace.id) as tx:
        return await tx.fetch(
            "SELECT position, resource_id FROM events WHERE workspace_id = %s ORDER BY position", [workspace.id]
        )


class RolledBackError(Exception):
    pass


class Traffic:
    """One workspace's writers, some of whom roll back, and a reader that remembers the last number it saw."""

    def __init__(self, workspace: WorkspaceForTest) -> None:
        self.workspace = workspace
        self.committed: set[UUID] = set()
        self.rolled_back: set[UUID] = set()
        self.read: list[UUID] = []
        self._last = 0
        self._chance = random.Random(7)

    async def write(self, events: int) -> None:
        for _ in range(events):
            about, kept = new_id(), self._chance.random() < 0.75
            with suppress(RolledBackError):
                await self._slow_commit(about, kept=kept)
            (self.committed if kept else self.rolled_back).add(about)

    async def _slow_commit(self, about: UUID, *, kept: bool) -> None:
        async with self.workspace.write() as tx:
            outbox.record(tx, "test.happened", "test", about)
            await tx.flush()
            await asyncio.sleep(self._chance.random() * 0.06)
            if not kept:
                raise RolledBackError

    async def read_on(self) -> None:
        async with self.workspace.database.read(self.workspace.id) as tx:
            rows = await tx.fetch(
                "SELECT position, resource_id FROM events WHERE workspace_id = %s AND position > %s ORDER BY position",
                [self.workspace.id, self._last],
            )
        assert [position for position, _ in rows] == list(range(self._last + 1, self._last + 1 + len(rows)))
        self._last += len(rows)
        self.read += [about for _, about in rows]


async def test_slow_random_commits_are_read_once_and_without_gaps(
    workspace: WorkspaceForTest, other_workspace: WorkspaceForTest, heads: Database
) -> None:
    """A reader misses nothing, though the ids are not in the order of the commits."""
    both = (Traffic(workspace), Traffic(other_workspace))
    writers = asyncio.gather(*(traffic.write(6) for traffic in both for _ in range(3)))
    while not writers.done():
        await outbox.number_events(heads, workspace.database)
        for traffic in both:
            await traffic.read_on()
        await asyncio.sleep(0.003)
    await writers
    while await outbox.number_events(heads, workspace.database):
        pass
    for traffic in both:
        await traffic.read_on()
        assert len(traffic.read) == len(set(traffic.read)), "delivered twice"
        assert set(traffic.read) == traffic.committed, "lost, or delivered though rolled back"
        assert traffic.committed
        assert traffic.rolled_back


async def test_dying_between_the_two_commits_changes_no_number(
    workspace: WorkspaceForTest, heads: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events' transaction has committed, the outbox's has not: the rows are met again."""
    first = [await record(workspace, "test.happened") for _ in range(3)]
    execute = Tx.execute

    async def killed(self: Tx, query: str, parameters: Any = None) -> int:
        if "DELETE FROM outbox" in query:
            raise _KilledError
        return await execute(self, query, parameters)

    monkeypatch.setattr(Tx, "execute", killed)
    with pytest.raises(_KilledError):
        await outbox.number_events(heads, workspace.database)
    monkeypatch.undo()
    assert await numbered(workspace) == list(enumerate(first, 1)), "the events' own commit came first"
    later = await record(workspace, "test.happened")
    assert await outbox.number_events(heads, workspace.database) == 4
    assert await numbered(workspace) == list(enumerate([*first, later], 1))
    assert await outbox.number_events(heads, workspace.database) == 0


class _KilledError(Exception):
    pass


async def test_only_one_numbers_at_a_time(workspace: WorkspaceForTest, heads: Database) -> None:
    await record(workspace, "test.happened")
    async with heads.write(None) as other:
        await other.fetch("SELECT pg_try_advisory_xact_lock(%s)", [outbox.SEQUENCER])
        assert await outbox.number_events(heads, workspace.database) == 0
    assert await outbox.number_events(heads, workspace.database) == 1
