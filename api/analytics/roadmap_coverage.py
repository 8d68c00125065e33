"""How many customers have a success roadmap under way, and whose goals are agreed; as known at any moment."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.analytics.attainment import labels_by, of_accounts
from api.analytics.questions import Breakdown, CustomersBreakdown, CustomersQuery
from api.analytics.retention import ratio, shown
from api.analytics.schemas import Basis, Ratio
from api.analytics.units import WINNERS, chosen
from api.auth.service import workspace_today
from api.kit import clock, schemas
from api.kit.db import Tx
from api.kit.schemas import Day, Read, or_none
from api.success_roadmaps.known import KNOWN_ROADMAPS
from api.success_roadmaps.models import RoadmapKind

ROADMAP_COVERAGE_DEFINITION: Final = 1


class RoadmapCoverageQuery(CustomersQuery):
    """The day to look at, and which roadmaps."""

    as_of: Day | MISSING = Field(default=MISSING, description="Today, unless given.")
    kind: list[RoadmapKind] | MISSING = Field(default=MISSING, description="Only roadmaps of these kinds.")
    by: CustomersBreakdown | MISSING = MISSING


class RoadmapCoverageFigures(Read):
    """Active accounts by what their roadmaps have come to; an account with several counts with the worst status."""

    active_accounts: int = Field(description="Accounts with MRR by the ledger at the end of the day.")
    with_roadmap: int = Field(description="Of them, those with a roadmap under way: neither a draft nor over.")
    coverage: Ratio
    with_agreed_goals: int = Field(
        description="Of them, those with a goal that is agreed, measurable and owned on both sides."
    )
    agreed_share: Ratio = Field(description="`with_agreed_goals` of `active_accounts`.")
    on_track: int
    at_risk: int
    off_track: int
    without_status: int = Field(description="Whose roadmaps say nothing yet of how they stand.")
    mean_progress: Ratio = Field(description="Mean of the accounts' mean progress, 0 to 1.")


class RoadmapCoveragePart(RoadmapCoverageFigures):
    """One part of a break-down."""

    key: str | None = Field(description="The value or the id that the part is of; null for accounts without one.")
    label: str | None = Field(description="Its name, where the key is an id.")


class RoadmapCoverageRead(Read):
    """How many active customers have a roadmap under way."""

    model_config = ConfigDict(
        json_schema_extra=schemas.shown(
            [
                {
                    "basis": ["logo"],
                    "as_of": "2026-11-22",
                    "known_at": None,
                    "definition_version": 1,
                    "total": {
                        "active_accounts": 120,
                        "with_roadmap": 90,
                        "coverage": 0.75,
                        "with_agreed_goals": 66,
                        "agreed_share": 0.55,
                        "on_track": 58,
                        "at_risk": 20,
                        "off_track": 10,
                        "without_status": 2,
                        "mean_progress": 0.41,
                    },
                    "parts": [],
                }
            ]
        )
    )

    basis: list[Basis]
    as_of: dt.date
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = ROADMAP_COVERAGE_DEFINITION
    total: RoadmapCoverageFigures
    parts: list[RoadmapCoveragePart] = Field(description="With `by`; they sum to the total.")


_UNITS: Final = f"""
{WINNERS}, roadmaps AS (
    SELECT coalesce(w.winner, k.account_id) AS account_id, count(*) AS under_way, avg(k.progress) AS progress,
        bool_or(k.covers_company OR k.covers_department OR k.covers_project) AS agreed,
        CASE WHEN bool_or(k.status = 'off_track') THEN 'off_track' WHEN bool_or(k.status = 'at_risk') THEN 'at_risk'
            WHEN bool_or(k.status = 'on_track') THEN 'on_track' END AS status
    FROM ({KNOWN_ROADMAPS.replace("{of_these}", "")}) AS k
    JOIN success_roadmaps r ON r.workspace_id = %(ws)s AND r.id = k.roadmap_id
    LEFT JOIN winners w ON w.id = k.account_id
    WHERE %(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s::text[])
    GROUP BY 1
), paying AS (
    SELECT DISTINCT unit FROM (
        SELECT coalesce(w.winner, m.account_id) AS unit FROM mrr_movements m LEFT JOIN winners w ON w.id = m.account_id
        WHERE m.workspace_id = %(ws)s AND m.effective_on <= %(as_of)s AND m.recorded_at <= %(known_at)s
        GROUP BY coalesce(w.winner, m.account_id), m.currency HAVING sum(m.amount_minor) > 0
    ) AS owed
), units AS (
    SELECT p.unit, r.under_way, r.progress, r.agreed, r.status FROM paying p LEFT JOIN roadmaps r ON r.account_id = p.unit
)"""  # noqa: S608
_COUNTS: Final = """
count(*), count(u.under_way), count(*) FILTER (WHERE u.agreed), count(*) FILTER (WHERE u.status = 'on_track'),
count(*) FILTER (WHERE u.status = 'at_risk'), count(*) FILTER (WHERE u.status = 'off_track'),
count(*) FILTER (WHERE u.under_way > 0 AND u.status IS NULL), avg(u.progress)
"""


async def roadmap_coverage(tx: Tx, query: RoadmapCoverageQuery) -> RoadmapCoverageRead:
    """Coverage at the end of a day, in total and by part."""
    as_of, by = or_none(query.as_of) or await workspace_today(tx), or_none(query.by)
    named = of_accounts(query, "segment_id", "owner_id", "phase")
    which = await chosen(tx, named, as_of, None if by is None else Breakdown(by.value))
    kinds = or_none(query.kind)
    async with tx.joining_many():
        rows = await tx.fetch(
            f"""
            WITH RECURSIVE {", ".join([_UNITS, *which.steps])}, parts AS (
                SELECT ({which.part})::text AS part, u.* FROM units u {" ".join(which.joins)} {which.where}
            )
            SELECT grouping(u.part), u.part, {_COUNTS} FROM parts u
            GROUP BY GROUPING SETS ((u.part), ()) ORDER BY u.part NULLS LAST
            """,  # noqa: S608
            {
                "ws": tx.workspace_id, "as_of": as_of, "known_at": or_none(query.known_at) or clock.now(),
                "kinds": kinds and [kind.value for kind in kinds], **which.parameters,
            },
        )  # fmt: skip
    (total,) = [counts for whole, _, *counts in rows if whole]
    parts = {key: counts for whole, key, *counts in rows if not whole} if by else {}
    labels = {} if by is None else await labels_by(tx, by.value, [key for key in parts if key is not None])
    return RoadmapCoverageRead(
        basis=[Basis.logo],
        as_of=as_of,
        known_at=or_none(query.known_at),
        total=RoadmapCoverageFigures(**_figures(total)),
        parts=[
            RoadmapCoveragePart(key=key, label=labels.get(key or ""), **_figures(counts))
            for key, counts in parts.items()
        ],
    )


def _figures(counts: Sequence[Any]) -> dict[str, Any]:
    active, under_way, agreed, on_track, at_risk, off_track, unsaid, progress = counts
    return {
        "active_accounts": active,
        "with_roadmap": under_way,
        "coverage": shown(ratio(under_way, active)),
        "with_agreed_goals": agreed,
        "agreed_share": shown(ratio(agreed, active)),
        "on_track": on_track,
        "at_risk": at_risk,
        "off_track": off_track,
        "without_status": unsaid,
        "mean_progress": None if progress is None else float(progress),
    }
