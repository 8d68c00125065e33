"""A workspace for tests that add to it and ask nothing of what is already there."""

from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI

from tests.support import rows
from tests.support.workspaces import WorkspaceForTest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what `make test` would only collect, at a third of its time, to deselect it."""
    return True if collection_path.stem.endswith("_soak") and config.getoption("markexpr") == "not soak" else None


@pytest.fixture(scope="session")
async def shared_workspace(app: FastAPI) -> AsyncIterator[WorkspaceForTest]:
    """One workspace for many operations: its people and their tokens are made once."""
    workspace = await WorkspaceForTest.create(app)
    yield workspace
    await workspace.close()


@pytest.fixture(autouse=True)
def _statistics(owner: psycopg.Connection) -> None:
    rows.keep_statistics(owner)
