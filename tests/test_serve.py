"""``serve`` as a newcomer meets it: from an empty folder, on the embedded Postgres, until Ctrl-C."""

import json
import os
import queue
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from api.kit.postgres import Cluster
from api.kit.postgres.process import PROC
from tests.support.folders import fast_folder
from tests.test_demo import check_past

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def data() -> Iterator[Path]:
    """A folder with a space in its name that root's unprivileged account reaches."""
    parent = fast_folder("perennial serve ")
    yield parent / "data"
    shutil.rmtree(parent, ignore_errors=True)  # a killed one may still be ending


class Service:
    """A running ``serve``; ends it with SIGINT."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        clean = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment = {**clean, "PERENNIAL_DATA": str(data), "PORT": str(self.port)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            cwd=REPOSITORY,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self.said = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def wait_for(self, text: str, seconds: float = 240) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.said:
            try:
                self.said += self._lines.get(timeout=0.5)
            except queue.Empty:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"{text!r} not said within {seconds} s:\n{self.said}")

    def stop(self) -> int:
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(30)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture
def services() -> Iterator[list[Service]]:
    started: list[Service] = []
    yield started
    for service in started:
        service.kill()


def left_behind(data: Path) -> list[str]:
    """Command lines of processes that have something to do with the data folder."""
    found = []
    for process in PROC.glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(data).encode() in text:
            found.append(f"{process.name}: {text[:200]!r}")
    return found


def test_from_an_empty_folder_to_nothing_left(data: Path, services: list[Service]) -> None:
    first = Service(data)
    services.append(first)
    first.wait_for("Ctrl-C stops it.")
    base = f"http://localhost:{first.port}"
    assert f"{base}/docs" in first.said
    path = data / "demo.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    demo = json.loads(path.read_text(encoding="utf-8"))
    assert demo["base_url"] == base
    with psycopg.connect(Cluster(data / "postgres").url(), autocommit=True) as owner:
        check_past(owner)
    key = demo["workspaces"][0]["users"]["admin"]["api_key"]
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=base, headers=headers, timeout=30) as client:
        assert client.get("/health/ready").status_code == 200
        assert client.get("/docs").status_code == 200
        made = client.post("/v1/products", json={"name": "アナリティクス"})
        assert made.status_code == 201
        server = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        first.wait_for("Postgres is ready again")
        assert patiently(client, f"/v1/products/{made.json()['id']}") == 200
    assert left_behind(data)
    assert first.stop() == 0
    assert left_behind(data) == []

    second = Service(data)
    services.append(second)
    second.wait_for("Ctrl-C stops it.")
    assert "Migrating" not in second.said
    assert "Loading" not in second.said
    again = json.loads(path.read_text(encoding="utf-8"))
    assert again == demo | {"base_url": f"http://localhost:{second.port}"}
    listed = httpx.get(f"{again['base_url']}/v1/products", headers=headers, timeout=30)
    assert made.json()["id"] in {each["id"] for each in listed.json()["data"]}
    assert second.stop() == 0
    assert left_behind(data) == []


def patiently(client: httpx.Client, path: str) -> int:
    """The status, asked again while it says that the database is not there yet."""
    for _ in range(50):
        if (status := client.get(path).status_code) != 503:
            return status
        time.sleep(0.1)
    return 503
