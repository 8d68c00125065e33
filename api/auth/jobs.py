"""What identity does on a schedule."""

from api.kit import clock, jobs
from api.kit.db import Tx


@jobs.housekeeping
async def forget_expired_refresh_tokens(tx: Tx) -> int:
    """Delete refresh tokens that could not be used any more, not even to detect their reuse."""
    return await tx.execute(
        "DELETE FROM refresh_tokens WHERE workspace_id = %(ws)s AND expires_at <= %(now)s",
        {"ws": tx.workspace_id, "now": clock.now()},
    )
