"""What a roadmap's tree shows of the signals that are attached to it."""

from typing import Final

from api.success_roadmaps.tree import FROM_ABOVE, TreePart

_ATTACHED: Final = """
SELECT coalesce(json_agg(json_build_object('id', s.id, 'kind', s.kind, 'category', s.category, 'severity', s.severity,
    'status', s.status, 'title', s.title, 'url', s.url, 'source', s.source, 'occurred_on', s.occurred_on,
    'first_seen_at', to_char(timezone('UTC', s.first_seen_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    ORDER BY s.first_seen_at DESC, s.id DESC), '[]')
FROM signals_of_roadmaps a JOIN signals s ON s.workspace_id = a.workspace_id AND s.id = a.signal_id
WHERE a.workspace_id = %(workspace_id)s AND s.workspace_id = %(workspace_id)s AND a.roadmap_id = %(roadmap)s
"""
FROM_ABOVE["signals"] = TreePart(_ATTACHED, scope="signals:read")
