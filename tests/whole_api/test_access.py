"""Who may call what: anonymous callers, keys, roles."""

from uuid import UUID

import httpx

from api.auth.permissions import PERMISSIONS, SCOPES, Role
from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.examples import EXAMPLES
from tests.whole_api.operations import OPERATIONS, SECURED, UNSAFE, Operation, each
from tests.whole_api.requests import prepare

PUBLIC = {
    "create_token", "revoke_token", "accept_invitation", "get_signing_keys", "open_survey", "answer_survey",
    "get_shared_roadmap", "comment_on_shared_roadmap",
}  # fmt: skip
NOT_CREDENTIALS = ["", "Bearer ", "Bearer x.y.z", "Basic YTpi", "Bearer pk_test_" + "0" * 82]
READS_BY_POST = {"batch_get_accounts", "preview_signal_rule", "simulate_health_model"}
"""Operations that only read, with a POST because the question does not fit into a URL."""


def test_every_operation_has_an_example() -> None:
    assert {operation.id for operation in OPERATIONS} == set(EXAMPLES)


def test_only_the_listed_operations_are_public() -> None:
    assert {operation.id for operation in OPERATIONS if operation.scope is None} == PUBLIC


def test_reading_scopes_never_write() -> None:
    reading = {operation.id for operation in UNSAFE if (operation.scope or "").endswith(":read")}
    assert reading == READS_BY_POST


@each(SECURED)
async def test_a_stranger_to_the_service_gets_401(client: httpx.AsyncClient, operation: Operation) -> None:
    path = operation.path
    for name in operation.parameters("path"):
        path = path.replace("{" + name + "}", str(new_id()))
    for authorization in NOT_CREDENTIALS:
        answer = await client.request(operation.method, path, headers={"Authorization": authorization})
        operation.check(answer)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), authorization
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@each(SECURED)
async def test_a_key_with_every_other_scope_gets_403(shared_workspace: WorkspaceForTest, operation: Operation) -> None:
    assert operation.scope is not None
    key = await shared_workspace.key_client(SCOPES.keys() - {operation.scope})
    answer = await (await prepare(operation, shared_workspace)).send(key)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert operation.scope in answer.json()["detail"]


@each(SECURED)
async def test_roles_may_what_the_permission_table_says(
    shared_workspace: WorkspaceForTest, operation: Operation
) -> None:
    assert operation.scope is not None
    resource, _, action = operation.scope.partition(":")
    allowed = PERMISSIONS[resource][action]
    request = await prepare(operation, shared_workspace)
    for role in sorted(Role, key=allowed.__contains__):
        answer = await request.send(await shared_workspace.client(role))
        refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
        assert refused == (role not in allowed), f"{role}: {answer.text[:300]}"


@each(SECURED)
async def test_the_example_succeeds(workspace: WorkspaceForTest, operation: Operation) -> None:
    request = await prepare(operation, workspace, with_optional_ids=True)
    answer = await request.send(await workspace.client())
    assert answer.status_code < 300, answer.text
    if answer.status_code == 201:
        assert UUID(answer.headers["Location"].rpartition("/")[2])
