"""A workspace for tests that add to it and ask nothing of what is already there."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI

from tests.support import rows
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import ID_AT


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what `make test` would only collect, at a third of its time, to deselect it."""
    return True if collection_path.stem.endswith("_soak") and config.getoption("markexpr") == "not soak" else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each generated request by its operation: schemathesis names all alike, and xdist would run one of them."""
    for item in items:
        if label := getattr(item, "operation_label", None):
            item._id = item.id.with_params(ID_AT[label])


@pytest.fixture(scope="session")
async def shared_workspace(app: FastAPI) -> AsyncIterator[WorkspaceForTest]:
    """One workspace for many operations: its people and their tokens are made once."""
    workspace = await WorkspaceForTest.create(app)
    yield workspace
    await workspace.close()


@pytest.fixture(autouse=True)
def _statistics(owner: psycopg.Connection) -> None:
    rows.keep_statistics(owner)
