"""Encoders: items in, the bytes of a file out. They block, so they belong into a thread."""

import asyncio
import csv
import io
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Final, Protocol

import orjson

from api.exports.columns import Cell, Table
from api.exports.models import ExportFormat
from api.kit.files import CHUNK_BYTES
from api.kit.formulas import harmless
from api.kit.problems import problem_type

MEDIA_TYPES: Final = {
    ExportFormat.csv: "text/csv",
    ExportFormat.xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.jsonl: "application/x-ndjson",
}
SHEET_ROWS: Final = 1_048_576
"""Rows of a sheet, the one with the names included."""

TOO_MANY_ROWS = problem_type(
    "too_many_rows_for_xlsx",
    422,
    en=("Too many rows for a sheet", "The list has {rows} rows, and a sheet holds {most}. Use CSV, or filter."),
    ja=(
        "シートの行数を超えています",
        "リストは {rows} 行ありますが、シートに入るのは {most} 行までです。CSV にするか、絞り込んでください。",
    ),
)
CELL_TOO_LONG = problem_type(
    "cell_too_long_for_xlsx",
    422,
    en=("Text too long for a cell", "Row {row} has more than 32,767 characters in `{column}`. Use CSV."),
    ja=("セルに入らない長さです", "{row} 行目の `{column}` が 32,767 文字を超えています。CSV にしてください。"),
)


class Encoder(Protocol):
    """Makes a file from pages of items; ``count`` is how many it has taken."""

    count: int

    def start(self, total: int) -> bytes:
        """What stands before the first item of ``total``."""

    def page(self, items: bytes) -> bytes:
        """The bytes of these items, a JSON list; or none yet."""

    def end(self) -> Iterator[bytes]:
        """The rest of the file."""


class _JsonLines:
    def __init__(self) -> None:
        self.count = 0

    def start(self, total: int) -> bytes:
        del total
        return b""

    def page(self, items: bytes) -> bytes:
        found = orjson.loads(items)
        self.count += len(found)
        return b"".join(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in found)

    def end(self) -> Iterator[bytes]:
        return iter(())


class _Csv:
    def __init__(self, columns: Sequence[str], per: str | None, *, bom: bool) -> None:
        self.count = 0
        self._columns = columns
        self._table = Table(columns, per)
        self._bom = bom

    def start(self, total: int) -> bytes:
        del total
        # Without the mark Excel reads UTF-8 as the machine's own encoding.
        return ("\ufeff" if self._bom else "").encode() + _lines([self._columns])

    def page(self, items: bytes) -> bytes:
        lines: list[list[str]] = []
        for rows in self._table.rows(items):
            self.count += 1
            lines += [[_as_text(cell) for cell in row] for row in rows]
        return _lines(lines)

    def end(self) -> Iterator[bytes]:
        return iter(())


def _lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return harmless(cell) if isinstance(cell, str) else str(cell)


class _Xlsx:
    def __init__(self, columns: Sequence[str], per: str | None, folder: Path) -> None:
        self.count = 0
        self._row = 0
        self._columns = columns
        self._table = Table(columns, per)
        self._path = folder / "export.xlsx"
        options = {
            "constant_memory": True,
            "tmpdir": str(folder),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        import xlsxwriter  # noqa: PLC0415 - only the jobs need it, and the API must start quickly

        self._workbook = xlsxwriter.Workbook(str(self._path), options)
        self._workbook.use_zip64()
        self._sheet = self._workbook.add_worksheet()
        self._open = True
        # A job that is cancelled leaves its thread behind, which must come to its end before the workbook is closed.
        self._busy = threading.Lock()

    def start(self, total: int) -> bytes:
        if total + 1 > SHEET_ROWS:
            raise TOO_MANY_ROWS(rows=f"{total:,}", most=f"{SHEET_ROWS - 1:,}")
        self._write(self._columns)
        return b""

    def page(self, items: bytes) -> bytes:
        with self._busy:
            for rows in self._table.rows(items):
                self.count += 1
                for row in rows:
                    self._row += 1
                    self._write(row)
        return b""

    def _write(self, row: Sequence[Cell]) -> None:
        if self._row >= SHEET_ROWS:
            raise TOO_MANY_ROWS(rows=f"> {SHEET_ROWS - 1:,}", most=f"{SHEET_ROWS - 1:,}")
        for place, cell in enumerate(row):
            match cell:
                case None | "":
                    continue
                case bool():
                    self._sheet.write_boolean(self._row, place, cell)
                case str():
                    # It cuts what is too long, and says so in what it returns.
                    if self._sheet.write_string(self._row, place, harmless(cell)) < 0:
                        raise CELL_TOO_LONG(row=self._row + 1, column=self._columns[place])
                case _:
                    self._sheet.write_number(self._row, place, cell)

    def end(self) -> Iterator[bytes]:
        self.close()
        return self._pieces()

    def _pieces(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            yield from iter(partial(file.read, CHUNK_BYTES), b"")

    def close(self) -> None:
        """Finish the workbook, which also closes its temporary files."""
        with self._busy:
            if self._open:
                self._open = False
                self._workbook.close()


@asynccontextmanager
async def encoder(
    format_: ExportFormat, columns: Sequence[str], *, bom: bool, per: str | None = None
) -> AsyncIterator[Encoder]:
    """The encoder of a format, and the folder it needs for as long as it needs it.

    With ``per`` each element of that nested list is a row of a CSV or XLSX file.
    """
    match format_:
        case ExportFormat.jsonl:
            yield _JsonLines()
        case ExportFormat.csv:
            yield _Csv(columns, per, bom=bom)
        case ExportFormat.xlsx:
            with tempfile.TemporaryDirectory(prefix="perennial-export-") as folder:
                made = _Xlsx(columns, per, Path(folder))
                try:
                    yield made
                finally:
                    await asyncio.to_thread(made.close)
