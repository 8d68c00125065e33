"""The catalogues of initiatives and outcome metrics, and how searches know their words."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel import col

from api.kit import jobs, write
from api.kit.db import Database, Tx
from api.kit.resources import Resource
from api.reference_cases.models import Initiative, OutcomeMetric

INITIATIVES: Final = Resource("initiative", Initiative, sorts={"key": col(Initiative.key)})
OUTCOME_METRICS: Final = Resource("outcome_metric", OutcomeMetric, sorts={"key": col(OutcomeMetric.key)})

_WORDS: Final = frozenset({"name_ja", "name_en", "synonyms"})

CATALOGUE_TEXT: Final = """(
    SELECT coalesce(perennial_fold(string_agg(words, E'\\n' ORDER BY words)), '') FROM (
        SELECT concat_ws(E'\\n', i.name_ja, i.name_en, array_to_string(i.synonyms, E'\\n')) AS words
        FROM reference_case_entries e
        JOIN initiatives i ON i.workspace_id = e.workspace_id AND i.id = e.initiative_id
        WHERE e.workspace_id = c.workspace_id AND e.case_id = c.id AND e.outcome_no = 0
        UNION ALL
        SELECT concat_ws(E'\\n', m.name_ja, m.name_en, array_to_string(m.synonyms, E'\\n'))
        FROM reference_case_outcomes o
        JOIN outcome_metrics m ON m.workspace_id = o.workspace_id AND m.id = o.metric_id
        WHERE o.workspace_id = c.workspace_id AND o.case_id = c.id
    ) AS named
)"""
"""The names and synonyms, in both languages, of what case ``c`` names."""

_REFRESH: Final = f"""
UPDATE reference_cases c SET catalogue_text = {CATALOGUE_TEXT} WHERE c.workspace_id = %(ws)s AND c.id IN (
    SELECT e.case_id FROM reference_case_entries e
    WHERE e.workspace_id = %(ws)s AND (e.initiative_id = %(id)s OR e.metric_id = %(id)s)
)
"""  # noqa: S608


async def create_initiative(tx: Tx, values: Mapping[str, Any]) -> Initiative:
    """Add an initiative."""
    return await write.create(tx, INITIATIVES, Initiative, values)


async def update_initiative(tx: Tx, initiative_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change an initiative; searches know its new words soon."""
    initiative = await write.lock(tx, INITIATIVES, Initiative, initiative_id, version=version)
    await _learn(tx, initiative_id, await write.change(tx, INITIATIVES, initiative, values))


async def create_metric(tx: Tx, values: Mapping[str, Any]) -> OutcomeMetric:
    """Add a metric."""
    return await write.create(tx, OUTCOME_METRICS, OutcomeMetric, values)


async def update_metric(tx: Tx, metric_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a metric; searches know its new words soon."""
    metric = await write.lock(tx, OUTCOME_METRICS, OutcomeMetric, metric_id, version=version)
    await _learn(tx, metric_id, await write.change(tx, OUTCOME_METRICS, metric, values))


async def _learn(tx: Tx, entry_id: UUID, changed: list[str]) -> None:
    if _WORDS & set(changed):
        await jobs.defer(tx, learn_words, workspace_id=str(tx.workspace_id), entry_id=str(entry_id))


_REFRESH_PARTNERS: Final = """
UPDATE partner_reference_cases r SET catalogue_text = c.catalogue_text FROM reference_cases c
WHERE r.workspace_id = %(ws)s AND c.workspace_id = %(ws)s AND c.id = r.case_id AND r.catalogue_text <> c.catalogue_text
"""


async def refresh_words(tx: Tx, entry_id: UUID) -> int:
    """Let all cases that name an entry of the catalogue be found by its present words; how many there are."""
    found = await tx.execute(_REFRESH, {"ws": tx.workspace_id, "id": entry_id})
    await tx.execute(_REFRESH_PARTNERS, {"ws": tx.workspace_id})
    return found


@jobs.job("reference_cases.learn_words")
async def learn_words(database: Database, workspace_id: str, entry_id: str) -> None:
    """Let cases be found by an entry's new words."""
    async with database.write(UUID(workspace_id)) as tx:
        await refresh_words(tx, UUID(entry_id))
