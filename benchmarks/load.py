"""Keep-alive HTTP/1.1 load from a fixed number of connections, each sending when its answer is complete.

Runs as a process of its own: `python -m benchmarks.load`, a :class:`Job` as JSON on standard input, a
:class:`Result` on standard output.
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import cycle

import uvloop

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)


@dataclass(frozen=True)
class Job:
    """Requests, in turn, for some seconds."""

    port: int
    requests: list[tuple[str, str]]
    """Path and bearer token of each; GET."""
    seconds: float
    connections: int = 16


@dataclass(frozen=True)
class Result:
    """What came back. Times in milliseconds."""

    answers: int
    seconds: float
    p50: float
    p95: float
    bytes_each: float
    statuses: dict[str, int]


class _Client(asyncio.Protocol):
    def __init__(self, run: "_Run") -> None:
        self.run = run
        self.received = bytearray()
        self.wanted = -1
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.wanted < 0:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self.received[:end])
            length = _LENGTH.search(head)
            if length is None:
                raise ValueError(f"no content-length in {head!r}")
            self.wanted = end + 4 + int(length.group(1))
            self.status = head[9:12].decode()
            self.closes = _CLOSE.search(head) is not None
        if len(self.received) >= self.wanted:
            self.run.note(self.status, time.perf_counter() - self.sent_at, self.wanted)
            self.received.clear()
            self.wanted = -1
            if self.run.over():
                self.transport.close()
            elif not self.closes:
                self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.lost(exc)

    def _ask(self) -> None:
        self.sent_at = time.perf_counter()
        self.transport.write(next(self.run.requests))  # type: ignore[attr-defined]


class _Run:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.requests = cycle(
            [
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
                for path, token in job.requests
            ]
        )
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.bytes = 0
        self.open = 0

    def note(self, status: str, seconds: float, size: int) -> None:
        self.statuses[status] += 1
        self.took.append(seconds)
        self.bytes += size

    def over(self) -> bool:
        return time.perf_counter() >= self.until

    def lost(self, exc: Exception | None) -> None:
        self.open -= 1
        if not self.over():
            self.statuses["reconnected" if exc is None else "broken"] += 1
            self.tasks.append(asyncio.ensure_future(self._connect()))
        elif self.open == 0:
            self.finished.set_result(None)

    async def _connect(self) -> None:
        self.open += 1
        await asyncio.get_running_loop().create_connection(lambda: _Client(self), "127.0.0.1", self.job.port)

    async def __call__(self) -> Result:
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tasks: list[asyncio.Future[None]] = []
        started = time.perf_counter()
        self.until = started + self.job.seconds
        for _ in range(self.job.connections):
            await self._connect()
        await self.finished
        took = sorted(self.took)
        return Result(
            answers=len(took),
            seconds=time.perf_counter() - started,
            p50=1000 * took[len(took) // 2],
            p95=1000 * took[len(took) * 95 // 100],
            bytes_each=self.bytes / len(took),
            statuses=dict(self.statuses),
        )


def main() -> None:
    job = Job(**json.load(sys.stdin))
    json.dump(asdict(uvloop.run(_Run(job)())), sys.stdout)


if __name__ == "__main__":
    main()
