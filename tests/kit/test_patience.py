"""How long statements may take."""

import psycopg
import pytest

from api.kit.db import Database
from api.kit.settings import Settings
from tests.support.postgres import APP, Server

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
