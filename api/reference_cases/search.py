"""Finding cases: 「取り組みAをした時に、XXがYY%上がった顧客」, answered from the narrow table of entries.

What a query says becomes filters of :data:`~api.reference_cases.resource.ENTRIES`. A case has an entry for each
initiative and outcome; exactly one of those that match stands for it: the one with the initiative and metric asked for,
else the first. Words are looked up through the bigram index where few cases hold all of them; else the filters are
narrow enough to read all that match, or so many hold them that the order falls back to the improvement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.kit.db import Tx
from api.kit.problems import FORBIDDEN, FieldError, invalid
from api.kit.read import filters_of, find_page, ids_matching
from api.kit.schemas import Include, ListQuery, or_none
from api.reference_cases.case_schemas import CaseInclude, CaseSort, ReferenceCaseQuery, ReferenceCaseRead
from api.reference_cases.models import CaseState
from api.reference_cases.resource import ENTRIES, NUMBERS_OF_WORDS

SEES_DRAFTS: Final = "reference_drafts:read"
MOST_RANKED: Final = 2_000
"""More matches are not ranked: words that so many cases hold tell them apart no more."""

TERMS: Final = r"""
    SELECT (array_agg(word ORDER BY length(word) DESC, word))[1:%(most)s] AS terms FROM (
        SELECT DISTINCT word FROM regexp_split_to_table(perennial_fold(%(text)s), '\s+') AS word WHERE word <> ''
    ) AS words
