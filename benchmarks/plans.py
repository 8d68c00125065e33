"""The plans of our list statements, as the application's role sees them under row-level security."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg
import sqlalchemy as sa

from api.accounts.models import Account
from api.accounts.resource import ACCOUNTS
from api.kit.statements import Shape, statement_for
from benchmarks.limit import page_shape


@dataclass(frozen=True)
class Plan:
    """One statement's plan; good when it walks the index of its sort, from the cursor on, and sorts nothing."""

    name: str
    generic: bool
    lines: tuple[str, ...]
    wanted: str
    after: bool

    @property
    def trouble(self) -> str:
        """What is wrong with it; empty when nothing is."""
        text = "\n".join(self.lines)
        if found := re.search(r"Seq Scan on \S+|Sort Key: .*", text):
            return found.group(0)
        used = re.search(rf" using {self.wanted} .*\n\s+Index Cond: (.*)", text)
        if used is None:
            return f"does not use {self.wanted}"
        return (
            "" if not self.after or "ROW(" in used.group(1) else "walks the index from its start, not from the cursor"
        )

    @property
    def summary(self) -> str:
        """The scans, from the outermost inwards."""
        return "; ".join(line.split("->")[-1].strip().split("  (")[0] for line in self.lines if "Scan" in line)


def plans(connection: psycopg.Connection, workspace_id: str) -> Iterator[Plan]:
    """The plans of every order of accounts, up and down, first page and later ones, custom and generic.

    ``connection`` is the application role's, in autocommit.
    """
    for sort in ACCOUNTS.sorts:
        for descending in (False, True):
            for after in (False, True):
                shape = page_shape(sort=sort, descending=descending, after=after)
                values = {"f_archived": False, "workspace_id": UUID(workspace_id)}
                name = ("-" if descending else "") + sort + (" after a cursor" if after else "")
                if after:
                    values |= _middle(connection, workspace_id, sort, descending=descending)
                for generic in (False, True):
                    lines = _explained(connection, workspace_id, shape, values, generic=generic)
                    yield Plan(name, generic, lines, _index(sort), after)


def _explained(
    connection: psycopg.Connection, workspace_id: str, shape: Shape, values: Mapping[str, object], *, generic: bool
) -> tuple[str, ...]:
    statement = statement_for(shape)
    parameters = {**statement.constants, **values}
    with connection.transaction():
        connection.execute(f"SET LOCAL app.workspace_id = '{workspace_id}'")
        if generic:
            # What a prepared statement is once Postgres plans it for any value.
            names = list(parameters)
            text = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement.sql)
            rows = connection.execute(f"EXPLAIN (GENERIC_PLAN) {text}".replace("%%", "%"))
        else:
            rows = connection.execute("EXPLAIN " + statement.sql, parameters)
        return tuple(row[0] for row in rows.fetchall())


def _middle(connection: psycopg.Connection, workspace_id: str, sort: str, *, descending: bool) -> dict[str, object]:
    key, direction = ACCOUNTS.sorts[sort], "DESC" if descending else "ASC"
    with connection.transaction():
        connection.execute(f"SET LOCAL app.workspace_id = '{workspace_id}'")
        row = connection.execute(
            f"SELECT {key}::text, accounts.id FROM accounts JOIN account_standing "
            "ON account_standing.workspace_id = accounts.workspace_id AND account_id = accounts.id "
            f"WHERE accounts.workspace_id = %s ORDER BY {key} {direction}, accounts.id {direction} OFFSET 500 LIMIT 1",
            [workspace_id],
        ).fetchone()
    assert row is not None
    return {"cursor_key": row[0], "cursor_id": row[1]}


def _index(sort: str) -> str:
    column = ACCOUNTS.sorts[sort]
    assert isinstance(column, sa.Column)
    table = column.table.name
    ends = "id" if table == Account.__tablename__ else "account_id"
    return f"ix_{table}_workspace_id_{column.name}_{ends}"
