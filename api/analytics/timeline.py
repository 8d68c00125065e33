"""What happened to an account, newest first, gathered from the tables that tell it."""

import datetime as dt
from typing import Final
from uuid import UUID

import orjson

from api.accounts.service import require_account
from api.analytics.screen_schemas import TimelineKind, TimelineQuery
from api.kit.db import Tx
from api.kit.paging import Cursor
from api.kit.problems import INVALID_CURSOR
from api.kit.read import MAX_LIMIT
from api.kit.schemas import or_none

# Each gives: kind, id, action, moment, day, what is told. Every one walks an index of the account's.
_SOURCES: Final = {
    TimelineKind.account: """
        SELECT 'account' AS kind, e.id, split_part(e.type, '.', 2) AS action, e.occurred_at AS at, NULL::date AS on, e.data
        FROM events e WHERE e.workspace_id = %(ws)s AND e.resource_id = %(id)s AND e.resource = 'account'
        AND e.type IN ('account.created', 'account.archived', 'account.restored', 'account.absorbed')
    """,
    TimelineKind.phase: """
        SELECT 'phase', p.id, 'entered', p.recorded_at, p.starts_on,
            jsonb_build_object('phase', p.phase, 'reason', p.reason)
        FROM account_phases p WHERE p.workspace_id = %(ws)s AND p.account_id = %(id)s
    """,
    TimelineKind.contract: """
        SELECT 'contract', e.id, split_part(e.type, '.', 2), e.occurred_at, NULL::date,
            e.data || jsonb_build_object('contract_id', e.resource_id)
        FROM contracts c JOIN events e ON e.workspace_id = c.workspace_id AND e.resource_id = c.id
        WHERE c.workspace_id = %(ws)s AND c.account_id = %(id)s AND e.resource = 'contract'
    """,
    TimelineKind.renewal: """
        SELECT 'renewal', d.id, d.decision, d.recorded_at, d.decided_on,
            jsonb_build_object('renewal_id', d.term_id, 'automatic', d.automatic, 'reasons', d.reasons)
        FROM renewal_decisions d WHERE d.workspace_id = %(ws)s AND d.account_id = %(id)s
    """,
    TimelineKind.movement: """
        SELECT 'movement', m.id, m.type, m.recorded_at, m.effective_on,
            jsonb_build_object('amount', m.amount_minor, 'currency', m.currency, 'product_id', m.product_id,
                'contract_id', m.contract_id, 'cause', m.cause, 'corrects_id', m.corrects_id)
        FROM mrr_movements m WHERE m.workspace_id = %(ws)s AND m.account_id = %(id)s
    """,
    TimelineKind.primary_contact: """
        SELECT 'primary_contact', c.id, CASE WHEN c.reverted_at IS NULL THEN 'changed' ELSE 'reverted' END, c.changed_at,
            c.changed_on, jsonb_build_object('from', c.from_contact_id, 'to', c.to_contact_id, 'reverted_at', c.reverted_at)
        FROM primary_contact_changes c WHERE c.workspace_id = %(ws)s AND c.account_id = %(id)s
    """,
    TimelineKind.team: """
        SELECT 'team', t.id, act.action, act.at, act.on, jsonb_build_object('user_id', t.user_id, 'role', t.role)
        FROM account_team t CROSS JOIN LATERAL (VALUES
            ('joined', t.created_at, t.starts_on), ('left', CASE WHEN t.ends_before IS NOT NULL THEN t.updated_at END, t.ends_before)
        ) AS act (action, at, "on")
        WHERE t.workspace_id = %(ws)s AND t.account_id = %(id)s AND t.archived_at IS NULL AND act.at IS NOT NULL
    """,
    TimelineKind.health: """
        SELECT 'health', e.id, split_part(e.type, '.', 2), e.occurred_at, coalesce(e.data ->> 'as_of', e.data ->> 'on')::date, e.data
        FROM events e WHERE e.workspace_id = %(ws)s AND e.resource_id = %(id)s AND e.resource = 'account'
        AND e.type IN ('account.health_band_changed', 'account.maturity_changed')
    """,
    TimelineKind.health_target: """
        SELECT 'health_target', h.id, h.outcome, h.judged_at, h.due_on, jsonb_build_object('kind', h.kind, 'value', h.value,
            'band', h.band, 'reason', h.outcome_reason, 'health_score_id', h.health_score_id)
        FROM health_targets h WHERE h.workspace_id = %(ws)s AND h.account_id = %(id)s AND h.judged_at IS NOT NULL
    """,
    TimelineKind.survey: """
        SELECT 'survey', r.id, 'answered', r.recorded_at, r.answered_on,
            jsonb_build_object('survey_id', r.survey_id, 'kind', s.kind, 'score', r.score, 'contact_id', r.contact_id)
        FROM survey_responses r JOIN surveys s ON s.workspace_id = r.workspace_id AND s.id = r.survey_id
        WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s AND r.archived_at IS NULL
    """,
    TimelineKind.roadmap: """
        SELECT 'roadmap', r.id, act.action, act.at, act.on, jsonb_build_object('roadmap_id', r.id, 'name', r.name,
            'kind', r.kind, 'status', r.status)
        FROM success_roadmaps r CROSS JOIN LATERAL (VALUES
            ('drawn_up', r.created_at, r.starts_on),
            (r.state, CASE WHEN r.ended_on IS NOT NULL THEN r.updated_at END, r.ended_on)
        ) AS act (action, at, "on")
        WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s AND r.archived_at IS NULL AND act.at IS NOT NULL
        UNION ALL
        SELECT 'roadmap', v.id, 'reviewed', v.recorded_at, v.held_on,
            jsonb_build_object('roadmap_id', v.roadmap_id, 'progress', v.progress, 'status', v.status)
        FROM roadmap_reviews v WHERE v.workspace_id = %(ws)s AND v.account_id = %(id)s
        UNION ALL
        SELECT 'roadmap', m.id, 'milestone_reached', m.reached_recorded_at, m.reached_on,
            jsonb_build_object('roadmap_id', m.roadmap_id, 'title', m.title, 'kind', m.kind)
        FROM roadmap_milestones m WHERE m.workspace_id = %(ws)s AND m.account_id = %(id)s AND m.archived_at IS NULL
        AND m.reached_recorded_at IS NOT NULL
    """,
    TimelineKind.value_realisation: """
        SELECT 'value_realisation', v.id, act.action, act.at, v.starts_on, jsonb_build_object('name', v.name,
            'amount', v.value_minor, 'currency', v.currency, 'ends_before', v.ends_before, 'roadmap_id', v.roadmap_id,
            'goal_id', v.goal_id, 'contact_id', v.confirmed_by_id)
        FROM value_realisations v CROSS JOIN LATERAL (VALUES
            ('noted', v.created_at), ('confirmed', v.confirmed_at)
        ) AS act (action, at)
        WHERE v.workspace_id = %(ws)s AND v.account_id = %(id)s AND v.archived_at IS NULL AND act.at IS NOT NULL
    """,
    TimelineKind.interaction: """
        SELECT 'interaction', i.id, i.kind, i.recorded_at, (i.occurred_at AT TIME ZONE w.time_zone)::date,
            jsonb_build_object('subject', i.subject, 'recorded', i.recorded, 'shared', i.shared_at IS NOT NULL)
        FROM interactions i JOIN workspaces w ON w.workspace_id = i.workspace_id
        WHERE i.workspace_id = %(ws)s AND i.account_id = %(id)s AND i.archived_at IS NULL
    """,
    TimelineKind.task: """
        SELECT 'task', t.id, act.action, act.at, act.on, jsonb_build_object('title', t.title, 'owner_id', t.owner_id,
            'origin', jsonb_build_object('kind', t.origin_kind, 'id', t.origin_id), 'outcome', t.outcome)
        FROM tasks t CROSS JOIN LATERAL (VALUES
            ('opened', t.created_at, t.due_on),
            ('completed', CASE WHEN t.state = 'done' THEN coalesce(t.checked_at, t.completed_at) END, NULL)
        ) AS act (action, at, "on")
        WHERE t.workspace_id = %(ws)s AND t.account_id = %(id)s AND t.archived_at IS NULL AND act.at IS NOT NULL
    """,
    TimelineKind.program: """
        SELECT 'program', p.id, p.state, p.updated_at, g.starts_on,
            jsonb_build_object('program_id', g.id, 'name', g.name, 'kind', g.kind, 'contact_id', p.contact_id)
        FROM program_participants p JOIN programs g ON g.workspace_id = p.workspace_id AND g.id = p.program_id
        WHERE p.workspace_id = %(ws)s AND p.account_id = %(id)s AND g.archived_at IS NULL
    """,
    TimelineKind.signal: """
        SELECT 'signal', s.id, act.action, act.at, NULL::date, jsonb_build_object('signal', s.kind,
            'severity', s.severity, 'title', s.title, 'url', s.url, 'by_itself', s.resolved_by_itself)
        FROM signals s CROSS JOIN LATERAL (VALUES
            ('opened', s.first_seen_at), ('acknowledged', s.acknowledged_at), ('resolved', s.resolved_at),
            ('dismissed', s.dismissed_at)
        ) AS act (action, at)
        WHERE s.workspace_id = %(ws)s AND s.account_id = %(id)s AND act.at IS NOT NULL
    """,
    # What it reported, and what became of it since.
    TimelineKind.product_gap: """
        SELECT 'product_gap', happened.id, happened.action, happened.at, happened.on,
            jsonb_build_object('gap_id', g.id, 'title', g.title, 'area', g.area, 'blocks_renewal', happened.blocks)
        FROM (
            SELECT r.id, r.gap_id, 'reported' AS action, r.recorded_at AS at, r.reported_on AS on, r.blocks_renewal AS blocks
            FROM product_gap_reports r
            WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s AND r.archived_at IS NULL
            UNION ALL
            SELECT s.id, s.gap_id, s.to_status, s.changed_at, NULL, told.blocks
            FROM (
                SELECT r.gap_id, min(r.recorded_at) AS first_at, bool_or(r.blocks_renewal) AS blocks
                FROM product_gap_reports r
                WHERE r.workspace_id = %(ws)s AND r.account_id = %(id)s AND r.archived_at IS NULL GROUP BY r.gap_id
            ) AS told
            JOIN product_gap_status_changes s ON s.workspace_id = %(ws)s AND s.gap_id = told.gap_id
                AND s.merged_from_id IS NULL AND s.from_status IS NOT NULL AND s.changed_at >= told.first_at
        ) AS happened
        JOIN product_gaps g ON g.workspace_id = %(ws)s AND g.id = happened.gap_id AND g.archived_at IS NULL
    """,
    TimelineKind.reference_case: """
        SELECT 'reference_case', c.id, act.action, act.at, NULL::date,
            jsonb_build_object('title_ja', c.title_ja, 'title_en', c.title_en, 'revision', c.approved_revision)
        FROM reference_cases c CROSS JOIN LATERAL (VALUES
            ('approved', c.approved_at), ('retired', c.retired_at)
        ) AS act (action, at)
        WHERE c.workspace_id = %(ws)s AND c.account_id = %(id)s AND act.at IS NOT NULL
    """,
    TimelineKind.reference_consent: """
        SELECT 'reference_consent', k.id, act.action, act.at, act.on, jsonb_build_object('acts', k.acts,
            'audience', k.audience, 'naming', k.naming, 'case_id', k.case_id, 'contact_id', k.contact_id)
        FROM reference_consents k CROSS JOIN LATERAL (VALUES
            ('granted', k.created_at, k.granted_on), ('reconfirmed', k.reconfirmed_at, NULL), ('revoked', k.revoked_at, NULL)
        ) AS act (action, at, "on")
        WHERE k.workspace_id = %(ws)s AND k.account_id = %(id)s AND act.at IS NOT NULL
    """,
    TimelineKind.reference_ask: """
        SELECT 'reference_ask', g.id, act.action, act.at, NULL::date, jsonb_build_object('request_id', g.request_id,
            'act', g.act, 'contact_id', g.contact_id, 'case_id', g.case_id)
        FROM reference_asks g CROSS JOIN LATERAL (VALUES
            ('reserved', g.reserved_at), (g.state, g.answered_at), ('released', g.released_at)
        ) AS act (action, at)
        WHERE g.workspace_id = %(ws)s AND g.account_id = %(id)s AND act.at IS NOT NULL
    """,
}
_SCOPES: Final = {
    TimelineKind.contract: "contracts:read",
    TimelineKind.renewal: "contracts:read",
    TimelineKind.movement: "contracts:read",
    TimelineKind.primary_contact: "contacts:read",
    TimelineKind.team: "account_team:read",
    TimelineKind.signal: "signals:read",
    TimelineKind.health: "health_scores:read",
    TimelineKind.health_target: "health_targets:read",
    TimelineKind.survey: "survey_responses:read",
    TimelineKind.interaction: "interactions:read",
    TimelineKind.roadmap: "success_roadmaps:read",
    TimelineKind.value_realisation: "value_realisations:read",
    TimelineKind.task: "tasks:read",
    TimelineKind.program: "programs:read",
    TimelineKind.product_gap: "product_gaps:read",
    TimelineKind.reference_case: "reference_cases:read",
    TimelineKind.reference_consent: "reference_consents:read",
    TimelineKind.reference_ask: "reference_requests:read",
}


