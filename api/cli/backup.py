"""Backups that are read back before they count as made.

Row-level security can make a dump empty without an error: so the role must be one that bypasses it, and the
rows in the file are counted and compared with the tables.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from api.kit.postgres import PostgresUnavailable
from api.kit.postgres.binaries import find
from api.kit.postgres.process import Account

BACKUP_ROLE: Final = "perennial_backup"
# Roles belong to the server, so a dump has none; the same as the first migration makes.
ROLES: Final = {
    "perennial_app": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    "perennial_worker": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS",
    "perennial_backup": "NOLOGIN BYPASSRLS",
    "perennial_searcher": "NOLOGIN NOBYPASSRLS",
}

Counts = dict[str, int]
Connection = psycopg.Connection[tuple[Any, ...]]


class BackupError(RuntimeError):
    """The backup was not made, or not restored; the message says why."""


def back_up(url: str, file: Path) -> Counts:
    """Dump a database into a file and prove that the file holds every row.

    Args:
        url: A role that bypasses row-level security, or a member of ``perennial_backup``.
        file: Made anew; there is none when this fails.

    Returns:
        The number of rows of each table, at the moment of the dump.

    Raises:
        BackupError: The role would dump too little, ``pg_dump`` failed, or rows are missing in the file.
    """
    partial = file.with_name(f"{file.name}.part")
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            role = _dumping_role(connection)
            if role:
                connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
            connection.execute("SET LOCAL row_security = off")
            ((snapshot,),) = connection.execute("SELECT pg_export_snapshot()").fetchall()
            there = _count(connection)
            options = ["--role", role] if role else []
            # Made here, so that nobody else may read it.
            os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            _run(
                url,
                ["pg_dump", "--format=custom", f"--snapshot={snapshot}", *options, f"--file={partial}"],
            )
        _compare(there, _count_in(partial), "the backup")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return there


def restore(url: str, file: Path, *, replace: bool) -> Counts:
    """Bring a backup into an empty database and compare every table with the file.

    Args:
        url: A superuser, or the database's owner if it is a member of ``perennial_backup``.
        file: What :func:`back_up` made.
        replace: Drop what the database holds first.

    Returns:
        The number of rows of each table.

    Raises:
        BackupError: The database is not empty, ``pg_restore`` failed, or rows are missing.
    """
    expected = _count_in(file)
    with psycopg.connect(url, autocommit=True) as connection:
        role = _dumping_role(connection)
        if connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = 'public'").fetchone():
            if not replace:
                raise BackupError("the database is not empty; --replace drops what it holds (stop the service first)")
            _empty(url)
        for name, attributes in ROLES.items():
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                connection.execute(f"CREATE ROLE {name} {attributes}".encode())
        connection.execute("GRANT perennial_searcher TO CURRENT_USER")
        # The dump grants this too, but only after it has given the search functions their owner.
        connection.execute("GRANT CREATE ON SCHEMA public TO perennial_searcher")
    # Owners come with the dump: the search functions must not run as whoever restores.
    _run(
        url,
        ["pg_restore", "--exit-on-error", "--single-transaction", "--dbname=", str(file)],
    )
    with psycopg.connect(url) as connection:
        if role:
            connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        connection.execute("SET LOCAL row_security = off")
        found = _count(connection)
    _compare(expected, found, "the restored database")
    return found


def _dumping_role(connection: Connection) -> str | None:
    """The role to dump as; None: the connection's own."""
    row = connection.execute(
        "SELECT rolname, rolsuper OR rolbypassrls, "
        "EXISTS (SELECT FROM pg_roles b WHERE b.rolname = %(b)s "
        "AND pg_has_role(current_user, b.oid, 'MEMBER')) "
        "FROM pg_roles WHERE rolname = current_user",
        {"b": BACKUP_ROLE},
    ).fetchone()
    assert row is not None
    name, bypasses, member = row
    if bypasses:
        return None
    if member:
        return BACKUP_ROLE
    raise BackupError(
        f"row-level security binds the role {name!r}: its dump would hold no rows. "
        f"Set PERENNIAL_OWNER_URL to a superuser or to a member of {BACKUP_ROLE}"
    )


def _count(connection: Connection) -> Counts:
    tables = connection.execute(
        "SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE relkind = 'r' AND nspname !~ '^(pg_|information_schema)' ORDER BY 1, 2"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        ((counts[f"{schema}.{table}"],),) = connection.execute(query).fetchall()
    return counts


def _count_in(file: Path) -> Counts:
    """The rows of each table in a dump."""
    with _reading(["pg_restore", "--data-only", "--file=-", str(file)]) as lines:
        counts: Counts = {}
        table = None
        for line in lines:
            if table is not None:
                if line == b"\\.\n":
                    table = None
                else:
                    counts[table] += 1
            elif line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                table = line.split(b" ", 2)[1].decode().replace('"', "")
                counts[table] = 0
    return counts


def _compare(expected: Mapping[str, int], found: Mapping[str, int], where: str) -> None:
    wrong = [
        f"{table}: {expected.get(table, 0)} expected, {found.get(table, 0)} found"
        for table in sorted({*expected, *found})
        if expected.get(table) != found.get(table)
    ]
    if wrong:
        raise BackupError(f"{where} does not hold every row: " + "; ".join(wrong))


def _empty(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET client_min_messages = warning")
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public AUTHORIZATION pg_database_owner")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")


def _run(url: str, command: Iterable[str]) -> None:
    # In the environment: everybody may read a process's arguments.
    given = conninfo_to_dict(url)
    names = {
        "dbname": "PGDATABASE",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "host": "PGHOST",
        "port": "PGPORT",
    }
    known = {names[key]: str(value) for key, value in given.items() if key in names}
    known |= {f"PG{key.upper()}": str(value) for key, value in given.items() if key.startswith("ssl")}
    program, *arguments = command
    arguments = [f"--dbname={known['PGDATABASE']}" if each == "--dbname=" else each for each in arguments]
    done = subprocess.run(  # noqa: S603 - Postgres' own program, no shell
        [_program(program), *arguments],
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


@contextmanager
def _reading(command: list[str]) -> Iterator[Iterator[bytes]]:
    with (
        subprocess.Popen(  # noqa: S603 - Postgres' own program, no shell
            [_program(command[0]), *command[1:]], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        yield iter(process.stdout)
        complaint = process.stderr.read().decode(errors="replace")
    if process.returncode:
        raise BackupError(f"{command[0]}: {complaint.strip()}")


def _program(name: str) -> str:
    try:
        return find(Account(os.geteuid(), os.getegid(), switch=False)).command(name)
    except PostgresUnavailable:
        if path := shutil.which(name):
            return path
        raise BackupError(f"there is no {name}: install the Postgres client programs") from None
