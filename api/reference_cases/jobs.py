"""What reference cases do on a schedule, and because words of a catalogue changed."""

from api.kit import clock, jobs
from api.kit.db import Tx
from api.reference_cases import catalogue, partner_rows, published

__all__ = ["catalogue", "published"]


@jobs.housekeeping
async def keep_partner_cases(tx: Tx) -> int:
    """Forget what partners saw until its consent ended, and keep anonymous cases in a crowd."""
    coarsened = await partner_rows.keep_crowds(tx)
    return coarsened + await tx.execute(
        "DELETE FROM partner_reference_cases WHERE workspace_id = %(ws)s AND visible_until <= %(now)s",
        {"ws": tx.workspace_id, "now": clock.now()},
    )
