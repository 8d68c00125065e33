"""Exports of the test's own workspace, asked for over HTTP and made by the job's own function."""

from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from api.exports import making
from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]


class Exports:
    """What one does with exports."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient, owner: psycopg.Connection) -> None:
        self.workspace = workspace
        self.client = client
        self.owner = owner

    async def ask(self, resource: str = "accounts", format_: str = "csv", **body: Any) -> Json:
        """A new export, which nobody makes yet."""
        asked = {"resource": resource, "format": format_, **body}
        answer = await self.client.post("/v1/exports", json=asked)
        assert answer.status_code == 202, answer.text
        export: Json = answer.json()
        assert answer.headers["Location"] == f"/v1/exports/{export['id']}"
        return export

    async def make(self, export: Json) -> Json:
        """Let the job run; the export afterwards."""
        await making.make(self.workspace.database, self.workspace.id, UUID(export["id"]))
        return await self.get(export)

    async def get(self, export: Json) -> Json:
        """The export as it is now."""
        answer = await self.client.get(f"/v1/exports/{export['id']}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def download(self, export: Json, client: httpx.AsyncClient | None = None) -> httpx.Response:
        """The answer with the file."""
        return await (client or self.client).get(f"/v1/exports/{export['id']}/file")

    async def content(self, resource: str = "accounts", format_: str = "csv", **body: Any) -> bytes:
        """The file of a new export."""
        export = await self.make(await self.ask(resource, format_, **body))
        assert export["state"] == "done", export
        answer = await self.download(export)
        assert answer.status_code == 200, answer.text
        return answer.content

    async def refused(self, **body: Any) -> list[tuple[str, str]]:
        """Pointer and code of what is wrong with a request."""
        answer = await self.client.post("/v1/exports", json={"resource": "accounts", "format": "csv", **body})
        assert answer.status_code == 422, answer.text
        return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]

    async def post(self, path: str, **body: Any) -> Json:
        """The body of a POST that must succeed."""
        answer = await self.client.post(path, json=body)
        assert answer.is_success, answer.text
        made: Json = answer.json()
        return made

    async def account(self, name: str, **fields: Any) -> Json:
        """A new account."""
        return await self.post("/v1/accounts", name=name, **fields)

    def chunks(self) -> int:
        """How many chunks of files the workspace has."""
        query = "SELECT count(*) FROM file_chunks WHERE workspace_id = %s"
        row = self.owner.execute(query, [self.workspace.id]).fetchone()
        assert row is not None
        return int(row[0])

    def events(self, export: Json) -> list[str]:
        """The types of an export's events, oldest first."""
        query = "SELECT type FROM events WHERE resource_id = %s ORDER BY id"
        return [str(type_) for (type_,) in self.owner.execute(query, [export["id"]])]

    def acts(self, export: Json) -> list[str]:
        """The audited acts on an export, oldest first."""
        query = "SELECT action FROM audit_log WHERE resource_id = %s ORDER BY id"
        return [str(action) for (action,) in self.owner.execute(query, [export["id"]])]


@pytest.fixture
async def exports(workspace: WorkspaceForTest, owner: psycopg.Connection) -> Exports:
    """The exports of an administrator."""
    return Exports(workspace, await workspace.client(), owner)
