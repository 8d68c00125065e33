"""A connection that breaks in use gives its place in the pool back."""

from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from api.kit import db
from api.kit.db import Database
from api.kit.settings import Settings
from tests.resilience.proxy import Mode, Proxy
from tests.support.workspaces import WorkspaceForTest


@pytest.mark.parametrize("through", ["connection", "session"])
@pytest.mark.parametrize("mode", ["read", "write"])
async def test_the_pool_gets_every_place_back(
    settings: Settings,
    database_url: str,
    workspace: WorkspaceForTest,
    owner: psycopg.Connection,
    mode: str,
    through: str,
) -> None:
    async with Database(database_url, settings, size=2) as database:
        for _ in range(3):
            with pytest.raises((psycopg.OperationalError, DBAPIError)):
                await lose_a_connection(database, workspace.id, owner, mode, through)
        async with database.read(workspace.id) as first, database.write(workspace.id) as second:
            assert await first.fetch("SELECT 1") == await second.fetch("SELECT 1") == [(1,)]


async def lose_a_connection(
    database: Database, workspace_id: UUID, owner: psycopg.Connection, mode: str, through: str
) -> None:
    opened = database.write if mode == "write" else database.read
    async with opened(workspace_id) as tx:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [tx.connection.info.backend_pid])
        if mode == "write" and through == "session":
            await (await tx.session.connection()).exec_driver_sql("SELECT 1")
        await tx.fetch("SELECT 1")


async def test_an_answer_that_does_not_come_breaks_the_connection(
    settings: Settings, database_url: str, workspace: WorkspaceForTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "NETWORK_SECONDS", 0.1)
    impatient = settings.model_copy(update={"statement_timeout_seconds": 0.2})
    async with Proxy(database_url) as proxy, Database(proxy.url, impatient, size=1) as database:
        with pytest.raises(psycopg.OperationalError):
            async with database.read(workspace.id) as tx:
                proxy.become(Mode.hang)
                await tx.fetch("SELECT 'of the first'")
        proxy.become(Mode.forward)
        async with database.read(workspace.id) as tx:
            assert await tx.fetch("SELECT 'of the second'") == [("of the second",)]
