"""Candidates for new cases, taken from the event log: who became a promoter, met a target, improved, realised value."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from api.accounts.models import Account
from api.kit import audit, clock, outbox, write
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.resources import Expansion, Resource
from api.reference_cases import cases
from api.reference_cases.models import ReferenceCase
from api.reference_cases.request_models import CandidateState, ReferenceCandidate

_candidate: sa.Table = ReferenceCandidate.__table__  # type: ignore[attr-defined]
_account: sa.Table = Account.__table__  # type: ignore[attr-defined]
_named = _account.alias("account")


def _of_candidate(account: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401
    return sa.and_(account.c.workspace_id == _candidate.c.workspace_id, account.c.id == _candidate.c.account_id)


CANDIDATES: Final = Resource(
    "reference_candidate",
    ReferenceCandidate,
    joins=[(_account, _of_candidate(_account))],
    values={"owner_id": _account.c.owner_id},
    sorts={"noticed_at": _candidate.c.noticed_at},
    default_sort="-noticed_at",
    expands={"account": Expansion(_named, _of_candidate(_named))},
)
CANDIDATE_CLOSED: Final = problem_type(
    "candidate_closed", 409,
    en=("Candidate is closed", "The candidate was {state} already."),
    ja=("対応済みの候補です", "この候補はすでに {state} です。"),
)  # fmt: skip
AT_ONCE: Final = 20_000
"""Events looked at in one run; the next one comes within the hour."""
QUIET: Final = dt.timedelta(days=180)
"""An account is no candidate of the same kind again for so long."""

# Which way a band went is said by the order of the bands in the model of the new snapshot.
_TAKE: Final = """
WITH found AS (
    SELECT e.id, e.occurred_at, e.data,
        CASE WHEN e.resource = 'account' THEN e.resource_id ELSE (e.data ->> 'account_id')::uuid END AS account_id,
        CASE e.type
            WHEN 'survey_response.created' THEN
                CASE WHEN e.data ->> 'kind' = 'nps' AND (e.data ->> 'score')::float8 >= 9 THEN 'promoter' END
            WHEN 'health_target.met' THEN 'target_met'
            WHEN 'value_realisation.confirmed' THEN 'value_realised'
            WHEN 'account.usage_status_changed' THEN
                CASE WHEN e.data ->> 'to' = 'healthy' AND e.data ->> 'from' IS NOT NULL THEN 'usage_improved' END
            WHEN 'account.health_band_changed' THEN (
                SELECT CASE WHEN max(b.place) FILTER (WHERE b.said ->> 'key' = e.data ->> 'to')
                    > max(b.place) FILTER (WHERE b.said ->> 'key' = e.data ->> 'from')
                    AND max(b.place) FILTER (WHERE b.said ->> 'key' = e.data ->> 'to') = max(b.place)
                    THEN 'health_improved' END
                FROM health_scores s JOIN health_models h ON h.workspace_id = s.workspace_id AND h.id = s.model_id
                CROSS JOIN LATERAL jsonb_array_elements(h.definition -> 'bands') WITH ORDINALITY AS b (said, place)
                WHERE s.workspace_id = %(ws)s AND s.id = (e.data ->> 'health_score_id')::uuid
            )
        END AS kind
    FROM events e WHERE e.workspace_id = %(ws)s AND e.position > %(after)s AND e.position <= %(last)s
    AND e.type IN ('survey_response.created', 'health_target.met', 'value_realisation.confirmed',
        'account.usage_status_changed', 'account.health_band_changed')
), latest AS (
    SELECT DISTINCT ON (coalesce(a.merged_into_id, a.id), f.kind)
        coalesce(a.merged_into_id, a.id) AS account_id, f.kind, f.id, f.occurred_at, f.data
    FROM found f JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = f.account_id
    WHERE f.kind IS NOT NULL ORDER BY coalesce(a.merged_into_id, a.id), f.kind, f.occurred_at DESC
)
INSERT INTO reference_candidates
    (workspace_id, id, version, created_at, updated_at, account_id, kind, event_id, evidence, state, noticed_at)
