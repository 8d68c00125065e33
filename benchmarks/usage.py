"""Usage coming in: rows per second through the API, against plain COPY into the same partitions."""

import datetime as dt
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import psycopg

from api.kit.postgres import Cluster
from benchmarks.data import OWNER, Tenant
from benchmarks.servers import Server
from benchmarks.singles import ask

METRICS = ("active_users", "logins", "key_actions", "errors", "reports", "exports")
DAYS = 28
LINES = 300_000
"""In one body: about 28 of the 32 MiB."""
JSON_LINES = "application/jsonl"
Row = tuple[int, str, dt.date]


class Shape(StrEnum):
    """In which order measurements come."""

    days = "a day of all accounts after the other"
    accounts = "28 days of one account after the other"


@dataclass(frozen=True)
class Ingested:
    """Rows per second of each way, and how the process's memory grew."""

    rows: dict[str, float]
    grown: float


def measure(cluster: Cluster, server: Server, tenant: Tenant, shape: Shape, bodies: int) -> Ingested:
    """Load so many bodies by COPY, then through the API: new, the same again, and with other values."""
    first = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=DAYS - 1)
    with psycopg.connect(cluster.url(user=OWNER), autocommit=True) as connection:
        _forget(connection, tenant)
        for key in METRICS:
            ask(server, "POST", "/v1/usage-metrics", bearer=tenant.api_key, body=_metric(key))
        connection.execute("SELECT make_usage_partitions(%s, %s)", [first, first + dt.timedelta(days=DAYS - 1)])
        sent = [list(_rows(tenant, shape, first, body)) for body in range(bodies)]
        found = {"plain COPY": statistics.median(_copied(connection, tenant, sent) for _ in range(3))}
        _forget_days(connection, tenant)
        resident = 0.0
        for name, value in (("new", 1), ("again", 1), ("corrected", 2)):
            found[name] = _sent(server, tenant, sent, value)
            resident = resident or server.resident()
        grown = server.resident() / resident
        _forget(connection, tenant)
    return Ingested(found, grown)


def _rows(tenant: Tenant, shape: Shape, first: dt.date, body: int) -> Iterator[tuple[int, str, dt.date]]:
    """Account, metric and day of the lines of one body."""
    for position in range(body * LINES, (body + 1) * LINES):
        if shape is Shape.days:
            rest, account = divmod(position, tenant.accounts)
            day, metric = divmod(rest, len(METRICS))
        else:
            rest, metric = divmod(position, len(METRICS))
            account, day = divmod(rest, DAYS)
        yield account % tenant.accounts, METRICS[metric], first + dt.timedelta(days=day % DAYS)


def _copied(connection: psycopg.Connection, tenant: Tenant, sent: Sequence[Sequence[Row]]) -> float:
    _forget_days(connection, tenant)
    ids = dict(
        connection.execute("SELECT external_id, id FROM accounts WHERE workspace_id = %s", [tenant.id]).fetchall()
    )
    by_number = [str(ids[f"crm-{number + 1}"]) for number in range(tenant.accounts)]
    metrics = dict(
        connection.execute("SELECT key, id FROM usage_metrics WHERE workspace_id = %s", [tenant.id]).fetchall()
    )
    now, seconds = dt.datetime.now(dt.UTC).isoformat(), 0.0
    for rows in sent:
        text = "".join(
            f"{tenant.id}\t{by_number[account]}\t{metrics[metric]}\t{day}\t1\t{now}\tf\n"
            for account, metric, day in rows
        ).encode()
        started = time.perf_counter()
        with connection.cursor().copy("COPY usage_daily FROM STDIN") as copy:
            copy.write(text)
        seconds += time.perf_counter() - started
    return len(sent) * LINES / seconds


def _sent(server: Server, tenant: Tenant, sent: Sequence[Sequence[Row]], value: int) -> float:
    seconds = 0.0
    for rows in sent:
        lines = "\n".join(
            f'{{"account_external_id":"crm-{account + 1}","metric":"{metric}","day":"{day}","value":{value}}}'
            for account, metric, day in rows
        ).encode()
        started = time.perf_counter()
        key = {"Idempotency-Key": str(uuid.uuid4())}
        path = "/v1/usage-measurements:bulk-load"
        answer = ask(server, "POST", path, bearer=tenant.api_key, body=lines, kind=JSON_LINES, **key)
        seconds += time.perf_counter() - started
        if answer["failed"] or answer["lines"] != LINES:
            raise SystemExit(f"the load refused lines: {str(answer)[:500]}")
    return len(sent) * LINES / seconds


def _metric(key: str) -> bytes:
    return f'{{"key":"{key}","name":"{key}","aggregation":"avg"}}'.encode()


def _forget_days(connection: psycopg.Connection, tenant: Tenant) -> None:
    for table in ("usage_daily", "usage_weekly", "usage_superseded"):
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s".encode(), [tenant.id])
        connection.execute(f"VACUUM ANALYZE {table}".encode())


def _forget(connection: psycopg.Connection, tenant: Tenant) -> None:
    _forget_days(connection, tenant)
    connection.execute("DELETE FROM usage_metrics WHERE workspace_id = %s", [tenant.id])
