"""What a merger of accounts does to usage.

The loser's days go to the winner; of a day that both measured, the winner's value stays. Weeks with moved days are
computed anew; weeks whose days are retired go as they are.
"""

from typing import Any
from uuid import UUID

from api.auth.service import workspace_today
from api.kit.db import Tx
from api.kit.settings import settings
from api.usage.calendar import oldest_certain_day
from api.usage.ingest import RECOMPUTE_WEEKS, WEEK, hold_ingest, make_temporary
from api.usage.statuses import refresh_statuses

_TOUCHED = f"""
    INSERT INTO usage_corrected SELECT DISTINCT %(winner)s::uuid, metric_id, {WEEK} FROM usage_daily
    WHERE workspace_id = %(ws)s AND account_id = %(loser)s AND day >= %(certain)s
"""  # noqa: S608
_KEYS = {
    "usage_daily": "kept.metric_id = gone.metric_id AND kept.day = gone.day",
    "usage_superseded": "kept.metric_id = gone.metric_id AND kept.day = gone.day",
    "usage_weekly": "kept.metric_id = gone.metric_id AND kept.week = gone.week",
}


async def take_usage_along(tx: Tx, winner_id: UUID, loser_id: UUID) -> None:
    """Let the winner have the loser's usage."""
    certain = oldest_certain_day(await workspace_today(tx), settings().usage_months_kept)
    parameters: dict[str, Any] = {"ws": tx.workspace_id, "winner": winner_id, "loser": loser_id, "certain": certain}
    await hold_ingest(tx)
    await make_temporary(tx)
    await tx.execute(_TOUCHED, parameters)
    # What was superseded on a day that the winner measured as well goes before its days do.
    await tx.execute(
        "DELETE FROM usage_superseded gone USING usage_daily kept WHERE gone.workspace_id = %(ws)s "
        "AND kept.workspace_id = %(ws)s AND gone.account_id = %(loser)s AND kept.account_id = %(winner)s "
        "AND kept.metric_id = gone.metric_id AND kept.day = gone.day",
        parameters,
    )
    for table, same in _KEYS.items():
        await tx.execute(
            f"DELETE FROM {table} gone USING {table} kept WHERE gone.workspace_id = %(ws)s "  # noqa: S608
            f"AND kept.workspace_id = %(ws)s AND gone.account_id = %(loser)s AND kept.account_id = %(winner)s AND {same}",
            parameters,
        )
        await tx.execute(
            f"UPDATE {table} SET account_id = %(winner)s WHERE workspace_id = %(ws)s AND account_id = %(loser)s",  # noqa: S608
            parameters,
        )
    await tx.execute(RECOMPUTE_WEEKS, parameters)
    await refresh_statuses(tx, [winner_id])
