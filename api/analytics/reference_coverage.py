"""How many customers we may refer to: active accounts with a consent in force, of all active ones."""

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import MISSING, AwareDatetime, ConfigDict, Field

from api.analytics.retention import ratio, shown
from api.analytics.schemas import Basis, Ratio
from api.auth.service import workspace_now
from api.kit import clock, schemas
from api.kit.db import Tx
from api.kit.schemas import Day, Input, Read, or_none
from api.reference_cases.consent_models import Act
from api.reference_cases.settings import CONFIGURATION
from api.reference_cases.visibility import in_force

COVERAGE_DEFINITION: Final = 1


class ReferenceCoverageQuery(Input):
    """As of which day."""

    as_of: Day | MISSING = Field(default=MISSING, description="Today, unless given.")


class ActCoverage(Read):
    """How many active accounts agreed to an act."""

    act: Act
    accounts: int


class ReferenceCoverageRead(Read):
    """Active accounts with a consent in force, of all active ones; as known now."""

    model_config = ConfigDict(
        json_schema_extra=schemas.shown(
            [
                {
                    "basis": "logo",
                    "as_of": "2026-11-22",
                    "known_at": None,
                    "definition_version": 1,
                    "active_accounts": 120,
                    "with_consent": 45,
                    "coverage": 0.375,
                    "goal": 0.35,
                    "goal_met": True,
                    "by_act": [{"act": "search", "accounts": 45}, {"act": "call", "accounts": 18}],
                    "available_now": 12,
                }
            ]
        )
    )

    basis: Basis = Basis.logo
    as_of: dt.date
    known_at: AwareDatetime | None = Field(description="Null: as known now.")
    definition_version: int = COVERAGE_DEFINITION
    active_accounts: int = Field(description="Accounts with MRR by the ledger at the end of the day.")
    with_consent: int = Field(description="Of them, those with any consent in force, whatever its audience.")
    coverage: Ratio
    goal: float
    goal_met: bool
    by_act: list[ActCoverage]
    available_now: int | None = Field(
        description="Those that could be asked for a call, a visit or a talk today: agreed, not asked often lately, no "
        "renewal soon, health not in a blocking band. Null for other days than today."
    )


_COVERAGE: Final = f"""
WITH active AS (
    SELECT a.id FROM accounts a JOIN (
        SELECT DISTINCT account_id FROM (
            SELECT m.account_id FROM mrr_movements m WHERE m.workspace_id = %(ws)s AND m.effective_on <= %(day)s
            GROUP BY m.account_id, m.currency HAVING sum(m.amount_minor) > 0
        ) AS paying
    ) AS p ON p.account_id = a.id WHERE a.workspace_id = %(ws)s AND a.merged_into_id IS NULL
), agreed AS (
    SELECT k.account_id, act FROM reference_consents k CROSS JOIN LATERAL unnest(k.acts) AS act
    WHERE k.workspace_id = %(ws)s AND {in_force()}
), counted AS (
    SELECT g.act, count(DISTINCT g.account_id) AS accounts FROM agreed g JOIN active ON active.id = g.account_id
    GROUP BY GROUPING SETS ((g.act), ())
)
SELECT (SELECT count(*) FROM active), (SELECT accounts FROM counted WHERE act IS NULL),
    (SELECT coalesce(json_object_agg(act, accounts), '{{}}'::json)::jsonb FROM counted WHERE act IS NOT NULL),
    (SELECT count(*) FROM active JOIN account_standing s ON s.workspace_id = %(ws)s AND s.account_id = active.id
        WHERE EXISTS (SELECT FROM agreed g WHERE g.account_id = active.id AND g.act IN ('call', 'visit', 'speak'))
        AND coalesce(s.health_band, '') <> ALL(%(bands)s::text[])
        AND coalesce(s.renewal_on > %(renewal_until)s, true)
        AND %(times)s > (
            SELECT count(*) FROM reference_asks g WHERE g.workspace_id = %(ws)s AND g.account_id = active.id
            AND g.state <> 'released' AND g.reserved_at > %(at)s - make_interval(days => %(days)s)
        )
    )
"""  # noqa: S608


async def coverage(tx: Tx, query: ReferenceCoverageQuery) -> ReferenceCoverageRead:
    """Coverage as of a day, and who could be asked today."""
    now = await workspace_now(tx)
    day = or_none(query.as_of) or now.date()
    settings = await CONFIGURATION.read(tx)
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), now.tzinfo or ZoneInfo("UTC"))
    [(active, agreed, by_act, available)] = await tx.fetch(
        _COVERAGE,
        {
            "ws": tx.workspace_id,
            "day": day,
            "at": min(end, clock.now()),
            "bands": list(settings.blocking_bands),
            "renewal_until": day + dt.timedelta(days=settings.renewal_days),
            "times": settings.asks_per_account,
            "days": settings.asks_per_account_days,
        },
    )
    share = shown(ratio(agreed, active))
    return ReferenceCoverageRead(
        as_of=day,
        known_at=None,
        active_accounts=active,
        with_consent=agreed,
        coverage=share,
        goal=settings.coverage_goal,
        goal_met=share is not None and share >= settings.coverage_goal,
        by_act=[ActCoverage(act=act, accounts=by_act.get(act.value, 0)) for act in Act],
        available_now=available if day == now.date() else None,
    )
