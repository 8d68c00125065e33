"""Workspaces to test in: each test has its own, so nothing needs cleaning."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import Any, TypeVar
from uuid import UUID

import anyio
import httpx
import psycopg
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from psycopg import AsyncClientCursor, sql
from sqlmodel import SQLModel
from starlette.types import Message, Receive, Scope, Send

from api.auth import service
from api.auth.access import Access
from api.auth.models import Credential, CredentialKind, Partner, User
from api.auth.permissions import Role
from api.auth.secret_tokens import SecretToken
from api.kit.db import Database, Tx
from api.kit.tables import new_id
from tests.support.postgres import REPOSITORY

BASE_URL = "https://perennial.test"
R = TypeVar("R", bound=SQLModel)


RAW_QUERY = "X-Test-Query"
"""A header that becomes the query string: httpx takes longer to read a long one than the service to answer."""


def http_client(app: FastAPI, token: str | None = None) -> httpx.AsyncClient:
    """A client that calls ``app`` in this process, as the bearer of ``token``.

    A status that the document does not promise of the operation fails the test, whatever it is about.
    """
    broken: list[str] = []

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and not _promised(scope, message["status"]):
                broken.append(
                    f"{scope['method']} {scope['path']} answered {message['status']}, which is not documented"
                )
            await send(message)

        for name, value in scope["headers"]:
            if name == RAW_QUERY.lower().encode():
                scope["query_string"] = value
                scope["headers"].remove((name, value))
                break
        await app(scope, receive, noted)

    async def fail(_: httpx.Response) -> None:
        if broken:
            pytest.fail(broken.pop())

    transport = httpx.ASGITransport(called, raise_app_exceptions=False)
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, headers=headers, event_hooks={"response": [fail]})


def _promised(scope: Scope, status: int) -> bool:
    """Whether the operation that answers may do so with this status; routes of tests are in no document."""
    statuses = _statuses().get(getattr(scope.get("route"), "name", ""))
    return statuses is None or status in statuses or status == HTTPStatus.METHOD_NOT_ALLOWED


@cache
def _statuses() -> dict[str, set[int]]:
    document = json.loads((REPOSITORY / "openapi" / "v1.json").read_text(encoding="utf-8"))
    return {
        operation["operationId"]: {int(status) for status in operation["responses"]}
        for methods in document["paths"].values()
        for operation in methods.values()
    }


@cache
def _columns(model: type[SQLModel]) -> tuple[str, dict[str, Callable[[Any], Any] | None]]:
    """The model's table, and how a value becomes what the driver takes, for each column."""
    table: sa.Table = sa.inspect(model).local_table
    dialect = sa.create_engine("postgresql+psycopg://").dialect
    return table.name, {column.name: column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.c}


