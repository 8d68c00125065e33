"""The command line, as an operator meets it."""

import json
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from api.cli import backup, commands, reach, serving
from api.demo import loading
from api.kit.migrations import newest_migration
from api.kit.settings import DEVELOPMENT_SECRET, Settings, settings
from tests.support.postgres import OWNER, WORKER, Server

Run = Callable[..., Result]

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "secret_key": "k" * 40,
    "database_url": "postgresql://perennial_app:secret@db/perennial",
    "base_url": "https://api.example.com",
    "cors_origins": "https://app.example.com",
}


@pytest.fixture
def run(server: Server, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command on this worker's database."""
    monkeypatch.setenv("DATABASE_URL", server.url(database))
    monkeypatch.setenv("PERENNIAL_OWNER_URL", server.url(database, OWNER))
    monkeypatch.setenv("PERENNIAL_WORKER_URL", server.url(database, WORKER))
    monkeypatch.setenv("PERENNIAL_DATA", str(tmp_path))
    monkeypatch.setenv("PERENNIAL_SECRET_KEY", DEVELOPMENT_SECRET)
    settings.cache_clear()
    runner = CliRunner()

    def invoke(*arguments: str, stdin: str | None = None, **environment: str) -> Result:
        return runner.invoke(commands.app, list(arguments), input=stdin, env=environment)

    yield invoke
    settings.cache_clear()


def test_production_refuses_each_unsafe_default() -> None:
    Settings(**PRODUCTION)
    for name, unsafe in {
        "secret_key": (DEVELOPMENT_SECRET, "short"),
        "database_url": ("",),
        "base_url": ("", "http://api.example.com"),
        "cors_origins": ("http://localhost:3000",),
    }.items():
        for value in unsafe:
            with pytest.raises(ValidationError, match="unsafe in production"):
                Settings(**{**PRODUCTION, name: value})
        with pytest.raises(ValidationError, match="unsafe in production"):
            Settings(**{key: value for key, value in PRODUCTION.items() if key != name})


def test_serve_is_not_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "settings", lambda: Settings(**PRODUCTION))
    with pytest.raises(SystemExit, match="development"):
        serving.serve(port=None, demo=None)


def test_a_taken_port_is_said_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"Port {port} is taken"):
            serving._free_port("127.0.0.1", port)


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    secret = reach.kept_secret(path)
    assert len(secret) >= 32
    assert reach.kept_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_password_goes_with_the_role_and_not_the_owner() -> None:
    url = "postgresql://postgres:hunter2@db.example:5433/perennial?sslmode=require"
    made = serving._as_role(url, "perennial_app", "a/b@c")
    assert made == "postgresql://perennial_app:a%2Fb%40c@db.example:5433/perennial?sslmode=require"


