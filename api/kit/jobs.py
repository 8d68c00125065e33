"""Jobs: work that begins once a transaction has committed, and the housekeeping of every workspace.

A package declares its jobs in its ``jobs.py``::

    @jobs.job("accounts.recompute_standing")
    async def recompute_standing(database: Database, workspace_id: str) -> None: ...

    await jobs.defer(tx, recompute_standing, workspace_id=str(tx.workspace_id))

A job runs at least once, so it must be safe to run twice. Its arguments are ids, never personal values.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.tasks import Task
from procrastinate.types import JSONValue

from api.kit import idempotency
from api.kit.db import Database, Tx

log = structlog.get_logger("perennial.jobs")

Job = Task[Any, Any, Any]
Work = Callable[..., Awaitable[None]]
Housekeeper = Callable[[Tx], Awaitable[int]]
Keeper = Callable[[Database], Awaitable[int]]

MOST_ATTEMPTS: Final = 8
STALLED_SECONDS: Final = 30
_KEPT_FAILED_HOURS: Final = 30 * 24

app: Final = procrastinate.App(connector=procrastinate.PsycopgConnector())
"""The queue. It has connections in the worker only; elsewhere jobs join the caller's."""

HOUSEKEEPERS: Final[list[Housekeeper]] = [idempotency.forget_old_keys]


def job(name: str, *, attempts: int = MOST_ATTEMPTS) -> Callable[[Work], Job]:
    """Declare a job; its function gets the tenants' database and the arguments it was deferred with.

    Args:
        name: Its lasting name, such as ``accounts.recompute_standing``: jobs that wait are found by it.
        attempts: How often it is tried, with pauses of 3, 9, 27 … seconds.
    """

    def declare(work: Work) -> Job:
        async def run(context: procrastinate.JobContext, /, **arguments: JSONValue) -> None:
            await work(context.additional_context["tenants"], **arguments)

        retry = procrastinate.RetryStrategy(max_attempts=attempts - 1, exponential_wait=3)
        return app.task(name=name, retry=retry, pass_context=True)(run)

    return declare


async def defer(tx: Tx, job: Job, *, once: str | None = None, **arguments: JSONValue) -> None:
    """Run the job after the caller's transaction has committed; not at all when it rolls back.

    Args:
        tx: The caller's transaction.
        job: What to run.
        once: While a job with this key waits, another is not added.
        **arguments: JSON values for the job.
    """
    deferrer = job.configure(connection=tx.connection, queueing_lock=once)
    if once is None:
        await deferrer.defer_async(**arguments)
        return
    try:
        # A savepoint: a job that waits already must not abort the caller's transaction.
        async with tx.connection.transaction():
            await deferrer.defer_async(**arguments)
    except AlreadyEnqueued:
        pass


def housekeeping(keep: Housekeeper) -> Housekeeper:
    """Declare a function that runs for every workspace, every hour, each time in a transaction of its own."""
    HOUSEKEEPERS.append(keep)
    return keep


def every_night(name: str) -> Callable[[Keeper], Keeper]:
    """Declare a function that runs once a night for all workspaces together, on what belongs to none of them."""

    def declare(keep: Keeper) -> Keeper:
        async def run(context: procrastinate.JobContext, timestamp: int) -> None:
            del timestamp
            log.info(name, rows=await keep(context.additional_context["heads"]))

        app.periodic(cron="37 2 * * *")(app.task(name=name, queueing_lock=name, pass_context=True)(run))
        return keep

    return declare


async def keep_house(heads: Database, tenants: Database) -> int:
    """Run all housekeepers for all workspaces; how many rows they removed or mended."""
    async with heads.write(None) as tx:
        workspaces = await tx.fetch("SELECT workspace_id FROM workspace_directory ORDER BY 1")
    rows = 0
    for (workspace_id,) in workspaces:
        for keep in HOUSEKEEPERS:
            try:
                async with tenants.write(workspace_id) as tx:
                    rows += await keep(tx)
            except Exception as error:
                # One workspace's trouble must not keep the others waiting.
                log.exception("housekeeping failed", workspace=str(workspace_id), of=keep.__qualname__, exc_info=error)
    return rows


@app.periodic(cron="7 * * * *")
@app.task(name="kit.keep_house", queueing_lock="kit.keep_house", pass_context=True)
async def _keep_house(context: procrastinate.JobContext, timestamp: int) -> None:
    del timestamp
    known = context.additional_context
    log.info("housekeeping", rows=await keep_house(known["heads"], known["tenants"]))
    await app.job_manager.delete_old_jobs(nb_hours=_KEPT_FAILED_HOURS, include_failed=True)


@app.periodic(cron="* * * * *")
@app.task(name="kit.rescue", queueing_lock="kit.rescue")
async def _rescue(timestamp: int) -> None:
    del timestamp
    await rescue()


async def rescue() -> int:
    """Queue the jobs of workers that died once more; give up on one that was tried too often. How many."""
    stalled = list(await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for found in stalled:
        if found.attempts + 1 >= MOST_ATTEMPTS:
            await app.job_manager.finish_job(found, status=Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(found)
        log.warning("rescued", job=found.task_name, job_id=found.id, attempts=found.attempts)
    return len(stalled)
