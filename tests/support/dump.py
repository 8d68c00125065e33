"""Looks into every row of every table, whoever owns it."""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

_TABLES = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"


def rows_with(connection: psycopg.Connection, texts: Iterable[str]) -> dict[str, set[str]]:
    """The texts found, by table, ignoring case; the owner's connection sees all rows."""
    wanted = {text: text.casefold() for text in texts}
    found: dict[str, set[str]] = {}
    for (table,) in connection.execute(_TABLES).fetchall():
        for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))):
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
