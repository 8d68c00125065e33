"""An import over HTTP, from the file to the report."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import procrastinate
import psycopg
import pytest

from api.imports import running
from api.kit import jobs
from api.kit.db import Database
from api.kit.settings import Settings
from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]
ACCOUNTS = {"id": "external_id", "name": "name"}


class Importer:
    """Imports files as a user of the workspace."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient) -> None:
        self.workspace = workspace
        self.client = client

    async def create(self, resource: str = "accounts", **values: Any) -> str:
        """A new import; its id."""
        answer = await self.client.post("/v1/imports", json={"resource": resource, "filename": "file.csv", **values})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def upload(self, import_id: str, content: bytes) -> httpx.Response:
        """The answer to a file."""
        return await self.client.put(f"/v1/imports/{import_id}/file", content=content)

    async def start(self, import_id: str, **values: Any) -> httpx.Response:
        """The answer to a start."""
        return await self.client.post(f"/v1/imports/{import_id}:start", json=values)

    async def get(self, import_id: str) -> Json:
        """The import as it is."""
        found: Json = (await self.client.get(f"/v1/imports/{import_id}")).json()
        return found

    async def started(
        self, content: str | bytes, mapping: Json | None = None, *, resource: str = "accounts", **values: Any
    ) -> str:
        """An import that has started; its id."""
        import_id = await self.create(resource, **values)
        uploaded = await self.upload(import_id, content.encode() if isinstance(content, str) else content)
        assert uploaded.status_code == 200, uploaded.text
        answer = await self.start(import_id, **({"mapping": mapping} if mapping else {}))
        assert answer.status_code == 200, answer.text
        return import_id

    async def work(self, import_id: str) -> Json:
        """Run the job, in this process; the import afterwards."""
        await running.run(self.workspace.database, self.workspace.id, UUID(import_id))
        return await self.get(import_id)

    async def done(self, content: str | bytes, mapping: Json | None = None, **values: Any) -> Json:
        """The import of a file, when it has ended."""
        return await self.work(await self.started(content, mapping, **values))

    async def rows(self, import_id: str, **query: Any) -> list[Json]:
        """The report."""
        answer = await self.client.get(f"/v1/imports/{import_id}/rows", params={"limit": 200, **query})
        assert answer.status_code == 200, answer.text
        found: list[Json] = answer.json()["data"]
        return found

    async def accounts(self, *fields: str) -> dict[str, Any]:
        """The accounts by external id: the values of these fields."""
        query: Json = {"limit": 200, "fields": ",".join(["external_id", *fields])}
        data = (await self.client.get("/v1/accounts", params=query)).json()["data"]
        return {each["external_id"]: [each[name] for name in fields] for each in data}


def counted(found: Json) -> tuple[int, int, int, int]:
    """How many rows were created, updated, unchanged, failed."""
    return tuple(found[f"rows_{name}"] for name in ("created", "updated", "unchanged", "failed"))


@pytest.fixture
async def importer(workspace: WorkspaceForTest) -> Importer:
    """Imports files as an administrator."""
    return Importer(workspace, await workspace.client())


@pytest.fixture
async def worker(
    settings: Settings, workspace: WorkspaceForTest, owner: psycopg.Connection
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Runs the jobs that wait, as the worker's role, until there are none."""
    url = settings.worker_url.get_secret_value()
    owner.execute("DELETE FROM procrastinate_jobs")
    connector = procrastinate.PsycopgConnector(conninfo=url, min_size=1, max_size=3)
    async with Database(url, settings, size=2) as heads:
        with jobs.app.replace_connector(connector):
            async with jobs.app.open_async():

                async def run() -> None:
                    await jobs.app.run_worker_async(
                        wait=False,
                        install_signal_handlers=False,
                        listen_notify=False,
                        additional_context={"heads": heads, "tenants": workspace.database},
                    )

                yield run
    owner.execute("DELETE FROM procrastinate_jobs")
