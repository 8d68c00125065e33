"""Every order of a list walks its own index under row-level security, from the cursor on."""

from collections.abc import AsyncIterator

import psycopg
import pytest

from api.auth import service
from api.auth.permissions import Role
from api.kit.db import Database
from api.kit.settings import Settings
from benchmarks.data import ACCOUNTS, PICK, STANDING
from benchmarks.plans import plans
from tests.support.postgres import APP, Server

ENOUGH = 3000  # accounts; with fewer, sorting them all is cheaper than an index


@pytest.fixture
async def filled(server: Server, settings: Settings) -> AsyncIterator[tuple[str, str]]:
    """A database with one workspace of some thousand accounts; its URL and the workspace's id."""
    with server.scratch() as name:
        async with Database(server.url(name), settings, size=1) as database:
            values = {"name": "株式会社計画", "base_currency": "JPY", "time_zone": "Asia/Tokyo"}
            workspace_id = await service.create_workspace(database, values)
            async with database.write(workspace_id) as tx:
                await service.create_user(
                    tx, email="plan@example.com", name="計画", role=Role.admin, password="correct horse"
                )
        with server.owner(name) as connection:
            connection.execute(PICK)
            connection.execute(ACCOUNTS, {"ws": workspace_id, "first": 1, "last": ENOUGH})
            connection.execute(STANDING)
            connection.execute("ANALYZE accounts, account_standing")
        yield server.url(name, APP), str(workspace_id)


async def test_lists_walk_the_index_of_their_order(filled: tuple[str, str]) -> None:
    url, workspace_id = filled
    with psycopg.connect(url, autocommit=True) as connection:
        found = list(plans(connection, workspace_id))
    assert len(found) == 64
    assert {plan.name: plan.trouble for plan in found if plan.trouble} == {}
