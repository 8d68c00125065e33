"""Who may call what: anonymous callers, keys, roles."""

import httpx

from api.auth.permissions import PERMISSIONS, SCOPES, Role
from api.kit.tables import new_id
from tests.support.cells import Cells, cells
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
async def test_who_may_call(
    shared_workspace: WorkspaceForTest, client: httpx.AsyncClient, operation: Operation
) -> None:
    assert operation.scope is not None
    with cells() as checks:
        await strangers_to_the_service_get_401(checks, client, operation)
        request = await prepare(operation, shared_workspace)
        with checks.cell("a key with every other scope"):
            key = await shared_workspace.key_client(SCOPES.keys() - {operation.scope})
            answer = await request.send(key)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
            assert operation.scope in answer.json()["detail"]
        resource, _, action = operation.scope.partition(":")
        allowed = PERMISSIONS[resource][action]
        for role in sorted(Role, key=allowed.__contains__):
            with checks.cell(f"role {role}"):
                answer = await request.send(await shared_workspace.client(role))
                refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
                assert refused == (role not in allowed), answer.text[:300]


async def strangers_to_the_service_get_401(checks: Cells, client: httpx.AsyncClient, operation: Operation) -> None:
    path = operation.path
    for name in operation.parameters("path"):
        path = path.replace("{" + name + "}", str(new_id()))
    for authorization in NOT_CREDENTIALS:
        with checks.cell(f"Authorization: {authorization}"):
            answer = await client.request(operation.method, path, headers={"Authorization": authorization})
            operation.check(answer)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
