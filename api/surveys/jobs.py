"""What surveys do on a schedule: due invitations are made, old links end. Every hour, so soon after each midnight."""

from api.kit import jobs
from api.kit.db import Tx
from api.surveys.schedule import close_old_invitations, make_due_invitations


@jobs.housekeeping
async def follow_the_schedules(tx: Tx) -> int:
    """Bring the workspace's invitations to what they should be today; how many were made or closed."""
    return await close_old_invitations(tx) + await make_due_invitations(tx)
