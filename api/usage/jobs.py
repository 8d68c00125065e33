"""What time does to usage: statuses follow the calendar, partitions are made ahead and retired."""

import datetime as dt

from api.auth.service import workspace_today
from api.kit import clock, jobs
from api.kit.db import Database, Tx
from api.kit.settings import settings
from api.usage.calendar import kept_from
from api.usage.ingest import hold_ingest
from api.usage.statuses import refresh_statuses


@jobs.housekeeping
async def follow_usage(tx: Tx) -> int:
    """Bring all usage statuses up to date: days without activity pass, seats change."""
    await hold_ingest(tx)
    return await refresh_statuses(tx)


@jobs.housekeeping
async def forget_superseded(tx: Tx) -> int:
    """Delete what was superseded on days that are kept no longer."""
    before = kept_from(await workspace_today(tx), settings().usage_months_kept)
    return await tx.execute(
        "DELETE FROM usage_superseded WHERE workspace_id = %(ws)s AND day < %(before)s",
        {"ws": tx.workspace_id, "before": before},
    )


@jobs.every_night("usage.keep_partitions")
async def keep_partitions(heads: Database) -> int:
    """Make the partitions of this month and the next two, and retire those that are kept no longer; how many."""
    today = clock.today()
    ahead = (today.replace(day=1) + dt.timedelta(days=63)).replace(day=1)
    async with heads.write(None) as tx:
        made = await tx.fetch("SELECT make_usage_partitions(%s, %s)", [today, ahead])
    async with heads.write(None) as tx:
        retired = await tx.fetch("SELECT retire_usage_partitions(%s)", [kept_from(today, settings().usage_months_kept)])
    return int(made[0][0]) + int(retired[0][0])
