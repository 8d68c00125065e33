"""What health does in the worker: runs of scores, backtests, and the weekly snapshots by themselves."""

import datetime as dt
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.health_scores import runs
from api.health_scores.backtests import BACKTESTS
from api.health_scores.models import Backtest, HealthScoreRun, JobState, ScoreKind
from api.health_scores.snapshots import last_week, plan
from api.kit import clock, jobs, write
from api.kit.db import Database, Tx
from api.kit.resources import Resource

STALLED_AFTER: Final = dt.timedelta(hours=2)


@jobs.job("health_scores.run")
async def run_scores(database: Database, workspace_id: str, run_id: str) -> None:
    """Do what is left of a run of scores."""
    await runs.carry_out(database, UUID(workspace_id), UUID(run_id))


@jobs.job("health_scores.backtest")
async def run_backtest(database: Database, workspace_id: str, backtest_id: str) -> None:
    """Do a backtest."""
    from api.health_scores import backtesting  # noqa: PLC0415 - numpy, which the API would carry for nothing

    await backtesting.carry_out(database, UUID(workspace_id), UUID(backtest_id))


async def defer_run(tx: Tx, run_id: UUID) -> None:
    """Let the worker do a run once the transaction has committed."""
    await jobs.defer(tx, run_scores, workspace_id=str(tx.workspace_id), run_id=str(run_id))


async def defer_backtest(tx: Tx, backtest_id: UUID) -> None:
    """Let the worker do a backtest once the transaction has committed."""
    await jobs.defer(tx, run_backtest, workspace_id=str(tx.workspace_id), backtest_id=str(backtest_id))


@jobs.housekeeping
async def score_each_week(tx: Tx) -> int:
    """Begin the weekly run when a week of the workspace has ended and there is a model to score by."""
    week = await last_week(tx)
    known = await tx.fetch(
        "SELECT 1 FROM health_score_runs WHERE workspace_id = %s AND kind = 'weekly' AND as_of = %s "
        "AND state <> 'failed'",
        [tx.workspace_id, week],
    )
    if known or not await plan(tx):
        return 0
    run = await runs.begin(tx, ScoreKind.weekly)
    await defer_run(tx, run.id)
    return 1


@jobs.housekeeping
async def give_up_stalled(tx: Tx) -> int:
    """Fail runs and backtests that have not moved for two hours: their job was tried too often, or was lost.

    A weekly run that failed is begun again.
    """
    given_up = 0
    tried: tuple[tuple[Resource, type[HealthScoreRun | Backtest]], ...] = (
        (runs.RUNS, HealthScoreRun),
        (BACKTESTS, Backtest),
    )
    for resource, model in tried:
        stalled = await tx.session.scalars(
            sa.select(model)
            .where(
                col(model.workspace_id) == tx.workspace_id,
                col(model.state) == JobState.running.value,
                col(model.updated_at) < clock.now() - STALLED_AFTER,
            )
            .with_for_update()
        )
        for row in stalled:
            ended = {"state": JobState.failed.value, "finished_at": clock.now()}
            await write.change(tx, resource, row, ended, action="failed")
            given_up += 1
    return given_up
