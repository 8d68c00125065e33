"""What time does to roadmaps: expected progress grows, and usage gives goals new values."""

from api.accounts.jobs import NIGHT_HOUR
from api.auth.service import workspace_now
from api.kit import jobs
from api.kit.db import Tx
from api.success_roadmaps.recording import record_all_progress


@jobs.housekeeping
async def follow_progress(tx: Tx) -> int:
    """Once a night, bring the figures of all open roadmaps up to the day; how many statuses changed."""
    if (await workspace_now(tx)).hour != NIGHT_HOUR:
        return 0
    return await record_all_progress(tx)
