"""Scores of all accounts and a backtest, each against plain SQL over the same weekly usage."""

import asyncio
import datetime as dt
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from api.health_scores import backtesting, runs
from api.health_scores.definition import as_definition, definition_hash
from api.health_scores.models import Backtest, HealthScoreRun, ScoreKind
from api.health_scores.statement import WORK_MEMORY
from api.kit.db import Database
from api.kit.postgres import Cluster
from api.kit.settings import Settings
from benchmarks.data import APP, OWNER, Tenant

METRICS = ("active_users", "logins", "key_actions", "errors", "reports", "exports")
WINDOW_WEEKS = 4
HORIZON_DAYS = 28
DEFINITION: dict[str, Any] = {
    "components": [
        {
            "key": key,
            "source": "usage",
            "of": key,
            "window_days": 7 * WINDOW_WEEKS,
            "breakpoints": [{"raw": 0, "points": 0}, {"raw": 40, "points": 60}, {"raw": 120, "points": 100}],
            "weight": 1 + place,
            "missing": "worst" if place % 2 else "skip_and_reweight",
        }
        for place, key in enumerate(METRICS)
    ],
    "bands": [{"key": "red", "min": 0}, {"key": "yellow", "min": 40}, {"key": "green", "min": 70}],
}
PHASES = ["onboarding", "adoption", "renewal"]

_METRIC = """
INSERT INTO usage_metrics (workspace_id, id, version, created_at, updated_at, key, name, description, aggregation, direction)
VALUES (%s, uuidv7(), 1, now(), now(), %s, %s, '', 'avg', 'higher_is_better')
"""
# Known since the noon of each week's last day, before the week ends anywhere.
_WEEKS = """
INSERT INTO usage_weekly (workspace_id, account_id, metric_id, week, n, sum, max, sumsq, last, last_day, last_recorded_at,
    backfilled_n)
SELECT a.workspace_id, a.id, m.id, w.week, 7, 7 * level, level, 7 * level * level, level, w.week + 6,
    (w.week + 6)::timestamp AT TIME ZONE 'UTC', 0
FROM accounts a CROSS JOIN usage_metrics m
CROSS JOIN LATERAL (SELECT (%(last)s::date - 7 * back) AS week, back FROM generate_series(0, %(weeks)s - 1) AS back) AS w
CROSS JOIN LATERAL (SELECT (abs(hashtext(a.id::text || m.key)) %% 100 + w.back %% 13)::float8 AS level) AS drawn
WHERE a.workspace_id = %(ws)s AND m.workspace_id = %(ws)s
ORDER BY w.week, a.id, m.id
"""
_CONTRACTS = """
INSERT INTO contracts (workspace_id, id, version, created_at, updated_at, account_id, name, kind, currency, starts_on,
    auto_renew, notice_days, state, stated_items, mrr_minor)
SELECT workspace_id, uuidv7(), 1, now(), now(), account_id, '', 'subscription', min(currency), min(effective_on), true, 30,
    'running', '[]', 1 FROM mrr_movements WHERE workspace_id = %s GROUP BY workspace_id, account_id
"""
_MODEL = """
INSERT INTO health_models (workspace_id, id, version, created_at, updated_at, name, number, description, state, priority,
    phases, definition, definition_hash)
VALUES (%s, uuidv7(), 1, now(), now(), 'bench', 1, '', 'active', 100, %s, %s, %s) RETURNING id
"""
# What any program must do for such scores: read the weeks, average by metric, turn into points, weigh.
_PLAIN = """
SELECT account_id, sum(weight * points) / sum(weight) FROM (
    SELECT u.account_id, w.weight, least(100, greatest(0, CASE WHEN sum(u.sum) / sum(u.n) <= 40
        THEN sum(u.sum) / sum(u.n) * 1.5 ELSE 60 + (sum(u.sum) / sum(u.n) - 40) / 2 END)) AS points
    FROM usage_weekly u JOIN (SELECT id, row_number() OVER (ORDER BY key) AS weight FROM usage_metrics
        WHERE workspace_id = %(ws)s) AS w ON w.id = u.metric_id
    WHERE u.workspace_id = %(ws)s AND u.week BETWEEN %(first)s AND %(last)s
    GROUP BY u.account_id, u.metric_id, w.weight
) AS parts GROUP BY account_id
"""


# Every score a point lower, a tenth of the bands another one: each row of the standing changes in its indexes.
_LAST_WEEK = """
UPDATE account_standing SET health_score = health_score - 1,
    health_band = CASE WHEN hashtext(account_id::text) %% 10 = 0 THEN 'another' ELSE health_band END
WHERE workspace_id = %s
"""


@dataclass(frozen=True)
class Found:
    """Seconds of each way, and the most memory that the backtest's process had, in MB."""

    scores: dict[str, float]
    backtest: dict[str, float]
    memory: dict[str, float]


