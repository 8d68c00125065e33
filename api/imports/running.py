"""Brings the rows of a file in, batch by batch.

A batch is one transaction: the records it changes, what the report says of its rows, and how far the import has come.
So an import that was interrupted goes on with its next batch, and each row is applied once or, before its batch was
reached, not at all.
"""

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import col

from api.auth.service import workspace_now
from api.imports import reporting
from api.imports.importable import Options
from api.imports.items import Conversion
from api.imports.joining import Keys, refuse_parts, whole
from api.imports.loading import load
from api.imports.mapping import custom_fields, known_target
from api.imports.models import FileFormat, Import, ImportState
from api.imports.refusals import FileRefusedError
from api.imports.resource import IMPORTS
from api.imports.table import Layout, Progress, SourceRow, source_rows
from api.kit import clock, write
from api.kit.actors import Actor, ActorKind
from api.kit.db import Database, Tx
from api.kit.files import read_file
from api.kit.known_at import KnownAt
from api.kit.problems import INTERNAL, Language

log = structlog.get_logger("perennial.imports")

MOST_FAILED_ATTEMPTS: Final = 6
"""After so many in a row, without a batch between them, the import fails."""


async def run(database: Database, workspace_id: UUID, import_id: UUID) -> None:
    """Do what is left of an import; nothing when it no longer runs."""
    async with database.write(workspace_id) as tx:
        row = await tx.session.scalar(
            select(Import).where(
                col(Import.workspace_id) == workspace_id,
                col(Import.id) == import_id,
                col(Import.state) == ImportState.running.value,
            )
        )
    if row is None:
        return
    running = _Running(database, row)
    try:
        await running.work()
    except FileRefusedError as error:
        told = error.reason.told(running.language)
        await running.end(ImportState.failed, {"code": told["code"], "detail": told["detail"]})
    except Exception as error:
        if await running.attempts_failed() < MOST_FAILED_ATTEMPTS:
            raise
        log.exception("import given up", import_id=str(import_id), exc_info=error)
        told = INTERNAL().body(running.language)
        await running.end(ImportState.failed, {"code": told["code"], "detail": told["detail"]})
    finally:
        running.close()


