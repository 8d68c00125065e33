"""What was known of contracts when: the ends of their terms, and what they were worth.

Current values stay where they are. Beside them, terms keep versions, and of rates each difference is added, as the
ledger's lines are, so that any earlier moment stays what it was.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from api.contracts.ledger import Recording
from api.kit import clock
from api.kit.db import Tx

_MOMENTS: Final = (
    "told AS (SELECT * FROM unnest(%(accounts)s::uuid[], %(moments)s::timestamptz[]) AS m (account_id, at))"
)
# One that is corrected was known until now; one that is new, since the day that the recording says.
_FOLLOW_TERMS: Final = """
WITH {moments}, present AS MATERIALIZED (
    SELECT t.id AS term_id, t.contract_id, t.starts_on, t.ends_before, told.at
    FROM contract_terms t
    JOIN contracts c ON c.workspace_id = t.workspace_id AND c.id = t.contract_id AND c.archived_at IS NULL
    LEFT JOIN told ON told.account_id = c.account_id
    WHERE t.workspace_id = %(ws)s AND t.contract_id = ANY(%(ids)s)
), ended AS (
    UPDATE contract_term_versions v SET superseded_at = greatest(v.recorded_at, coalesce((
        SELECT p.at FROM present p WHERE p.term_id = v.term_id
    ), %(now)s))
    WHERE v.workspace_id = %(ws)s AND v.contract_id = ANY(%(ids)s) AND v.superseded_at IS NULL AND NOT EXISTS (
        SELECT FROM present p WHERE (p.term_id, p.starts_on, p.ends_before) = (v.term_id, v.starts_on, v.ends_before)
    )
    RETURNING v.term_id, v.superseded_at
)
INSERT INTO contract_term_versions
    (workspace_id, id, term_id, contract_id, starts_on, ends_before, backfilled, recorded_at, superseded_at)
SELECT %(ws)s, uuidv7(), p.term_id, p.contract_id, p.starts_on, p.ends_before, %(backfilled)s AND ended.term_id IS NULL,
    coalesce(ended.superseded_at, greatest({moment}, (
        SELECT max(v.superseded_at) FROM contract_term_versions v WHERE v.workspace_id = %(ws)s AND v.term_id = p.term_id
    ))), NULL
FROM workspaces w, present p LEFT JOIN ended USING (term_id)
WHERE w.workspace_id = %(ws)s AND (ended.term_id IS NOT NULL OR NOT EXISTS (
    SELECT FROM contract_term_versions v
    WHERE v.workspace_id = %(ws)s AND v.term_id = p.term_id AND v.superseded_at IS NULL
))
"""
_FOLLOW_RATES: Final = """
WITH {moments}, present AS (
    SELECT contract_id, product_id, day, sum(parts)::bigint AS parts FROM (
        SELECT contract_id, product_id, starts_on AS day, parts
        FROM contract_rates WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s)
        UNION ALL
        SELECT contract_id, product_id, ends_before, -parts
        FROM contract_rates WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s) AND ends_before IS NOT NULL
    ) AS changes GROUP BY contract_id, product_id, day
), recorded AS (
    SELECT contract_id, product_id, day, sum(parts)::bigint AS parts
    FROM contract_rate_changes WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s)
    GROUP BY contract_id, product_id, day
), latest AS (
    SELECT contract_id, max(recorded_at) AS at
    FROM contract_rate_changes WHERE workspace_id = %(ws)s AND contract_id = ANY(%(ids)s) GROUP BY contract_id
)
INSERT INTO contract_rate_changes (workspace_id, id, contract_id, product_id, day, parts, recorded_at)
SELECT %(ws)s, uuidv7(), c.id, product_id, day, coalesce(p.parts, 0) - coalesce(r.parts, 0), {moment}
FROM workspaces w, present p FULL JOIN recorded r USING (contract_id, product_id, day)
JOIN contracts c ON c.workspace_id = %(ws)s AND c.id = contract_id
LEFT JOIN latest USING (contract_id)
LEFT JOIN told ON told.account_id = c.account_id
WHERE w.workspace_id = %(ws)s AND coalesce(p.parts, 0) <> coalesce(r.parts, 0)
"""


async def follow_knowledge(tx: Tx, contract_ids: Sequence[UUID], recording: Recording) -> None:
    """Keep the terms and rates that these contracts have now, where that is new, as known from the recording on."""
    if not contract_ids:
        return
    await tx.flush()
    parameters = {
        "ws": tx.workspace_id,
        "ids": list(contract_ids),
        "now": clock.now(),
        "backfilled": recording.backfilled,
        "accounts": list(recording.known),
        "moments": list(recording.known.values()),
    }
    of_term = recording.moment("p.starts_on", "p.at")
    # As in the ledger: what is told of a contract comes after what was.
    of_change = recording.moment("day", "CASE WHEN told.at IS NOT NULL THEN greatest(told.at, latest.at) END")
    async with tx.joining_many(len(contract_ids)):
        await tx.execute(_FOLLOW_TERMS.format(moments=_MOMENTS, moment=of_term), parameters)
        await tx.execute(_FOLLOW_RATES.format(moments=_MOMENTS, moment=of_change), parameters)
