"""The migrations lead up, down and up again, keep data of every workspace, and end where the models are."""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from api.kit.migrations import newest_migration
from api.kit.tables import new_id
from tests.support import rows
from tests.support.cells import cells
from tests.support.postgres import OWNER, Server, migrations

SCRIPTS = ScriptDirectory("migrations")
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    """An empty database."""
    with server.scratch(template="template0") as name:
        yield name


@pytest.fixture
def scratch(server: Server) -> Iterator[str]:
    """A migrated database to break."""
    with server.scratch() as name:
        yield name


def up(server: Server, database: str, revision: str = "head") -> None:
    with migrations(server.url(database, OWNER)) as config:
        command.upgrade(config, revision)


def down(server: Server, database: str, revision: str = "base") -> None:
    with migrations(server.url(database, OWNER)) as config:
        command.downgrade(config, revision)


def schema(server: Server, database: str) -> list[tuple[object, ...]]:
    """Every column, constraint, index, policy, function and grant of the database."""
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint",
        "SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes",
        "SELECT tablename, policyname, qual, with_check, roles::text FROM pg_policies",
        """
        SELECT oid::regprocedure::text, prosrc, proacl::text, '', '' FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        """,
        """
        SELECT relname, relkind::text, relacl::text, relrowsecurity::text, relforcerowsecurity::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace
        """,
        "SELECT extname, '', '', '', '' FROM pg_extension",
    )
    with server.owner(database) as owner:
        found = [row for query in queries for row in owner.execute(query.encode())]
    return sorted((row for row in found if not str(row[0]).startswith(("pg_", "information_schema"))), key=str)


def test_there_is_one_head_and_readiness_knows_it() -> None:
    assert SCRIPTS.get_heads() == [REVISIONS[-1]]
    assert newest_migration() == REVISIONS[-1]


def test_models_and_migrations_agree(server: Server, scratch: str) -> None:
    with migrations(server.url(scratch, OWNER)) as config:
        command.check(config)


def test_up_down_and_up_again(server: Server, empty: str) -> None:
    up(server, empty)
    first = schema(server, empty)
    down(server, empty)
    with server.owner(empty) as owner:
        query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        assert owner.execute(query).fetchall() == [("alembic_version",)]
    up(server, empty)
    assert schema(server, empty) == first


def test_each_step_keeps_the_data_of_two_workspaces(server: Server, empty: str) -> None:
    """At each revision two workspaces are filled; every further step keeps their rows and those of all before."""
    kept: Counter[str] = Counter()
    workspaces: list[UUID] = []
    with cells() as checks, server.owner(empty) as owner:
        for revision in REVISIONS:
            up(server, empty, revision)
            if kept:
                with checks.cell(revision):
                    assert counts(owner, kept, workspaces) == kept
            if not (tables := rows.tenant_tables(owner)):
                continue
            new = [new_id(), new_id()]
            for workspace_id in new:
                rows.fill(owner, tables, workspace_id, f"株式会社{workspace_id}")
            filled = counts(owner, [table.name for table in tables], new)
            assert set(filled.values()) <= {2}
            kept.update(filled)
            workspaces += new
    assert len(workspaces) >= 2 * (len(REVISIONS) - 1)


def test_down_and_up_with_data(server: Server, scratch: str) -> None:
    with server.owner(scratch) as owner:
        tables = rows.tenant_tables(owner)
        for workspace_id in (new_id(), new_id()):
            rows.fill(owner, tables, workspace_id, "株式会社みのり")
    down(server, scratch, REVISIONS[0])
    up(server, scratch)


def counts(owner: psycopg.Connection, tables: Iterable[str], workspaces: Sequence[UUID]) -> dict[str, int]:
    query = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {table} WHERE workspace_id = ANY(%(workspaces)s)" for table in tables
    )
    return {str(name): int(count) for name, count in owner.execute(query.encode(), {"workspaces": workspaces})}


def terminate(server: Server, process: int) -> None:
    with server.owner("postgres") as owner:
        owner.execute("SELECT pg_terminate_backend(%s)", [process])


def test_a_migration_gives_up_rather_than_wait_for_a_lock(server: Server, scratch: str) -> None:
    with psycopg.connect(server.url(scratch, OWNER)) as reader:
        reader.execute("SELECT * FROM products")
        started = time.monotonic()
        # Without a lock_timeout the migration would wait for ever; then the reader has to go.
        rescue = threading.Timer(5, terminate, [server, reader.info.backend_pid])
        rescue.start()
        with pytest.raises(sa.exc.OperationalError) as raised:
            down(server, scratch)
        rescue.cancel()
        assert isinstance(raised.value.orig, psycopg.errors.LockNotAvailable)
        assert time.monotonic() - started < 5


def test_an_index_that_is_built_concurrently_waits_for_those_who_came_before(server: Server, scratch: str) -> None:
    down(server, scratch, "0026_authors_of_versions")
    with psycopg.connect(server.url(scratch, OWNER)) as writer:
        writer.execute("DELETE FROM usage_weekly")
        later = threading.Timer(1.5, writer.rollback)  # three times as long as a migration waits for a lock
        later.start()
        up(server, scratch)
        later.join()
    with server.owner(scratch) as owner:
        query = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_usage_weekly_workspace_id_week_account_id'::regclass"
        assert owner.execute(query).fetchall() == [(True,)]
