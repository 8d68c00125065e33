"""A file as rows of values by column, whatever its format."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.imports.csv_rows import CsvReader
from api.imports.json_rows import JsonReader
from api.imports.models import FileFormat
from api.imports.workbook_rows import workbook_rows
from api.kit.problems import FieldError


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the file: its line, its values by column, and what is wrong before any is looked at."""

    number: int
    values: dict[str, Any]
    error: FieldError | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read."""

    format: FileFormat
    encoding: str
    delimiter: str
    columns: Sequence[str]


class Progress:
    """How much of the file was read."""

    def __init__(self) -> None:
        self.bytes_read = 0
        self.rows_total: int | None = None


async def source_rows(
    chunks: AsyncIterator[bytes], layout: Layout, progress: Progress
) -> AsyncGenerator[list[SourceRow], None]:
    """The rows after the header, some at a time.

    Raises:
        FileRefusedError: The file cannot be read as what it is said to be.
    """
    counted = _counted(chunks, progress)
    if layout.format is FileFormat.xlsx:
        async for rows in _of_workbook(counted, layout, progress):
            yield rows
        return
    read = _CsvRows(layout) if layout.format is FileFormat.csv else _JsonRows(layout)
    async for chunk in counted:
        yield read(chunk, final=False)
    yield read(b"", final=True)


async def _counted(chunks: AsyncIterator[bytes], progress: Progress) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        progress.bytes_read += len(chunk)
        yield chunk


class _CsvRows:
    def __init__(self, layout: Layout) -> None:
        self._reader = CsvReader(layout.encoding, layout.delimiter)
        self._columns = layout.columns
        self._before_header = True

    def __call__(self, content: bytes, *, final: bool) -> list[SourceRow]:
        found = []
        for record in self._reader.feed(content, final=final):
            if self._before_header:
                self._before_header = False
            else:
                found.append(_fitted(record.number, record.cells, self._columns, record.error))
        return found


class _JsonRows:
    def __init__(self, layout: Layout) -> None:
        self._reader = JsonReader(layout.encoding)

    def __call__(self, content: bytes, *, final: bool) -> list[SourceRow]:
        return [SourceRow(r.number, r.values, r.error) for r in self._reader.feed(content, final=final)]


async def _of_workbook(
    chunks: AsyncIterator[bytes], layout: Layout, progress: Progress
) -> AsyncGenerator[list[SourceRow], None]:
    number, before_header = -1, True
    async for cells in workbook_rows(chunks):
        number += 1
        if number == 0:
            progress.rows_total = max(0, cells[0] - 1)
        elif not any(map(_says_something, cells)):
            continue
        elif before_header:
            before_header = False
        else:
            yield [_fitted(number, cells, layout.columns, None)]


def _says_something(cell: object) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _fitted(number: int, cells: Sequence[Any], columns: Sequence[str], error: FieldError | None) -> SourceRow:
    if error is None and len(cells) > len(columns) and any(map(_says_something, cells[len(columns) :])):
        error = FieldError(
            "",
            "too_many_cells",
            f"The row has {len(cells)} cells, the header has {len(columns)}",
            f"行のセルは {len(cells)} 個、見出しは {len(columns)} 個です",
        )
    return SourceRow(number, {name: cell for name, cell in zip(columns, cells, strict=False) if name}, error)
