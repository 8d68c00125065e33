"""Every write leaves an audit entry and an event, and happens once per idempotency key."""

import psycopg
import pytest
from anyio import create_task_group

from api.kit.tables import new_id
from tests.support.postgres import APP, Server
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import UNSAFE, Operation, each
from tests.whole_api.requests import example_of, prepare
from tests.whole_api.test_access import READS_BY_POST

WRITES = [operation for operation in UNSAFE if operation.id not in READS_BY_POST]
POSTS = [operation for operation in WRITES if operation.method == "POST"]


def traces(owner: psycopg.Connection, request_id: str) -> tuple[list[str], list[str]]:
    """The transactions of a request's audit entries and of its events, one each."""
    found = []
    for table in ("audit_log", "events"):
        query = f"SELECT xmin::text FROM {table} WHERE request_id = %s"
        found.append([str(xmin) for (xmin,) in owner.execute(query.encode(), [request_id])])
    return found[0], found[1]


@each(WRITES)
async def test_a_write_is_audited_and_announced_in_its_transaction(
    workspace: WorkspaceForTest, owner: psycopg.Connection, operation: Operation
) -> None:
    request_id = str(new_id())
    request = (await prepare(operation, workspace)).with_headers(X_Request_ID=request_id)
    answer = await request.send(await workspace.client())
    assert answer.status_code < 300, answer.text
    audited, announced = traces(owner, request_id)
    assert audited
    assert bool(announced) == (not example_of(operation).silent)
    assert len({*audited, *announced}) == 1


@each(WRITES)
async def test_a_refused_write_leaves_no_trace(
    workspace: WorkspaceForTest, owner: psycopg.Connection, operation: Operation
) -> None:
    request_id = str(new_id())
    request = (await prepare(operation, workspace)).with_headers(X_Request_ID=request_id)
    answer = await request.send(await workspace.key_client([]))
    assert answer.status_code == 403
    assert traces(owner, request_id) == ([], [])


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
async def test_a_repeated_post_gets_the_first_answer(workspace: WorkspaceForTest, operation: Operation) -> None:
    client = await workspace.client()
    request = (await prepare(operation, workspace)).with_headers(Idempotency_Key=str(new_id()))
    first = await request.send(client)
    again = await request.send(client)
    assert first.status_code < 300, first.text
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (first.status_code, "true")
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers.get(name) == first.headers.get(name)
    if secrets := example_of(operation).secrets:
        shown, kept = first.json(), again.json()
        for name in secrets:
            assert shown.pop(name) != kept.pop(name)
        assert kept == shown
    else:
        assert again.content == first.content


@each(POSTS)
async def test_a_key_is_bound_to_its_body(workspace: WorkspaceForTest, operation: Operation) -> None:
    client = await workspace.client()
    request = (await prepare(operation, workspace)).with_headers(Idempotency_Key=str(new_id()))
    assert (await request.send(client)).status_code < 300
    answer = await client.post(
        request.path, params=request.query, content=(request.content or b"") + b" ", headers=request.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@each(POSTS)
async def test_a_key_belongs_to_one_principal(workspace: WorkspaceForTest, operation: Operation) -> None:
    assert operation.scope is not None
    request = (await prepare(operation, workspace)).with_headers(Idempotency_Key=str(new_id()))
    assert (await request.send(await workspace.client())).status_code < 300
    other = await workspace.signed_in(await workspace.user("admin"))
    assert "Idempotency-Replayed" not in (await request.send(other)).headers


@each(POSTS)
async def test_twenty_at_once_do_the_work_once(
    workspace: WorkspaceForTest, owner: psycopg.Connection, operation: Operation
) -> None:
    client = await workspace.client()
    request = (await prepare(operation, workspace)).with_headers(Idempotency_Key=str(new_id()))
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
    assert sum(bool(traces(owner, request_id)[0]) for request_id in request_ids) == 1
