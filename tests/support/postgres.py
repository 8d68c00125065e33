"""The Postgres of one test run: started once, migrated once, copied for every worker."""

import shutil
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
from tests.support.folders import fast_folder

REPOSITORY = Path(__file__).parents[2]
OWNER, APP, WORKER = "perennial_owner", "perennial_app", "perennial_worker"
TEMPLATE = "migrated"


class Server:
    """A server with the migrated template; the process that starts it must outlive its users."""

    def __init__(self, data: Path | None = None) -> None:
        """The server of another process in its folder ``data``, or one of our own that is yet to be started."""
        self._folder: Path | None = None
        if data is None:
            self._folder = fast_folder("perennial-tests-")
            data = self._folder / "data"
        self._cluster = Cluster(data, config=FAST_UNSAFE)

    @property
    def data(self) -> Path:
        """The data folder, for the other processes that use this server."""
        return self._cluster.data

    def start(self) -> None:
        """Start the server and migrate its template, or only find it if another process has done so."""
        try:
            self._cluster.start()
            if self._folder is not None:
                self._migrate_template()
        except BaseException:
            self.stop()
            raise

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

    def _migrate_template(self) -> None:
        self.create(TEMPLATE, template="template0")
        with migrations(self.url(TEMPLATE, OWNER)) as config:
            command.upgrade(config, "head")


@contextmanager
def migrations(owner_url: str) -> Iterator[Config]:
    """Alembic on one connection of the owner; it commits each migration."""
    url = sa.make_url(owner_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        config = Config(REPOSITORY / "alembic.ini")
        config.attributes["connection"] = connection
        yield config
