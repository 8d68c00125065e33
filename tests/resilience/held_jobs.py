"""Jobs that stop where a test holds them; run as a module, the worker that knows them."""

import asyncio
from typing import Final
from uuid import UUID

from api import worker
from api.kit import jobs
from api.kit.db import Database
from api.kit.settings import settings

BEFORE_COMMIT: Final = 71
AFTER_COMMIT: Final = 72


@jobs.job("tests.resilience.add")
async def add(database: Database, workspace_id: str, name: str, held_at: int) -> None:
    """Note the name once, however often the job runs; ``held_at`` is the advisory lock at which it may be held."""
    async with database.write(UUID(workspace_id)) as tx:
        await tx.execute(
            "INSERT INTO idempotency_keys (workspace_id, principal, route, key, fingerprint, status, headers, body, "
            "created_at) VALUES (%(ws)s, 'job', 'job', %(name)s, '', 200, '{}', '', now()) ON CONFLICT DO NOTHING",
            {"ws": tx.workspace_id, "name": name},
        )
        if held_at == BEFORE_COMMIT:
            await tx.fetch("SELECT pg_advisory_xact_lock_shared(%s)", [BEFORE_COMMIT])
    if held_at == AFTER_COMMIT:
        async with database.write(UUID(workspace_id)) as tx:
            await tx.fetch("SELECT pg_advisory_xact_lock_shared(%s)", [AFTER_COMMIT])


@jobs.job("tests.resilience.fail")
async def fail(database: Database) -> None:
    """Never succeeds."""
    raise RuntimeError("as asked")


if __name__ == "__main__":
    asyncio.run(worker.run(settings()))
