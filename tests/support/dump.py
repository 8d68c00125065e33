"""Looks into every row of every table, whoever owns it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

_TABLES = """
    SELECT relname, EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'workspace_id' AND NOT attisdropped
    )
    FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
"""


def rows_with(connection: psycopg.Connection, workspace_id: UUID, texts: Iterable[str]) -> dict[str, set[str]]:
    """The texts found in the workspace's rows and in rows of no workspace, by table, ignoring case.

    It takes the owner's connection, which sees all rows.
    """
    wanted = {text: text.casefold() for text in texts}
    found: dict[str, set[str]] = {}
    for table, in_workspace in connection.execute(_TABLES).fetchall():
        query = sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
        if in_workspace:
            query += sql.SQL(" WHERE workspace_id = {}").format(workspace_id)
        for row in connection.execute(query):
            plain = "\n".join(map(_plain, row)).casefold()
            for text in (text for text, folded in wanted.items() if folded in plain):
                found.setdefault(table, set()).add(text)
    return found


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, dict):
        return "\n".join(_plain(part) for item in value.items() for part in item)
    if isinstance(value, list):
        return "\n".join(map(_plain, value))
    return str(value)
