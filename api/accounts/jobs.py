"""What accounts do on a schedule: phases follow the notice deadlines, derived figures are computed anew at night."""

from typing import Final

from api.accounts import phases, standing
from api.auth.service import workspace_now
from api.kit import jobs
from api.kit.db import Tx

NIGHT_HOUR: Final = 3


@jobs.housekeeping
async def follow_renewals(tx: Tx) -> int:
    """Move accounts into and out of the renewal phase; every hour, so that it is soon after each one's midnight."""
    return await phases.follow_renewals(tx)


@jobs.housekeeping
async def refresh_standing(tx: Tx) -> int:
    """Compute touch model, fit and importance of all accounts anew, once a night of the workspace."""
    if (await workspace_now(tx)).hour != NIGHT_HOUR:
        return 0
    return await standing.refresh_standing(tx)
