"""What every test can ask for: a database, the application on it, a workspace of its own."""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg
import pytest

from api.kit import clock, logging
from api.kit.settings import Settings
from tests.support.postgres import OWNER, WORKER, Server
from tests.support.sharing import ByWhatTheyShare, longest_first
from tests.support.statements import Sent, recorded

# Thousands of tests are collected, and stay; pytest_collection_finish goes on from there.
gc.set_threshold(50_000, 20, 50)
# httpx asks for it with each request; not being installed, it would be looked for everywhere each time.
sys.modules["sniffio"] = None  # type: ignore[assignment]

if TYPE_CHECKING:  # xdist's controller runs no test, and importing the application takes seconds
    import httpx
    from fastapi import FastAPI

    from tests.support.workspaces import WorkspaceForTest

# The settings of the developer's shell must not decide what the tests find.
for name in [name for name in os.environ if name == "DATABASE_URL" or name.startswith("PERENNIAL_")]:
    if not name.startswith(("PERENNIAL_PG_BIN", "PERENNIAL_TEST_")):
        del os.environ[name]

_server = pytest.StashKey[Server]()
DATA = "postgres_data"  # from xdist's controller to its workers


class StartsForWorkers:
    """With xdist the controller runs the server, since it outlives the workers, and shares out the tests."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> ByWhatTheyShare:
        """Give a worker what belongs together."""
        return ByWhatTheyShare(config, log)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell each worker where the server will be."""
        if _server not in node.config.stash:
            node.config.stash[_server] = Server()
        node.workerinput[DATA] = str(node.config.stash[_server].data)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Start it while the workers collect: they get no test before this is done."""
        if _server in session.config.stash:
            session.config.stash[_server].start()


def pytest_configure(config: pytest.Config) -> None:
    """Listen to xdist where it is installed."""
    config.pluginmanager.register(StartsForWorkers())


class NotYet:
    """Stands where the clock looks whether it is held."""

    def __bool__(self) -> bool:
        raise pytest.UsageError("a test asks for the time while it is collected, minutes before it runs")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Refuse the time to what is collected: by the time the test runs it may be the next day."""
    with patch.object(clock, "_held_at", NotYet()):
        return (yield)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long.

    Raises:
        pytest.UsageError: Tests share a name: xdist would run one of them and say nothing.
    """
    if shared := [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]:
        raise pytest.UsageError(f"several tests are called {shared}")
    longest_first(items)


def pytest_collection_finish() -> None:
    """Leave thousands of collected tests out of every later collection of garbage."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that the workers used."""
    if _server in config.stash:
        config.stash[_server].stop()


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """One uvloop for the whole session, as in production."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session", autouse=True)
def _one_log() -> Iterator[None]:
    """Loggers keep the stream they first wrote to: it must not be one that a command's test has closed since."""
    logging.configure()
    with patch.object(logging, "configure"):
        yield


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The Postgres of this run."""
    told: dict[str, str] = getattr(pytestconfig, "workerinput", {})
    server = Server(Path(told[DATA]) if DATA in told else None)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database(server: Server) -> Iterator[str]:
    """The name of this worker's database."""
    with server.scratch() as name:
        yield name


@pytest.fixture(scope="session")
def database_url(server: Server, database: str) -> str:
    """The application role's URL."""
    return server.url(database)


@pytest.fixture(scope="session")
def settings(server: Server, database: str) -> Settings:
    """Settings of the application under test."""
    from tests.support.workspaces import BASE_URL

    return Settings(
        database_url=server.url(database),
        owner_url=server.url(database, OWNER),
        worker_url=server.url(database, WORKER),
        base_url=BASE_URL,
        rate_limit_per_minute=1_000_000,
        pool_wait_seconds=30,  # a busy machine is no reason to fail
    )


@pytest.fixture(scope="session")
async def app(anyio_backend: object, settings: Settings) -> AsyncIterator[FastAPI]:
    """The application, started once per worker."""
    from api.main import create_app

    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
def owner(server: Server, database: str) -> Iterator[psycopg.Connection]:
    """The owner's connection, in autocommit; row-level security does not bind it, and all tests share it."""
    with server.owner(database) as connection:
        yield connection


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """An anonymous client."""
    from tests.support.workspaces import http_client

    async with http_client(app) as client:
        yield client


@pytest.fixture
async def workspace(app: FastAPI) -> AsyncIterator[WorkspaceForTest]:
    """A fresh workspace."""
    from tests.support.workspaces import WorkspaceForTest

    workspace = await WorkspaceForTest.create(app)
    yield workspace
    await workspace.close()


@pytest.fixture
async def other_workspace(app: FastAPI) -> AsyncIterator[WorkspaceForTest]:
    """Another fresh workspace: a stranger's."""
    from tests.support.workspaces import WorkspaceForTest

    workspace = await WorkspaceForTest.create(app)
    yield workspace
    await workspace.close()


@pytest.fixture
def recorded_statements() -> Iterator[list[Sent]]:
    """The statements sent to Postgres while the test runs (opening and ending transactions aside)."""
    with recorded() as statements:
        yield statements
