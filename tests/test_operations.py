"""docs/operations.md is true: its settings, its commands, and its way to a first start without a superuser."""

import re
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import typer
from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from typer.testing import CliRunner

from api.cli import commands
from api.kit.settings import DEVELOPMENT_SECRET, Settings, settings
from tests.support.postgres import Server

OPERATIONS: Final = (Path(__file__).parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")


def _settings_table() -> str:
    rows = ["| variable | default | |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        variable = field.validation_alias or f"PERENNIAL_{name.upper()}"
        rows.append(f"| `{variable}` | {_shown(field.default)} | {field.description} |")
    return "\n".join(rows) + "\n"


def _shown(default: Any) -> str:
    assert default is not PydanticUndefined
    if isinstance(default, SecretStr):
        return "development only" if default.get_secret_value() else "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    text = ",".join(default) if isinstance(default, list) else str(default)
    return f"`{text}`" if text else "none"


def test_every_setting_is_documented_with_its_default() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    table = _settings_table()
    assert table in OPERATIONS, f"the table of settings in docs/operations.md must be:\n{table}"


def test_every_documented_command_exists() -> None:
    known = typer.main.get_command(commands.app)
    found = set()
    for line in re.findall(r"(?:api\.cli|\$CLI|docker compose run --rm \w+) ([^\n`]+)", OPERATIONS):
        words = line.split()
        command: Any = known
        for word in words:
            if not hasattr(command, "commands"):
                break
            assert word in command.commands, f"docs/operations.md names `{word}` in: {line}"
            command = command.commands[word]
        options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        unknown = {word.partition("=")[0] for word in words if word.startswith("--")} - options
        assert not unknown, f"docs/operations.md: {sorted(unknown)} in: {line}"
        found.add(command.name)
    assert {"migrate", "create-workspace", "create-admin", "api", "worker", "rotate", "backup", "restore"} <= found


def _documented_roles() -> list[str]:
    (block,) = re.findall(r"```sql\n(CREATE ROLE perennial_owner.*?)```", OPERATIONS, re.DOTALL)
    return [statement.strip() for statement in block.split(";") if statement.strip()]


def test_a_first_start_as_documented_needs_no_superuser(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An owner whom row-level security binds migrates; a member of perennial_backup dumps, the owner restores."""
    first, second = (f"{name}_{tmp_path.name}".replace("-", "_") for name in ("first", "second"))
    owner, dump = f"owner_of_{first}", f"dump_of_{first}"
    # Roles belong to the server, which has those of the service already, and a superuser called perennial_owner.
    with server.owner("postgres") as superuser:
        for statement in _documented_roles():
            text = re.sub(r"\bperennial_owner\b", owner, re.sub(r"\bperennial_dump\b", dump, statement))
            text = re.sub(r"DATABASE perennial\b", f"DATABASE {first}", text)
            if not re.match(r"CREATE ROLE perennial_(app|worker|backup|searcher)\b", text):
                superuser.execute(text.encode())
        superuser.execute(f"CREATE DATABASE {second} OWNER {owner} TEMPLATE template0".encode())
    monkeypatch.setenv("DATABASE_URL", server.url(first))
    monkeypatch.setenv("PERENNIAL_DATA", str(tmp_path))
    # Else the command makes one and leaves it in this process's environment.
    monkeypatch.setenv("PERENNIAL_SECRET_KEY", DEVELOPMENT_SECRET)
    file = str(tmp_path / "perennial.dump")

    def run(*arguments: str, owner_url: str) -> str:
        monkeypatch.setenv("PERENNIAL_OWNER_URL", owner_url)
        settings.cache_clear()
        result = CliRunner().invoke(commands.app, list(arguments))
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result.output

    try:
        run("migrate", owner_url=server.url(first, owner))
        run("create-workspace", "株式会社はじめ", owner_url="")
        said = run("backup", file, owner_url=server.url(first, dump))
        assert "counted again in the file" in said
        assert "equal to the file's" in run("restore", file, owner_url=server.url(second, owner))
        with psycopg.connect(server.url(second, dump)) as connection:
            connection.execute("SET ROLE perennial_backup")
            assert connection.execute("SELECT name FROM workspaces").fetchall() == [("株式会社はじめ",)]
    finally:
        settings.cache_clear()
        server.drop(first)
        server.drop(second)
        with server.owner("postgres") as superuser:
            superuser.execute(f"REVOKE perennial_searcher, perennial_backup FROM {owner} CASCADE".encode())
            superuser.execute(f"DROP ROLE {owner}, {dump}".encode())
