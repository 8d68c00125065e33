"""Interactions as they were known at a moment, for figures; and keeping what a correction supersedes."""

import datetime as dt
from collections.abc import Mapping
from typing import Final, NamedTuple
from uuid import UUID

from api.kit import clock
from api.kit.db import Tx
from api.kit.tables import new_id

FACTS: Final = ("account_id", "kind", "occurred_at", "recorded")
"""What figures count; a change of these keeps the value before."""

KNOWN_INTERACTIONS: Final = """
    SELECT account_id, id, kind, occurred_at, recorded, backfilled FROM interactions
    WHERE workspace_id = %(ws)s AND archived_at IS NULL AND recorded_at <= %(known)s
    UNION ALL
    SELECT account_id, interaction_id, kind, occurred_at, recorded, backfilled FROM superseded_interactions
    WHERE workspace_id = %(ws)s AND recorded_at <= %(known)s AND superseded_at > %(known)s
"""
"""Account, id, kind, moment, recorded or not, brought in later or not: as known at ``known``, in workspace ``ws``."""

KNOWN_ATTENDEES: Final = """
    SELECT interaction_id, contact_id, user_id FROM interaction_attendees
    WHERE workspace_id = %(ws)s AND recorded_at <= %(known)s AND (superseded_at IS NULL OR superseded_at > %(known)s)
"""
"""Who was there, as known at ``known``, in workspace ``ws``."""


class Believed(NamedTuple):
    """What figures count of an interaction, and since when it is known."""

    account_id: UUID
    kind: str
    occurred_at: dt.datetime
    recorded: bool
    backfilled: bool
    recorded_at: dt.datetime


async def supersede(tx: Tx, before: Mapping[UUID, Believed]) -> None:
    """Keep what was believed of these interactions until now; as they stand, they are known since now."""
    if not before:
        return
    parameters = {
        "ws": tx.workspace_id,
        "now": clock.now(),
        "interactions": list(before),
        "new": [new_id() for _ in before],
        **{name: [getattr(each, name) for each in before.values()] for name in Believed._fields},
    }
    await tx.execute(
        """
        INSERT INTO superseded_interactions
            (workspace_id, id, interaction_id, account_id, kind, occurred_at, recorded, backfilled, recorded_at, superseded_at)
        SELECT %(ws)s, given.*, %(now)s FROM unnest(
            %(new)s::uuid[], %(interactions)s::uuid[], %(account_id)s::uuid[], %(kind)s::text[],
            %(occurred_at)s::timestamptz[], %(recorded)s::boolean[], %(backfilled)s::boolean[],
            %(recorded_at)s::timestamptz[]
        ) AS given
        """,
        parameters,
    )
    await tx.execute(
        "UPDATE interactions SET recorded_at = %(now)s, backfilled = false "
        "WHERE workspace_id = %(ws)s AND id = ANY(%(interactions)s)",
        parameters,
    )
