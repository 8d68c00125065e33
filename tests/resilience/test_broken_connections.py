"""A connection that breaks in use gives its place in the pool back."""

import asyncio
import time
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from api.kit import db
from api.kit.db import Database
from api.kit.settings import Settings
from tests.resilience.proxy import Mode, Proxy
from tests.support.workspaces import WorkspaceForTest


@pytest.mark.parametrize("use", ["read", "write", "session"])
async def test_the_pool_gets_every_place_back(
    settings: Settings, workspace: WorkspaceForTest, owner: psycopg.Connection, use: str
) -> None:
    async with Database(settings.database_url.get_secret_value(), settings, size=2) as database:
        for _ in range(3):
            with pytest.raises((psycopg.OperationalError, DBAPIError)):
                await lose_a_connection(database, workspace.id, owner, use)
        async with database.read(workspace.id) as first, database.write(workspace.id) as second:
            assert await first.fetch("SELECT 1") == await second.fetch("SELECT 1") == [(1,)]


async def lose_a_connection(database: Database, workspace_id: UUID, owner: psycopg.Connection, use: str) -> None:
    """Use a connection that Postgres has ended."""
    opened = database.read if use == "read" else database.write
    async with opened(workspace_id) as tx:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [tx.connection.info.backend_pid])
        if use == "session":
            await tx.session.execute(sa.text("SELECT 1"))
        await tx.fetch("SELECT 1")


async def test_a_connection_that_ends_while_nobody_waits_costs_nothing(
    settings: Settings, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    async with Database(settings.database_url.get_secret_value(), settings, size=1) as database:
        with pytest.raises(psycopg.OperationalError):
            await lose_a_connection_while_idle(database, workspace.id, owner)
        async with database.read(workspace.id) as tx:
            assert await tx.fetch("SELECT 1") == [(1,)]


async def lose_a_connection_while_idle(database: Database, workspace_id: UUID, owner: psycopg.Connection) -> None:
    """Let a connection end inside a transaction, between two statements."""
    async with database.read(workspace_id) as tx:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [tx.connection.info.backend_pid])
        before = time.process_time()
        await asyncio.sleep(0.3)
        assert time.process_time() - before < 0.15, "the event loop spins"
        await tx.fetch("SELECT 1")


async def test_a_cancelled_wait_ends_the_statement_and_frees_the_place(
    settings: Settings, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> None:
    async with Database(settings.database_url.get_secret_value(), settings, size=1) as database:
        async with database.read(workspace.id) as tx:
            pid = tx.connection.info.backend_pid

        async def sleep() -> None:
            async with database.read(workspace.id) as tx:
                await tx.fetch("SELECT pg_sleep(5)")

        sleeping = asyncio.create_task(sleep())
        await asyncio.sleep(0.2)
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping
        async with database.read(workspace.id) as tx:
            assert await tx.fetch("SELECT 1") == [(1,)]
    deadline = time.monotonic() + 2
    while owner.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'", [pid]).fetchone():
        assert time.monotonic() < deadline


async def test_a_statement_longer_than_the_sockets_buffer_arrives(
    settings: Settings, workspace: WorkspaceForTest
) -> None:
    url = settings.database_url.get_secret_value()
    async with Database(url, settings, size=1) as database, database.read(workspace.id) as tx:
        text = "x" * 20_000_000
        assert await tx.fetch("SELECT length(%s::text), %s::text", [text, text]) == [(20_000_000, text)]
        assert await tx.fetch("SELECT 1") == [(1,)]


async def hang_up(database: Database, workspace_id: UUID, proxy: Proxy) -> None:
    """Use a connection from which no answer comes any more."""
    async with database.read(workspace_id) as tx:
        proxy.become(Mode.hang)
        await tx.fetch("SELECT 'of the first'")


async def test_an_answer_that_does_not_come_breaks_the_connection(
    settings: Settings, database_url: str, workspace: WorkspaceForTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "NETWORK_SECONDS", 0.1)
    impatient = settings.model_copy(update={"statement_timeout_seconds": 0.2})
    async with Proxy(database_url) as proxy, Database(proxy.url, impatient, size=1) as database:
        with pytest.raises(psycopg.OperationalError):
            await hang_up(database, workspace.id, proxy)
        proxy.become(Mode.forward)
        async with database.read(workspace.id) as tx:
            assert await tx.fetch("SELECT 'of the second'") == [("of the second",)]
