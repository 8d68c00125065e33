"""How ``q`` is answered: through the bigram index where few rows match, by a scan in sort order where many do."""

from typing import Final

from api.kit.db import Tx
from api.kit.resources import Resource

MOST_CANDIDATES: Final = 30_000
"""Fewer are faster to sort than to scan for: by name, all Japanese names come after half a million Latin ones."""
FEW_CANDIDATES: Final = 1_000
"""Fewer are collected and sorted before anything else could be found out."""

# A tenth of the first rows is a common text: for it the index would collect much of the workspace before its first row.
# The ids stay text, since they only go back into the next statement.
_SEARCH: Final = """
    WITH sought AS MATERIALIZED (SELECT perennial_fold(%(text)s) AS folded), probed AS MATERIALIZED (
        SELECT folded, 20 <= (
            SELECT count(*) FROM (
                SELECT search_text FROM {table} WHERE workspace_id = %(workspace_id)s ORDER BY id LIMIT 200
            ) AS first WHERE strpos(first.search_text, folded) > 0
        ) AS common FROM sought
    )
    SELECT folded, common, count(found.id), coalesce(array_agg(found.id), '{{}}')::text
    FROM probed LEFT JOIN LATERAL search_{table}(folded, CASE WHEN common THEN 0 ELSE %(cap)s END) AS found (id) ON true
    GROUP BY folded, common
"""


async def finding(tx: Tx, resource: Resource, text: str, *, few: bool = False) -> dict[str, object]:
    """The filter that finds ``text``: candidates by id (only a ``few``, if told so), or the text to scan for."""
    most = min(FEW_CANDIDATES, MOST_CANDIDATES) if few else MOST_CANDIDATES
    statement = _SEARCH.format(table=resource.table.name)
    parameters = {"text": text, "workspace_id": tx.workspace_id, "cap": most + 1}
    [(folded, common, found, ids)] = await tx.fetch(statement, parameters)
    indexed = len(folded) > 1 and not common and found <= most
    return {"id_among": ids} if indexed else {"q_within": folded}
