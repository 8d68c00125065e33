"""What time does to roadmaps: expected progress grows, and usage gives goals new values."""

from api.kit import jobs
from api.kit.db import Tx
from api.success_roadmaps.recording import record_stale_progress


@jobs.housekeeping
async def follow_progress(tx: Tx) -> int:
    """Soon after each midnight of the workspace, bring open roadmaps up to the day; how many statuses changed."""
    return await record_stale_progress(tx)
