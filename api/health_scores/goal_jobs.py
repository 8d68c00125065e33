"""What time does to health targets and approach scores."""

from api.health_scores import approach, intents, targets
from api.kit import jobs
from api.kit.db import Tx


@jobs.housekeeping
async def judge_targets(tx: Tx) -> int:
    """Judge the targets whose day is over; how many."""
    return await targets.judge(tx)


@jobs.housekeeping
async def follow_intents(tx: Tx) -> int:
    """Take intents from the event log and bring all approach scores up to date; how many came, and how many tasks."""
    taken = await intents.take_from_events(tx)
    return taken + await approach.refresh(tx)
