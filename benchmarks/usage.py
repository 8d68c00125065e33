"""Usage coming in: rows per second through the API, against plain COPY into the same partitions."""

import datetime as dt
import statistics
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from api.kit.postgres import Cluster
from benchmarks.data import OWNER, Tenant
from benchmarks.servers import Server
from benchmarks.singles import ask

METRICS = ("active_users", "logins", "key_actions", "errors", "reports", "exports")
LINES = 300_000
"""In one body: about 28 of the 32 MiB."""
JSON_LINES = "application/jsonl"


@dataclass(frozen=True)
class Ingested:
    """Rows per second of each way, and how the process's memory grew."""

    copy: float
    new: float
    again: float
    corrected: float
    resident_first: float
    resident_last: float


def measure(cluster: Cluster, server: Server, tenant: Tenant, bodies: int) -> Ingested:
    """Load so many bodies by COPY, then through the API: new, the same again, and with other values."""
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=27)
    with psycopg.connect(cluster.url(user=OWNER), autocommit=True) as connection:
        _forget(connection, tenant)
        for key in METRICS:
            ask(server, "POST", "/v1/usage-metrics", bearer=tenant.api_key, body=_metric(key))
        connection.execute("SELECT make_usage_partitions(%s, %s)", [first, first + dt.timedelta(days=27)])
        copied = statistics.median(_copied(connection, tenant, first, bodies) for _ in range(3))
        _forget_days(connection, tenant)
        new, first_mb = _sent(server, tenant, first, bodies, 1)
        again, _ = _sent(server, tenant, first, bodies, 1)
        corrected, _ = _sent(server, tenant, first, bodies, 2)
        for _ in range(3):
            _sent(server, tenant, first, 1, 2)
        last_mb = server.resident()
        _forget(connection, tenant)
    return Ingested(copied, new, again, corrected, first_mb, last_mb)


def _rows(tenant: Tenant, first: dt.date, body: int) -> Iterator[tuple[int, str, dt.date]]:
    """Account, metric and day: a stretch of all accounts' days, as an integration sends them."""
    start = body * LINES
    for position in range(start, start + LINES):
        account, rest = position % tenant.accounts, position // tenant.accounts
        yield account, METRICS[rest % len(METRICS)], first + dt.timedelta(days=rest // len(METRICS) % 28)


def _copied(connection: psycopg.Connection, tenant: Tenant, first: dt.date, bodies: int) -> float:
    _forget_days(connection, tenant)
    ids = dict(
        connection.execute("SELECT external_id, id FROM accounts WHERE workspace_id = %s", [tenant.id]).fetchall()
    )
    by_number = [str(ids[f"crm-{number + 1}"]) for number in range(tenant.accounts)]
    metrics = dict(connection.execute("SELECT key, id FROM usage_metrics WHERE workspace_id = %s", [tenant.id]).fetchall())
    now, seconds = dt.datetime.now(dt.UTC).isoformat(), 0.0
    for body in range(bodies):
        text = "".join(
            f"{tenant.id}\t{by_number[account]}\t{metrics[metric]}\t{day}\t1\t{now}\tf\n"
            for account, metric, day in _rows(tenant, first, body)
        ).encode()
        started = time.perf_counter()
        with connection.cursor().copy("COPY usage_daily FROM STDIN") as copy:
            copy.write(text)
        seconds += time.perf_counter() - started
    return bodies * LINES / seconds


def _sent(server: Server, tenant: Tenant, first: dt.date, bodies: int, value: int) -> tuple[float, float]:
    seconds, resident = 0.0, 0.0
    for body in range(bodies):
        lines = "\n".join(
            f'{{"account_external_id":"crm-{account + 1}","metric":"{metric}","day":"{day}","value":{value}}}'
            for account, metric, day in _rows(tenant, first, body)
        ).encode()
        started = time.perf_counter()
        key = {"Idempotency-Key": str(uuid.uuid4())}
        path = "/v1/usage-measurements:bulk-load"
        answer = ask(server, "POST", path, bearer=tenant.api_key, body=lines, kind=JSON_LINES, **key)
        seconds += time.perf_counter() - started
        if answer["failed"] or answer["lines"] != LINES:
            raise SystemExit(f"the load refused lines: {str(answer)[:500]}")
        resident = resident or server.resident()
    return bodies * LINES / seconds, resident


def _metric(key: str) -> bytes:
    return f'{{"key":"{key}","name":"{key}","aggregation":"avg"}}'.encode()


def _forget_days(connection: psycopg.Connection, tenant: Tenant) -> None:
    for table in ("usage_daily", "usage_weekly", "usage_superseded"):
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s".encode(), [tenant.id])
        connection.execute(f"VACUUM ANALYZE {table}".encode())


def _forget(connection: psycopg.Connection, tenant: Tenant) -> None:
    _forget_days(connection, tenant)
    connection.execute("DELETE FROM usage_metrics WHERE workspace_id = %s", [tenant.id])
