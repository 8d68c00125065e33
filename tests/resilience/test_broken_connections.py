"""A connection that breaks in use gives its place in the pool back."""

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
