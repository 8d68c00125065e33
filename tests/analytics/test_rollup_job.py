"""Who appends to the ledger leaves a job behind, and the job brings the rollups up to date."""

from types import SimpleNamespace

import psycopg
from fastapi import FastAPI

from api.contracts import rollup
from tests.analytics.histories import World
from tests.analytics.test_histories import SAMPLE


async def test_a_change_defers_the_job_that_makes_the_rollups_fresh(app: FastAPI, owner: psycopg.Connection) -> None:
    world = await World.begin(app)
    await world.live(SAMPLE[2:3])
    waiting = owner.execute(
        "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'contracts.refresh_rollups' AND args ->> 'workspace_id' = %s",
        [str(world.workspace.id)],
    ).fetchall()
    assert waiting == [(1,)]
    async with world.workspace.write() as tx:
        assert await rollup.fresh_until(tx) is None
    context = SimpleNamespace(additional_context={"tenants": world.workspace.database})
    await rollup.refresh_rollups.func(context, workspace_id=str(world.workspace.id))
    async with world.workspace.write() as tx:
        assert await rollup.fresh_until(tx) is not None
        assert await rollup.keep_rollups(tx) == 0


async def test_housekeeping_sees_to_marks_whose_job_was_lost(app: FastAPI) -> None:
    world = await World.begin(app)
    await world.live(SAMPLE[2:3])
    async with world.workspace.write() as tx:
        assert await rollup.keep_rollups(tx) == 1
