"""What reference cases do on a schedule."""

from api.kit import clock, jobs
from api.kit.db import Tx
from api.reference_cases import candidates, partner_rows, published

__all__ = ["published"]


@jobs.housekeeping
async def take_candidates(tx: Tx) -> int:
    """Note candidates for cases among the events since the last time."""
    return await candidates.take_from_events(tx)


@jobs.housekeeping
async def keep_partner_cases(tx: Tx) -> int:
    """Keep anonymous cases in a crowd, and forget what partners saw until its consent ended."""
    coarsened = await partner_rows.keep_crowds(tx)
    return coarsened + await tx.execute(
        "DELETE FROM partner_reference_cases WHERE workspace_id = %(ws)s AND visible_until <= %(now)s",
        {"ws": tx.workspace_id, "now": clock.now()},
    )
