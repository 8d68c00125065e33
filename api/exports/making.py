"""Making the file of an export.

A run of the job may be interrupted anywhere and started again, even beside one that is still alive. So each run writes
chunks under an id of its own, which the export's row names: the first statement of a run forgets the chunks of the
one before, and a run that finds another's id there (or a state other than ``running``) forgets its own and ends.
"""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from sqlalchemy.exc import OperationalError

from api.auth.acting import actor_now
from api.exports.columns import row_per
from api.exports.formats import Encoder, encoder
from api.exports.models import Export, ExportFormat, ExportState
from api.exports.resource import EXPORTS
from api.exports.sources import SOURCES, Source
from api.kit import clock, write
from api.kit.actors import Actor, ActorKind
from api.kit.db import Database, Tx
from api.kit.files import FileWriter, delete_file
from api.kit.problems import FORBIDDEN, INTERNAL, TIMED_OUT, Language, Problem
from api.kit.read import Found, find_page
from api.kit.schemas import Include
from api.kit.tables import new_id

LIFETIME: Final = dt.timedelta(days=7)
NOTED_EVERY: Final = 1.0
"""Seconds between two looks at the export's row, which get its progress and tell of its cancellation."""

ONE_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
PAGE_ROWS: Final = 200


@dataclass(frozen=True)
class Run:
    """One run of the job: what it makes, for whom, and the id of its chunks."""

    workspace_id: UUID
    export: Export
    file_id: UUID
    actor: Actor

    @property
    def source(self) -> Source:
        """The list."""
        return SOURCES[self.export.resource]


async def make(database: Database, workspace_id: UUID, export_id: UUID) -> None:
    """Make the file, unless there is nothing to do any more.

    What is wrong with the export itself ends it as ``failed``. An outage is raised, so that the job is tried again.
    """
    run = await _begin(database, workspace_id, export_id)
    if run is None:
        return
    try:
        await _write(database, run)
    except (Problem, psycopg.OperationalError, OperationalError) as error:
        if (problem := _fault(error)) is None:
            raise
        await _fail(database, run, problem)
    except Exception:
        await _fail(database, run, INTERNAL())
        raise


def _fault(error: Exception) -> Problem | None:
    """What the export is to blame for; None for an outage."""
    cause = error.orig if isinstance(error, OperationalError) else error
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return TIMED_OUT()
    return cause if isinstance(cause, Problem) and cause.type.status < 500 else None


async def _begin(database: Database, workspace_id: UUID, export_id: UUID) -> Run | None:
    """Claim the export for this run; None when it is over already."""
    async with database.write(workspace_id) as tx:
        export = await write.lock(tx, EXPORTS, Export, export_id)
        if export.file_id is not None and export.state != ExportState.done:
            await delete_file(tx, export.file_id)
        if export.state != ExportState.running:
            return None
        actor = await actor_now(tx, ActorKind(export.asked_by_kind), export.asked_by_id)
        if actor is None or not actor.may(scope := SOURCES[export.resource].scope):
            await ended(tx, export, ExportState.failed, problem=FORBIDDEN(scope=scope if actor else "exports:write"))
            return None
        file_id = new_id()
        await tx.execute(
            "UPDATE exports SET file_id = %(file)s, rows = 0, updated_at = %(now)s "
            "WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"ws": workspace_id, "id": export_id, "file": file_id, "now": clock.now()},
        )
        return Run(workspace_id, export, file_id, actor)


async def _write(database: Database, run: Run) -> None:
    writer = FileWriter(database, run.workspace_id, run.file_id)
    export = run.export
    per = row_per(run.source, export.columns)
    async with encoder(ExportFormat(export.format), export.columns, bom=export.bom, per=per) as encoding:
        if await _take_pages(database, run, writer, encoding):
            for piece in await asyncio.to_thread(encoding.end):
                await writer.write(piece)
            await writer.close()
    async with database.write(run.workspace_id) as tx:
        if ours := await _still_ours(tx, run):
            tx.actor = run.actor
            written = {"rows": encoding.count, "size": writer.size, "digest": writer.digest}
            await ended(tx, ours, ExportState.done, {**written, "expires_at": clock.now() + LIFETIME})


async def _take_pages(database: Database, run: Run, writer: FileWriter, encoding: Encoder) -> bool:
    """Write all pages; False when the run is not to go on."""
    noted: float | None = None
    async with aclosing(_pages(database, run)) as pages:
        async for page in pages:
            if noted is None:
                await writer.write(encoding.start(page.total or 0))
            if noted is None or time.monotonic() - noted >= NOTED_EVERY:
                if not await _note(database, run, encoding.count, page.total):
                    return False
                noted = time.monotonic()
            await writer.write(await asyncio.to_thread(encoding.page, page.items))
    return True


async def _pages(database: Database, run: Run) -> AsyncGenerator[Found]:
    """The pages of the list, all from one snapshot, as the asker sees them now; the first one counts them."""
    source = run.source
    query = source.query.model_validate(run.export.query)
    async with database.read(run.workspace_id, ONE_SNAPSHOT) as tx:
        tx.actor = run.actor
        asked: dict[str, Any] = {"limit": PAGE_ROWS}
        if run.export.columns:
            used = {name.partition(".")[0] for name in run.export.columns}
            asked["fields"] = sorted(used - source.resource.expands.keys())
        query = (await source.applied(tx, query)).model_copy(update=asked)
        following: dict[str, Any] = {"include": Include.total_count}
        while True:
            page = await find_page(
                tx, source.resource, source.read, query.model_copy(update=following), where=source.where(tx)
            )
            yield page
            if page.next_cursor is None:
                return
            following = {"cursor": page.next_cursor}


async def _note(database: Database, run: Run, rows: int, total: int | None) -> bool:
    """Show the progress; whether the run is to go on."""
    async with database.write(run.workspace_id) as tx:
        touched = await tx.execute(
            "UPDATE exports SET rows = %(rows)s, total_rows = coalesce(%(total)s, total_rows), updated_at = %(now)s "
            "WHERE workspace_id = %(ws)s AND id = %(id)s AND file_id = %(file)s AND state = 'running'",
            {
                "ws": run.workspace_id,
                "id": run.export.id,
                "file": run.file_id,
                "rows": rows,
                "total": total,
                "now": clock.now(),
            },
        )
    return touched == 1


async def _still_ours(tx: Tx, run: Run) -> Export | None:
    """The export, locked; or None, and the run's chunks forgotten, when it was cancelled or another run has it."""
    export = await write.lock(tx, EXPORTS, Export, run.export.id)
    if export.state == ExportState.running and export.file_id == run.file_id:
        return export
    await delete_file(tx, run.file_id)
    return None


async def _fail(database: Database, run: Run, problem: Problem) -> None:
    async with database.write(run.workspace_id) as tx:
        if export := await _still_ours(tx, run):
            await delete_file(tx, run.file_id)
            await ended(tx, export, ExportState.failed, problem=problem)


async def ended(
    tx: Tx,
    export: Export,
    state: ExportState,
    values: dict[str, Any] | None = None,
    *,
    problem: Problem | None = None,
) -> None:
    """Note how a locked export ended, and announce it."""
    action = "finished" if state is ExportState.done else state.value
    told = None if problem is None else problem.body(Language(export.language))
    values = {**(values or {}), "state": state.value, "problem": told, "finished_at": clock.now()}
    announced: dict[str, Any] = {"exported": export.resource}
    await write.change(tx, EXPORTS, export, values, action=action, announce=announced)
