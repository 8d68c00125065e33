"""Where the processes under test keep their data, and how their tests tell what they counted."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.auth import keys
from api.auth.permissions import ROLE_SCOPES, Role
from tests.support.postgres import WORKER, Server
from tests.support.workspaces import WorkspaceForTest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that root's unprivileged account reaches."""
    folder = Path(tempfile.mkdtemp(prefix="perennial-resilience-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Tells a line whatever is captured."""

    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n    {line}")
            sys.stdout.flush()

    return say


@pytest.fixture
def environment(server: Server, database: str) -> dict[str, str]:
    """What leads the service's processes to the database of the tests."""
    return {"DATABASE_URL": server.url(database), "PERENNIAL_WORKER_URL": server.url(database, WORKER)}


@pytest.fixture
async def bearer(workspace: WorkspaceForTest) -> dict[str, str]:
    """The header of an API key that may do everything in the workspace."""
    async with workspace.write() as tx:
        _, secret = await keys.create_api_key(tx, name="resilience", scopes=ROLE_SCOPES[Role.admin])
    return {"Authorization": f"Bearer {secret}"}
