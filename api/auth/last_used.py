"""When an API key was last used: noted at most once a minute per key, beside the request."""

import asyncio
import time
from uuid import UUID

from api.kit import clock
from api.kit.db import Database

_EVERY_SECONDS = 60.0


class LastUsed:
    """Notes the use of API keys without making requests wait or write."""

    def __init__(self) -> None:
        self._noted: dict[UUID, float] = {}
        self._running: set[asyncio.Task[None]] = set()

    def note(self, database: Database, workspace_id: UUID, key_id: UUID) -> None:
        """Note that the key is in use now."""
        moment = time.monotonic()
        if moment - self._noted.get(key_id, -_EVERY_SECONDS) < _EVERY_SECONDS:
            return
        if len(self._noted) > 10_000:
            self._noted.clear()
        self._noted[key_id] = moment
        task = asyncio.create_task(_write(database, workspace_id, key_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Wait for the notes that are being written."""
        await asyncio.gather(*self._running, return_exceptions=True)


async def _write(database: Database, workspace_id: UUID, key_id: UUID) -> None:
    async with database.write(workspace_id) as tx:
        await tx.execute(
            "UPDATE credentials SET last_used_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"now": clock.now(), "ws": workspace_id, "id": key_id},
        )
