"""docs/api-guide.md says what happens: every example runs, and every answer is as documented."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
import pytest

from api.auth import service
from api.auth.permissions import Role
from api.kit.db import Database
from api.kit.postgres.process import leashed
from api.kit.settings import Settings
from tests.support.documented import Example, Shell, difference, examples
from tests.support.postgres import WORKER, Server

REPOSITORY: Final = Path(__file__).parents[2]
GUIDE: Final = REPOSITORY / "docs" / "api-guide.md"
TYPESCRIPT: Final = REPOSITORY / "openapi" / "tools" / "node_modules" / "typescript" / "bin" / "tsc"
EMAIL: Final = "guide@example.com"
PASSWORD: Final = "correct horse battery"

# What a page of the application has around the example.
PAGE: Final = """
export {};
declare const process: { env: Record<string, string> };
const base = process.env.BASE, token = process.env.TOKEN;
function showBeside(pointer: string, text: string) { console.log(pointer + ": " + text); }
"""


class Service:
    """The API and the worker as processes of their own, on a database of their own."""

    def __init__(self, server: Server, database: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://localhost:{probe.getsockname()[1]}"
        self._database_url = server.url(database)
        self._log = folder / "service.log"
        self._environment = {
            **os.environ,
            "DATABASE_URL": self._database_url,
            "PERENNIAL_WORKER_URL": server.url(database, WORKER),
            "PERENNIAL_PORT": self.url.rpartition(":")[2],
        }

    def add_admin(self) -> None:
        """A workspace with its administrator."""

        async def add() -> UUID:
            async with Database(self._database_url, Settings(), size=1) as database:
                values = {"name": "株式会社みのり", "base_currency": "JPY", "time_zone": "Asia/Tokyo"}
                workspace_id = await service.create_workspace(database, values)
                async with database.write(workspace_id) as tx:
                    await service.create_user(
                        tx, email=EMAIL, name="山田 花子", role=Role.admin, password=PASSWORD, language="ja"
                    )
            return workspace_id

        asyncio.run(add())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Both processes, once the API is ready."""
        with ExitStack() as processes, self._log.open("wb") as log:
            for command in ("api", "worker"):
                process = subprocess.Popen(
                    leashed([sys.executable, "-m", "api.cli", command], signal=15),
                    cwd=REPOSITORY,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                )
                processes.callback(process.wait, 20)
                processes.callback(process.terminate)
            self._wait_until_ready()
            yield

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/health/ready").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        pytest.fail(f"the API does not get ready:\n{self._log.read_text()}")


def _write_demo_json(folder: Path, url: str) -> None:
    """The part of demo.json that the guide reads; the workspace in it is empty, unlike the demo's."""
    (folder / ".perennial").mkdir()
    admin = {"email": EMAIL, "password": PASSWORD}
    content = {"base_url": url, "workspaces": [{"users": {"admin": admin}}]}
    (folder / ".perennial" / "demo.json").write_text(json.dumps(content))


def _wait_for_numbers(server: Server, database: str) -> None:
    """Events get their numbers a moment after their commit; a reader of the guide is slower than this test."""
    with server.owner(database) as connection:
        deadline = time.monotonic() + 20
        while connection.execute("SELECT EXISTS (SELECT FROM outbox)").fetchone() == (True,):
            if time.monotonic() > deadline:
                pytest.fail("the worker does not number the events")
            time.sleep(0.05)


def _run(server: Server, folder: Path) -> list[tuple[Example, str]]:
    """The guide's examples and what they answered, run in order."""
    with server.scratch() as database:
        service = Service(server, database, folder)
        service.add_admin()
        _write_demo_json(folder, service.url)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        with service.running(), Shell(folder, {**os.environ, "PATH": path}) as shell:
            answered = []
            for example in examples(GUIDE.read_text(encoding="utf-8"), ("bash", "ts")):
                if "/v1/events" in example.code:
                    _wait_for_numbers(server, database)
                code = example.code if example.language == "bash" else _as_bash(example.code, folder)
                if code:
                    answered.append((example, shell.run(code)))
                else:
                    sys.stderr.write("skipped: the guide's TypeScript (needs node and openapi/tools/node_modules)\n")
            return answered


def _as_bash(typescript: str, folder: Path) -> str:
    """Compiles strictly and runs; "" where that cannot be."""
    if not shutil.which("node") or not TYPESCRIPT.exists():
        return ""
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "guide.ts").write_text(f"{PAGE}\n{typescript}", encoding="utf-8")
    options = "--strict --target es2022 --module esnext --lib es2022,dom --skipLibCheck --typeRoots ."
    return f"node '{TYPESCRIPT}' {options} guide.ts && BASE=$BASE TOKEN=$TOKEN node guide.js"


@pytest.mark.skipif(
    not shutil.which("curl") or not shutil.which("bash"), reason="the guide's examples need bash and curl"
)
def test_every_example_answers_as_documented(server: Server, tmp_path: Path) -> None:
    answered = _run(server, tmp_path)
    wrong = [
        f"docs/api-guide.md:{example.line}: {found}\n{example.code}{answer}"
        for example, answer in answered
        if (found := difference(example.answer, answer))
    ]
    assert not wrong, "\n\n".join(wrong)
    # The control: each documented answer with one thing changed is refused.
    falsified = [(example, answer, variant) for example, answer in answered for variant in _falsified(example.answer)]
    assert len(falsified) >= 70
    for example, answer, variant in falsified:
        assert difference(variant, answer), f"docs/api-guide.md:{example.line} would not notice:\n{variant}"


def _falsified(documented: str) -> Iterator[str]:
    head, separator, body = documented.rpartition("\n\n") if documented.startswith("HTTP/") else ("", "", documented)
    if documented.startswith("HTTP/"):
        if not separator:
            head, body = body, ""
        status = head.split()[1]
        yield documented.replace(status, "599", 1)
        yield f"{head}\nX-Never: sent{separator}{body}"
    if body.startswith("{"):
        yield f'{head}{separator}{{"never": "answered", {body[1:]}'
    elif body:
        yield f"{head}{separator}never {body}"
