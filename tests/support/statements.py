"""Counts the statements that reach Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import psycopg


@dataclass(frozen=True)
class Sent:
    """A statement and its parameters."""

    text: str
    parameters: Any


@contextmanager
def recorded() -> Iterator[list[Sent]]:
    """The statements of this block, in order, without those that only open or end a transaction."""
    statements: list[Sent] = []
    execute = psycopg.AsyncCursor.execute

    async def noting(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if not text.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            statements.append(Sent(text, params))
        return await execute(cursor, query, params, **options)

    with patch.object(psycopg.AsyncCursor, "execute", noting):
        yield statements
