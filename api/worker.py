"""The worker: numbers events for their readers, runs jobs, keeps house.

It connects twice: as ``perennial_worker`` to what belongs to no workspace (the queue, the outbox, the
directory of workspaces), and as ``perennial_app`` to the workspaces' rows. When Postgres goes away it waits
and goes on.
"""

import asyncio
import importlib
import logging as stdlib_logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition
from prometheus_client import Counter, Gauge, start_http_server
from psycopg_pool import PoolTimeout

from api.kit import health, jobs, logging
from api.kit.db import Database
from api.kit.outbox import number_events
from api.kit.problems import Problem
from api.kit.settings import Settings

log = structlog.get_logger("perennial.worker")

JOB_MODULES: Final = (
    "api.auth.jobs",
    "api.accounts.jobs",
    "api.contracts.jobs",
    "api.usage.jobs",
    "api.surveys.jobs",
    "api.success_roadmaps.jobs",
    "api.health_scores.jobs",
    "api.signals.jobs",
    "api.health_scores.goal_jobs",
    "api.reference_cases.jobs",
    "api.imports.jobs",
    "api.exports.jobs",
)

IDLE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 5.0
GRACE_SECONDS: Final = 10.0
MEASURE_SECONDS: Final = 10.0
JOBS_AT_ONCE: Final = 4

NUMBERED: Final = Counter("perennial_events_numbered", "Events that got their number.")
JOBS: Final = Counter("perennial_jobs", "Jobs run, by name and outcome.", ["job", "outcome"])
QUEUE: Final = Gauge("perennial_queue_jobs", "Jobs in the queue, by state.", ["state"])
OUTBOX: Final = Gauge("perennial_outbox_waiting", "Events without a number.")
OUTBOX_LAG: Final = Gauge("perennial_outbox_lag_seconds", "Age of the oldest event without a number.")

_OUTAGES: Final = (Problem, psycopg.OperationalError, ConnectorException, PoolTimeout)


class _JobsStoppedError(ConnectorException):
    """The queue's listener or heartbeat lost the database."""


async def run(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT.

    Raises:
        SystemExit: The worker's own role is not set.
        DangerousRoleError: A role could bypass row-level security.
    """
    url = settings.worker_url.get_secret_value()
    if not url:
        raise SystemExit("set PERENNIAL_WORKER_URL: the application's role may not read the outbox")
    logging.configure()
    # A job's failure is logged below, without its arguments.
    stdlib_logging.getLogger("procrastinate").setLevel(stdlib_logging.CRITICAL)
    load_jobs()
    if settings.metrics_port:
        start_http_server(settings.metrics_port)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with (
        Database(settings.database_url.get_secret_value(), settings.for_jobs()) as tenants,
        Database(url, settings, size=2) as heads,
    ):
        await until_stopped("connect", lambda: _check_roles(heads, tenants), stopping, times=1)
        if not stopping.is_set():
            log.info("working")
        async with asyncio.TaskGroup() as group:
            group.create_task(until_stopped("events", lambda: _number(heads, tenants, stopping), stopping))
            group.create_task(until_stopped("jobs", lambda: _run_jobs(url, heads, tenants, stopping), stopping))
            if settings.metrics_port:
                group.create_task(until_stopped("measures", lambda: _measure(heads, stopping), stopping))
    log.info("stopped")


def load_jobs() -> None:
    """Import the packages' jobs and housekeepers."""
    for module in JOB_MODULES:
        importlib.import_module(module)


async def until_stopped(
    name: str, work: Callable[[], Awaitable[None]], stopping: asyncio.Event, *, times: int | None = None
) -> None:
    """Do ``work`` again and again; after an error with growing pauses, logged once per outage."""
    pause, failing = IDLE_SECONDS, False
    while not stopping.is_set() and times != 0:
        try:
            await work()
        except health.DangerousRoleError:
            raise
        except Exception as error:
            # Whatever it was, the other loops go on, and so does this one after a pause.
            if not failing:
                outage = isinstance(error, _OUTAGES)
                log.log(
                    stdlib_logging.WARNING if outage else stdlib_logging.ERROR,
                    "interrupted",
                    loop=name,
                    cause=type(error).__qualname__,
                    exc_info=None if outage else error,
                )
            failing = True
            await _wait(stopping, pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            continue
        if failing:
            log.info("resumed", loop=name)
        pause, failing = IDLE_SECONDS, False
        times = None if times is None else times - 1


async def _check_roles(heads: Database, tenants: Database) -> None:
    for database in (heads, tenants):
        await health.refuse_dangerous_role(database)


async def _number(heads: Database, tenants: Database, stopping: asyncio.Event) -> None:
    found = await number_events(heads, tenants)
    NUMBERED.inc(found)
    if not found:
        await _wait(stopping, IDLE_SECONDS)


async def _run_jobs(url: str, heads: Database, tenants: Database, stopping: asyncio.Event) -> None:
    """Run jobs until told to stop; raises when the queue loses the database."""
    connector = procrastinate.PsycopgConnector(
        conninfo=url,
        min_size=1,
        max_size=JOBS_AT_ONCE,
        timeout=5,
        kwargs={"application_name": "perennial-jobs"},
    )
    with jobs.app.replace_connector(connector):
        async with jobs.app.open_async():
            worker = asyncio.create_task(
                jobs.app.run_worker_async(
                    concurrency=JOBS_AT_ONCE,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    fetch_job_polling_interval=2,
                    delete_jobs=DeleteJobCondition.SUCCESSFUL,
                    additional_context={"heads": heads, "tenants": tenants},
                    worker_middleware=[_logged],
                )
            )
            stopped = asyncio.create_task(stopping.wait())
            await asyncio.wait({worker, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if worker.done():
                worker.result()
                raise _JobsStoppedError
            worker.cancel()
            await asyncio.wait({worker})


async def _logged(
    call_next: Callable[[], Awaitable[object]], context: procrastinate.JobContext, _worker: object
) -> object:
    known = {"job": context.job.task_name, "job_id": context.job.id, "attempt": context.job.attempts + 1}
    started = time.perf_counter()
    try:
        result = await call_next()
    except Exception as error:
        JOBS.labels(context.job.task_name, "failed").inc()
        log.exception("job failed", **known, ms=_since(started), exc_info=error)
        raise
    JOBS.labels(context.job.task_name, "done").inc()
    log.info("job done", **known, ms=_since(started))
    return result


async def _measure(heads: Database, stopping: asyncio.Event) -> None:
    async with heads.write(None) as tx:
        states = dict(
            await tx.fetch(
                "SELECT status::text, count(*) FROM procrastinate_jobs "
                "WHERE status IN ('todo', 'doing', 'failed') GROUP BY 1"
            )
        )
        (waiting,) = (await tx.fetch("SELECT count(*) FROM outbox"))[0]
        oldest = await tx.fetch("SELECT event_id FROM outbox ORDER BY event_id LIMIT 1")
    for state in ("todo", "doing", "failed"):
        QUEUE.labels(state).set(states.get(state, 0))
    OUTBOX.set(waiting)
    OUTBOX_LAG.set(max(0.0, time.time() - _made_at(oldest[0][0])) if oldest else 0)
    await _wait(stopping, MEASURE_SECONDS)


def _made_at(event_id: UUID) -> float:
    """Seconds since 1970 in a UUIDv7."""
    return (event_id.int >> 80) / 1000


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
