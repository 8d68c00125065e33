"""Migrations must not lock a table that people use: squawk reads the SQL of each one."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from tests.support.postgres import OWNER, Server, migrations

SQUAWK = Path(sys.executable).with_name("squawk")
# Rules that do not apply here, and why.
EXCLUDED = (
    "require-statement-timeout",  # a first migration of much data may take its time; waiting for a lock may not
    "prefer-bigint-over-int",  # versions, day counts and scores are small; money is bigint already
)

IN_TRANSACTION = "--assume-in-transaction"


@pytest.fixture(scope="module")
def statements(server: Server) -> dict[str, list[str]]:
    """The SQL of each revision, recorded while it runs on an empty database."""
    recorded: dict[str, list[str]] = {}
    with server.scratch(template="template0") as name, migrations(server.url(name, OWNER)) as config:
        connection = config.attributes["connection"]
        for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions())):
            lines = recorded[script.revision] = []

            def note(_c: Any, _cursor: Any, statement: str, *_: Any, lines: list[str] = lines) -> None:
                text = statement.lstrip().upper()
                if text.startswith(("ALTER", "CREATE", "DROP", "SET")) and "ALEMBIC_VERSION" not in text:
                    lines.append(statement.strip())

            sa.event.listen(connection, "before_cursor_execute", note)
            command.upgrade(config, script.revision)
            sa.event.remove(connection, "before_cursor_execute", note)
    return recorded


def complaints(sql: str, folder: Path, *how: str) -> str:
    path = folder / "migration.sql"
    path.write_text(sql)
    done = subprocess.run(
        [
            SQUAWK,
            "--pg-version=18.0",
            *how,
            "--reporter=gcc",
            f"--exclude={','.join(EXCLUDED)}",
            str(path),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={"NO_COLOR": "1"},
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_no_unsafe_statement(statements: dict[str, list[str]], tmp_path: Path) -> None:
    assert all(statements.values())
    for revision, lines in statements.items():
        # Postgres itself refuses these within a transaction.
        alone = [line for line in lines if "CONCURRENTLY" in line or line.startswith("SET")]
        within = [line for line in lines if "CONCURRENTLY" not in line]
        found = complaints(";\n".join(within) + ";\n", tmp_path, IN_TRANSACTION)
        found += complaints(";\n".join(alone) + ";\n", tmp_path)
        assert not found, f"{revision}:\n{found}"


@pytest.mark.parametrize(
    "unsafe",
    [
        "CREATE INDEX later ON accounts (name)",
        "ALTER TABLE accounts ADD COLUMN tier text NOT NULL",
        "ALTER TABLE accounts ALTER COLUMN name TYPE varchar(10)",
        "ALTER TABLE accounts DROP COLUMN name",
    ],
)
def test_an_unsafe_statement_is_found(unsafe: str, tmp_path: Path) -> None:
    assert complaints(f"SET LOCAL lock_timeout = '500ms';\n{unsafe};\n", tmp_path, IN_TRANSACTION)
