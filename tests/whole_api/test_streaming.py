"""A streaming body outlives the request's transaction, and must not read through its connection."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse

from api.auth.access import Access, reads
from api.kit.connections import Connection
from api.kit.db import Database, TransactionEndedError, Tx
from api.kit.routing import Dispatch, resource_router
from api.kit.settings import Settings
from tests.support.workspaces import WorkspaceForTest, http_client
from tests.whole_api.makers import product

QUERY = "SELECT name FROM products"


async def names(tx: Tx) -> AsyncIterator[str]:
    """The product names that the transaction sees, read while the body is being sent."""
    for (name,) in await tx.fetch(QUERY):
        yield name


async def names_through(connection: Connection) -> AsyncIterator[str]:
    """The same through the bare connection, which is what ``Tx`` forbids."""
    for (name,) in await (await connection.execute(QUERY.encode())).fetchall():
        yield str(name)


@pytest.fixture
async def one_connection(settings: Settings, database_url: str) -> AsyncIterator[Database]:
    """A pool of a single connection."""
    async with Database(database_url, settings, size=1) as database:
        yield database


async def read_late(database: Database, ours: WorkspaceForTest, theirs: WorkspaceForTest, body: Any) -> list[str]:
    """What a body of ours yields while a transaction of theirs holds the only connection."""
    async with database.read(ours.id) as tx:
        stream = body(tx)
    async with database.read(theirs.id):
        return [name async for name in stream]


async def test_a_late_body_is_an_error(
    one_connection: Database, workspace: WorkspaceForTest, other_workspace: WorkspaceForTest
) -> None:
    await product(workspace)
    await product(other_workspace)
    with pytest.raises(TransactionEndedError):
        await read_late(one_connection, workspace, other_workspace, names)


async def test_without_the_guard_it_would_show_a_strangers_rows(
    one_connection: Database, workspace: WorkspaceForTest, other_workspace: WorkspaceForTest
) -> None:
    await product(workspace)
    await product(other_workspace)
    found = await read_late(one_connection, workspace, other_workspace, lambda tx: names_through(tx.connection))
    assert found == [other_workspace.marker]


async def test_a_writing_transaction_ends_too(one_connection: Database, workspace: WorkspaceForTest) -> None:
    async with one_connection.write(workspace.id) as tx:
        await tx.fetch("SELECT 1")
    for use in (lambda: tx.session, lambda: tx.connection):
        with pytest.raises(TransactionEndedError):
            use()
    with pytest.raises(TransactionEndedError):
        await tx.execute("SELECT 1")


async def test_a_route_that_streams_through_its_transaction_fails(
    app: FastAPI, one_connection: Database, workspace: WorkspaceForTest
) -> None:
    ours: Access = app.state.access
    router = resource_router("/names", tag="names")

    @router.get("")
    async def stream_names(tx: Annotated[Tx, reads("products:read")]) -> StreamingResponse:
        return StreamingResponse(names(tx))

    streaming = FastAPI()
    streaming.router.routes.append(Dispatch([router]))
    streaming.state.access = replace(ours, database=one_connection, replica=one_connection)
    await product(workspace)
    token = (await workspace.client()).headers["Authorization"].removeprefix("Bearer ")
    async with http_client(streaming, token) as client:
        transport = client._transport
        assert isinstance(transport, httpx.ASGITransport)
        transport.raise_app_exceptions = True
        with anyio.fail_after(5), pytest.raises(TransactionEndedError):
            await client.get("/v1/names")
