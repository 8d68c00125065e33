"""How statements run: how long they may take, and when they are planned."""

from uuid import UUID

import psycopg
import pytest
from psycopg._queries import _query2pg

from api.kit.db import Database
from api.kit.settings import Settings
from tests.support.postgres import APP, Server

WORKSPACE = UUID(int=1)
SLEEP = "SELECT pg_sleep(0.4)"


async def test_what_is_large_gets_more_time_and_what_follows_does_not(server: Server, database: str) -> None:
    impatient = Settings(statement_timeout_seconds=0.2)
    async with Database(server.url(database, APP), impatient, size=1) as one, one.write(None) as tx:
        async with tx.patient(5):
            await tx.execute(SLEEP)
        with pytest.raises(psycopg.errors.QueryCanceled):
            async with tx.attempt():
                await tx.execute(SLEEP)
        async with tx.patient(0.1), tx.attempt():  # never less than usual
            await tx.execute("SELECT pg_sleep(0.15)")


async def test_parameters_of_a_long_statement_are_looked_for_once(server: Server, database: str) -> None:
    text = f"SELECT %(one)s::int, '{'x' * 40_000}'"
    async with Database(server.url(database, APP), Settings(), size=1) as one, one.read(WORKSPACE) as tx:
        before = _query2pg.cache_info()
        for _ in range(3):
            await tx.fetch(text, {"one": 1})
        after = _query2pg.cache_info()
    assert (after.misses - before.misses, after.hits - before.hits) == (1, 2)


async def test_what_joins_many_is_planned_anew(server: Server, database: str) -> None:
    text = "SELECT count(*) FROM pg_class WHERE relname <> %(name)s"
    plans = "SELECT coalesce(sum(generic_plans), 0)::int FROM pg_prepared_statements WHERE statement LIKE 'SELECT count(*) FROM pg_class%'"
    async with Database(server.url(database, APP), Settings(), size=1) as one, one.read(WORKSPACE) as tx:
        for _ in range(5):
            async with tx.joining_many(101):
                await tx.fetch(text, {"name": "a"})
        assert await tx.fetch(plans) == [(0,)]
        for _ in range(5):
            async with tx.joining_many(100):
                await tx.fetch(text, {"name": "a"})
        [(used,)] = await tx.fetch(plans)
        assert used >= 2, "prepared where it recurs"
        async with tx.joining_many():
            await tx.fetch(text, {"name": "a"})
        assert await tx.fetch(plans) == [(used,)], "the plan is there, and not taken"
