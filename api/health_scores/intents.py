"""Intents: what accounts did that says that now is a good time for contact; posted, or taken from the event log."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlmodel import col

from api.health_scores.approach_settings import CONFIGURATION, ApproachSettings
from api.health_scores.goal_models import ApproachIntent, IntentSource
from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Resource

INTENTS: Final = Resource(
    "approach_intent",
    ApproachIntent,
    sorts={"occurred_at": col(ApproachIntent.occurred_at)},
    default_sort="-occurred_at",
)
HALF_LIVES: Final = 20
"""What is older counts for less than a millionth."""
AT_ONCE: Final = 20_000
"""Events looked at in one run; the next one comes within the hour."""
_SLACK: Final = dt.timedelta(minutes=5)
"""Clocks of other systems may be ahead by so much."""

_KNOWN: Final = """
SELECT id FROM approach_intents WHERE workspace_id = %s AND external_id = %s
"""
_WINNER: Final = "SELECT coalesce(merged_into_id, id) FROM accounts WHERE workspace_id = %s AND id = %s"


async def post_intent(tx: Tx, values: Mapping[str, Any]) -> tuple[UUID, UUID | None]:
    """Note an intent: its id, and the account whose score it moves; None when its ``external_id`` was known."""
    winner = await tx.fetch(_WINNER, [tx.workspace_id, values["account_id"]])
    if not winner:
        raise invalid(
            FieldError(
                "/account_id", "reference_not_found", "There is no such account", "該当するアカウントがありません"
            )
        )
    external_id = values.get("external_id")
    if external_id is not None:
        # Two at once: the second one waits here for the first, and then finds it.
        await tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%(of)s, 0))",
            {"of": f"intent {tx.workspace_id} {external_id}"},
        )
        if known := await tx.fetch(_KNOWN, [tx.workspace_id, external_id]):
            return known[0][0], None
    now = clock.now()
    occurred_at = values.get("occurred_at") or now
    if occurred_at > now + _SLACK:
        raise invalid(FieldError("/occurred_at", "out_of_range", "Not in the future", "未来の日時は指定できません"))
    points = values.get("points")
    if points is None:
        points = _worth(await CONFIGURATION.read(tx), values["key"])
    intent = ApproachIntent.model_validate(
        {
            **values, "workspace_id": tx.workspace_id, "account_id": winner[0][0], "points": points,
            "occurred_at": min(occurred_at, now), "recorded_at": now,
        }
    )  # fmt: skip
    tx.session.add(intent)
    audit.record(tx, "created", INTENTS.name, intent.id, values)
    told = {"account_id": str(intent.account_id), "key": intent.key, "points": intent.points}
    outbox.record(tx, f"{INTENTS.name}.created", INTENTS.name, intent.id, told)
    await tx.flush()
    return intent.id, intent.account_id


def _worth(settings: ApproachSettings, key: str) -> float:
    kind = settings.kind(key)
    if kind is None:
        known = ", ".join(each.key for each in settings.intents) or "-"
        raise invalid(
            FieldError(
                "/points", "required", f"Give points: no kind is configured with this key; there are: {known}",
                f"このキーの種類は未設定のため points が必要です。設定済み: {known}",
            )
        )  # fmt: skip
    return kind.points


# Which way a band went is said by the order of the bands in the model of the new snapshot.
_TAKE: Final = """
WITH kinds AS (
    SELECT * FROM jsonb_to_recordset(%(kinds)s) AS k (key text, event text, points float8, conditions jsonb)
), found AS (
    SELECT e.id, e.occurred_at, k.key, k.points, k.conditions, e.data || jsonb_build_object('direction', CASE
            WHEN e.type = 'account.health_band_changed' THEN (
                SELECT CASE sign(max(b.place) FILTER (WHERE b.said ->> 'key' = e.data ->> 'to')
                    - max(b.place) FILTER (WHERE b.said ->> 'key' = e.data ->> 'from')) WHEN 1 THEN 'up' WHEN -1 THEN 'down' END
                FROM health_scores s JOIN health_models h ON h.workspace_id = s.workspace_id AND h.id = s.model_id
                CROSS JOIN LATERAL jsonb_array_elements(h.definition -> 'bands') WITH ORDINALITY AS b (said, place)
                WHERE s.workspace_id = %(ws)s AND s.id = (e.data ->> 'health_score_id')::uuid
            )
        END) AS data,
        CASE WHEN e.resource = 'account' THEN e.resource_id ELSE (e.data ->> 'account_id')::uuid END AS account_id
    FROM events e JOIN kinds k ON k.event = e.type
    WHERE e.workspace_id = %(ws)s AND e.position > %(after)s AND e.position <= %(last)s AND e.occurred_at > %(since)s
), fitting AS (
    SELECT f.*, coalesce(a.merged_into_id, a.id) AS winner
    FROM found f JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = f.account_id
    WHERE NOT EXISTS (
        SELECT FROM jsonb_to_recordset(f.conditions) AS c (field text, "values" jsonb)
        WHERE NOT coalesce(CASE jsonb_typeof(f.data -> c.field)
            WHEN 'array' THEN EXISTS (
                SELECT FROM jsonb_array_elements_text(f.data -> c.field) AS held WHERE c."values" ? held)
            ELSE c."values" ? (f.data ->> c.field)
        END, false)
    )
)
INSERT INTO approach_intents (workspace_id, id, account_id, key, points, source, occurred_at, event_id, recorded_at)
SELECT %(ws)s, gen_random_uuid(), f.winner, f.key, f.points, %(source)s, f.occurred_at, f.id, %(now)s
FROM fitting f ON CONFLICT DO NOTHING
"""


async def take_from_events(tx: Tx) -> int:
    """Note the intents among the events since the last time; how many."""
    progress = await tx.fetch(
        "INSERT INTO approach_progress (workspace_id, position) VALUES (%s, 0) "
        "ON CONFLICT (workspace_id) DO UPDATE SET position = approach_progress.position RETURNING position",
        [tx.workspace_id],
    )
    after = progress[0][0]
    # Positions have no gaps, so the batch ends at one that is there, and what has no number yet comes later.
    [(head,)] = await tx.fetch(
        "SELECT coalesce(max(position), 0) FROM events WHERE workspace_id = %s AND position > %s AND position <= %s",
        [tx.workspace_id, after, after + AT_ONCE],
    )
    if head <= after:
        return 0
    settings = await CONFIGURATION.read(tx)
    kinds = [kind.model_dump(mode="json") for kind in settings.intents if kind.event is not None]
    taken = 0
    if kinds:
        since = clock.now() - dt.timedelta(days=settings.half_life_days * HALF_LIVES)
        async with tx.joining_many(head - after):
            taken = await tx.execute(
                _TAKE,
                {
                    "ws": tx.workspace_id, "kinds": Jsonb(kinds), "after": after, "last": head, "since": since,
                    "source": IntentSource.event.value, "now": clock.now(),
                },
            )  # fmt: skip
    await tx.execute(
        "UPDATE approach_progress SET position = %(head)s WHERE workspace_id = %(ws)s",
        {"head": head, "ws": tx.workspace_id},
    )
    return taken
