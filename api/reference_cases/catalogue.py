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

_TOLD: Final = frozenset({"key", "name_ja", "name_en", "synonyms", "unit"})
AT_ONCE: Final = 500
"""Cases that tell an entry's new names within the request that gives them; of more it takes a job."""

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

_INITIATIVES: Final = """(
    SELECT coalesce(json_agg(
        (SELECT row_to_json(shown) FROM (SELECT i.id, i.key, i.name_ja, i.name_en) AS shown) ORDER BY e.initiative_no
    ), '[]')
    FROM reference_case_entries e JOIN initiatives i ON i.workspace_id = e.workspace_id AND i.id = e.initiative_id
    WHERE e.workspace_id = c.workspace_id AND e.case_id = c.id AND e.outcome_no = 0
)"""
_OUTCOMES: Final = """(
    SELECT coalesce(json_agg((
        SELECT row_to_json(shown) FROM (
            SELECT o.metric_id, m.key, m.name_ja, m.name_en, m.unit, m.direction, o.baseline, o.result, o.change_pct,
                o.improvement_pct
        ) AS shown
    ) ORDER BY o.place), '[]')
    FROM reference_case_outcomes o JOIN outcome_metrics m ON m.workspace_id = o.workspace_id AND m.id = o.metric_id
    WHERE o.workspace_id = c.workspace_id AND o.case_id = c.id
)"""
TOLD: Final = f"""
UPDATE reference_cases c SET catalogue_text = {CATALOGUE_TEXT}, initiatives = {_INITIATIVES}, outcomes = {_OUTCOMES}
WHERE c.workspace_id = %(ws)s
"""  # noqa: S608
"""Writes what cases ``c`` tell of the catalogues; which cases is to be added."""

_NAMING: Final = """
    SELECT e.case_id FROM reference_case_entries e
    WHERE e.workspace_id = %(ws)s AND (e.initiative_id = %(id)s OR e.metric_id = %(id)s)
"""
_REFRESH: Final = f"{TOLD} AND c.id IN ({_NAMING})"
_MANY: Final = (
    f"SELECT count(*) > %(most)s FROM (SELECT DISTINCT case_id FROM ({_NAMING}) AS one LIMIT %(most)s + 1) AS few"  # noqa: S608
)


async def create_initiative(tx: Tx, values: Mapping[str, Any]) -> Initiative:
    """Add an initiative."""
    return await write.create(tx, INITIATIVES, Initiative, values)


async def update_initiative(tx: Tx, initiative_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change an initiative; cases tell its new names, and searches know them, at once or soon."""
    initiative = await write.lock(tx, INITIATIVES, Initiative, initiative_id, version=version)
    await _learn(tx, initiative_id, await write.change(tx, INITIATIVES, initiative, values))


async def create_metric(tx: Tx, values: Mapping[str, Any]) -> OutcomeMetric:
    """Add a metric."""
    return await write.create(tx, OUTCOME_METRICS, OutcomeMetric, values)


async def update_metric(tx: Tx, metric_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a metric; cases tell its new names, and searches know them, at once or soon."""
    metric = await write.lock(tx, OUTCOME_METRICS, OutcomeMetric, metric_id, version=version)
    await _learn(tx, metric_id, await write.change(tx, OUTCOME_METRICS, metric, values))


async def _learn(tx: Tx, entry_id: UUID, changed: list[str]) -> None:
    if not _TOLD & set(changed):
        return
    await tx.flush()
    [(many,)] = await tx.fetch(_MANY, {"ws": tx.workspace_id, "id": entry_id, "most": AT_ONCE})
    if not many:
        await refresh_words(tx, entry_id)
    # Of few cases too: one that is approved at this moment still reads the old names.
    await jobs.defer(tx, learn_words, workspace_id=str(tx.workspace_id), entry_id=str(entry_id))


_REFRESH_PARTNERS: Final = """
UPDATE partner_reference_cases r SET catalogue_text = c.catalogue_text FROM reference_cases c
WHERE r.workspace_id = %(ws)s AND c.workspace_id = %(ws)s AND c.id = r.case_id AND r.catalogue_text <> c.catalogue_text
"""


async def refresh_words(tx: Tx, entry_id: UUID) -> int:
    """Let all cases that name an entry of the catalogue tell its present names and be found by them; how many there are."""
    found = await tx.execute(_REFRESH, {"ws": tx.workspace_id, "id": entry_id})
    await tx.execute(_REFRESH_PARTNERS, {"ws": tx.workspace_id})
    return found


@jobs.job("reference_cases.learn_words")
async def learn_words(database: Database, workspace_id: str, entry_id: str) -> None:
    """Let cases tell an entry's new names and be found by them."""
    async with database.write(UUID(workspace_id)) as tx:
        await refresh_words(tx, UUID(entry_id))
