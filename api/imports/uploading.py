"""The file of an import: stored piece by piece, looked at, and put in the place of an earlier one."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from api.imports.analysis import HEAD_BYTES, ZIP, Analysis, analysed
from api.imports.mapping import custom_fields, known_target, suggestions
from api.imports.models import Import, ImportState
from api.imports.refusals import FileRefusedError, refusal
from api.imports.resource import IMPORTS
from api.imports.service import require_scope
from api.kit import clock, write
from api.kit.db import Database, Tx
from api.kit.files import FileWriter, delete_file, read_file
from api.kit.known_at import KnownAt
from api.kit.problems import invalid, problem_type
from api.kit.tables import new_id

REPLACEABLE: Final = frozenset({ImportState.waiting_for_file, ImportState.ready})

FILE_IN_USE = problem_type(
    "import_file_in_use",
    409,
    en=("File in use", "The import is `{state}`; its file cannot be replaced any more."),
    ja=("ファイルは使用中です", "インポートは `{state}` のため、ファイルを置き換えられません。"),
)
UPLOAD_OVERTAKEN = problem_type(
    "upload_overtaken",
    409,
    en=("Another upload came between", "Another file was being uploaded for this import; upload again."),
    ja=(
        "別のアップロードがありました",
        "このインポートに別のファイルがアップロードされました。もう一度アップロードしてください。",
    ),
)


class Upload:
    """One upload, begun in one transaction and finished in another; what lies between holds none."""

    def __init__(self, database: Database, row: Import) -> None:
        assert row.upload_id is not None
        self.id = row.upload_id
        self._import = row
        self._database = database
        self._writer = FileWriter(database, row.workspace_id, row.upload_id)
        self._analysis: Analysis | None = None

    @classmethod
    async def begun(cls, tx: Tx, database: Database, import_id: UUID) -> "Upload":
        """Note that an upload begins; one that never ended is forgotten."""
        row = await _replaceable(tx, import_id)
        if row.upload_id is not None:
            await delete_file(tx, row.upload_id)
        row.upload_id, row.upload_began_at = new_id(), clock.now()
        await tx.flush()
        return cls(database, row)

    async def take(self, body: AsyncIterator[bytes], *, most_workbook_bytes: int) -> None:
        """Store the body and look at its head.

        Raises:
            Problem: ``invalid_input``: the file cannot be imported; ``errors`` says why.
        """
        head = bytearray()
        try:
            async for piece in body:
                head += piece[: HEAD_BYTES - len(head)]
                await self._writer.write(piece)
                if head.startswith(ZIP) and self._writer.size > most_workbook_bytes:
                    raise _too_large(most_workbook_bytes)
            await self._writer.close()
            self._analysis = await analysed(
                bytes(head),
                read_file(self._database, self._import.workspace_id, self.id),
                filename=self._import.filename,
                wanted_format=self._import.chosen["format"],
                wanted_encoding=self._import.chosen["encoding"],
            )
        except FileRefusedError as error:
            raise invalid(error.reason) from error

    async def finish(self, tx: Tx) -> None:
        """Make it the import's file, in the place of an earlier one."""
        assert self._analysis is not None
        row = await _replaceable(tx, self._import.id)
        if row.upload_id != self.id:
            raise UPLOAD_OVERTAKEN()
        if row.file_id is not None:
            await delete_file(tx, row.file_id)
        layout = self._analysis.layout
        target = known_target(row.resource)
        named = [name for name in layout.columns if name]
        dated = row.known_at == KnownAt.column
        suggested = suggestions(target, named, await custom_fields(tx, target), dated=dated)
        row.upload_id = row.upload_began_at = None
        found = {
            "state": ImportState.ready.value,
            "file_id": self.id,
            "format": layout.format.value,
            "encoding": layout.encoding or None,
            "delimiter": layout.delimiter or None,
            "size_bytes": self._writer.size,
            "digest": self._writer.digest,
            "columns": [
                {"name": name, "samples": self._analysis.samples.get(name, []), "suggested_target": suggested.get(name)}
                for name in layout.columns
            ],
            "mapping": row.chosen["mapping"] or suggested,
        }
        await write.change(tx, IMPORTS, row, found)

    async def abandon(self) -> None:
        """Forget what was stored, after an upload that came to nothing."""
        async with self._database.write(self._import.workspace_id) as tx:
            await delete_file(tx, self.id)
            await tx.execute(
                "UPDATE imports SET upload_id = NULL, upload_began_at = NULL "
                "WHERE workspace_id = %(ws)s AND id = %(id)s AND upload_id = %(upload)s",
                {"ws": tx.workspace_id, "id": self._import.id, "upload": self.id},
            )


async def _replaceable(tx: Tx, import_id: UUID) -> Import:
    row = await write.lock(tx, IMPORTS, Import, import_id)
    require_scope(tx, known_target(row.resource))
    if row.state not in REPLACEABLE:
        raise FILE_IN_USE(state=row.state)
    return row


def _too_large(limit: int) -> FileRefusedError:
    return refusal(
        "workbook_too_large",
        f"A workbook may have at most {limit} bytes; save it as CSV",
        f"ブックは最大 {limit} バイトです。CSV で保存してください",
    )
