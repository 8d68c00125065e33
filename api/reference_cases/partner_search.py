"""Finding what a partner may see: every statement reads the partner's own two tables, behind one condition."""

from typing import Any, Final
from uuid import UUID

from pydantic import MISSING

from api.kit.db import Tx
from api.kit.read import filters_of, find_page, ids_matching
from api.kit.schemas import Include, or_none
from api.reference_cases.case_schemas import CaseInclude
from api.reference_cases.partner_resource import PARTNER_ENTRIES, seen_by
from api.reference_cases.partner_rows import CROWD
from api.reference_cases.partner_schemas import PartnerCaseSort, PartnerReferenceCaseQuery, PartnerReferenceCaseRead
from api.reference_cases.search import Holding, Library, holding_words, in_order, named

# As for our own people; the function looks into the rows of the transaction's partner only.
_THEIRS: Final = Library(
    "partner_reference_cases WHERE workspace_id = %(ws)s AND partner_id = %(partner_id)s",
    "partner_case_entries e WHERE e.workspace_id = %(ws)s AND e.partner_id = %(partner_id)s",
    "find_partner_reference_cases",
)


class FoundPartnerCaseQuery(Holding):
    """A partner's query as the table of entries answers it."""

    any_initiative: bool | MISSING = MISSING
    one_initiative: UUID | MISSING = MISSING
    initiative_key: str | MISSING = MISSING
    some_initiatives: list[UUID] | MISSING = MISSING
    any_metric: bool | MISSING = MISSING
    one_metric: UUID | MISSING = MISSING
    metric_key: str | MISSING = MISSING
    some_metrics: list[UUID] | MISSING = MISSING
    min_improvement_pct: float | MISSING = MISSING
    industry: list[str] | MISSING = MISSING
    size_band: list[str] | MISSING = MISSING
    among: str | MISSING = MISSING


async def applied(tx: Tx, query: PartnerReferenceCaseQuery) -> FoundPartnerCaseQuery:
    """The query as filters of entries."""
    given = {name: getattr(query, name) for name in query.model_fields_set if getattr(query, name) is not MISSING}
    values: dict[str, Any] = {
        name: value for name, value in given.items() if name in FoundPartnerCaseQuery.model_fields and name != "include"
    }
    if CaseInclude.total_count in (or_none(query.include) or ()):
        values["include"] = Include.total_count
    values |= await named(tx, given, told=False)
    ranked = False
    if (text := or_none(query.q)) is not None:
        found, ranked = await holding_words(tx, _THEIRS, values, text)
        values |= found
    sort = or_none(query.sort) or (PartnerCaseSort.relevance if ranked else PartnerCaseSort.improvement_down)
    if sort is PartnerCaseSort.relevance:
        values["sort"] = in_order(values, ranked=ranked)
    else:
        values["sort"] = sort.value
    unset = {name: field.default for name, field in FoundPartnerCaseQuery.model_fields.items()}
    return FoundPartnerCaseQuery.model_construct(_fields_set=set(values), **(unset | values))


_FACETS: Final = {
    **{
        facet: f"""
            SELECT '{facet}', json_build_object('id', n.id, 'key', n.key, 'count', count(*)), count(*), n.key
            FROM matching JOIN partner_case_entries e ON e.workspace_id = %(ws)s AND e.id = matching.id AND {seen_by("e")}
            AND e.{only} = 0 JOIN {catalogue} n ON n.workspace_id = e.workspace_id AND n.id = e.{facet}_id
            GROUP BY n.id, n.key HAVING count(*) >= {CROWD}
        """  # noqa: S608
        for facet, only, catalogue in (
            ("initiative", "outcome_no", "initiatives"),
            ("metric", "initiative_no", "outcome_metrics"),
        )
    },
    **{
        facet: f"""
            SELECT '{facet}', json_build_object('value', e.{facet}, 'count', count(*)), count(*), e.{facet}
            FROM matching JOIN partner_case_entries e ON e.workspace_id = %(ws)s AND e.id = matching.id AND {seen_by("e")}
            AND e.initiative_no = 0 AND e.outcome_no = 0
            GROUP BY e.{facet} HAVING count(*) >= {CROWD}
        """  # noqa: S608
        for facet in ("industry", "size_band")
    },
}
_MOST_VALUES: Final = 50


async def facets(tx: Tx, query: FoundPartnerCaseQuery) -> bytes:
    """All matches counted by initiative, metric, industry and size, as JSON; what too few share is left out."""
    matching = await ids_matching(tx, PARTNER_ENTRIES, filters_of(query), "of_")
    counted = " UNION ALL ".join(
        f"(SELECT * FROM ({statement}) AS one (facet, item, n, name) ORDER BY n DESC, name LIMIT {_MOST_VALUES})"  # noqa: S608
        for statement in _FACETS.values()
    )
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            WITH matching (id) AS MATERIALIZED ({matching.sql})
            SELECT facet, json_agg(item ORDER BY n DESC, name) FROM ({counted}) AS counted GROUP BY facet
            """,  # noqa: S608
            {
                "ws": tx.workspace_id, "partner_id": tx.actor.partner_id, "now": matching.constants["of_now"],
                **matching.constants,
            },
        )  # fmt: skip
    found = dict(rows)
    return b"{" + b",".join(b'"%s":%s' % (name.encode(), found.get(name, b"[]")) for name in _FACETS) + b"}"


async def list_partner_cases(tx: Tx, query: PartnerReferenceCaseQuery) -> tuple[bytes, str | None]:
    """One page of what the partner sees, and the cursor of the next."""
    wanted = await applied(tx, query)
    found = await find_page(tx, PARTNER_ENTRIES, PartnerReferenceCaseRead, wanted)
    body = found.body()
    if CaseInclude.facets in (or_none(query.include) or ()):
        body = body[:-1] + b',"facets":' + await facets(tx, wanted) + b"}"
    return body, found.next_cursor
