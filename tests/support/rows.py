"""One row in every tenant table, made from what the database says of its tables."""

import datetime as dt
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final
from uuid import UUID

import psycopg
import sqlalchemy as sa
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from api.kit.tables import new_id

_MOMENT = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


def tenant_tables(connection: psycopg.Connection) -> Sequence[sa.Table]:
    """The tables with row-level security in the connection's database, parents before children."""
    secured = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
    names = [str(name) for (name,) in connection.execute(secured)]
    engine = sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(connection.info.dsn),
        poolclass=sa.pool.NullPool,
    )
    metadata = sa.MetaData()
    with warnings.catch_warnings():
        # What SQLAlchemy says of a check that is not validated yet, between two migrations.
        warnings.filterwarnings("ignore", "Can't validate argument 'dialect_options'")
        metadata.reflect(engine, only=names)
    return metadata.sorted_tables


def fill(connection: psycopg.Connection, tables: Sequence[sa.Table], workspace_id: UUID, text: str) -> None:
    """Insert a row with ``text`` in its free texts into every table; the owner's connection does it."""
    made: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        row = {
            column.name: _value(table, column, workspace_id, text, made)
            for column in table.columns
            if column.computed is None
        }
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


def digest(connection: psycopg.Connection, tables: Sequence[sa.Table], workspace_id: UUID) -> dict[str, str]:
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


def _value(
    table: sa.Table,
    column: sa.Column[Any],
    workspace_id: UUID,
    text: str,
    made: Mapping[str, Mapping[str, Any]],
) -> Any:
    if column.name == "workspace_id" or (table.name == "workspaces" and column.name == "id"):
        return workspace_id
    if column.name == "partner_id" and column.nullable:
        return None  # checks tie it to the role and the scopes
    for key in table.foreign_key_constraints:
        for element in key.elements:
            if element.parent is column:
                parent = made.get(element.column.table.name)
                return None if parent is None else parent[element.column.name]
    return _allowed(table, column.name) or _plain(column, text)


def _plain(column: sa.Column[Any], text: str) -> Any:
    if isinstance(column.type, ARRAY):
        return [text] if isinstance(column.type.item_type, sa.String) else []
    if isinstance(column.type, JSONB):
        return Jsonb({"text": text})
    if isinstance(column.type, sa.String):
        return "1.5" if column.name == "rate" else text  # exact numbers are kept as text
    if isinstance(column.type, sa.LargeBinary):
        return text.encode()
    if column.nullable:
        return None
    if isinstance(column.type, sa.Uuid):
        return new_id()
    day = _MOMENT.date() + dt.timedelta(days=1 if column.name == "ends_before" else 0)
    return {bool: False, dt.datetime: _MOMENT, dt.date: day}.get(column.type.python_type, 1)


def _allowed(table: sa.Table, column: str) -> str | list[str] | None:
    """The first of the values that a check leaves to a column, or to the items of an array."""
    for constraint in table.constraints:
        if isinstance(constraint, sa.CheckConstraint):
            found = re.search(rf"\b{column}(?:::text)? = ANY \(ARRAY\['([\w-]+)'", str(constraint.sqltext))
            if found:
                return found[1]
            found = re.search(rf"\b{column} <@ ARRAY\['([\w-]+)'", str(constraint.sqltext))
            if found:
                return [found[1]]
    return None
