"""What became of each row: kept with the import, and as a file of the rejected rows."""

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from api.imports.analysis import printable
from api.imports.items import ReadRow
from api.imports.models import RowStatus
from api.kit.bulk import ItemResult
from api.kit.db import Database, Tx
from api.kit.formulas import harmless
from api.kit.problems import Language
from api.kit.tables import new_id

_LONGEST_CELL: Final = 10_000
_LONGEST_DETAIL: Final = 1_000
_AT_ONCE: Final = 500
LINE_COLUMN: Final = "import_line"
REASON_COLUMN: Final = "import_reason"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one row."""

    number: int
    status: RowStatus
    key: str | None
    row_id: UUID | None
    errors: list[dict[str, str]]
    cells: dict[str, Any]


def reports(rows: Sequence[ReadRow], results: Mapping[int, ItemResult], language: Language) -> list[Report]:
    """The reports of rows, in their order; ``results`` are the loader's, by the identity of the row that was read."""
    return [_report(row, results.get(id(row)), language) for row in rows]


def _report(row: ReadRow, result: ItemResult | None, language: Language) -> Report:
    if result is not None and result.problem is None:
        return Report(row.row.number, RowStatus(result.status.value), row.key, result.id, [], {})
    errors = [error.told(language) for error in row.errors]
    if result is not None and result.problem is not None:
        body = result.problem.body(language)
        errors = body.get("errors") or [{"pointer": "", "code": body["code"], "detail": body["detail"]}]
    safe = [{name: printable(text)[:_LONGEST_DETAIL] for name, text in error.items()} for error in errors]
    cells = {name: _kept(value) for name, value in row.row.values.items()}
    return Report(row.row.number, RowStatus.failed, row.key, None, safe, cells)


def _kept(value: object) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    nested = isinstance(value, list) and any(isinstance(each, (dict, list)) for each in value)
    text = (
        orjson.dumps(value).decode() if nested else ";".join(map(str, value)) if isinstance(value, list) else str(value)
    )
    return printable(text)[:_LONGEST_CELL]


def counts(found: Sequence[Report]) -> dict[str, int]:
    """How many rows have which status."""
    counted = Counter(report.status for report in found)
    return {status.value: counted[status] for status in RowStatus}


async def keep(tx: Tx, import_id: UUID, found: Sequence[Report]) -> None:
    """Store these reports with their import; one statement."""
    if not found:
        return
    await tx.execute(
        """
        INSERT INTO import_rows (workspace_id, id, import_id, number, status, key, row_id, errors, cells)
        SELECT %(ws)s, id, %(import)s, number, status, key, row_id, errors, cells
        FROM unnest(%(ids)s::uuid[], %(numbers)s::bigint[], %(statuses)s::text[], %(keys)s::text[],
            %(row_ids)s::uuid[], %(errors)s::jsonb[], %(cells)s::jsonb[])
            AS kept (id, number, status, key, row_id, errors, cells)
        """,
        {
            "ws": tx.workspace_id,
            "import": import_id,
            "ids": [new_id() for _ in found],
            "numbers": [report.number for report in found],
            "statuses": [report.status.value for report in found],
            "keys": [report.key for report in found],
            "row_ids": [report.row_id for report in found],
            "errors": [Jsonb(report.errors) for report in found],
            "cells": [Jsonb(report.cells) for report in found],
        },
    )


async def rejected_rows(
    database: Database, workspace_id: UUID, import_id: UUID, columns: Sequence[str]
) -> AsyncIterator[bytes]:
    """The failed rows as CSV: their cells, their line and the reasons. Each part is read in a transaction of its own."""
    named = [name for name in columns if name]
    # The mark lets spreadsheets know that it is UTF-8.
    yield "\ufeff".encode() + _csv([[*named, LINE_COLUMN, REASON_COLUMN]])
    after = 0
    while True:
        async with database.read(workspace_id) as tx:
            found = await tx.fetch(
                "SELECT number, errors, cells FROM import_rows WHERE workspace_id = %s AND import_id = %s "
                "AND status = 'failed' AND number > %s ORDER BY number LIMIT %s",
                [workspace_id, import_id, after, _AT_ONCE],
            )
        if not found:
            return
        yield _csv([[*(cells.get(name) for name in named), number, _told(errors)] for number, errors, cells in found])
        after = found[-1][0]


def _told(errors: Sequence[Mapping[str, str]]) -> str:
    return "; ".join(f"{error['pointer']} {error['detail']}".strip() for error in errors)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return written.getvalue().encode()
