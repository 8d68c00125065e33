"""What reference cases do on a schedule."""

from api.kit import jobs
from api.kit.db import Tx
from api.reference_cases import candidates


@jobs.housekeeping
async def take_candidates(tx: Tx) -> int:
    """Note candidates for cases among the events since the last time."""
    return await candidates.take_from_events(tx)
