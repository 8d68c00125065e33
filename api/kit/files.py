"""Files, kept in Postgres as chunks: the API and the worker share no disk.

A file belongs to a record (an import, an export) and has its id. It is written by one stream, chunk by chunk, each
in a transaction of its own, so that neither memory nor a transaction grows with the file.
"""

import hashlib
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from api.kit.db import Database, Tx
from api.kit.tables import DISTRIBUTED, in_workspace

CHUNK_BYTES: Final = 256 * 1024


class FileChunk(SQLModel, table=True):
    """A piece of a file."""

    __tablename__ = "file_chunks"
    __table_args__ = (in_workspace(), DISTRIBUTED)

    workspace_id: UUID = Field(primary_key=True)
    file_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    content: bytes = Field(sa_type=sa.LargeBinary, nullable=False)


class FileWriter:
    """Appends bytes to a file; ``size`` and ``digest`` (SHA-256, hex) describe what was written so far."""

    def __init__(self, database: Database, workspace_id: UUID, file_id: UUID) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._file_id = file_id
        self._number = 0
        self._waiting = bytearray()
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written, in hex."""
        return self._hash.hexdigest()

    async def write(self, content: bytes) -> None:
        """Append; whole chunks are stored at once, the rest waits."""
        self._waiting += content
        while len(self._waiting) >= CHUNK_BYTES:
            await self._store(bytes(self._waiting[:CHUNK_BYTES]))
            del self._waiting[:CHUNK_BYTES]

    async def close(self) -> None:
        """Store what still waits."""
        if self._waiting:
            await self._store(bytes(self._waiting))
            self._waiting.clear()

    async def _store(self, content: bytes) -> None:
        async with self._database.write(self._workspace_id) as tx:
            await tx.execute(
                "INSERT INTO file_chunks (workspace_id, file_id, number, content) "
                "VALUES (%(ws)s, %(file)s, %(number)s, %(content)s)",
                {"ws": self._workspace_id, "file": self._file_id, "number": self._number, "content": content},
            )
        self._number += 1
        self.size += len(content)
        self._hash.update(content)


async def read_file(database: Database, workspace_id: UUID, file_id: UUID) -> AsyncIterator[bytes]:
    """The chunks of a file in order, each read in a transaction of its own: a body that streams may take them."""
    number = 0
    while True:
        async with database.read(workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT content FROM file_chunks WHERE workspace_id = %s AND file_id = %s AND number = %s",
                [workspace_id, file_id, number],
            )
        if not rows:
            return
        yield bytes(rows[0][0])
        number += 1


async def delete_file(tx: Tx, file_id: UUID) -> int:
    """Forget a file; how many chunks it had."""
    return await tx.execute(
        "DELETE FROM file_chunks WHERE workspace_id = %(ws)s AND file_id = %(file)s",
        {"ws": tx.workspace_id, "file": file_id},
    )