class _Running:
    def __init__(self, database: Database, row: Import) -> None:
        self._database = database
        self._row = row
        self._target = known_target(row.resource)
        self._options = Options(row.id, KnownAt(row.known_at))
        self._keys = Keys()
        self._progress = Progress()
        self._done = row.rows_done
        assert row.started_by_kind is not None
        assert row.format is not None
        self._actor = Actor(ActorKind(row.started_by_kind), row.started_by_id, "", frozenset())
        self._format = FileFormat(row.format)
        self.language = Language(row.language)

    def close(self) -> None:
        """Forget the keys of the file."""
        self._keys.close()

    async def work(self) -> None:
        """Apply the rows that are left, and end the import; or stop where somebody else ended it."""
        row = self._row
        assert row.file_id is not None
        columns = [column["name"] for column in row.columns]
        layout = Layout(self._format, row.encoding or "", row.delimiter or "", columns)
        chunks = read_file(self._database, row.workspace_id, row.file_id)
        skip, batch = self._done, list[SourceRow]()
        async with aclosing(source_rows(chunks, layout, self._progress)) as found:
            async for rows in found:
                passed = min(skip, len(rows))
                skip -= passed
                self._pass_over(rows[:passed])
                batch += rows[passed:]
                while len(batch) >= self._target.batch:
                    count = self._whole(batch[: self._target.batch])
                    if not await self._apply(batch[:count]):
                        return
                    del batch[:count]
        if batch and not await self._apply(batch):
            return
        await self.end(ImportState.done)

    def _pass_over(self, rows: Sequence[SourceRow]) -> None:
        """Note the records of rows that were applied before."""
        if self._target.joins:
            for key in filter(None, self._keys_of(rows)):
                self._keys.add(key)

    def _whole(self, rows: Sequence[SourceRow]) -> int:
        """How many of these rows make a batch: all, but none of a record that may go on after them."""
        return whole(self._keys_of(rows)) if self._target.joins else len(rows)

    def _keys_of(self, rows: Sequence[SourceRow]) -> list[str | None]:
        conversion = Conversion.of(self._target, self._row.mapping, {}, self._format, clock.now())
        return [conversion.key(row) for row in rows]

    async def _apply(self, rows: Sequence[SourceRow]) -> bool:
        """Apply a batch; False when the import was cancelled, or another worker has taken it over."""
        async with self._database.write(self._row.workspace_id) as tx:
            if not await self._is_mine(tx):
                return False
            tx.actor = self._actor
            declared = await custom_fields(tx, self._target)
            now = await workspace_now(tx)
            conversion = Conversion.of(self._target, self._row.mapping, declared, self._format, now)
            read = [conversion.read(row) for row in rows]
            if self._target.joins:
                refuse_parts(read, self._keys)
            good = [each for each in read if not each.errors]
            items = [each.item for each in good]
            results = await load(tx, self._target, items, self._options, undo=self._row.dry_run)
            reports = reporting.reports(read, dict(zip(map(id, good), results, strict=True)), self.language)
            kept = reports if self._row.dry_run else [report for report in reports if report.errors]
            await reporting.keep(tx, self._row.id, kept)
            await self._note_progress(tx, len(rows), reporting.counts(reports))
        self._done += len(rows)
        return True

    async def _is_mine(self, tx: Tx) -> bool:
        found = await tx.fetch(
            "SELECT state, rows_done FROM imports WHERE workspace_id = %s AND id = %s FOR UPDATE",
            [tx.workspace_id, self._row.id],
        )
        return found == [(ImportState.running.value, self._done)]

    async def _note_progress(self, tx: Tx, rows: int, counts: dict[str, int]) -> None:
        # Not a change of the record: a version, an audit entry and an event for each batch would tell nobody anything.
        await tx.execute(
            "UPDATE imports SET rows_done = rows_done + %(rows)s, bytes_done = %(bytes)s, rows_total = %(total)s, "
            "rows_created = rows_created + %(created)s, rows_updated = rows_updated + %(updated)s, "
            "rows_unchanged = rows_unchanged + %(unchanged)s, rows_failed = rows_failed + %(failed)s, "
            "progressed_at = %(now)s, attempts_failed = 0 WHERE workspace_id = %(ws)s AND id = %(id)s",
            {
                "ws": tx.workspace_id,
                "id": self._row.id,
                "rows": rows,
                "bytes": self._progress.bytes_read,
                "total": self._progress.rows_total,
                "now": clock.now(),
                **counts,
            },
        )

    async def end(self, state: ImportState, failure: dict[str, Any] | None = None) -> None:
        """End the import, unless somebody else did."""
        async with self._database.write(self._row.workspace_id) as tx:
            if not await self._is_mine(tx):
                return
            tx.actor = self._actor
            row = await write.lock(tx, IMPORTS, Import, self._row.id)
            ended: dict[str, Any] = {"state": state.value, "finished_at": clock.now(), "failure": failure}
            if state is ImportState.done:
                ended |= {"rows_total": row.rows_done, "bytes_done": row.size_bytes}
            action = "finished" if state is ImportState.done else state.value
            await write.change(tx, IMPORTS, row, ended, action=action, announce={"resource": row.resource})

    async def attempts_failed(self) -> int:
        """Count one more attempt that failed; how many in a row."""
        async with self._database.write(self._row.workspace_id) as tx:
            found = await tx.fetch(
                "UPDATE imports SET attempts_failed = attempts_failed + 1 WHERE workspace_id = %s AND id = %s "
                "RETURNING attempts_failed",
                [tx.workspace_id, self._row.id],
            )
        return int(found[0][0])
