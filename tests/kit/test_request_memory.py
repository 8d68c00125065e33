"""A request is gone once it is answered: its body, up to 32 MiB, does not wait for the garbage collector."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request

from api.kit import answers, routing
from tests.support.workspaces import WorkspaceForTest

BULK = "/v1/accounts:bulk-upsert"
LOAD = "/v1/usage-measurements:bulk-load"
KNOWN, NEW = {"Idempotency-Key": "known"}, {"Idempotency-Key": "new"}
GOOD = {"items": [{"external_id": "a", "name": "A"}]}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[Request]]]:
    """The requests that operations were given, while nothing but reference counts frees memory."""
    seen: list[weakref.ref[Request]] = []

    class Watched(Request):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            seen.append(weakref.ref(self))

    monkeypatch.setattr(routing, "Request", Watched)
    gc.collect()
    gc.disable()
    yield seen
    gc.enable()


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        pytest.param(BULK, {"json": GOOD, "headers": NEW}, 207, id="written"),
        pytest.param(BULK, {"json": GOOD, "headers": KNOWN}, 207, id="replayed"),
        pytest.param(BULK, {"json": {"items": "none"}, "headers": NEW}, 422, id="refused by its schema"),
        pytest.param(BULK, {"json": GOOD}, 422, id="refused without a key"),
        pytest.param("/v1/accounts", {"json": GOOD["items"][0]}, 409, id="refused by a rule"),
        pytest.param(LOAD, {"content": b'{"metric": "none"}', "headers": NEW}, 200, id="in steps"),
    ],
)
async def test_a_request_is_gone_with_its_answer(
    workspace: WorkspaceForTest, served: list[weakref.ref[Request]], path: str, sent: dict[str, Any], status: int
) -> None:
    client = await workspace.client("admin")
    known = await client.post(BULK, json=GOOD, headers=KNOWN)
    assert known.status_code == 207, known.text
    served.clear()
    answer = await client.post(path, **sent)
    assert answer.status_code == status, answer.text
    assert served
    assert [alive() for alive in served if alive() is not None] == []


async def test_a_failed_request_is_gone_too(
    workspace: WorkspaceForTest, served: list[weakref.ref[Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(answers, "bulk", broken)
    answer = await (await workspace.client("admin")).post(BULK, json=GOOD, headers=NEW)
    assert answer.status_code == 500, answer.text
    assert served
    assert [alive() for alive in served if alive() is not None] == []
