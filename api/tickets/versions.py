"""What was known of tickets when: their versions follow every change."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.kit import clock
from api.kit.db import Tx

_KNOWN: Final = "opened_at, closed_at, severity, escalated, satisfaction"
_FOLLOW: Final = f"""
WITH latest AS MATERIALIZED (
    SELECT t.workspace_id, t.id AS ticket_id, t.account_id, t.archived_at IS NOT NULL AS archived, {", ".join(f"t.{c}" for c in _KNOWN.split(", "))}
    FROM tickets t WHERE t.workspace_id = %(ws)s AND t.id = ANY(%(ids)s)
), ended AS (
    UPDATE ticket_versions v SET superseded_at = greatest(%(now)s, v.recorded_at) FROM latest l
    WHERE v.workspace_id = %(ws)s AND v.ticket_id = l.ticket_id AND v.superseded_at IS NULL
    AND (v.opened_at, v.closed_at, v.severity, v.escalated, v.satisfaction, v.archived)
        IS DISTINCT FROM (l.opened_at, l.closed_at, l.severity, l.escalated, l.satisfaction, l.archived)
    RETURNING v.ticket_id, v.superseded_at
)
INSERT INTO ticket_versions
    (workspace_id, id, ticket_id, account_id, {_KNOWN}, archived, backfilled, recorded_at, superseded_at)
SELECT l.workspace_id, uuidv7(), l.ticket_id, l.account_id, {", ".join(f"l.{c}" for c in _KNOWN.split(", "))}, l.archived,
    false, coalesce(e.superseded_at, %(now)s), NULL
FROM latest l LEFT JOIN ended e USING (ticket_id)
WHERE e.ticket_id IS NOT NULL OR NOT EXISTS (
    SELECT FROM ticket_versions v WHERE v.workspace_id = %(ws)s AND v.ticket_id = l.ticket_id
)
"""  # noqa: S608
# A history: known to be open from its opening on, and everything else from its end on.
_BEGIN: Final = """
WITH marked AS (
    UPDATE tickets SET backfilled = true, recorded_at = least(opened_at, %(now)s)
    WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)
    RETURNING workspace_id, id, account_id, opened_at, closed_at, severity, escalated, satisfaction
), opened AS (
    INSERT INTO ticket_versions (workspace_id, id, ticket_id, account_id, opened_at, closed_at, severity, escalated,
        satisfaction, archived, backfilled, recorded_at, superseded_at)
    SELECT workspace_id, uuidv7(), id, account_id, opened_at, NULL, severity,
        CASE WHEN closed_at IS NULL THEN escalated ELSE false END, CASE WHEN closed_at IS NULL THEN satisfaction END,
        false, true, least(opened_at, %(now)s), least(closed_at, %(now)s) FROM marked
)
INSERT INTO ticket_versions (workspace_id, id, ticket_id, account_id, opened_at, closed_at, severity, escalated,
    satisfaction, archived, backfilled, recorded_at, superseded_at)
SELECT workspace_id, uuidv7(), id, account_id, opened_at, closed_at, severity, escalated, satisfaction, false, true,
    least(closed_at, %(now)s), NULL FROM marked WHERE closed_at IS NOT NULL
"""


async def follow_versions(tx: Tx, ticket_ids: Sequence[UUID]) -> None:
    """Keep what these tickets are now, where that is new, as known from this moment on."""
    if ticket_ids:
        await tx.flush()
        async with tx.joining_many(len(ticket_ids)):
            await tx.execute(_FOLLOW, {"ws": tx.workspace_id, "ids": list(ticket_ids), "now": clock.now()})


async def begin_history(tx: Tx, ticket_ids: Sequence[UUID]) -> None:
    """Begin the versions of new tickets as if each fact had been known on its day."""
    if ticket_ids:
        await tx.execute(_BEGIN, {"ws": tx.workspace_id, "ids": list(ticket_ids), "now": clock.now()})
