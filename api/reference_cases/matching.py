"""Which cases fit a request, why, and why others are left out.

What a request names counts, each criterion by its weight; what it leaves open counts for nobody. Of each account the
best fitting case stands for it (the one that a partner asked for, before any other), and the best accounts are looked at.
"""

from typing import Final

from api.kit.db import Tx
from api.reference_cases import blocks
from api.reference_cases.request_models import ReferenceRequest

MOST_SHOWN: Final = 20
_MOST_READ: Final = 300

# Each part walks an index of the entries, best improvements first.
_FIT: Final = f"""
WITH near AS (
    (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.initiative_id = %(initiative)s AND e.metric_id = %(metric)s
        ORDER BY e.improvement_sort DESC, e.id DESC LIMIT {_MOST_READ})
    UNION (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.initiative_id = %(initiative)s AND e.outcome_no = 0
        ORDER BY e.improvement_sort DESC, e.id DESC LIMIT {_MOST_READ})
    UNION (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.metric_id = %(metric)s AND e.initiative_no = 0
        ORDER BY e.improvement_sort DESC, e.id DESC LIMIT {_MOST_READ})
    UNION (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.industry = %(industry)s AND e.initiative_no = 0 AND e.outcome_no = 0
        ORDER BY e.improvement_sort DESC, e.id DESC LIMIT {_MOST_READ})
    UNION (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.initiative_no = 0 AND e.outcome_no = 0 ORDER BY e.improvement_sort DESC, e.id DESC LIMIT {_MOST_READ})
    UNION (SELECT e.case_id, e.id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.state = 'approved'
        AND e.case_id = %(named_case)s AND e.initiative_no = 0 AND e.outcome_no = 0)
), compared AS (
    SELECT c.account_id, c.id AS case_id, c.title_ja, c.title_en, e.improvement_pct, c.industry, c.employee_count,
        e.initiative_id = %(initiative)s AS did_it, e.metric_id = %(metric)s AS moved_it,
        c.industry = %(industry)s AS same_industry, coalesce(c.id = %(named_case)s, false) AS asked_for,
        CASE WHEN %(employees)s::integer > 0 AND c.employee_count > 0 THEN
            least(%(employees)s::integer, c.employee_count)::float8 / greatest(%(employees)s::integer, c.employee_count)
        END AS alike
    FROM near JOIN reference_case_entries e ON e.workspace_id = %(ws)s AND e.id = near.id
    JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = e.case_id
), fitting AS (
    SELECT DISTINCT ON (x.account_id) x.*
    FROM compared x
    ORDER BY x.account_id, x.asked_for DESC, 40 * coalesce(x.did_it, false)::integer + 25 * coalesce(x.moved_it, false)::integer
        + 15 * coalesce(x.same_industry, false)::integer + 10 * coalesce(x.alike, 0) DESC,
        x.improvement_pct DESC NULLS LAST, x.case_id
), chosen AS (
    SELECT f.*, a.id AS of_account, ({blocks.CONTACT}) AS contact_id FROM fitting f
    JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = f.account_id
), scored AS (
    SELECT chosen.*, criteria.listed, criteria.score FROM chosen
    LEFT JOIN LATERAL (
        SELECT coalesce(bool_or(%(act)s = ANY(w.acts)), false) AS willing,
            coalesce(bool_or(%(language)s = ANY(w.languages)), false) AS speaks
        FROM reference_profiles w WHERE w.workspace_id = %(ws)s AND w.account_id = chosen.account_id
        AND (w.contact_id IS NULL OR w.contact_id = chosen.contact_id)
    ) AS profile ON true
    CROSS JOIN LATERAL (
        SELECT json_agg(json_build_object('criterion', name, 'weight', weight, 'score', round((weight * share)::numeric, 1))
            ORDER BY weight DESC, name) AS listed, 100 * sum(weight * share) / sum(weight) AS score
        FROM (VALUES
            ('named_case', 50.0, %(named_case)s::uuid IS NOT NULL, chosen.asked_for::integer::float8),
            ('initiative', 40.0, %(initiative)s::uuid IS NOT NULL, coalesce(chosen.did_it, false)::integer::float8),
            ('metric', 25.0, %(metric)s::uuid IS NOT NULL, coalesce(chosen.moved_it, false)::integer::float8),
            ('industry', 15.0, %(industry)s::text IS NOT NULL, coalesce(chosen.same_industry, false)::integer::float8),
            ('size', 10.0, %(employees)s::integer IS NOT NULL, coalesce(chosen.alike, 0)),
            ('language', 5.0, %(language)s::text IS NOT NULL, profile.speaks::integer::float8),
            ('willing', 5.0, true, profile.willing::integer::float8)
        ) AS given (name, weight, asked, share) WHERE given.asked
    ) AS criteria
    ORDER BY criteria.score DESC, chosen.improvement_pct DESC NULLS LAST, chosen.case_id LIMIT {_MOST_READ}
), told AS (
    SELECT chosen.score, chosen.improvement_pct, chosen.case_id, {blocks.REASONS} AS reasons, json_build_object(
        'account_id', a.id, 'account_name', a.name, 'case_id', chosen.case_id, 'title_ja', chosen.title_ja,
        'title_en', chosen.title_en, 'improvement_pct', chosen.improvement_pct, 'contact_id', chosen.contact_id,
        'score', round(chosen.score::numeric, 1), 'criteria', chosen.listed) AS item
    FROM scored chosen JOIN accounts a ON a.workspace_id = %(ws)s AND a.id = chosen.account_id
    {blocks.JOINED}
), placed AS (
    SELECT told.*, json_array_length(told.reasons) = 0 AS free, row_number() OVER (
        PARTITION BY json_array_length(told.reasons) = 0
        ORDER BY told.score DESC, told.improvement_pct DESC NULLS LAST, told.case_id
    ) AS place FROM told
), shown AS (
    SELECT free, place, (item::jsonb || jsonb_build_object('reasons', reasons))::json AS item
    FROM placed WHERE place <= {MOST_SHOWN}
)
SELECT json_build_object(
    'data', coalesce((SELECT json_agg(item ORDER BY place) FROM shown WHERE free), '[]'::json),
    'left_out', coalesce((SELECT json_agg(item ORDER BY place) FROM shown WHERE NOT free), '[]'::json)
)
"""  # noqa: S608


async def matches(tx: Tx, request: ReferenceRequest) -> bytes:
    """Who fits a request, and who would but is not to be asked now, as JSON."""
    [(found,)] = await tx.fetch(
        _FIT,
        {
            **await blocks.parameters(tx, request),
            "initiative": request.initiative_id,
            "metric": request.metric_id,
            "industry": request.industry,
            "employees": request.employee_count,
        },
    )
    assert isinstance(found, bytes)
    return found