class WorkspaceForTest:
    """One workspace, its people and their clients.

    ``marker`` is a text that stands in the rows that tests make here: nobody else may ever read it.
    """

    def __init__(self, app: FastAPI, workspace_id: UUID) -> None:
        self.app = app
        self.id = workspace_id
        self.marker = f"!秘密{workspace_id.hex}"  # sorts first
        self._people: dict[Role, User] = {}
        self._clients: dict[Role, httpx.AsyncClient] = {}
        self._opened: list[httpx.AsyncClient] = []
        self._caller: httpx.AsyncClient | None = None

    @classmethod
    async def create(cls, app: FastAPI) -> "WorkspaceForTest":
        """A fresh workspace."""
        access: Access = app.state.access
        values = {"name": "株式会社テスト", "base_currency": "JPY", "time_zone": "Asia/Tokyo"}
        return cls(app, await service.create_workspace(access.database, values))

    @property
    def access(self) -> Access:
        """What the application keeps for opening requests."""
        access: Access = self.app.state.access
        return access

    @property
    def database(self) -> Database:
        """The application's connections."""
        return self.access.database

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction of the system in this workspace."""
        async with self.database.write(self.id) as tx:
            yield tx

    async def add(self, model: type[R], **values: Any) -> R:
        """Insert one row, past the rules of the service."""
        row = model(workspace_id=self.id, **values)
        await self.add_all(row)
        return row

    async def add_all(self, *rows: SQLModel) -> None:
        """Insert rows in their order, in one transaction and one round trip."""
        statements: list[sql.Composable] = [sql.SQL(f"BEGIN; SET LOCAL app.workspace_id = '{self.id}'")]
        for row in rows:
            name, binds = _columns(type(row))
            given = {
                column: sql.Literal(bind(value) if bind else value)
                for column, bind in binds.items()
                if (value := getattr(row, column)) is not None
            }
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})")
            columns = sql.SQL(", ").join(map(sql.Identifier, given))
            statements.append(insert.format(sql.Identifier(name), columns, sql.SQL(", ").join(given.values())))
        async with self.database.pool.connection() as connection:
            try:
                await AsyncClientCursor(connection).execute(sql.SQL("; ").join([*statements, sql.SQL("COMMIT")]))
            except psycopg.Error:
                await connection.rollback()
                raise

    async def user(self, role: Role | str = Role.csm, **values: Any) -> User:
        """A new user of this role, without a password."""
        address = f"{new_id().hex}@example.com"
        if role == Role.partner and "partner_id" not in values:
            values["partner_id"] = (await self.partner()).id
        return await self.add(User, **{"email": address, "name": "山田 花子", "role": Role(role).value, **values})

    async def partner(self, **values: Any) -> Partner:
        """A new partner of the workspace."""
        return await self.add(Partner, **{"name": self.marker, **values})

    async def person(self, role: Role | str = Role.admin) -> User:
        """The user whom :meth:`client` signs in for this role; the same one each time."""
        role = Role(role)
        if role not in self._people:
            self._people[role] = await self.user(role)
        return self._people[role]

    async def signed_in(self, user: User) -> httpx.AsyncClient:
        """A client with a session of this user."""
        session = await self.add(Credential, kind=CredentialKind.session.value, user_id=user.id)
        token, _ = await self.access.keyring.issue(user_id=user.id, workspace_id=self.id, session_id=session.id)
        return self._open(token)

    async def client(self, role: Role | str | None = None) -> httpx.AsyncClient:
        """A client of a user of this role; the same one each time.

        Without a role it is the admin's, except that it calls what only partners may as one of their people.
        """
        if role is None:
            if self._caller is None:
                self._caller = self._open(_token(await self.client(Role.admin)))
                self._caller.auth = _PartnersPaths(self)
            return self._caller
        role = Role(role)
        if role not in self._clients:
            self._clients[role] = await self.signed_in(await self.person(role))
        return self._clients[role]

    async def key_client(self, scopes: Iterable[str], *, partner_id: UUID | None = None) -> httpx.AsyncClient:
        """A client with a new API key that holds just these scopes, the workspace's own or a partner's."""
        token = SecretToken.generate(self.id, new_id())
        await self.add(
            Credential,
            id=token.id,
            kind=CredentialKind.api_key.value,
            secret_hash=token.hash(),
            scopes=sorted(scopes),
            partner_id=partner_id,
        )
        return self._open(token.text("pk_test_"))

    async def close(self) -> None:
        """Close the clients."""
        for client in self._opened:
            await client.aclose()

    def _open(self, token: str) -> httpx.AsyncClient:
        self._opened.append(http_client(self.app, token))
        return self._opened[-1]


def _token(client: httpx.AsyncClient) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


class _PartnersPaths(httpx.Auth):
    """Calls the paths of partners as one of them."""

    def __init__(self, workspace: WorkspaceForTest) -> None:
        self._workspace = workspace
        self._one_at_a_time = anyio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        if request.url.path.startswith("/v1/partner/"):
            async with self._one_at_a_time:
                partner = await self._workspace.client(Role.partner)
            request.headers["Authorization"] = partner.headers["Authorization"]
        yield request
