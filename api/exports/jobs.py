"""The job that makes exports, and the housekeeping of their files."""

import datetime as dt
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.exports import making
from api.exports.models import Export, ExportState
from api.exports.resource import EXPORTS
from api.exports.sources import SOURCES
from api.kit import clock, jobs, write
from api.kit.db import Database, Tx
from api.kit.problems import UNAVAILABLE

GIVEN_UP_AFTER: Final = dt.timedelta(hours=2)
"""Without progress. The job itself is tried for one hour."""


@jobs.job("exports.make")
async def make_export(database: Database, workspace_id: str, export_id: str) -> None:
    """Make the file of an export."""
    await making.make(database, UUID(workspace_id), UUID(export_id))


@jobs.housekeeping
async def expire_files_about_erased_people(tx: Tx) -> int:
    """End the life of files that were made before a contact in them was erased."""
    about_people = [name for name, source in SOURCES.items() if source.about_people]
    rows = await tx.fetch(
        "SELECT id FROM exports WHERE workspace_id = %s AND resource = ANY(%s) AND state = 'done' AND expires_at > %s "
        "AND created_at <= (SELECT max(erased_at) FROM contacts WHERE workspace_id = %s) ORDER BY id",
        [tx.workspace_id, about_people, clock.now(), tx.workspace_id],
    )
    for (export_id,) in rows:
        export = await write.lock(tx, EXPORTS, Export, export_id)
        await write.change(tx, EXPORTS, export, {"expires_at": clock.now()}, action="expired")
    return len(rows)


@jobs.housekeeping
async def give_up_exports(tx: Tx) -> int:
    """Fail the exports whose job is gone: it was tried too often, or its worker died too often."""
    stuck = await tx.session.scalars(
        sa.select(Export)
        .where(
            col(Export.workspace_id) == tx.workspace_id,
            col(Export.state) == ExportState.running.value,
            col(Export.updated_at) <= clock.now() - GIVEN_UP_AFTER,
        )
        .order_by(col(Export.id))
        .with_for_update()
    )
    exports = list(stuck)
    for export in exports:
        await making.ended(tx, export, ExportState.failed, problem=UNAVAILABLE())
    return len(exports)


@jobs.housekeeping
async def forget_files(tx: Tx) -> int:
    """Delete the files that have expired, and what cancelled or failed exports left behind."""
    return await tx.execute(
        "DELETE FROM file_chunks USING exports WHERE file_chunks.workspace_id = %(ws)s AND exports.workspace_id = %(ws)s "
        "AND file_chunks.file_id = exports.file_id AND (exports.expires_at <= %(now)s "
        "OR exports.state IN ('failed', 'cancelled'))",
        {"ws": tx.workspace_id, "now": clock.now()},
    )
