"""The service's own processes, started as an operator starts them and ended by any means."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from api.kit.postgres.process import PROC, is_postgres_of

REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A running command of ``python -m api.cli``, killed at the end of the block if it still runs.

    Args:
        command: Its name, such as ``serve`` or ``api``.
        folder: Where its data folder is, and its output: ``<command>.log``.
        module: Another module to run instead.
        **environment: What is set besides the environment of the tests.
    """

    def __init__(self, command: str, folder: Path, *, module: str = "api.cli", **environment: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "PERENNIAL_DATA": str(folder / "data"),
            "PERENNIAL_PORT": str(self.port),
            "PERENNIAL_RATE_LIMIT_PER_MINUTE": "1000000",
            "DEMO": "0",
            **environment,
        }
        self._log = folder / f"{command}.log"
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module, command],
                cwd=REPOSITORY,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def said(self) -> str:
        """Its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def is_ready(self) -> bool:
        """Whether it says that it can answer."""
        # Not httpx, whose new clients cost the processor more than the answer does.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def until_ready(self, seconds: float) -> float:
        """Wait until it can answer; how long that took."""
        started = time.monotonic()
        while not self.is_ready():
            if time.monotonic() - started > seconds or self.process.poll() is not None:
                pytest.fail(f"not ready after {seconds} s:\n{self.said[-4000:]}")
            time.sleep(0.1)
        return time.monotonic() - started


class Serving(Running):
    """``serve``, with the embedded Postgres."""

    def __init__(self, folder: Path, **environment: str) -> None:
        super().__init__("serve", folder, **environment)
        self.cluster_data = folder / "data" / "postgres"

    def command(self, *arguments: str) -> str:
        """What another command says on the same data."""
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def api(self) -> int:
        """The process of the API; 0 while there is none."""
        for process in PROC.glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
                parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == self.process.pid and words[-2:-1] in ([b"api"], [b"api.cli.answering"]):
                return int(process.name)
        return 0

    def postmaster(self) -> int:
        """The first process of Postgres; 0 while there is none."""
        try:
            return int((self.cluster_data / "postmaster.pid").read_text().split()[0])
        except (OSError, IndexError):
            return 0

    def backends(self) -> list[int]:
        """All processes of Postgres but the first."""
        found = [int(process.name) for process in PROC.glob("[0-9]*")]
        return [pid for pid in found if pid != self.postmaster() and is_postgres_of(pid, self.cluster_data)]
