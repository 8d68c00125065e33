"""What was known of roadmaps, for health and for figures."""

from typing import Final

KNOWN_ROADMAPS: Final = """
SELECT * FROM (
    SELECT DISTINCT ON (roadmap_id) roadmap_id, account_id, day, state, archived, progress, status, covers_company,
        covers_department, covers_project
    FROM roadmap_progress WHERE workspace_id = %(ws)s AND day <= %(as_of)s AND recorded_at <= %(known_at)s {of_these}
    ORDER BY roadmap_id, day DESC, recorded_at DESC, id DESC
) AS latest WHERE state = 'active' AND NOT archived
"""
"""What each roadmap had come to by ``as_of``, as known at ``known_at``; drafts and those that were over do not count.

``{of_these}`` may narrow the accounts.
"""
