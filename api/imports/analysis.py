"""What the head of a file says: its format, encoding, delimiter, columns and sample values."""

import codecs
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from api.imports.csv_rows import CsvReader, found_delimiter
from api.imports.json_rows import JsonReader
from api.imports.lines import LineReader
from api.imports.models import Encoding, FileFormat
from api.imports.refusals import EMPTY, NOT_JSON, TOO_LONG_ROW, FileRefusedError, refusal
from api.imports.schemas import MOST_COLUMNS
from api.imports.table import Layout
from api.imports.workbook_rows import TOO_MANY_COLUMNS, workbook_rows
from api.kit.schemas import clean_text

HEAD_BYTES: Final = 1024 * 1024
SAMPLE_ROWS: Final = 20
_SAMPLES: Final = 5
_LONGEST_SAMPLE: Final = 100
_LONGEST_NAME: Final = 200
ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_LOOKED_AT: Final = 1000
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
"""What no text begins with, but pictures and programs do."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """How the file is to be read, and its first rows."""

    layout: Layout
    samples: dict[str, list[str]]


def found_format(filename: str, head: bytes, chosen: str | None) -> FileFormat:
    """The format of a file.

    Raises:
        FileRefusedError: It is not what the caller says, or nothing that can be imported.
    """
    is_zip = head.startswith(ZIP)
    if chosen is not None:
        wanted = FileFormat(chosen)
        if is_zip != (wanted is FileFormat.xlsx) or head.startswith(_OLD_EXCEL):
            raise _not_the_format(wanted)
        return wanted
    if is_zip:
        return FileFormat.xlsx
    if head.startswith(_OLD_EXCEL) or filename.lower().endswith((".xlsx", ".xls")):
        raise _not_the_format(FileFormat.xlsx)
    if filename.lower().endswith((".jsonl", ".ndjson")) or head.lstrip()[:1] == b"{":
        return FileFormat.jsonl
    return FileFormat.csv


def _not_the_format(wanted: FileFormat) -> FileRefusedError:
    return refusal(
        "not_the_format",
        f"The file is not {wanted.value.upper()}; CSV, XLSX and JSON Lines can be imported",
        f"ファイルは {wanted.value.upper()} ではありません。CSV、XLSX、JSON Lines を取り込めます",
    )


def found_encoding(head: bytes) -> Encoding:
    """The encoding that the head of a text file is written in."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Encoding.utf_16
    if head.startswith(codecs.BOM_UTF8):
        return Encoding.utf_8_sig
    if 0 in head[1:_LOOKED_AT:2] and 0 not in head[:_LOOKED_AT:2]:
        # Without a mark: digits, commas and line ends have their zeros in one half of the bytes.
        return Encoding.utf_16
    wrong = {encoding: _undecodable(head, encoding) for encoding in (Encoding.utf_8, Encoding.cp932)}
    return min(wrong, key=lambda encoding: wrong[encoding])


def _undecodable(head: bytes, encoding: Encoding) -> int:
    lines = LineReader(encoding.value)
    return sum(line.count("\udcff") for line in lines.feed(head))


async def analysed(
    head: bytes, chunks: AsyncIterator[bytes], *, filename: str, wanted_format: str | None, wanted_encoding: str | None
) -> Analysis:
    """What the file says of itself; ``head`` are its first bytes, ``chunks`` all of them, for a workbook.

    Raises:
        FileRefusedError: It cannot be imported.
    """
    if not head:
        raise EMPTY
    format_ = found_format(filename, head, wanted_format)
    if format_ is FileFormat.xlsx:
        header, rows = await _first_of_workbook(chunks)
        return _table(Layout(format_, "", "", ()), header, rows)
    encoding = wanted_encoding or found_encoding(head).value
    # The whole file may be in the head; a record that the head cuts off is no sample.
    final = len(head) < HEAD_BYTES
    if format_ is FileFormat.jsonl:
        return _objects(Layout(format_, encoding, "", ()), head, final=final)
    first = _first_line(head, encoding, final=final)
    if not first and not final:
        raise FileRefusedError(TOO_LONG_ROW)
    if _CONTROL.search(first):
        raise _not_the_format(format_)
    delimiter = found_delimiter(first)
    records = list(islice(CsvReader(encoding, delimiter).feed(head, final=final), SAMPLE_ROWS + 1))
    if not records:
        raise EMPTY
    if records[0].error is not None:
        raise FileRefusedError(records[0].error)
    good = [record.cells for record in records[1:] if record.error is None]
    return _table(Layout(format_, encoding, delimiter, ()), records[0].cells, good)


def _first_line(head: bytes, encoding: str, *, final: bool) -> str:
    lines = LineReader(encoding).feed(head, final=final)
    return next((line for line in lines if line.strip()), "")


async def _first_of_workbook(chunks: AsyncIterator[bytes]) -> tuple[Sequence[Any], list[Sequence[Any]]]:
    found: list[Sequence[Any]] = []
    async with aclosing(workbook_rows(chunks)) as rows:
        await anext(rows, None)
        async for cells in rows:
            if any(cell not in ("", None) for cell in cells):
                found.append(cells)
            if len(found) > SAMPLE_ROWS:
                break
    if not found:
        raise EMPTY
    return found[0], found[1:]


def _table(layout: Layout, header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Analysis:
    if len(header) > MOST_COLUMNS:
        raise TOO_MANY_COLUMNS
    columns = [_name(cell) for cell in header]
    named = [name for name in columns if name]
    if repeated := sorted({name for name in named if named.count(name) > 1}):
        told = ", ".join(f"`{name}`" for name in repeated)
        raise refusal("repeated_column", f"The header names {told} more than once", f"見出しに {told} が重複しています")
    values = {name: [row[place] for row in rows if place < len(row)] for place, name in enumerate(columns) if name}
    return Analysis(_with_columns(layout, columns), {name: _samples(cells) for name, cells in values.items()})


def _objects(layout: Layout, head: bytes, *, final: bool) -> Analysis:
    records = list(islice(JsonReader(layout.encoding).feed(head, final=final), SAMPLE_ROWS))
    if not records:
        raise EMPTY
    good = [record.values for record in records if record.error is None]
    if not good:
        raise FileRefusedError(records[0].error or NOT_JSON)
    columns = list(dict.fromkeys(name for values in good for name in values if name == _name(name) and name))
    if len(columns) > MOST_COLUMNS:
        raise TOO_MANY_COLUMNS
    values = {name: [each[name] for each in good if each.get(name) is not None] for name in columns}
    return Analysis(_with_columns(layout, columns), {name: _samples(cells) for name, cells in values.items()})


def _with_columns(layout: Layout, columns: Sequence[str]) -> Layout:
    return Layout(layout.format, layout.encoding, layout.delimiter, tuple(columns))


def _name(cell: object) -> str:
    return printable(str(cell)).strip()[:_LONGEST_NAME].strip()


def printable(text: str) -> str:
    """The text without what Postgres or JSON cannot hold."""
    try:
        return clean_text(text)
    except ValueError:
        return clean_text("".join(c if c.isprintable() or c in "\t\n\r" else "\ufffd" for c in text))


def _samples(cells: Sequence[object]) -> list[str]:
    texts = dict.fromkeys(printable(str(cell))[:_LONGEST_SAMPLE].strip() for cell in cells)
    return [text for text in texts if text][:_SAMPLES]