def test_a_first_workspace_and_its_administrator(run: Run, owner: psycopg.Connection) -> None:
    made = run(
        "create-workspace", "株式会社はじめ", "--currency", "JPY", "--time-zone", "Asia/Tokyo", "--language", "ja"
    )
    assert made.exit_code == 0, made.output
    workspace = made.stdout.strip()
    arguments = ("create-admin", "--workspace", workspace, "--email", "First@Example.com", "--name", "山田 花子")
    user = run(*arguments, stdin="correct horse battery\n")
    assert user.exit_code == 0, user.output
    row = owner.execute(
        "SELECT u.id::text, u.email, u.role, u.language, p.hash FROM users u JOIN passwords p ON p.user_id = u.id "
        "WHERE u.workspace_id = %s",
        [workspace],
    ).fetchone()
    assert row is not None
    assert row[:4] == (user.stdout.strip(), "first@example.com", "admin", "ja")
    assert row[4].startswith("$argon2id$")
    again = run(*arguments, PERENNIAL_ADMIN_PASSWORD="correct horse battery")
    assert again.exit_code != 0
    assert "e-mail address" in again.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("create-workspace", "x", "--currency", "yen"), "base_currency"),
        (("create-workspace", "x", "--time-zone", "Mars/Olympus"), "time_zone"),
        (("create-workspace", "x", "--language", "fr"), "language"),
    ],
)
def test_a_workspace_with_wrong_values_is_refused(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    result = run(*arguments)
    assert result.exit_code != 0
    assert complaint in result.output


def test_a_weak_password_is_refused_and_not_repeated(run: Run) -> None:
    workspace = run("create-workspace", "Somebody").stdout.strip()
    result = run("create-admin", "--workspace", workspace, "--email", "a@example.com", "--name", "A", stdin="hunter2\n")
    assert result.exit_code != 0
    assert "password" in result.output
    assert "hunter2" not in result.output


def test_migrate_is_at_rest_on_a_migrated_database(run: Run, owner: psycopg.Connection) -> None:
    assert run("migrate").exit_code == 0
    assert owner.execute("SELECT version_num FROM alembic_version").fetchone() == (newest_migration(),)


def test_rotated_keys_retire_the_old_one(run: Run, owner: psycopg.Connection) -> None:
    first, second = run("keys", "rotate"), run("keys", "rotate")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    signing = owner.execute("SELECT kid FROM signing_keys WHERE retired_at IS NULL").fetchall()
    assert len(signing) == 1
    assert signing[0][0] in second.output
    assert signing[0][0] not in first.output


def test_openapi_says_when_the_file_is_stale(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "v1.json"
    # Making it takes seconds; the checks of `make test` do so.
    monkeypatch.setattr("api.kit.openapi.document_text", lambda _app: '{"info":{"title":"Perennial"}}')
    monkeypatch.setattr(commands, "OPENAPI", path)
    monkeypatch.setattr(commands, "REPOSITORY", tmp_path)
    assert run("openapi", "--check").exit_code != 0
    assert run("openapi").exit_code == 0
    first = path.read_bytes()
    assert run("openapi", "--check").exit_code == 0
    document = json.loads(first)
    document["info"]["title"] = "Another"
    path.write_text(json.dumps(document))
    stale = run("openapi", "--check")
    assert stale.exit_code != 0
    assert "make openapi" in stale.output
    assert run("openapi").exit_code == 0
    assert path.read_bytes() == first


def test_seed_writes_the_credentials_of_every_role(
    server: Server, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_happened(*_arguments: object, **_options: object) -> None:
        """The two years between are tests/test_demo.py's."""

    monkeypatch.setattr(loading, "fill", nothing_happened)
    with server.scratch() as name:
        result = run("seed", DATABASE_URL=server.url(name))
        assert result.exit_code == 0, result.output
    path = tmp_path / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    demo = json.loads(path.read_text(encoding="utf-8"))
    assert demo["base_url"].startswith("http://localhost:")
    assert len(demo["workspaces"]) == 2
    for workspace in demo["workspaces"]:
        assert set(workspace) == {"name", "id", "users"}
        assert set(workspace["users"]) == {"admin", "manager", "csm", "sales", "product", "viewer", "partner"}
        for user in workspace["users"].values():
            assert set(user) == {"email", "password", "api_key"}
    assert "exists" in run("seed").output


def filled(server: Server, name: str, run: Run) -> None:
    assert run("create-workspace", "株式会社控え", DATABASE_URL=server.url(name)).exit_code == 0


def test_a_backup_comes_back_whole(server: Server, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "perennial backup.dump"
    with server.scratch() as name, server.scratch(template="template0") as empty:
        filled(server, name, run)
        made = run("backup", str(file), PERENNIAL_OWNER_URL=server.url(name, OWNER))
        assert made.exit_code == 0, made.output
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        target = {"PERENNIAL_OWNER_URL": server.url(empty, OWNER)}
        restored = run("restore", str(file), **target)
        assert restored.exit_code == 0, restored.output
        with server.owner(empty) as connection:
            assert connection.execute("SELECT name FROM workspaces").fetchall() == [("株式会社控え",)]
            owners = connection.execute(
                "SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proname LIKE 'search\\_%'"
            ).fetchall()
            assert owners == [("perennial_searcher",)], "a search function must not bypass row-level security"
        assert "not empty" in run("restore", str(file), **target).output
        assert run("restore", str(file), "--replace", **target).exit_code == 0


def test_a_role_that_row_level_security_binds_is_refused(server: Server, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "backup.dump"
    with server.scratch() as name:
        filled(server, name, run)
        result = run("backup", str(file), PERENNIAL_OWNER_URL=server.url(name))
    assert result.exit_code != 0
    assert "would hold no rows" in result.output
    assert not file.exists()


def test_a_dump_that_lacks_rows_is_no_backup(
    server: Server, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = backup._run

    def without_workspaces(url: str, command: list[str]) -> None:
        whole(url, [*command, "--exclude-table-data=workspaces"])

    monkeypatch.setattr(backup, "_run", without_workspaces)
    file = tmp_path / "backup.dump"
    with server.scratch() as name:
        filled(server, name, run)
        result = run("backup", str(file), PERENNIAL_OWNER_URL=server.url(name, OWNER))
    assert result.exit_code != 0
    assert "public.workspaces: 1 expected, 0 found" in result.output
    assert list(tmp_path.glob("backup*")) == []