async def timeline(tx: Tx, account_id: UUID, query: TimelineQuery) -> tuple[bytes, str | None]:
    """One page, and the cursor of the next; what the credential may not read is left out."""
    await require_account(tx, account_id)
    kinds = [
        kind
        for kind in _SOURCES
        if kind in (or_none(query.kind) or _SOURCES) and (kind not in _SCOPES or tx.actor.may(_SCOPES[kind]))
    ]
    binding = f"timeline {account_id} {sorted(kind.value for kind in or_none(query.kind) or ())}".encode()
    limit = min(query.limit, MAX_LIMIT)
    cursor = or_none(query.cursor)
    at, action, row_id = _position(cursor, binding) if cursor else (None, None, None)
    rows = []
    if kinds:
        first = next(iter(_SOURCES))
        sources = " UNION ALL ".join(_SOURCES[kind] for kind in [first, *(kind for kind in kinds if kind is not first)])
        rows = await tx.fetch(
            f"""
            SELECT kind, id, action, at, "on", data FROM ({sources}) AS happened
            WHERE kind = ANY(%(kinds)s) AND (
                %(at)s::timestamptz IS NULL OR (at, action, id) < (%(at)s::timestamptz, %(action)s::text, %(row)s::uuid)
            )
            ORDER BY at DESC, action DESC, id DESC LIMIT {limit + 1}
            """,  # noqa: S608
            {
                "ws": tx.workspace_id, "id": account_id, "kinds": [kind.value for kind in kinds], "at": at,
                "action": action, "row": row_id,
            },
        )  # fmt: skip
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = Cursor(f"{last[3].isoformat()} {last[2]}", last[1]).sealed(binding)
    data = [
        {"id": row[1], "kind": row[0], "action": row[2], "at": _shown(row[3]), "on": row[4], "data": row[5]}
        for row in rows[:limit]
    ]
    page = {"next_cursor": following, "has_more": following is not None}
    return orjson.dumps({"data": data, "page": page}), following


def _position(cursor: str, binding: bytes) -> tuple[dt.datetime, str, UUID]:
    found = Cursor.opened(cursor, binding)
    moment, _, action = found.key.partition(" ")
    try:
        return dt.datetime.fromisoformat(moment), action, found.id
    except ValueError as error:
        raise INVALID_CURSOR() from error


def _shown(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
