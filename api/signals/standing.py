"""What is noticed of health, tickets, contracts and roadmaps."""

from typing import Final

from api.product_gaps.models import STILL_MISSING_SQL

_LATEST: Final = """
SELECT h.id, h.model_id, h.band, h.score, h.as_of FROM health_scores h
WHERE h.workspace_id = %(ws)s AND h.account_id = p.account_id AND h.kind <> 'shadow'
ORDER BY h.as_of DESC, h.id DESC LIMIT 1
"""
_BANDS: Final = """
SELECT m.id AS model_id, band.said ->> 'key' AS band, band.place FROM health_models m
CROSS JOIN LATERAL jsonb_array_elements(m.definition -> 'bands') WITH ORDINALITY AS band (said, place)
WHERE m.workspace_id = %(ws)s
"""
RED_HEALTH: Final = f"""
SELECT p.account_id, '' AS subject, p.severity, jsonb_build_object('health_score_id', l.id, 'score', l.score,
    'band', l.band, 'as_of', l.as_of) AS evidence
FROM population p CROSS JOIN LATERAL ({_LATEST}) AS l
JOIN ({_BANDS}) AS b ON b.model_id = l.model_id AND b.band = l.band AND b.place = 1
WHERE l.as_of > %(today)s::date - p.days
"""  # noqa: S608
# Of the same version only: another one may have other bands.
BAND_DROPPED: Final = f"""
WITH bands AS MATERIALIZED ({_BANDS})
SELECT p.account_id, '' AS subject, p.severity, jsonb_build_object('health_score_id', l.id, 'score', l.score,
    'to_band', l.band, 'from_band', was.band, 'as_of', l.as_of) AS evidence
FROM population p CROSS JOIN LATERAL ({_LATEST}) AS l
JOIN bands b ON b.model_id = l.model_id AND b.band = l.band
CROSS JOIN LATERAL (
    SELECT max(earlier.place) AS place FROM health_scores h
    JOIN bands earlier ON earlier.model_id = h.model_id AND earlier.band = h.band
    WHERE h.workspace_id = %(ws)s AND h.account_id = p.account_id AND h.model_id = l.model_id
    AND h.kind <> 'shadow' AND h.as_of > %(today)s::date - p.days
) AS best
JOIN bands was ON was.model_id = l.model_id AND was.place = best.place
WHERE best.place - b.place >= p.bands
"""  # noqa: S608
ESCALATED_TICKETS: Final = """
SELECT p.account_id, '' AS subject, p.severity, jsonb_build_object('tickets', t.n, 'escalated', t.escalated,
    'oldest_opened_at', t.oldest, 'ticket_ids', to_jsonb(t.ids[1:10])) AS evidence
FROM population p CROSS JOIN LATERAL (
    SELECT count(*) AS n, count(*) FILTER (WHERE t.escalated) AS escalated, min(t.opened_at) AS oldest,
        array_agg(t.id ORDER BY t.opened_at, t.id) AS ids
    FROM tickets t WHERE t.workspace_id = %(ws)s AND t.account_id = p.account_id AND t.archived_at IS NULL
    AND t.closed_at IS NULL AND (t.escalated OR t.severity = 'urgent')
) AS t
WHERE t.n >= p.tickets
"""
NOTICE_RECEIVED: Final = """
SELECT p.account_id, c.id::text AS subject, p.severity, jsonb_build_object('contract_id', c.id,
    'notice_received_on', c.notice_received_on, 'ends_before', c.stops_before) AS evidence
FROM population p JOIN contracts c ON c.workspace_id = %(ws)s AND c.account_id = p.account_id AND c.archived_at IS NULL
WHERE c.notice_received_on IS NOT NULL AND c.stops_before > %(today)s
"""
OVERDUE_RENEWAL: Final = """
SELECT p.account_id, t.id::text AS subject, p.severity, jsonb_build_object('renewal_id', t.id,
    'contract_id', c.id, 'ended_before', t.ends_before) AS evidence
FROM population p
JOIN contracts c ON c.workspace_id = %(ws)s AND c.account_id = p.account_id AND c.archived_at IS NULL
    AND NOT c.auto_renew AND c.stops_before IS NULL
JOIN contract_terms t ON t.workspace_id = %(ws)s AND t.contract_id = c.id AND t.decision = 'pending'
WHERE t.ends_before <= %(today)s::date - p.days
"""
# Of each gap, so that one is over by itself when another still blocks.
GAP_BLOCKING_RENEWAL: Final = f"""
SELECT p.account_id, g.id::text AS subject, p.severity, jsonb_build_object('gap_id', g.id, 'gap_severity', g.severity,
    'status', g.status, 'renewal_on', s.renewal_on, 'reports', told.n) AS evidence
FROM population p
JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = p.account_id
    AND s.renewal_on <= %(today)s::date + p.days
CROSS JOIN LATERAL (
    SELECT r.gap_id, count(*) AS n FROM product_gap_reports r
    WHERE r.workspace_id = %(ws)s AND r.account_id = p.account_id AND r.blocks_renewal AND r.archived_at IS NULL
    GROUP BY r.gap_id
) AS told
JOIN product_gaps g ON g.workspace_id = %(ws)s AND g.id = told.gap_id AND {STILL_MISSING_SQL}
"""  # noqa: S608
# Without a cadence nothing is ever due.
STALE_ROADMAP: Final = """
SELECT p.account_id, r.id::text AS subject, p.severity, jsonb_build_object('roadmap_id', r.id,
    'next_review_on', r.next_review_on, 'last_reviewed_on', r.last_reviewed_on) AS evidence
FROM population p JOIN success_roadmaps r ON r.workspace_id = %(ws)s AND r.account_id = p.account_id
    AND r.archived_at IS NULL AND r.state = 'active'
WHERE r.next_review_on < %(today)s::date - p.days
"""
# Nothing new is found here: posted news is its own cause, for some time.
NEWS: Final = """
SELECT p.account_id, s.subject, s.severity, s.evidence
FROM population p JOIN signals s ON s.workspace_id = %(ws)s AND s.account_id = p.account_id AND s.kind = 'news'
    AND s.cause_ended_at IS NULL
WHERE s.occurred_on > %(today)s::date - p.days
"""
