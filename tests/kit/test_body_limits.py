"""Bodies beyond their limit are refused with a problem, declared or not; bulk operations take more."""

from collections.abc import AsyncIterator

from api.kit.routing import BODY_BYTES
from tests.support.workspaces import WorkspaceForTest

JSON = {"Content-Type": "application/json"}


async def _in_pieces() -> AsyncIterator[bytes]:
    for _ in range(3):
        yield b" " * (BODY_BYTES // 2)


async def test_a_body_too_large_is_refused(workspace: WorkspaceForTest) -> None:
    client = await workspace.client("admin")
    declared = await client.post("/v1/accounts", content=b" " * (BODY_BYTES + 1), headers=JSON)
    undeclared = await client.post("/v1/accounts", content=_in_pieces(), headers=JSON)
    for answer in (declared, undeclared):
        assert answer.status_code == 413, answer.text
        assert answer.json()["code"] == "body_too_large"


async def test_bulk_takes_more(workspace: WorkspaceForTest) -> None:
    client = await workspace.client("admin")
    body = b'{"items":[{"external_id":"a","name":"A"}]' + b" " * (2 * BODY_BYTES) + b"}"
    answer = await client.post("/v1/accounts:bulk-upsert", content=body, headers={**JSON, "Idempotency-Key": "k"})
    assert answer.status_code == 207, answer.text
