"""A workspace for tests that add to it and ask nothing of what is already there."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from tests.support.workspaces import WorkspaceForTest


@pytest.fixture(scope="session")
async def shared_workspace(app: FastAPI) -> AsyncIterator[WorkspaceForTest]:
    """One workspace for many operations: its people and their tokens are made once."""
    workspace = await WorkspaceForTest.create(app)
    yield workspace
    await workspace.close()
