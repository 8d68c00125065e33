"""The Postgres of one test run: started once, migrated once, copied for every worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from psycopg import sql

from api.kit.postgres import FAST_UNSAFE, Cluster

REPOSITORY = Path(__file__).parents[2]
OWNER, APP, WORKER = "perennial_owner", "perennial_app", "perennial_worker"
TEMPLATE = "migrated"
DATA = "PERENNIAL_TEST_POSTGRES"  # the data folder, from the xdist controller to its workers


class Server:
    """A running server with the migrated template; the process that made it must outlive its users."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        if data := os.environ.get(DATA):
            self._cluster = Cluster(Path(data), config=FAST_UNSAFE)
            self._cluster.start()
            return
        self._folder = Path(tempfile.mkdtemp(prefix="perennial-tests-"))
        self._folder.chmod(0o755)  # root's unprivileged account must get through
        self._cluster = Cluster(self._folder / "data", config=FAST_UNSAFE)
        try:
            self._cluster.start()
            self._migrate_template()
        except BaseException:
            self.stop()
            raise
        os.environ[DATA] = str(self._cluster.data)

    def url(self, database: str, user: str = APP) -> str:
        """The URL of a database of this server."""
        return self._cluster.url(database, user)

    @contextmanager
    def owner(self, database: str) -> Iterator[psycopg.Connection]:
        """A connection of the superuser, in autocommit: it looks behind row-level security."""
        with psycopg.connect(self.url(database, OWNER), autocommit=True) as connection:
            yield connection

    def create(self, name: str, *, template: str = TEMPLATE) -> str:
        """A new database of this name, as the migrations leave it (``template0``: empty); its name."""
        with self.owner("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected."""
        with self.owner("postgres") as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def scratch(self, *, template: str = TEMPLATE) -> Iterator[str]:
        """A database that lives as long as the block; its name."""
        name = self.create(f"scratch_{uuid4().hex}", template=template)
        try:
            yield name
        finally:
            self.drop(name)

    def stop(self) -> None:
        """End the server and remove its folder, if this process started it."""
        if self._folder is not None:
            self._cluster.stop()
            shutil.rmtree(self._folder)
            shutil.rmtree(self._cluster.data.parent, ignore_errors=True)
            os.environ.pop(DATA, None)

    def _migrate_template(self) -> None:
        self.create(TEMPLATE, template="template0")
        with migrations(self.url(TEMPLATE, OWNER)) as config:
            command.upgrade(config, "head")


@contextmanager
def migrations(owner_url: str) -> Iterator[Config]:
    """Alembic on one connection of the owner; committed at the end of the block."""
    url = sa.make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        config = Config(REPOSITORY / "alembic.ini")
        config.attributes["connection"] = connection
        yield config
