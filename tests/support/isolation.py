"""Takes one of the two walls between workspaces away, to see that the other one holds alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg import sql

_FILTER = re.compile(
    r"(?<![\w.])(?!app\.)(?:\w+\.)?workspace_id\s*=\s*(%\(\w+\)s|%s|'[0-9a-f-]{36}')(?:::\w+)?", re.IGNORECASE
)


@contextmanager
def without_filters() -> Iterator[None]:
    """Make every ``workspace_id = <this workspace>`` of the application's statements true."""
    execute = psycopg.AsyncCursor.execute

    async def unfiltered(cursor: Any, query: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(query, sql.Composable):  # the tests' own: the application sends text
            return await execute(cursor, query, *arguments, **options)
        text = query.decode() if isinstance(query, bytes) else query
        text = _FILTER.sub(r"(\1)::uuid IS NOT NULL", text)
        return await execute(cursor, text.encode(), *arguments, **options)

    with patch.object(psycopg.AsyncCursor, "execute", unfiltered):
        yield


def switch_off_row_security(connection: psycopg.Connection) -> None:
    """Switch row-level security off in the connection's database."""
    secured = "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity"
    for (table,) in connection.execute(secured).fetchall():
        name = sql.Identifier(str(table))
        connection.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(name))
