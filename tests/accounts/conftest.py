"""Accounts of the test's own workspace, over HTTP, and what is derived of them, by SQL."""

from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from api.auth.permissions import SCOPES
from tests.support.workspaces import WorkspaceForTest

Json = dict[str, Any]


class Accounts:
    """What one does with accounts; a name stands for an account in the answers of lists."""

    def __init__(self, workspace: WorkspaceForTest, client: httpx.AsyncClient, owner: psycopg.Connection) -> None:
        self.workspace = workspace
        self.client = client
        self.owner = owner

    async def create(self, name: str = "株式会社さくら物流", **fields: Any) -> Json:
        """A new account."""
        return await self.ok("POST", "/v1/accounts", json={"name": name, **fields})

    async def get(self, account: Json, **query: Any) -> Json:
        """The account as it is now."""
        return await self.ok("GET", f"/v1/accounts/{account['id']}", params=query)

    async def update(self, account: Json, **fields: Any) -> httpx.Response:
        """The answer to a change of the account as the caller knows it."""
        return await self.client.patch(
            f"/v1/accounts/{account['id']}", json=fields, headers={"If-Match": str(account["version"])}
        )

    async def names(self, **query: Any) -> list[str]:
        """The names on the first page of a list."""
        page = await self.ok(
            "GET", "/v1/accounts", params={name.replace("__", "."): value for name, value in query.items()}
        )
        return [account["name"] for account in page["data"]]

    async def act(self, account: Json, action: str, **body: Any) -> httpx.Response:
        """The answer to ``POST …:action`` on the current version of the account."""
        version = (await self.get(account))["version"]
        return await self.client.post(
            f"/v1/accounts/{account['id']}:{action}", json=body, headers={"If-Match": str(version)}
        )

    async def ok(self, method: str, path: str, **arguments: Any) -> Json:
        """The body of an answer that must be a success."""
        answer = await self.client.request(method, path, **arguments)
        assert answer.is_success, answer.text
        body: Json = answer.json()
        return body

    def know(self, account: Json, **columns: Any) -> None:
        """Write what later packages know of an account."""
        assignments = sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder()) for name in columns
        )
        query = sql.SQL("UPDATE account_standing SET {} WHERE account_id = {}").format(assignments, sql.Placeholder())
        self.owner.execute(query, [*columns.values(), account["id"]])

    def events(self, resource_id: object, type_: str = "%") -> list[tuple[str, Json]]:
        """Type and data of the events about a record, oldest first."""
        query = "SELECT type, data FROM events WHERE resource_id = %s AND type LIKE %s ORDER BY id"
        return self.owner.execute(query, [str(resource_id), type_]).fetchall()

    def acts(self, resource_id: object) -> list[tuple[str, list[str]]]:
        """The audited acts on a record with their fields, oldest first."""
        query = "SELECT action, fields FROM audit_log WHERE resource_id = %s ORDER BY id"
        return self.owner.execute(query, [str(resource_id)]).fetchall()


@pytest.fixture
async def accounts(workspace: WorkspaceForTest, owner: psycopg.Connection) -> Accounts:
    """The accounts of the test's workspace, handled with a key, which unlike a session does not mind the clock."""
    return Accounts(workspace, await workspace.key_client(SCOPES), owner)


def refused(answer: httpx.Response, status: int, code: str, pointer: str | None = None) -> Json:
    """The problem, which must be this one."""
    problem: Json = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), answer.text
    if pointer is not None:
        assert pointer in [error["pointer"] for error in problem["errors"]]
    return problem
