"""Tasks of the test's own workspace, over HTTP."""

from typing import Any

import httpx
import pytest

from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]


class Person:
    """One of our people, and what they do with tasks."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def open(self, title: str = "更新の打ち合わせ", **values: Any) -> Json:
        """A new task."""
        return self.ok(await self.client.post("/v1/tasks", json={"title": title, **values}), 201)

    async def act(self, task: Json, verb: str, **body: Any) -> httpx.Response:
        """The answer to ``:verb``, or to a change, of the task as it is now."""
        path = f"/v1/tasks/{task['id']}"
        version = {"If-Match": f'"{(await self.get(task))["version"]}"'}
        if verb == "patch":
            return await self.client.patch(path, json=body, headers=version)
        return await self.client.post(f"{path}:{verb}", json=body, headers=version)

    async def get(self, task: Json) -> Json:
        """The task as it is now."""
        return self.ok(await self.client.get(f"/v1/tasks/{task['id']}"), 200)

    async def titles(self, **query: Any) -> list[str]:
        """The titles on the first page of a list."""
        page = self.ok(await self.client.get("/v1/tasks", params=query), 200)
        return [task["title"] for task in page["data"]]

    @staticmethod
    def ok(answer: httpx.Response, status: int = 200) -> Json:
        """The body of an answer, which must have this status."""
        assert answer.status_code == status, answer.text
        body: Json = answer.json()
        return body


@pytest.fixture
async def key(workspace: WorkspaceForTest) -> Person:
    """An API key, which unlike a session does not mind the clock."""
    return Person(await workspace.key_client(["tasks:read", "tasks:write", "accounts:read"]))
