"""One measurement: load on one server for some seconds, and the CPU it took there and in Postgres."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.data import REPOSITORY
from benchmarks.load import Job, Result
from benchmarks.servers import Server, cpu_seconds

Requests = list[tuple[str, str]]


class UnexpectedAnswersError(SystemExit):
    """A server under load answered something else than asked for; ends the run unless a case counts it."""


@dataclass(frozen=True)
class Measured:
    """Requests per second, milliseconds of waiting, and milliseconds of CPU for each request."""

    per_second: float
    p50_ms: float
    p95_ms: float
    app_cpu_ms: float
    postgres_cpu_ms: float
    bytes: float = 0


def once(server: Server, postgres: int, requests: Requests, seconds: float, connections: int = 16) -> Measured:
    """Put load on a server."""
    before, database_before = server.cpu(), cpu_seconds(postgres)
    result = _loaded(Job(server.port, requests, seconds, connections))
    app, database = server.cpu() - before, cpu_seconds(postgres) - database_before
    each = 1000 / result.answers
    return Measured(
        result.answers / result.seconds, result.p50, result.p95, app * each, database * each, result.bytes_each
    )


def _loaded(job: Job) -> Result:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        check=False,
    )
    if ran.returncode:
        raise SystemExit(f"the load on port {job.port} failed:\n{ran.stderr[-3000:]}")
    result = Result(**json.loads(ran.stdout))
    if unexpected := {status for status in result.statuses if status not in {"200", "reconnected"}}:
        raise UnexpectedAnswersError(
            f"port {job.port} answered {unexpected} to {job.requests[0][0]}: {result.statuses}"
        )
    return result


def in_turn(subjects: Mapping[str, Callable[[float], Measured]], *, rounds: int, seconds: float) -> dict[str, Measured]:
    """The median of some rounds A B C A B C …, so that a slow moment of the machine hits everyone.

    The first round warms up and does not count.
    """
    taken: dict[str, list[Measured]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        for name, subject in subjects.items():
            measured = subject(min(seconds, 1.0) if number == 0 else seconds)
            if number:
                taken[name].append(measured)
    return {name: median(several) for name, several in taken.items()}


def median(several: Sequence[Measured]) -> Measured:
    """The median of each figure."""
    rows = [asdict(one) for one in several]
    return Measured(**{name: statistics.median(row[name] for row in rows) for name in rows[0]})
