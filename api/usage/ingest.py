"""Measurements on their way in: staged by COPY, then written by one statement, in the caller's transaction.

Whoever ingests holds the workspace's ingest lock until the end of the transaction: weeks are kept by differences, and
days refer to accounts without a foreign key, so that neither another ingest nor a merger may come between.
"""

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncCopy

from api.accounts.merging import FORMER_ID
from api.auth.service import workspace_today, workspace_zone
from api.kit import audit, clock, outbox
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.settings import settings
from api.kit.tables import new_id
from api.usage.calendar import oldest_certain_day
from api.usage.statuses import refresh_statuses

PATIENCE: Final = 90.0
"""Seconds that a statement of a load may take: 300,000 corrections, a full body, took 10 to 25."""

_STAGE: Final = """
    CREATE TEMPORARY TABLE IF NOT EXISTS usage_stage (
        line integer, external_id text, account_id uuid, metric_id uuid, day date, value float8
    ) ON COMMIT DROP
"""
_CORRECTED: Final = """
    CREATE TEMPORARY TABLE IF NOT EXISTS usage_corrected (account_id uuid, metric_id uuid, week date) ON COMMIT DROP
"""
# Next to nothing is nothing: squares and shares of such a value are too small for a float8, and Postgres refuses them.
_VALUE: Final = "CASE WHEN abs(s.value) < 1e-9 THEN 0 ELSE s.value END AS value"
_KNOWN: Final = f"""
    SELECT s.line, a.id AS account_id, s.metric_id, s.day, {_VALUE} FROM usage_stage s
    JOIN accounts a ON a.workspace_id = %(ws)s AND a.external_id = s.external_id
    UNION ALL
    SELECT s.line, a.id, s.metric_id, s.day, {_VALUE} FROM usage_stage s
    JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = s.account_id AND a.merged_into_id IS NULL
    WHERE EXISTS (SELECT FROM usage_stage WHERE account_id IS NOT NULL) -- else spares reading the accounts again
    UNION ALL -- an id of an account that was merged leads to the winner
    SELECT s.line, r.account_id, s.metric_id, s.day, {_VALUE} FROM usage_stage s
    JOIN account_refs r ON r.workspace_id = %(ws)s AND r.source = %(former)s AND r.ref = s.external_id
    WHERE NOT EXISTS (SELECT FROM accounts b WHERE b.workspace_id = %(ws)s AND b.external_id = s.external_id)
"""  # noqa: S608
WEEK: Final = "day - (day - date '2000-01-03') %% 7"
"""The Monday of a day's ISO week, in a statement with parameters."""
_OF_DAYS: Final = """
    count(*), sum(value), max(value), sum(value * value),
    (max(ARRAY[(day - date '2000-01-03')::float8, value]))[2], max(day), max(day) FILTER (WHERE value > 0),
    max(recorded_at), count(*) FILTER (WHERE backfilled)
"""
_WEEK_COLUMNS: Final = "n, sum, max, sumsq, last, last_day, last_active_day, last_recorded_at, backfilled_n"
_WRITE: Final = f"""
WITH known AS ({_KNOWN}
), given AS (
    SELECT DISTINCT ON (account_id, metric_id, day) * FROM known ORDER BY account_id, metric_id, day, line DESC
), dated AS (
    SELECT *, {WEEK} AS week, %(backfilled)s AS backfilled,
        CASE WHEN %(backfilled)s THEN least(%(now)s, (day + 1)::timestamp AT TIME ZONE %(zone)s) ELSE %(now)s END
            AS recorded_at,
        -- a merger brings days along without their weeks where it cannot recompute them
        CASE WHEN {WEEK} < %(certain)s THEN 'infinity' ELSE (
            SELECT w.last_day FROM usage_weekly w WHERE w.workspace_id = %(ws)s AND w.account_id = given.account_id
            AND w.metric_id = given.metric_id AND w.week = {WEEK}
        ) END AS last_day
    FROM given
), added AS (
    -- The week tells that the day is new, and nobody else ingests: no conflict to look for, which costs half as much.
    INSERT INTO usage_daily (workspace_id, account_id, metric_id, day, value, recorded_at, backfilled)
    SELECT %(ws)s, account_id, metric_id, day, value, recorded_at, backfilled FROM dated
    WHERE last_day IS NULL OR day > last_day
), put AS (
    INSERT INTO usage_daily (workspace_id, account_id, metric_id, day, value, recorded_at, backfilled)
    SELECT %(ws)s, account_id, metric_id, day, value, recorded_at, backfilled FROM dated WHERE day <= last_day
    ON CONFLICT (workspace_id, account_id, metric_id, day) DO UPDATE SET value = excluded.value,
        -- a correction takes real time, whatever the batch says of new facts
        recorded_at = greatest(%(now)s, usage_daily.recorded_at), backfilled = false
    WHERE usage_daily.value <> excluded.value
    RETURNING account_id, metric_id, day, new.value, new.recorded_at, new.backfilled,
        old.value AS old_value, old.recorded_at AS old_recorded_at, old.backfilled AS old_backfilled
), written AS (
    SELECT * FROM put
    UNION ALL SELECT account_id, metric_id, day, value, recorded_at, backfilled, NULL, NULL, NULL FROM dated
    WHERE last_day IS NULL OR day > last_day
), superseded AS (
    INSERT INTO usage_superseded
        (workspace_id, account_id, metric_id, day, superseded_at, recorded_at, value, backfilled)
    SELECT %(ws)s, account_id, metric_id, day, recorded_at, old_recorded_at, old_value, old_backfilled
    FROM put WHERE old_value IS NOT NULL AND old_recorded_at < recorded_at
), corrected AS (
    INSERT INTO usage_corrected SELECT DISTINCT account_id, metric_id, {WEEK} FROM put WHERE old_value IS NOT NULL
), weeks_added AS (
    INSERT INTO usage_weekly (workspace_id, account_id, metric_id, week, {_WEEK_COLUMNS})
    SELECT %(ws)s, account_id, metric_id, week, {_OF_DAYS}
    FROM dated WHERE last_day IS NULL GROUP BY account_id, metric_id, week ORDER BY account_id, metric_id, week
), weeks_grown AS (
    INSERT INTO usage_weekly AS w (workspace_id, account_id, metric_id, week, {_WEEK_COLUMNS})
    SELECT %(ws)s, account_id, metric_id, week, {_OF_DAYS}
    FROM (
        SELECT account_id, metric_id, week, day, value, recorded_at, backfilled FROM dated WHERE day > last_day
        UNION ALL SELECT account_id, metric_id, {WEEK}, day, value, recorded_at, backfilled
        FROM put WHERE old_value IS NULL
    ) AS days GROUP BY account_id, metric_id, week ORDER BY account_id, metric_id, week
    ON CONFLICT (workspace_id, account_id, metric_id, week) DO UPDATE SET
        n = w.n + excluded.n, sum = w.sum + excluded.sum, max = greatest(w.max, excluded.max),
        sumsq = w.sumsq + excluded.sumsq,
        last = CASE WHEN excluded.last_day > w.last_day THEN excluded.last ELSE w.last END,
        last_day = greatest(w.last_day, excluded.last_day),
        last_active_day = greatest(w.last_active_day, excluded.last_active_day),
        last_recorded_at = greatest(w.last_recorded_at, excluded.last_recorded_at),
        backfilled_n = w.backfilled_n + excluded.backfilled_n
)
"""  # noqa: S608
_COUNTED: Final = """
SELECT count(*) FILTER (WHERE old_value IS NULL), count(*) FILTER (WHERE old_value IS NOT NULL), min(day), max(day),
    array_agg(DISTINCT account_id) FILTER (WHERE metric_id = ANY(%(telling)s))
FROM written
"""
_EACH: Final = """
SELECT g.line, w.account_id IS NOT NULL, w.old_value IS NOT NULL, g.account_id, w.day, w.metric_id = ANY(%(telling)s)
FROM given g LEFT JOIN written w USING (account_id, metric_id, day)
"""
RECOMPUTE_WEEKS: Final = f"""
    UPDATE usage_weekly w SET ({_WEEK_COLUMNS}) = (
        SELECT {_OF_DAYS} FROM usage_daily d WHERE d.workspace_id = %(ws)s AND d.account_id = w.account_id
        AND d.metric_id = w.metric_id AND d.day BETWEEN w.week AND w.week + 6
    ) FROM usage_corrected c
    WHERE w.workspace_id = %(ws)s AND w.account_id = c.account_id AND w.metric_id = c.metric_id AND w.week = c.week
"""  # noqa: S608
_UNKNOWN: Final = """
    SELECT s.line, s.account_id IS NULL, count(*) OVER () FROM usage_stage s WHERE NOT EXISTS (
        SELECT FROM accounts a WHERE a.workspace_id = %(ws)s AND a.external_id = s.external_id
    ) AND NOT EXISTS (
        SELECT FROM accounts a WHERE a.workspace_id = %(ws)s AND a.id = s.account_id AND a.merged_into_id IS NULL
    ) AND NOT EXISTS (
        SELECT FROM account_refs r WHERE r.workspace_id = %(ws)s AND r.source = %(former)s AND r.ref = s.external_id
    ) ORDER BY s.line LIMIT %(most)s
"""
_RETIRED: Final = f"""
WITH old AS (
    SELECT k.line, k.account_id, k.metric_id, {WEEK} AS week FROM ({_KNOWN}) AS k WHERE day < %(certain)s
), gone AS (
    SELECT o.line FROM old o JOIN usage_weekly w ON w.workspace_id = %(ws)s AND w.account_id = o.account_id
        AND w.metric_id = o.metric_id AND w.week = o.week
    WHERE w.n > (
        SELECT count(*) FROM usage_daily d WHERE d.workspace_id = %(ws)s AND d.account_id = w.account_id
        AND d.metric_id = w.metric_id AND d.day BETWEEN w.week AND w.week + 6
    )
)
DELETE FROM usage_stage WHERE line IN (SELECT line FROM gone) RETURNING line
"""  # noqa: S608


