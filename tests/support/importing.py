"""A worker for imports, in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import httpx

from api.imports import running
from tests.support.workspaces import WorkspaceForTest


@asynccontextmanager
async def imports_running(workspace: WorkspaceForTest) -> AsyncIterator[httpx.AsyncClient]:
    """The admin's client, whose imports are run as soon as they are started."""
    client = await workspace.client()
    ended = asyncio.Event()
    worker = asyncio.create_task(_work(workspace, client, ended))
    try:
        yield client
    finally:
        ended.set()
        await worker


async def _work(workspace: WorkspaceForTest, client: httpx.AsyncClient, ended: asyncio.Event) -> None:
    while not ended.is_set():
        await asyncio.sleep(0.05)
        for each in (await client.get("/v1/imports", params={"state": "running"})).json()["data"]:
            await running.run(workspace.database, workspace.id, UUID(each["id"]))
