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
    models = [model.id for model, _, _ in await snapshots.plan(tx)]
    values = {"kind": kind.value, "as_of": as_of, "model_ids": models, "models_total": len(models)}
    return await write.create(tx, RUNS, HealthScoreRun, values)


async def carry_out(database: Database, workspace_id: UUID, run_id: UUID) -> None:
    """Do what is left of a run; a model whose snapshots are stored is not scored again."""
    while True:
        async with database.write(workspace_id) as tx:
            run = await write.lock(tx, RUNS, HealthScoreRun, run_id, archived=True)
            if run.state != JobState.running:
                return
            if run.models_done >= len(run.model_ids):
                await snapshots.forget_churned(tx)
                ended = {"state": JobState.done.value, "finished_at": clock.now()}
                told = {"scored": run.accounts_scored, "transitions": run.transitions}
                await write.change(tx, RUNS, run, ended, action="done", announce=told)
                return
            # As the run was planned: a model that went out of service since then is passed over.
            wanted = run.model_ids[run.models_done]
            planned = next((each for each in await snapshots.plan(tx) if each[0].id == wanted), None)
            shadow, taken = False, snapshots.Taken()
            if planned is not None:
                model, these, shadow = planned
                kind = ScoreKind.shadow if shadow else ScoreKind(run.kind)
                taken = await snapshots.take(tx, model, these, kind=kind, as_of=run.as_of)
            progress = {
                "models_done": run.models_done + 1,
                "accounts_scored": run.accounts_scored + (0 if shadow else taken.scored),
                "accounts_unscored": run.accounts_unscored + (0 if shadow else taken.unscored),
                "transitions": run.transitions + taken.transitions,
            }
            await write.change(tx, RUNS, run, progress)