@dataclass(slots=True)
class Refused:
    """The lines of a batch that cannot be written; not all are named."""

    unknown_accounts: dict[int, str] = field(default_factory=dict)
    """The field that names no account, by line."""
    unknown: int = 0
    retired: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What became of a batch; ``lines`` when each was asked for, without those that a later one replaced."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    lines: dict[int, BulkStatus] = field(default_factory=dict)


def copied(
    line: int, *, external_id: str | None, account_id: UUID | None, metric_id: UUID, day: dt.date, value: float
) -> str:
    """A measurement as a line of COPY; the account by one of the two ids."""
    named = NULL if external_id is None else escaped(external_id)
    return f"{line}\t{named}\t{account_id or NULL}\t{metric_id}\t{day}\t{value!r}\n"


def escaped(text: str) -> str:
    """A text as COPY takes it."""
    return text.translate(_ESCAPES)


NULL: Final = r"\N"
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


class Ingest:
    """A load of measurements: for each batch :meth:`staging`, :meth:`check`, :meth:`write`, and :meth:`finish` at the end."""

    def __init__(self, tx: Tx, known_at: KnownAt) -> None:
        self._tx = tx
        self._known_at = known_at
        self._staged = 0
        self._good = 0
        self._parameters: dict[str, Any] = {}
        self._created = self._updated = 0
        self._days: set[dt.date] = set()
        self._accounts: set[UUID] = set()

    @asynccontextmanager
    async def staging(self) -> AsyncIterator[AsyncCopy]:
        """Takes lines of :func:`copied`; nobody else ingests into the workspace from here on."""
        tx = self._tx
        await hold_ingest(tx)
        await make_temporary(tx)
        async with tx.connection.cursor() as cursor:
            async with cursor.copy("COPY usage_stage FROM STDIN") as copy:
                yield copy
            self._staged = cursor.rowcount

    async def check(self, months: Iterable[dt.date], *, most: int | None = None) -> Refused:
        """Find what cannot be written, and make partitions for the rest.

        Args:
            months: The first days of the months in the batch.
            most: How many lines without an account are named; None: all.
        """
        tx, refused = self._tx, Refused()
        certain = oldest_certain_day(await workspace_today(tx), settings().usage_months_kept)
        telling = "SELECT id FROM usage_metrics WHERE workspace_id = %s AND role IS NOT NULL AND archived_at IS NULL"
        self._parameters = {
            "ws": tx.workspace_id,
            "now": clock.now(),
            "zone": str(await workspace_zone(tx)),
            "former": FORMER_ID,
            "backfilled": self._known_at is KnownAt.fact_date,
            "telling": [row[0] for row in await tx.fetch(telling, [tx.workspace_id])],
            "most": self._staged if most is None else most,
            "certain": certain,
        }
        if not self._staged:
            return refused
        months = sorted(set(months))
        await tx.fetch("SELECT make_usage_partitions(m, m) FROM unnest(%s::date[]) AS m", [months])
        async with tx.patient(PATIENCE), tx.joining_many(self._staged):
            for line, by_external_id, count in await tx.fetch(_UNKNOWN, self._parameters):
                refused.unknown_accounts[line] = "account_external_id" if by_external_id else "account_id"
                refused.unknown = count
            if months[0] < certain:
                refused.retired = sorted(row[0] for row in await tx.fetch(_RETIRED, self._parameters))
        self._good = self._staged - refused.unknown - len(refused.retired)
        return refused

    async def write(self, *, each: bool = False) -> Outcome:
        """Write what was staged and not refused; with ``each`` the outcome tells of each line."""
        tx, outcome = self._tx, Outcome()
        if not self._staged:
            return outcome
        async with tx.patient(PATIENCE), tx.joining_many(self._staged):
            await (self._each if each else self._counted)(outcome)
            if outcome.updated:
                await tx.execute(RECOMPUTE_WEEKS, self._parameters)
        self._created += outcome.created
        self._updated += outcome.updated
        return outcome

    async def finish(self, metrics: Iterable[str]) -> None:
        """Audit and announce the load, once, and let the usage statuses of its accounts follow."""
        tx = self._tx
        if self._created or self._updated:
            load, keys = new_id(), sorted(metrics)
            audit.record(tx, "recorded", "usage", load, keys)
            told: dict[str, Any] = {"metrics": keys, "from": str(min(self._days)), "to": str(max(self._days))}
            told |= {"created": self._created, "updated": self._updated}
            outbox.record(tx, "usage.recorded", "usage", load, told)
        if self._accounts:
            await refresh_statuses(tx, sorted(self._accounts))

    async def _counted(self, outcome: Outcome) -> None:
        [(created, updated, *days, accounts)] = await self._tx.fetch(_WRITE + _COUNTED, self._parameters)
        outcome.created, outcome.updated, outcome.unchanged = created, updated, self._good - created - updated
        self._days.update(day for day in days if day)
        self._accounts.update(accounts or ())

    async def _each(self, outcome: Outcome) -> None:
        for line, written, corrected, account_id, day, telling in await self._tx.fetch(
            _WRITE + _EACH, self._parameters
        ):
            if not written:
                outcome.lines[line] = BulkStatus.unchanged
                outcome.unchanged += 1
                continue
            outcome.lines[line] = BulkStatus.updated if corrected else BulkStatus.created
            outcome.updated += corrected
            outcome.created += not corrected
            self._days.add(day)
            if telling:
                self._accounts.add(account_id)


async def make_temporary(tx: Tx) -> None:
    """Make the transaction's tables, empty."""
    # One batch of a workspace at a time; sorting and grouping on disk took a quarter longer.
    await tx.execute("SET LOCAL work_mem = '64MB'")
    await tx.execute(_STAGE)
    await tx.execute(_CORRECTED)
    await tx.execute("TRUNCATE usage_stage, usage_corrected")


async def hold_ingest(tx: Tx) -> None:
    """Keep other ingests and mergers of the workspace waiting until the transaction ends."""
    await tx.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 11))", [str(tx.workspace_id)])
