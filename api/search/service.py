"""Searching all kinds of records at once."""

from collections.abc import Sequence
from typing import Final

from api.kit.db import Tx

_CANDIDATES: Final = 200

# Each kind contributes its best candidates: through the bigram index, or by a scan for a single character. The folded text
# is a sub-select, which runs once: as a column of a joined table it would have the index searched anew for every row.
_SOURCES: Final = {
    "account": (
        "SELECT 'account' AS kind, a.id, a.name AS title, coalesce(a.legal_name, a.external_id) AS subtitle, "
        "strpos(a.search_text, (SELECT folded FROM sought)) AS place FROM accounts a "
        "WHERE a.workspace_id = %(ws)s AND a.archived_at IS NULL AND strpos(a.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR a.id = ANY(ARRAY(SELECT search_accounts((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "contact": (
        "SELECT 'contact', c.id, c.name, a.name, strpos(c.search_text, (SELECT folded FROM sought)) "
        "FROM contacts c JOIN accounts a ON a.workspace_id = c.workspace_id AND a.id = c.account_id "
        "WHERE c.workspace_id = %(ws)s AND c.archived_at IS NULL AND strpos(c.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR c.id = ANY(ARRAY(SELECT search_contacts((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "product": (
        "SELECT 'product', p.id, p.name, p.family, strpos(p.search_text, (SELECT folded FROM sought)) "
        "FROM products p "
        "WHERE p.workspace_id = %(ws)s AND p.archived_at IS NULL AND strpos(p.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR p.id = ANY(ARRAY(SELECT search_products((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "interaction": (
        "SELECT 'interaction', i.id, i.subject, a.name, strpos(i.search_text, (SELECT folded FROM sought)) "
        "FROM interactions i JOIN accounts a ON a.workspace_id = i.workspace_id AND a.id = i.account_id "
        "WHERE i.workspace_id = %(ws)s AND i.archived_at IS NULL AND strpos(i.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR i.id = ANY(ARRAY(SELECT search_interactions((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "task": (
        "SELECT 'task', t.id, t.title, a.name, strpos(t.search_text, (SELECT folded FROM sought)) FROM tasks t "
        "LEFT JOIN accounts a ON a.workspace_id = t.workspace_id AND a.id = t.account_id "
        "WHERE t.workspace_id = %(ws)s AND t.archived_at IS NULL AND strpos(t.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR t.id = ANY(ARRAY(SELECT search_tasks((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "product_gap": (
        "SELECT 'product_gap', g.id, g.title, g.area, strpos(g.search_text, (SELECT folded FROM sought)) "
        "FROM product_gaps g "
        "WHERE g.workspace_id = %(ws)s AND g.archived_at IS NULL AND strpos(g.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR g.id = ANY(ARRAY(SELECT search_product_gaps((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "program": (
        "SELECT 'program', p.id, p.name, p.kind, strpos(p.search_text, (SELECT folded FROM sought)) "
        "FROM programs p "
        "WHERE p.workspace_id = %(ws)s AND p.archived_at IS NULL AND strpos(p.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR p.id = ANY(ARRAY(SELECT search_programs((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "success_roadmap": (
        "SELECT 'success_roadmap', r.id, r.name, a.name, strpos(r.search_text, (SELECT folded FROM sought)) "
        "FROM success_roadmaps r "
        "JOIN accounts a ON a.workspace_id = r.workspace_id AND a.id = r.account_id "
        "WHERE r.workspace_id = %(ws)s AND r.archived_at IS NULL AND strpos(r.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR r.id = ANY(ARRAY(SELECT search_success_roadmaps((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "roadmap_goal": (
        "SELECT 'roadmap_goal', g.id, g.title, a.name, strpos(g.search_text, (SELECT folded FROM sought)) "
        "FROM roadmap_goals g "
        "JOIN accounts a ON a.workspace_id = g.workspace_id AND a.id = g.account_id "
        "WHERE g.workspace_id = %(ws)s AND g.archived_at IS NULL AND strpos(g.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR g.id = ANY(ARRAY(SELECT search_roadmap_goals((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
    "reference_case": (
        "SELECT 'reference_case', r.id, coalesce(nullif(r.title_ja, ''), r.title_en), a.name, "
        "strpos(r.search_text, (SELECT folded FROM sought)) FROM reference_cases r "
        "JOIN accounts a ON a.workspace_id = r.workspace_id AND a.id = r.account_id "
        "WHERE r.workspace_id = %(ws)s AND r.state = 'approved' AND strpos(r.search_text, (SELECT folded FROM sought)) > 0 "
        "AND (length((SELECT folded FROM sought)) < 2 OR r.id = ANY(ARRAY(SELECT search_reference_cases((SELECT folded FROM sought), %(cap)s)))) "
        "LIMIT %(cap)s"
    ),
}
SCOPES: Final = {
    "account": "accounts:read",
    "contact": "contacts:read",
    "product": "products:read",
    "interaction": "interactions:read",
    "task": "tasks:read",
    "product_gap": "product_gaps:read",
    "program": "programs:read",
    "success_roadmap": "success_roadmaps:read",
    "roadmap_goal": "success_roadmaps:read",
    "reference_case": "reference_cases:read",
}


async def search(tx: Tx, text: str, kinds: Sequence[str], limit: int) -> bytes:
    """The records of these kinds that carry ``text``, as the JSON of a result; kinds the actor may not read are left out."""
    seen = [kind for kind in kinds if tx.actor.may(SCOPES[kind])]
    if not seen:
        return b'{"data":[]}'
    sources = " UNION ALL ".join(f"({_SOURCES[kind]})" for kind in seen)
    rows = await tx.fetch(
        "WITH sought AS MATERIALIZED (SELECT perennial_fold(%(text)s) AS folded) "  # noqa: S608
        "SELECT row_to_json(hit) FROM (SELECT kind, id, title, subtitle FROM ("
        f"{sources}) AS found (kind, id, title, subtitle, place) ORDER BY place, length(title), title, id LIMIT %(limit)s) AS hit",
        {"ws": tx.workspace_id, "text": text, "cap": _CANDIDATES, "limit": limit},
    )
    return b'{"data":[' + b",".join(row[0] for row in rows) + b"]}"
