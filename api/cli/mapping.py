"""Maps of columns as one writes them on the command line, and the custom fields that a file needs."""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from api.imports.analysis import HEAD_BYTES, analysed
from api.imports.cells import DAY, FALSE, NUMBER, TRUE
from api.imports.mapping import CUSTOM
from api.imports.refusals import FileRefusedError
from api.imports.table import Progress, source_rows

MOST_OPTIONS: Final = 12
_PIECE_BYTES: Final = 1024 * 1024


class MapError(ValueError):
    """The map or the file cannot be read; the message says why."""


def parse_map(text: str) -> dict[str, str]:
    """The fields by column, from ``column=field,column,…`` or from ``@FILE`` with one such pair on a line.

    A column alone is its own field. In a file, blank lines and those that begin with ``#`` say nothing.

    Raises:
        MapError: The file cannot be read, or a column comes twice.
    """
    if text.startswith("@"):
        try:
            lines = Path(text[1:]).read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise MapError(f"{text[1:]}: {error.strerror}") from error
        pairs = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    else:
        pairs = [pair for pair in map(str.strip, text.split(",")) if pair]
    found: dict[str, str] = {}
    for pair in pairs:
        column, separator, field = (part.strip() for part in pair.partition("="))
        if column in found:
            raise MapError(f"column `{column}` is mapped twice")
        found[column] = field if separator else column
    return found


async def pieces(file: Path) -> AsyncIterator[bytes]:
    """The content of a file, piece by piece."""
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE_BYTES):
            yield piece


async def different_cells(file: Path, encoding: str, columns: Iterable[str]) -> dict[str, set[str]]:
    """The different texts in each of these columns of a file.

    Raises:
        MapError: The file cannot be read.
    """
    found: dict[str, set[str]] = {column: set() for column in columns}
    head = bytearray()
    async for piece in pieces(file):
        head += piece[: HEAD_BYTES - len(head)]
        if len(head) >= HEAD_BYTES:
            break
    try:
        analysis = await analysed(
            bytes(head), pieces(file), filename=file.name, wanted_format=None, wanted_encoding=encoding or None
        )
        async for rows in source_rows(pieces(file), analysis.layout, Progress()):
            for row in rows:
                for column, texts in found.items():
                    texts.add(str(row.values.get(column) or "").strip())
    except FileRefusedError as error:
        raise MapError(error.reason.en) from error
    return found


def custom_columns(fields: Mapping[str, str]) -> dict[str, str]:
    """The columns of the custom fields in a map, by key."""
    return {field.removeprefix(CUSTOM): column for column, field in fields.items() if field.startswith(CUSTOM)}


def inferred_field(resource: str, key: str, label: str, cells: Iterable[str]) -> dict[str, Any]:
    """The declaration of a custom field that takes these cells: ``{"resource", "key", "label", "type", "options"?}``.

    Words for true and false make a boolean, then numbers (without leading zeros, which codes have) and days; at most
    12 different texts make an option, more a text.
    """
    values = sorted({cell.strip() for cell in cells} - {""})
    declared = {"resource": resource, "key": key, "label": label}
    if not values:
        return {**declared, "type": "text"}
    if {value.lower() for value in values} <= (TRUE | FALSE) - {"1", "0"}:
        return {**declared, "type": "boolean"}
    if all(NUMBER.fullmatch(value) and not re.match(r"[-+]?0\d", value) for value in values):
        return {**declared, "type": "number"}
    if all(DAY.fullmatch(value) for value in values):
        return {**declared, "type": "date"}
    if len(values) <= MOST_OPTIONS and all(len(value) <= 200 for value in values):
        return {**declared, "type": "option", "options": values}
    return {**declared, "type": "text"}
