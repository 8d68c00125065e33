"""The processes that are measured: started together, measured in turn, CPU read from /proc."""

import http.client
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from api.kit.postgres import Cluster
from api.kit.postgres.process import leashed
from benchmarks.data import APP, OWNER, REPOSITORY

RATE_PER_MINUTE = "100000000"
PEERS = REPOSITORY / ".venv-bench"
LOCK = Path(__file__).with_name("requirements.lock")
TICKS = os.sysconf("SC_CLK_TCK")


class Server:
    """A server process on a port; a context manager that ends it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        port: int,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        health: str = "/",
    ) -> None:
        self.name = name
        self.port = port
        self._command = [str(part) for part in command]
        self._environment = {**os.environ, "PYTHONUTF8": "1", **(environment or {})}
        self._log = folder / f"{name.replace(' ', '-')}.log"
        self._health = health

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                leashed(self._command, signal=15), cwd=REPOSITORY, env=self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__(None, None, None)
                raise SystemExit(f"{self.name} does not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(30)

    def cpu(self) -> float:
        """Seconds of CPU that the process and its children have used."""
        return cpu_seconds(self._process.pid)

    def resident(self) -> float:
        """Resident memory of the process and its children, in MB."""
        return resident_mb(self._process.pid)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self._health)
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()


def perennial(cluster: Cluster, port: int, folder: Path, *, workers: int = 1) -> Server:
    """Our service."""
    environment = {
        "DATABASE_URL": cluster.url(user=APP),
        "PERENNIAL_PORT": str(port),
        "PERENNIAL_RATE_LIMIT_PER_MINUTE": RATE_PER_MINUTE,
    }
    command = [sys.executable, "-m", "api.cli", "api", "--workers", str(workers)]
    name = "Perennial" if workers == 1 else f"Perennial, {workers} workers"
    return Server(name, command, port=port, folder=folder, environment=environment, health="/health/ready")


def peers(cluster: Cluster, port: int, folder: Path) -> list[Server]:
    """Django REST framework, FastAPI with the ORM, and a bare FastAPI route; one worker each."""
    python = _peers_python()
    environment = {"BENCH_DATABASE_URL": cluster.url(user=OWNER)}
    uvicorn: list[str | Path] = [
        python,
        "-m",
        "uvicorn",
        "--no-access-log",
        "--loop",
        "uvloop",
        "--http",
        "httptools",
        "--port",
    ]
    # One process as for the others; threads, since Django waits for Postgres in one.
    gunicorn: list[str | Path] = [
        python,
        "-m",
        "gunicorn",
        "--workers",
        "1",
        "--threads",
        "4",
        "--keep-alive",
        "75",
        "--bind",
    ]
    drf = [*gunicorn, f"127.0.0.1:{port}", "benchmarks.peers.drf:application"]
    orm = [*uvicorn, str(port + 1), "benchmarks.peers.orm:app"]
    floor = [*uvicorn, str(port + 2), "benchmarks.peers.floor:app"]
    known: dict[str, Any] = {"folder": folder, "environment": environment}
    return [
        Server("Django REST framework", drf, port=port, health="/accounts", **known),
        Server("FastAPI + ORM", orm, port=port + 1, health="/accounts", **known),
        Server("bare FastAPI route", floor, port=port + 2, **known),
    ]


def _peers_python() -> Path:
    """The interpreter of the peers' environment, installed from its lock unless that was done."""
    python, stamp = PEERS / "bin" / "python", PEERS / "installed.lock"
    if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
        print("Installing the peers, once …", flush=True)
        pip: list[str | Path] = [
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "--only-binary",
            ":all:",
            "--no-deps",
        ]
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
        subprocess.run([*pip, "--requirement", LOCK], check=True)
        stamp.write_bytes(LOCK.read_bytes())
    return python


def cpu_seconds(root: int) -> float:
    """CPU of a process, of its descendants, and of those that ended and were waited for."""
    parents, used = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        fields = text.rpartition(")")[2].split()
        parents[int(stat.parent.name)] = int(fields[1])
        used[int(stat.parent.name)] = sum(map(int, fields[11:15]))
    return sum(used.get(pid, 0) for pid in _tree(root, parents)) / TICKS


def resident_mb(root: int) -> float:
    """Resident memory of a process and its descendants."""
    parents, pages = {}, {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        parents[int(status.parent.name)] = int(lines["PPid"])
        pages[int(status.parent.name)] = int(lines.get("VmRSS", "0").split()[0])
    return sum(pages.get(pid, 0) for pid in _tree(root, parents)) / 1024


def postmaster(cluster: Cluster) -> int:
    """The process id of the embedded server."""
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def _tree(root: int, parents: Mapping[int, int]) -> list[int]:
    children = defaultdict(list)
    for pid, parent in parents.items():
        children[parent].append(pid)
    tree = [root]
    for pid in tree:
        tree += children[pid]
    return tree