SELECT %(ws)s, gen_random_uuid(), 1, %(now)s, %(now)s, l.account_id, l.kind, l.id,
    (SELECT coalesce(jsonb_object_agg(key, value), '{}'::jsonb) FROM jsonb_each(l.data)
        WHERE key IN ('score', 'from', 'to', 'due_on', 'reason', 'as_of')),
    'open', l.occurred_at
FROM latest l JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = l.account_id
WHERE a.phase <> 'churned' AND a.archived_at IS NULL AND NOT EXISTS (
    SELECT FROM reference_candidates c WHERE c.workspace_id = %(ws)s AND c.account_id = l.account_id
    AND c.kind = l.kind AND (c.state = 'open' OR c.closed_at > %(quiet)s)
)
ON CONFLICT DO NOTHING RETURNING id, account_id, kind
"""


async def take_from_events(tx: Tx) -> int:
    """Note the candidates that the events since the last time tell of; how many."""
    [(after,)] = await tx.fetch(
        "INSERT INTO reference_candidate_progress (workspace_id, position) VALUES (%s, 0) ON CONFLICT (workspace_id) "
        "DO UPDATE SET position = reference_candidate_progress.position RETURNING position",
        [tx.workspace_id],
    )
    # Positions have no gaps, so the batch ends at one that is there, and what has no number yet comes later.
    [(head,)] = await tx.fetch(
        "SELECT coalesce(max(position), 0) FROM events WHERE workspace_id = %s AND position > %s AND position <= %s",
        [tx.workspace_id, after, after + AT_ONCE],
    )
    if head <= after:
        return 0
    now = clock.now()
    async with tx.joining_many(head - after):
        found = await tx.fetch(
            _TAKE, {"ws": tx.workspace_id, "after": after, "last": head, "now": now, "quiet": now - QUIET}
        )
    await tx.execute(
        "UPDATE reference_candidate_progress SET position = %(head)s WHERE workspace_id = %(ws)s",
        {"head": head, "ws": tx.workspace_id},
    )
    await audit.record_many(tx, CANDIDATES.name, [("found", row[0], ["kind", "state"]) for row in found])
    facts = [("found", row[0], {"account_id": str(row[1]), "kind": row[2]}) for row in found]
    await outbox.record_many(tx, CANDIDATES.name, facts)
    return len(found)


async def accept(tx: Tx, candidate_id: UUID, version: int, content: Mapping[str, Any]) -> ReferenceCase:
    """Draft a case for a candidate."""
    candidate = await _open(tx, candidate_id, version)
    case = await cases.create_case(tx, candidate.account_id, content)
    await _close(tx, candidate, {"state": CandidateState.accepted.value, "case_id": case.id}, "accepted")
    return case


async def dismiss(tx: Tx, candidate_id: UUID, version: int, reason: str) -> None:
    """Note that a candidate makes no case."""
    candidate = await _open(tx, candidate_id, version)
    await _close(tx, candidate, {"state": CandidateState.dismissed.value, "dismiss_reason": reason}, "dismissed")


async def _open(tx: Tx, candidate_id: UUID, version: int) -> ReferenceCandidate:
    candidate = await write.lock(tx, CANDIDATES, ReferenceCandidate, candidate_id, version=version)
    if candidate.state != CandidateState.open:
        raise CANDIDATE_CLOSED(state=candidate.state)
    return candidate


async def _close(tx: Tx, candidate: ReferenceCandidate, values: Mapping[str, Any], action: str) -> None:
    told = {"account_id": str(candidate.account_id), "kind": candidate.kind}
    await write.change(tx, CANDIDATES, candidate, {**values, "closed_at": clock.now()}, action=action, announce=told)
