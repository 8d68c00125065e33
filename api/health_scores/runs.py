"""Runs: the scores of all accounts of a workspace, one model after the other, each in a transaction of its own."""

from uuid import UUID

from sqlmodel import col

from api.auth.service import workspace_today
from api.health_scores import snapshots
from api.health_scores.models import HealthScoreRun, JobState, ScoreKind
from api.kit import clock, write
from api.kit.db import Database, Tx
from api.kit.resources import Resource

RUNS = Resource(
    "health_score_run",
    HealthScoreRun,
    sorts={"created_at": col(HealthScoreRun.created_at)},
    default_sort="-created_at",
)


async def begin(tx: Tx, kind: ScoreKind) -> HealthScoreRun:
    """Note a run that is to be done: weekly ones are as of the last finished week, others as of today."""
    as_of = await (snapshots.last_week(tx) if kind is ScoreKind.weekly else workspace_today(tx))
    models = len(await snapshots.plan(tx))
    return await write.create(tx, RUNS, HealthScoreRun, {"kind": kind.value, "as_of": as_of, "models_total": models})


async def carry_out(database: Database, workspace_id: UUID, run_id: UUID) -> None:
    """Do what is left of a run; a model whose snapshots are stored is not scored again."""
    while True:
        async with database.write(workspace_id) as tx:
            run = await write.lock(tx, RUNS, HealthScoreRun, run_id, archived=True)
            if run.state != JobState.running:
                return
            models = await snapshots.plan(tx)
            if run.models_done >= len(models):
                await snapshots.forget_churned(tx)
                ended = {"state": JobState.done.value, "finished_at": clock.now()}
                told = {"scored": run.accounts_scored, "transitions": run.transitions}
                await write.change(tx, RUNS, run, ended, action="done", announce=told)
                return
            model, these, shadow = models[run.models_done]
            kind = ScoreKind.shadow if shadow else ScoreKind(run.kind)
            taken = await snapshots.take(tx, model, these, kind=kind, as_of=run.as_of)
            progress = {
                "models_total": len(models),
                "models_done": run.models_done + 1,
                "accounts_scored": run.accounts_scored + (0 if shadow else taken.scored),
                "accounts_unscored": run.accounts_unscored + (0 if shadow else taken.unscored),
                "transitions": run.transitions + taken.transitions,
            }
            await write.change(tx, RUNS, run, progress)
