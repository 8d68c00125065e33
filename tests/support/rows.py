"""One row in every tenant table, made from what the database says of its tables."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from itertools import groupby
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from api.kit.tables import new_id

_MOMENT = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)

_COLUMNS: Final = """
    SELECT r.relname AS table, a.attname AS name, t.typname AS type, NOT a.attnotnull AS nullable,
        ARRAY (
            SELECT f.confrelid::regclass || '.' || (
                SELECT attname FROM pg_attribute
                WHERE attrelid = f.confrelid AND attnum = f.confkey[array_position(f.conkey, a.attnum)]
            )
            FROM pg_constraint f WHERE f.conrelid = r.oid AND f.contype = 'f' AND a.attnum = ANY (f.conkey)
            ORDER BY f.conname
        ) AS references,
        ARRAY (
            SELECT pg_get_constraintdef(c.oid, true) FROM pg_constraint c
            WHERE c.conrelid = r.oid AND c.contype = 'c' AND a.attnum = ANY (c.conkey) ORDER BY c.conname
        ) AS checks
    FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE r.relrowsecurity AND r.relnamespace = 'public'::regnamespace
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY r.relname, a.attnum
"""


@dataclass(frozen=True)
class Column:
    """A column that can be written: ``references`` are ``table.column``, ``checks`` as Postgres prints them."""

    table: str
    name: str
    type: str
    nullable: bool
    references: Sequence[str]
    checks: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table whose rows belong to a workspace."""

    name: str
    columns: Sequence[Column]


def tenant_tables(connection: psycopg.Connection) -> Sequence[Table]:
    """The tables with row-level security in the connection's database, parents before children."""
    with connection.cursor(row_factory=class_row(Column)) as cursor:
        columns = cursor.execute(_COLUMNS).fetchall()
    tables = {name: Table(name, list(found)) for name, found in groupby(columns, key=lambda column: column.table)}
    parents = {
        name: {reference.partition(".")[0] for column in table.columns for reference in column.references} - {name}
        for name, table in tables.items()
    }
    return [tables[name] for name in TopologicalSorter(parents).static_order() if name in tables]


def fill(connection: psycopg.Connection, tables: Sequence[Table], workspace_id: UUID, text: str) -> None:
    """Insert a row with ``text`` in its free texts into every table; the owner's connection does it."""
    made: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        row = {column.name: _value(column, workspace_id, text, made) for column in table.columns}
        made[table.name] = row
        if table.name == "usage_daily":  # partitioned by month
            connection.execute("SELECT make_usage_partitions(%(day)s, %(day)s)", {"day": row["day"]})
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
                sql.Identifier(table.name),
                sql.SQL(", ").join(map(sql.Identifier, row)),
                sql.SQL(", ").join([sql.Placeholder()] * len(row)),
            ),
            list(row.values()),
        )


def digest(connection: psycopg.Connection, tables: Sequence[Table], workspace_id: UUID) -> dict[str, str]:
    """What changes with any write to the workspace's rows, per table: their number and their latest transaction."""
    if not tables:
        return {}
    query = _digests(tuple(table.name for table in tables))
    found = connection.execute(query, {"workspace": workspace_id}, prepare=True)
    return {str(name): str(hashed) for name, hashed in found}


_RUNS: Counter[str] = Counter()
_RUNS_BETWEEN: Final = 100


def keep_statistics(connection: psycopg.Connection) -> None:
    """Every hundredth time, gather statistics of the tables that changed much, as autovacuum does elsewhere.

    Plans are made once for all values: those of empty tables would go on looping over thousands of rows.
    """
    name = connection.info.dbname
    _RUNS[name] += 1
    if _RUNS[name] % _RUNS_BETWEEN == 0:
        connection.execute("SELECT pg_stat_force_next_flush()")
        changed = connection.execute(
            """
            SELECT format('%I', s.relname) FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
            WHERE c.relkind = 'r' AND s.n_mod_since_analyze > 50 + greatest(c.reltuples, 0) * 0.5
            """
        ).fetchall()
        if changed:
            connection.execute(f"ANALYZE {', '.join(table for (table,) in changed)}".encode())


@cache
def _digests(tables: tuple[str, ...]) -> bytes:
    query = sql.SQL(" UNION ALL ").join(
        sql.SQL(
            "SELECT {name}, count(*) || ' ' || max(xmin::text::bigint) FROM {table} WHERE workspace_id = %(workspace)s"
        ).format(name=sql.Literal(name), table=sql.Identifier(name))
        for name in tables
    )
    return query.as_string().encode()


def _value(column: Column, workspace_id: UUID, text: str, made: Mapping[str, Mapping[str, Any]]) -> Any:
    if column.name == "workspace_id" or (column.table == "workspaces" and column.name == "id"):
        return workspace_id
    if column.name == "partner_id" and column.nullable:
        return None  # checks tie it to the role and the scopes
    if column.references:
        table, _, name = column.references[0].partition(".")
        return made[table][name] if table in made else None
    return _allowed(column) or _plain(column, text)


def _plain(column: Column, text: str) -> Any:
    if column.type.startswith("_"):
        return [text] if column.type in {"_text", "_varchar"} else []
    if column.type in {"json", "jsonb"}:
        return Jsonb({"text": text})
    if column.type in {"text", "varchar"}:
        return "1.5" if column.name == "rate" else text  # exact numbers are kept as text
    if column.type == "bytea":
        return text.encode()
    if column.nullable:
        return None
    if column.type == "uuid":
        return new_id()
    day = _MOMENT.date() + dt.timedelta(days=1 if column.name == "ends_before" else 0)
    return {"bool": False, "timestamptz": _MOMENT, "date": day}.get(column.type, 1)


def _allowed(column: Column) -> str | list[str] | None:
    """The first of the values that a check leaves to a column, or to the items of an array."""
    for check in column.checks:
        if found := re.search(rf"\b{column.name}(?:::text)? = ANY \(ARRAY\['([\w-]+)'", check):
            return found[1]
        if found := re.search(rf"\b{column.name} <@ ARRAY\['([\w-]+)'", check):
            return [found[1]]
    return None