def measure(cluster: Cluster, tenant: Tenant, rounds: int, weeks: int) -> Found:
    """Score all accounts for the last week, and test the model on so many weeks."""
    today = dt.datetime.now(dt.UTC).date()
    monday = today - dt.timedelta(days=today.weekday() + 7)
    with psycopg.connect(cluster.url(user=OWNER), autocommit=True) as connection:
        _forget(connection, tenant)
        back = weeks + WINDOW_WEEKS + HORIZON_DAYS // 7 + 1
        model = _fill(connection, tenant, monday, back)
        plain = statistics.median(_plain(cluster, tenant, [monday]) for _ in range(rounds))
        first = asyncio.run(_run(cluster, tenant, connection))
        scores = {
            "one plain statement": plain,
            "a week's run: snapshots, standing, events": statistics.median(
                asyncio.run(_run(cluster, tenant, connection)) for _ in range(rounds)
            ),
            "the first run: every account comes into a band": first,
        }
        mondays = [monday - dt.timedelta(days=7 * (number + HORIZON_DAYS // 7)) for number in range(weeks)]
        before = _peak()
        backtest = {"a plain pass over usage": _plain(cluster, tenant, mondays)}
        backtest["the backtest and its report"] = asyncio.run(_backtest(cluster, tenant, model, weeks))
        memory = {"before": before, "at most": _peak()}
        _forget(connection, tenant)
    return Found(scores, backtest, memory)


def _fill(connection: psycopg.Connection, tenant: Tenant, monday: dt.date, weeks: int) -> UUID:
    for key in METRICS:
        connection.execute(_METRIC, [tenant.id, key, key])
    connection.execute(_WEEKS, {"ws": tenant.id, "last": monday, "weeks": weeks})
    connection.execute(_CONTRACTS, [tenant.id])
    values = [tenant.id, PHASES, as_definition(DEFINITION).model_dump_json(), _hash()]
    rows = connection.execute(_MODEL, values).fetchall()
    connection.execute("VACUUM ANALYZE usage_weekly")
    connection.execute("VACUUM ANALYZE contracts")
    found: UUID = rows[0][0]
    return found


def _hash() -> str:
    return definition_hash(as_definition(DEFINITION), PHASES, None)


def _plain(cluster: Cluster, tenant: Tenant, mondays: list[dt.date]) -> float:
    """Seconds for the scores of these weeks, as the application role, sent to nobody."""
    with psycopg.connect(cluster.url(user=APP), autocommit=True) as connection:
        connection.execute(f"SET app.workspace_id = '{tenant.id}'".encode())
        connection.execute("SET max_parallel_workers_per_gather = 0")
        connection.execute(f"SET work_mem = '{WORK_MEMORY}'".encode())  # as ours has
        started = time.perf_counter()
        for monday in mondays:
            first = monday - dt.timedelta(days=7 * (WINDOW_WEEKS - 1))
            connection.execute(
                f"SELECT count(*) FROM ({_PLAIN}) AS scored".encode(),
                {"ws": tenant.id, "first": first, "last": monday},
            )
        return time.perf_counter() - started


async def _run(cluster: Cluster, tenant: Tenant, connection: psycopg.Connection) -> float:
    for table in ("health_scores", "health_score_runs"):
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s".encode(), [tenant.id])
    connection.execute(_LAST_WEEK, [tenant.id])
    connection.execute("VACUUM ANALYZE account_standing")
    connection.execute("VACUUM health_scores")
    async with Database(cluster.url(user=APP), Settings().for_jobs(), size=1) as database:
        workspace_id = UUID(tenant.id)
        async with database.write(workspace_id) as tx:
            run = await runs.begin(tx, ScoreKind.weekly)
        started = time.perf_counter()
        await runs.carry_out(database, workspace_id, run.id)
        seconds = time.perf_counter() - started
        async with database.write(workspace_id) as tx:
            done: Any = await tx.session.get(HealthScoreRun, (workspace_id, run.id))
        if done.state != "done" or done.accounts_scored < tenant.accounts / 2:
            raise SystemExit(f"the run scored {done.accounts_scored} of {tenant.accounts} accounts")
    return seconds


async def _backtest(cluster: Cluster, tenant: Tenant, model: UUID, weeks: int) -> float:
    async with Database(cluster.url(user=APP), Settings().for_jobs(), size=2) as database:
        workspace_id = UUID(tenant.id)
        async with database.write(workspace_id) as tx:
            test = Backtest(
                workspace_id=workspace_id,
                model_id=model,
                definition_hash=_hash(),
                weeks=weeks,
                horizon_days=HORIZON_DAYS,
            )
            tx.session.add(test)
        started = time.perf_counter()
        report = await backtesting.measure(database, workspace_id, test.id)
        seconds = time.perf_counter() - started
    if report is None or report["model"]["cases"] < tenant.accounts * weeks / 4:
        raise SystemExit(f"the backtest had too few cases: {report and report['model']['cases']}")
    return seconds


def _peak() -> float:
    """The most memory this process has had, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _forget(connection: psycopg.Connection, tenant: Tenant) -> None:
    tables = (
        "usage_weekly",
        "backtests",
        "health_scores",
        "health_score_runs",
        "health_models",
        "usage_metrics",
        "contracts",
    )
    for table in tables:
        connection.execute(f"DELETE FROM {table} WHERE workspace_id = %s".encode(), [tenant.id])
    connection.execute(
        "UPDATE account_standing SET health_score = NULL, health_band = NULL WHERE workspace_id = %s", [tenant.id]
    )
