"""What imports do in the worker: run, go on after an outage, and forget their files."""

import datetime as dt
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from api.imports import running
from api.imports.models import Import, ImportState
from api.imports.resource import IMPORTS
from api.kit import clock, jobs, write
from api.kit.db import Database, Tx
from api.kit.files import delete_file

KEPT: Final = dt.timedelta(days=30)
ABANDONED_AFTER: Final = dt.timedelta(days=1)
STALLED_AFTER: Final = dt.timedelta(hours=1)


@jobs.job("imports.run")
async def run_import(database: Database, workspace_id: str, import_id: str) -> None:
    """Do what is left of an import."""
    await running.run(database, UUID(workspace_id), UUID(import_id))


async def defer_run(tx: Tx, import_id: UUID) -> None:
    """Let the worker run an import once the transaction has committed."""
    arguments = {"workspace_id": str(tx.workspace_id), "import_id": str(import_id)}
    await jobs.defer(tx, run_import, once=f"imports.run {import_id}", **arguments)


@jobs.housekeeping
async def resume_stalled_imports(tx: Tx) -> int:
    """Queue imports again that have not moved for an hour: their job was given up, or lost."""
    rows = await tx.fetch(
        "SELECT id FROM imports WHERE workspace_id = %s AND state = 'running' AND progressed_at < %s",
        [tx.workspace_id, clock.now() - STALLED_AFTER],
    )
    for (import_id,) in rows:
        await defer_run(tx, import_id)
    return len(rows)


@jobs.housekeeping
async def forget_files(tx: Tx) -> int:
    """Delete files, and the rows of reports, 30 days after the end; imports that never began end then."""
    before = clock.now() - KEPT
    waiting = [ImportState.waiting_for_file.value, ImportState.ready.value]
    query = select(Import).where(
        col(Import.workspace_id) == tx.workspace_id,
        col(Import.state).in_(waiting),
        col(Import.updated_at) < before,
    )
    never_begun = list(await tx.session.scalars(query))
    for row in never_begun:
        ended = {"state": ImportState.cancelled.value, "finished_at": clock.now()}
        await write.change(tx, IMPORTS, row, ended, action="cancelled", announce={"resource": row.resource})
    old = await tx.fetch(
        "SELECT id, file_id, upload_id FROM imports WHERE workspace_id = %s "
        "AND (file_id IS NOT NULL OR upload_id IS NOT NULL) AND (finished_at <= %s OR id = ANY(%s))",
        [tx.workspace_id, before, [row.id for row in never_begun]],
    )
    removed = 0
    for import_id, *files in old:
        for file_id in filter(None, files):
            removed += await delete_file(tx, file_id)
        which = {"ws": tx.workspace_id, "id": import_id}
        await tx.execute("DELETE FROM import_rows WHERE workspace_id = %(ws)s AND import_id = %(id)s", which)
        await tx.execute(
            "UPDATE imports SET file_id = NULL, upload_id = NULL, columns = '[]' "
            "WHERE workspace_id = %(ws)s AND id = %(id)s",
            which,
        )
    return removed


@jobs.housekeeping
async def forget_abandoned_uploads(tx: Tx) -> int:
    """Delete what was stored of uploads that never ended."""
    rows = await tx.fetch(
        "UPDATE imports i SET upload_id = NULL, upload_began_at = NULL FROM imports before "
        "WHERE i.workspace_id = %(ws)s AND before.workspace_id = %(ws)s AND before.id = i.id "
        "AND i.upload_began_at < %(since)s RETURNING before.upload_id",
        {"ws": tx.workspace_id, "since": clock.now() - ABANDONED_AFTER},
    )
    return sum([await delete_file(tx, upload_id) for (upload_id,) in rows if upload_id is not None])
