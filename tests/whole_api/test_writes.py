"""What an operation does: the example succeeds, a write leaves an audit entry and an event, once per idempotency key."""

from collections.abc import Sequence
from uuid import UUID

import httpx
import psycopg
import pytest
from anyio import create_task_group

from api.kit.tables import new_id
from tests.support.cells import Cells, cells
from tests.support.postgres import APP, Server
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import SECURED, UNSAFE, Operation, each
from tests.whole_api.requests import Prepared, example_of, prepare
from tests.whole_api.test_access import READS_BY_POST

WRITES = [operation for operation in UNSAFE if operation.id not in READS_BY_POST]
POSTS = [operation for operation in WRITES if operation.method == "POST"]
READS = [operation for operation in SECURED if operation not in WRITES]


def traces(owner: psycopg.Connection, request_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """The transactions of the requests' audit entries and of their events, one each."""
    found = []
    for table in ("audit_log", "events"):
        query = f"SELECT xmin::text FROM {table} WHERE request_id = ANY(%s)"
        found.append([str(xmin) for (xmin,) in owner.execute(query.encode(), [list(request_ids)])])
    return found[0], found[1]


def check_success(answer: httpx.Response) -> None:
    assert answer.status_code < 300, answer.text
    if answer.status_code == 201:
        assert UUID(answer.headers["Location"].rpartition("/")[2])


def check_traces(owner: psycopg.Connection, operation: Operation, request_ids: Sequence[str]) -> None:
    """One transaction has written all audit entries and events of the requests."""
    audited, announced = traces(owner, request_ids)
    assert audited
    assert bool(announced) == (not example_of(operation).silent)
    assert len({*audited, *announced}) == 1


@each(READS)
async def test_the_example_succeeds(workspace: WorkspaceForTest, operation: Operation) -> None:
    request = await prepare(operation, workspace, with_optional_ids=True)
    check_success(await request.send(await workspace.client()))


@each(WRITES)
async def test_a_write_is_audited_and_announced_in_its_transaction(
    workspace: WorkspaceForTest, owner: psycopg.Connection, operation: Operation
) -> None:
    with cells() as checks:
        await write_once(checks, await prepare(operation, workspace, with_optional_ids=True), workspace, owner)
        if example_of(operation).optional_ids and operation not in POSTS:  # those come below
            another = await WorkspaceForTest.create(workspace.app)
            await write_once(checks, await prepare(operation, another), another, owner)
            await another.close()


async def write_once(checks: Cells, request: Prepared, workspace: WorkspaceForTest, owner: psycopg.Connection) -> None:
    """Send a write that is refused, and one that is not."""
    with checks.cell(f"refused, it leaves no trace: {request.content!r}"):
        refused = request.with_headers(X_Request_ID=(request_id := str(new_id())))
        answer = await refused.send(await workspace.key_client([]))
        assert answer.status_code == 403
        assert traces(owner, [request_id]) == ([], [])
    with checks.cell(f"done, it leaves its traces: {request.content!r}"):
        done = request.with_headers(X_Request_ID=(request_id := str(new_id())))
        check_success(await done.send(await workspace.client()))
        check_traces(owner, request.operation, [request_id])


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET action = 'none'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_the_application_cannot_rewrite_the_audit_log(
    server: Server, database: str, workspace: WorkspaceForTest, statement: str
) -> None:
    with psycopg.connect(server.url(database, APP)) as connection:
        connection.execute(f"SET LOCAL app.workspace_id = '{workspace.id}'".encode())
        assert connection.execute("SELECT count(*) FROM audit_log").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement.encode())


@each(POSTS)
async def test_the_work_is_done_once_per_key(
    workspace: WorkspaceForTest, owner: psycopg.Connection, operation: Operation
) -> None:
    client = await workspace.client()
    request = (await prepare(operation, workspace)).with_headers(Idempotency_Key=str(new_id()))
    with cells() as checks:
        with checks.cell("twenty at once"):
            answers = await twenty_at_once(request, client, owner)
        (first,) = [answer for answer in answers if "Idempotency-Replayed" not in answer.headers]
        with checks.cell("again"):
            replays(first, await request.send(client), example_of(operation).secrets)
        with checks.cell("with another body"):
            answer = await client.post(
                request.path, params=request.query, content=(request.content or b"") + b" ", headers=request.headers
            )
            assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        with checks.cell("by another principal"):
            other = await workspace.signed_in(await workspace.user("admin"))
            assert "Idempotency-Replayed" not in (await request.send(other)).headers


async def twenty_at_once(
    request: Prepared, client: httpx.AsyncClient, owner: psycopg.Connection
) -> list[httpx.Response]:
    """The answers that tell of success; only one of them did the work."""
    answers = []

    async def send(request_id: str) -> None:
        answers.append(await request.with_headers(X_Request_ID=request_id).send(client))

    request_ids = [str(new_id()) for _ in range(20)]
    async with create_task_group() as group:
        for request_id in request_ids:
            group.start_soon(send, request_id)
    succeeded = [answer for answer in answers if answer.status_code < 300]
    assert sum("Idempotency-Replayed" not in answer.headers for answer in succeeded) == 1
    refused = {answer.json()["code"] for answer in answers if answer.status_code >= 300}
    assert refused <= {"idempotency_in_progress"}
    check_traces(owner, request.operation, request_ids)
    return succeeded


def replays(first: httpx.Response, again: httpx.Response, secrets: Sequence[str]) -> None:
    """The second answer is the first one, without its secrets."""
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (first.status_code, "true")
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers.get(name) == first.headers.get(name)
    if secrets:
        shown, kept = first.json(), again.json()
        for name in secrets:
            assert shown.pop(name) != kept.pop(name)
        assert kept == shown
    else:
        assert again.content == first.content
