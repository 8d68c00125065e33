"""What is noticed of the people at accounts: who changed, how many we know, what they said, how long ago we spoke."""

from typing import Final

# Of several changes the latest counts: with it the cause of the signal before is gone.
CONTACT_CHANGED: Final = """
SELECT p.account_id, c.id::text AS subject, p.severity, jsonb_build_object('change_id', c.id,
    'from_contact_id', c.from_contact_id, 'to_contact_id', c.to_contact_id, 'changed_on', c.changed_on) AS evidence
FROM population p CROSS JOIN LATERAL (
    SELECT c.* FROM primary_contact_changes c
    WHERE c.workspace_id = %(ws)s AND c.account_id = p.account_id AND c.reverted_at IS NULL
    ORDER BY c.changed_at DESC, c.id DESC LIMIT 1
) AS c
WHERE c.from_contact_id IS NOT NULL AND c.changed_on > %(today)s::date - p.days AND NOT EXISTS (
    SELECT FROM maturity_changes m WHERE m.workspace_id = %(ws)s AND m.account_id = p.account_id
    AND m.cause = 'goals_confirmed' AND m.recorded_at >= c.changed_at
)
"""
SINGLE_THREADED: Final = """
SELECT p.account_id, '' AS subject, p.severity,
    jsonb_build_object('contacts', c.known, 'stakeholders', c.deciding) AS evidence
FROM population p CROSS JOIN LATERAL (
    SELECT count(*) AS known, count(*) FILTER (WHERE c.stakeholder_role IS NOT NULL) AS with_part,
        count(*) FILTER (WHERE c.stakeholder_role IN ('decision_maker', 'champion', 'influencer')) AS deciding
    FROM contacts c WHERE c.workspace_id = %(ws)s AND c.account_id = p.account_id AND c.archived_at IS NULL
    AND c.erased_at IS NULL AND (c.left_on IS NULL OR c.left_on > %(today)s)
) AS c
WHERE c.known > 0 AND (c.known < p.contacts OR (c.with_part > 0 AND c.deciding < p.stakeholders))
"""
# A person's latest answer counts.
DETRACTOR: Final = """
SELECT p.account_id, r.id::text AS subject, p.severity, jsonb_build_object('survey_response_id', r.id,
    'survey_id', r.survey_id, 'contact_id', r.contact_id, 'score', r.score, 'answered_on', r.answered_on) AS evidence
FROM population p
JOIN survey_responses r ON r.workspace_id = %(ws)s AND r.account_id = p.account_id AND r.archived_at IS NULL
    AND r.answered_on > %(today)s::date - p.days AND r.score <= p.score
JOIN surveys s ON s.workspace_id = %(ws)s AND s.id = r.survey_id AND s.kind = 'nps'
WHERE r.contact_id IS NULL OR NOT EXISTS (
    SELECT FROM survey_responses later
    JOIN surveys s ON s.workspace_id = %(ws)s AND s.id = later.survey_id AND s.kind = 'nps'
    WHERE later.workspace_id = %(ws)s AND later.contact_id = r.contact_id AND later.archived_at IS NULL
    AND (later.answered_at, later.id) > (r.answered_at, r.id)
)
"""
# Where interactions are not kept at all, silence says nothing.
SILENT_ACCOUNT: Final = """
SELECT p.account_id, '' AS subject, p.severity,
    jsonb_build_object('last_interaction_on', (i.last_at AT TIME ZONE %(zone)s)::date, 'days', p.days) AS evidence
FROM population p CROSS JOIN LATERAL (
    SELECT max(i.occurred_at) AS last_at FROM interactions i WHERE i.workspace_id = %(ws)s
    AND i.account_id = p.account_id AND i.archived_at IS NULL AND i.kind <> 'note' AND i.occurred_at <= %(now)s
) AS i
WHERE coalesce(i.last_at, p.created_at) < %(now)s - make_interval(days => p.days)
    AND EXISTS (SELECT FROM interactions WHERE workspace_id = %(ws)s AND archived_at IS NULL)
"""
