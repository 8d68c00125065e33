"""Rows that are one record together: those with the same key that follow one another.

They are applied in one transaction, so a batch ends where a record does. Which keys were there before is kept on disk,
so that a file of any size can be read: rows of a record that stand apart are refused, rather than taken for all of it.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from api.imports.items import ReadRow
from api.kit.bulk import REFUSED_WITH_OTHERS
from api.kit.problems import FieldError

STANDS_APART: Final = FieldError(
    "",
    "stands_apart",
    "Earlier rows have this key; the rows of one record must follow one another",
    "同じキーの行が前にあります。1 件のデータの行は続けて並べてください",
)


def records(keys: Sequence[str | None]) -> Iterator[range]:
    """The places of the rows of each record; one whose key cannot be read belongs to the record around it, if any."""
    first = last = 0
    for place, key in enumerate(keys):
        if place == 0 or key is None:
            continue
        if keys[first] is None or key != keys[first]:
            yield range(first, last + 1)
            yield from (range(each, each + 1) for each in range(last + 1, place))
            first = place
        last = place
    if keys:
        yield range(first, last + 1)
        yield from (range(each, each + 1) for each in range(last + 1, len(keys)))


def whole(keys: Sequence[str | None]) -> int:
    """How many of these rows are whole records, whatever follows; all of them when they are but one."""
    last, start = None, 0
    for place, key in enumerate(keys):
        if key is not None and key != last:
            last, start = key, place
    return start or len(keys)


class Keys:
    """The keys that a file has had so far, in a temporary database that spills from memory to disk."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE keys (key TEXT PRIMARY KEY) WITHOUT ROWID")

    def add(self, key: str) -> bool:
        """Whether this is the key's first time."""
        return self._database.execute("INSERT OR IGNORE INTO keys VALUES (?)", [key]).rowcount == 1

    def close(self) -> None:
        """Forget them."""
        self._database.close()


def refuse_parts(rows: Sequence[ReadRow], seen: Keys) -> None:
    """Refuse records whole of which a row is bad, and those that stood in earlier rows."""
    for places in records([row.key for row in rows]):
        of_one = [rows[place] for place in places]
        key = of_one[0].key
        if key is not None and not seen.add(key):
            for row in of_one:
                row.errors.append(STANDS_APART)
        elif any(row.errors for row in of_one):
            for row in of_one:
                if not row.errors:
                    row.errors.append(REFUSED_WITH_OTHERS)
