"""Partitions by month: made ahead by the job, retired after their time, out of the application's reach."""

import datetime as dt

import psycopg
import pytest

from api.kit.db import Database
from api.kit.settings import Settings
from api.usage import jobs
from api.usage.calendar import kept_from, oldest_certain_day
from tests.contracts.conftest import on
from tests.support.postgres import WORKER, Server


def partitions(owner: psycopg.Connection) -> list[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'usage_daily'::regclass ORDER BY 1"
    return [str(name) for (name,) in owner.execute(query)]


async def test_they_are_made_ahead_and_retired(server: Server, settings: Settings) -> None:
    with server.scratch() as name, server.owner(name) as owner:
        owner.execute("SELECT make_usage_partitions('2023-09-15', '2023-11-01')")
        assert partitions(owner) == [f"usage_daily_2023_{month:02}" for month in (9, 10, 11)]
        async with Database(server.url(name, WORKER), settings, size=1) as heads:
            with on("2026-11-22"):
                assert await jobs.keep_partitions(heads) == 4
                assert await jobs.keep_partitions(heads) == 0
        ahead = [f"usage_daily_{month}" for month in ("2026_11", "2026_12", "2027_01")]
        assert partitions(owner) == ["usage_daily_2023_10", "usage_daily_2023_11", *ahead]
        with psycopg.connect(server.url(name), autocommit=True) as app:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT retire_usage_partitions('2020-01-01')")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("SELECT FROM usage_daily_2026_11")
            with pytest.raises(psycopg.errors.DatetimeFieldOverflow):
                app.execute("SELECT make_usage_partitions('1999-12-31', '2026-01-01')")
        with pytest.raises(psycopg.errors.DatetimeFieldOverflow):
            owner.execute("SELECT retire_usage_partitions(current_date)")


def test_weeks_that_began_in_a_retired_month_are_not_certain() -> None:
    assert kept_from(dt.date(2026, 11, 22), 37) == dt.date(2023, 10, 1)
    assert oldest_certain_day(dt.date(2026, 11, 22), 37) == dt.date(2023, 10, 2)
    assert oldest_certain_day(dt.date(2026, 11, 22), 35) == dt.date(2023, 12, 4)