"""
"""The distinct words of ``%(text)s``, the longest first, as ``terms``."""


@dataclass(frozen=True, slots=True)
class Library:
    """Where somebody looks for cases: a table of cases with their texts and one of entries."""

    cases: str
    """Those of the workspace at hand, as what stands behind FROM."""
    entries: str
    """The same of their entries, called ``e``: no fewer than are seen."""
    finder: str
    """The function that finds cases by the index of bigrams."""

    def words(self) -> str:
        """The statement that looks up words: themselves, whether many cases hold them all, how many do, and which."""
        # Of cases that one in forty holds, the first page of a scan in order is near its beginning.
        return f"""
            WITH sought AS MATERIALIZED ({TERMS}), probed AS MATERIALIZED (
                SELECT terms, length(terms[1]) < 2 OR 10 <= (
                    SELECT count(*) FROM (SELECT search_text FROM {self.cases} ORDER BY id LIMIT 400) AS first
                    WHERE NOT EXISTS (SELECT FROM unnest(terms) AS word WHERE strpos(first.search_text, word) = 0)
                ) AS common FROM sought
            )
            SELECT terms, common, count(found.id), coalesce(array_agg(found.id), '{{}}')::text
            FROM probed LEFT JOIN LATERAL {self.finder}(terms, CASE WHEN common THEN 0 ELSE %(cap)s END) AS found (id) ON true
            GROUP BY terms, common
        """  # noqa: S608

    def narrowness(self, values: Mapping[str, Any]) -> str:
        """The statement that counts the entries of a query without its words, up to one more than are ranked."""
        conditions = [_ENTRY_FILTERS[name] for name in sorted(values.keys() & _ENTRY_FILTERS.keys())]
        matching = " AND ".join([f"SELECT FROM {self.entries}", *conditions])
        return f"SELECT count(*) FROM ({matching} LIMIT {MOST_RANKED + 1}) AS narrowed"  # noqa: S608


OURS: Final = Library(
    "reference_cases WHERE workspace_id = %(ws)s", "reference_case_entries e WHERE e.workspace_id = %(ws)s",
    "find_reference_cases",
)  # fmt: skip
_ENTRY_FILTERS: Final = {
    "state": "e.state = %(state)s",
    "any_initiative": "e.initiative_no = 0",
    "any_metric": "e.outcome_no = 0",
    "one_initiative": "e.initiative_id = %(one_initiative)s",
    "initiative_key": "e.initiative_id = (SELECT id FROM initiatives WHERE workspace_id = %(ws)s AND key = %(initiative_key)s)",
    "one_metric": "e.metric_id = %(one_metric)s",
    "metric_key": "e.metric_id = (SELECT id FROM outcome_metrics WHERE workspace_id = %(ws)s AND key = %(metric_key)s)",
    "one_industry": "e.industry = %(one_industry)s",
    "min_improvement_pct": "e.improvement_sort >= %(min_improvement_pct)s",
}
"""What indexes of the entries can say of a query: no fewer match than the query itself."""
_CATALOGUES: Final = ("initiative", "metric")
_ENTRIES_BY_KEY: Final = """
SELECT 'initiative', key, id FROM initiatives WHERE workspace_id = %(ws)s AND key = ANY(%(initiative)s)
UNION ALL SELECT 'metric', key, id FROM outcome_metrics WHERE workspace_id = %(ws)s AND key = ANY(%(metric)s)
"""


class Holding(ListQuery):
    """The filters for words, one for each number of them."""

    holds_1: list[str] | MISSING = MISSING
    holds_2: list[str] | MISSING = MISSING
    holds_3: list[str] | MISSING = MISSING
    holds_4: list[str] | MISSING = MISSING
    holds_5: list[str] | MISSING = MISSING
    holds_6: list[str] | MISSING = MISSING
    holds_7: list[str] | MISSING = MISSING
    holds_8: list[str] | MISSING = MISSING


def holding(words: Sequence[str] | None) -> dict[str, Any]:
    """The filter for these words; none without a word."""
    return {f"holds_{len(words)}": words} if words else {}


def in_order(found: Mapping[str, Any], *, ranked: bool) -> str:
    """The order in which the words of :func:`holding` are best seen."""
    counts = [name.removeprefix("holds_") for name in found if name.startswith("holds_")]
    return f"-relevance_{counts[0]}" if ranked and counts else "-improvement"


class FoundCaseQuery(Holding):
    """A query for cases as the table of entries answers it."""

    state: str
    any_initiative: bool | MISSING = MISSING
    one_initiative: UUID | MISSING = MISSING
    initiative_key: str | MISSING = MISSING
    some_initiatives: list[UUID] | MISSING = MISSING
    any_metric: bool | MISSING = MISSING
    one_metric: UUID | MISSING = MISSING
    metric_key: str | MISSING = MISSING
    some_metrics: list[UUID] | MISSING = MISSING
    min_improvement_pct: float | MISSING = MISSING
    one_industry: str | MISSING = MISSING
    industry: list[str] | MISSING = MISSING
    employee_count_min: int | MISSING = MISSING
    employee_count_max: int | MISSING = MISSING
    origin: list[str] | MISSING = MISSING
    account_id: list[UUID] | MISSING = MISSING
    owner_id: list[UUID] | MISSING = MISSING
    listed_after: Any = MISSING
    listed_before: Any = MISSING
    among: str | MISSING = MISSING


async def applied(tx: Tx, query: ReferenceCaseQuery) -> FoundCaseQuery:
    """The query as filters of entries; drafts are for those who may see them, and keys are those of the catalogues."""
    filters = await _filters(tx, query)
    await refuse_unknown(tx, query)
    return filters


async def _filters(tx: Tx, query: ReferenceCaseQuery) -> FoundCaseQuery:
    if query.state is not CaseState.approved and not tx.actor.may(SEES_DRAFTS):
        raise FORBIDDEN(scope=SEES_DRAFTS)
    given = {name: getattr(query, name) for name in query.model_fields_set if getattr(query, name) is not MISSING}
    values: dict[str, Any] = {
        name: value for name, value in given.items() if name in FoundCaseQuery.model_fields and name != "include"
    }
    values["state"] = query.state.value
    if CaseInclude.total_count in (or_none(query.include) or ()):
        values["include"] = Include.total_count
    values |= await named(tx, given)
    if len(values.get("industry", ())) == 1:
        (values["one_industry"],) = values.pop("industry")
    sort = or_none(query.sort)
    if (text := or_none(query.q)) is not None:
        found, ranked = await holding_words(tx, OURS, values, text)
        values |= found
        sort = sort or CaseSort.relevance
    else:
        ranked = False
    if sort is CaseSort.relevance:
        values["sort"] = in_order(values, ranked=ranked)
    elif sort is None:
        values["sort"] = "-improvement" if {"initiative", "metric"} & given.keys() else "-listed_at"
    else:
        values["sort"] = sort.value
    return FoundCaseQuery.model_construct(_fields_set=set(values), **(_unset() | values))


def _unset() -> dict[str, Any]:
    return {name: field.default for name, field in FoundCaseQuery.model_fields.items()}


NOBODY: Final = UUID(int=0)
"""The id of no entry."""


async def named(tx: Tx, given: Mapping[str, Any], *, told: bool = True) -> dict[str, Any]:
    """The filters for the entries of both catalogues that a query names, by id or by key.

    Of several, a key that is not there is refused where the asker may be ``told`` so. A single one finds nothing, and so it
    is looked up by the query itself: :func:`refuse_unknown` says why.
    """
    names: dict[str, list[str]] = {what: list(dict.fromkeys(given.get(what, ()))) for what in _CATALOGUES}
    keys = {what: _keys(some) if len(some) > 1 else [] for what, some in names.items()}
    known = await _ids(tx, keys)
    if told:
        _refuse(keys, known)
    filters: dict[str, Any] = {}
    for what, some in names.items():
        if not some:
            filters[f"any_{what}"] = True
        elif len(some) > 1:
            filters[f"some_{what}s"] = [
                known.get((what, name), NOBODY) if "-" not in name else UUID(name) for name in some
            ]
        elif _keys(some):
            filters[f"{what}_key"] = some[0]
        else:
            filters[f"one_{what}"] = UUID(some[0])
    return filters


async def refuse_unknown(tx: Tx, query: ReferenceCaseQuery) -> None:
    """Refuse a query that names what the catalogues do not have."""
    keys = {what: _keys(or_none(getattr(query, what)) or ()) for what in _CATALOGUES}
    _refuse(keys, await _ids(tx, keys))


def _keys(names: Sequence[str]) -> list[str]:
    return [name for name in names if "-" not in name]


async def _ids(tx: Tx, keys: Mapping[str, Sequence[str]]) -> dict[tuple[str, str], UUID]:
    """The ids of those keys that are there."""
    if not any(keys.values()):
        return {}
    rows = await tx.fetch(_ENTRIES_BY_KEY, {"ws": tx.workspace_id, **keys})
    return {(what, key): entry_id for what, key, entry_id in rows}


def _refuse(keys: Mapping[str, Sequence[str]], known: Mapping[tuple[str, str], UUID]) -> None:
    errors = [
        FieldError(
            f"?{what}", "unknown_name", f"There is no `{key}` in the catalogue", f"カタログに `{key}` はありません"
        )
        for what, some in keys.items()
        for key in some
        if (what, key) not in known
    ]
    if errors:
        raise invalid(*errors)


async def holding_words(tx: Tx, library: Library, values: Mapping[str, Any], text: str) -> tuple[dict[str, Any], bool]:
    """The filters for the words of a text, and whether few enough cases match to rank them."""
    given = {
        **values, "text": text, "ws": tx.workspace_id, "partner_id": tx.actor.partner_id, "cap": MOST_RANKED + 1,
        "most": len(NUMBERS_OF_WORDS),
    }  # fmt: skip
    if all(values.keys() & {f"one_{what}", f"{what}_key"} for what in _CATALOGUES):
        both = f"SELECT sought.terms, ({library.narrowness(values)}) FROM ({TERMS}) AS sought"  # noqa: S608
        [(terms, narrow)] = await tx.fetch(both, given)
        if narrow <= MOST_RANKED:
            return holding(terms), True
    [(terms, common, found, ids)] = await tx.fetch(library.words(), given)
    if not common and found <= MOST_RANKED:
        return {"among": ids, **holding(terms)}, True
    [(narrow,)] = await tx.fetch(library.narrowness(values), given)
    return holding(terms), narrow <= MOST_RANKED


_FACETS: Final = {
    "initiative": """
        SELECT 'initiative', json_build_object('id', i.id, 'key', i.key, 'count', count(*)), count(*), i.key
        FROM matching JOIN reference_case_entries e
            ON e.workspace_id = %(ws)s AND e.case_id = matching.case_id AND e.outcome_no = 0
        JOIN initiatives i ON i.workspace_id = e.workspace_id AND i.id = e.initiative_id GROUP BY i.id, i.key
    """,
    "metric": """
        SELECT 'metric', json_build_object('id', m.id, 'key', m.key, 'count', count(*)), count(*), m.key
        FROM matching JOIN reference_case_entries e
            ON e.workspace_id = %(ws)s AND e.case_id = matching.case_id AND e.initiative_no = 0
        JOIN outcome_metrics m ON m.workspace_id = e.workspace_id AND m.id = e.metric_id GROUP BY m.id, m.key
    """,
    "industry": """
        SELECT 'industry', json_build_object('value', c.industry, 'count', count(*)), count(*), c.industry
        FROM matching JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = matching.case_id GROUP BY c.industry
    """,
    "size_band": """
        SELECT 'size_band', json_build_object('value', c.size_band, 'count', count(*)), count(*), c.size_band
        FROM matching JOIN reference_cases c ON c.workspace_id = %(ws)s AND c.id = matching.case_id GROUP BY c.size_band
    """,
}
_MOST_VALUES: Final = 50


async def facets(tx: Tx, query: FoundCaseQuery) -> bytes:
    """All matches counted by initiative, metric, industry and size, as JSON."""
    matching = await ids_matching(tx, ENTRIES, filters_of(query), "of_")
    counted = " UNION ALL ".join(
        f"(SELECT * FROM ({statement}) AS one (facet, item, n, name) ORDER BY n DESC, name LIMIT {_MOST_VALUES})"  # noqa: S608
        for statement in _FACETS.values()
    )
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            WITH matching AS MATERIALIZED (
                SELECT e.case_id FROM reference_case_entries e WHERE e.workspace_id = %(ws)s AND e.id IN ({matching.sql})
            )
            SELECT facet, json_agg(item ORDER BY n DESC, name) FROM ({counted}) AS counted GROUP BY facet
            """,  # noqa: S608
            {"ws": tx.workspace_id, **matching.constants},
        )
    found = dict(rows)
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), found.get(name, b"[]")) for name in _FACETS) + b"}"


async def list_cases(tx: Tx, query: ReferenceCaseQuery) -> tuple[bytes, str | None]:
    """One page of cases, and the cursor of the next."""
    wanted = await _filters(tx, query)
    found = await find_page(tx, ENTRIES, ReferenceCaseRead, wanted)
    if found.items == b"[]":
        await refuse_unknown(tx, query)
    body = found.body()
    if CaseInclude.facets in (or_none(query.include) or ()):
        body = body[:-1] + b',"facets":' + await facets(tx, wanted) + b"}"
    return body, found.next_cursor
