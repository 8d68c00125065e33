"""Analytics over HTTP."""

from typing import Annotated, Any, Final

from pydantic import BaseModel
from starlette.responses import Response

from api.analytics import attainment, distribution, economics, retained, series, survey_scores, touch
from api.analytics.economics_schemas import (
    RenewalRatesQuery,
    RenewalRatesRead,
    UnitEconomicsQuery,
    UnitEconomicsRead,
)
from api.analytics.health_schemas import (
    AttainmentQuery,
    AttainmentRead,
    DistributionQuery,
    DistributionRead,
    HitRateQuery,
    HitRateRead,
    TransitionsQuery,
    TransitionsRead,
)
from api.analytics.questions import CohortQuery, RetentionQuery, SeriesQuery
from api.analytics.reference_coverage import ReferenceCoverageQuery, ReferenceCoverageRead, coverage
from api.analytics.roadmap_coverage import RoadmapCoverageQuery, RoadmapCoverageRead, roadmap_coverage
from api.analytics.schemas import CohortsRead, MovementsRead, RetentionRead
from api.analytics.survey_schemas import SurveyScoresQuery, SurveyScoresRead
from api.analytics.touch_schemas import TouchQuery, TouchRead
from api.auth.access import reads
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router

router = resource_router("/analytics", tag="analytics")

CanReadAnalytics = Annotated[Tx, reads("analytics:read")]

# The rate of a currency may be missing.
_CONVERTS: Final[dict[int | str, dict[str, Any]]] = {409: {"$ref": "#/components/responses/Problem409"}}


@router.get("/retention", response_model=RetentionRead, responses=_CONVERTS)
async def get_retention(tx: CanReadAnalytics, query: Annotated[RetentionQuery, asked(RetentionQuery)]) -> Response:
    """NRR, GRR, churn and quick ratio of a period, in total and broken down.

    Both ends are converted at the exchange rates of the opening day. Accounts without MRR at the opening stay out of
    NRR, GRR and churn. Whole months of everything, as known now, are read from rollups.
    """
    return shown(tx, await retained.retention(tx, query))


@router.get("/movements", response_model=MovementsRead, responses=_CONVERTS)
async def get_movements(tx: CanReadAnalytics, query: Annotated[SeriesQuery, asked(SeriesQuery)]) -> Response:
    """What each month moved, by type. Each month is converted at the exchange rates of its own opening."""
    return shown(tx, await series.movements(tx, query))


@router.get("/cohorts", response_model=CohortsRead, responses=_CONVERTS)
async def get_cohorts(tx: CanReadAnalytics, query: Annotated[CohortQuery, asked(CohortQuery)]) -> Response:
    """Accounts and MRR that are left, month by month, of those who first paid in the same month."""
    return shown(tx, await series.cohorts(tx, query))


@router.get("/renewal-rates", response_model=RenewalRatesRead, responses=_CONVERTS)
async def get_renewal_rates(
    tx: CanReadAnalytics, query: Annotated[RenewalRatesQuery, asked(RenewalRatesQuery)]
) -> Response:
    """What was renewed of what came up for renewal: gross, net and by count. Undecided terms count as due.

    Terms, their decisions and prices count as they had been recorded by `known_at`; currencies are converted at the
    rates of the opening day as known then.
    """
    return shown(tx, await economics.renewal_rates(tx, query))


@router.get("/unit-economics", response_model=UnitEconomicsRead, responses=_CONVERTS)
async def get_unit_economics(
    tx: CanReadAnalytics, query: Annotated[UnitEconomicsQuery, asked(UnitEconomicsQuery)]
) -> Response:
    """ARPA, life-time value, acquisition cost and payback, with the acquisition costs that the workspace stated."""
    return shown(tx, await economics.unit_economics(tx, query))


@router.get("/health-target-attainment", response_model=AttainmentRead)
async def get_health_target_attainment(
    tx: CanReadAnalytics, query: Annotated[AttainmentQuery, asked(AttainmentQuery)]
) -> Response:
    """Health targets met of those judged, by their due day. What is still pending, and what was withdrawn, is apart."""
    return shown(tx, await attainment.attainment(tx, query))


@router.get("/health-distribution", response_model=DistributionRead)
async def get_health_distribution(
    tx: CanReadAnalytics, query: Annotated[DistributionQuery, asked(DistributionQuery)]
) -> Response:
    """Customers by health band, as of a week. Those without a score are apart."""
    return shown(tx, await distribution.distribution(tx, query))


@router.get("/health-transitions", response_model=TransitionsRead)
async def get_health_transitions(
    tx: CanReadAnalytics, query: Annotated[TransitionsQuery, asked(TransitionsQuery)]
) -> Response:
    """How many customers went from which health band to which, between two weeks."""
    return shown(tx, await distribution.transitions(tx, query))


@router.get("/approach-hit-rate", response_model=HitRateRead)
async def get_approach_hit_rate(tx: CanReadAnalytics, query: Annotated[HitRateQuery, asked(HitRateQuery)]) -> Response:
    """Tasks from approach scores that were completed as succeeded, of all completed in a period."""
    return shown(tx, await attainment.hit_rate(tx, query))


@router.get("/survey-scores", response_model=SurveyScoresRead)
async def get_survey_scores(
    tx: CanReadAnalytics, query: Annotated[SurveyScoresQuery, asked(SurveyScoresQuery)]
) -> Response:
    """NPS, CSAT or CES of a period, in total, by month and broken down by what the account was when it answered.

    Each score comes with the number of answers, the response rate, its standard error and 95 % interval, and whether
    the sample suffices.
    """
    return shown(tx, await survey_scores.survey_scores(tx, query))


@router.get("/touch", response_model=TouchRead)
async def get_touch(tx: CanReadAnalytics, query: Annotated[TouchQuery, asked(TouchQuery)]) -> Response:
    """How customers are met: QBR coverage by quarter, meetings recorded, and how long ago their executives were met.

    Interactions count as they were known at `known_at`; active accounts are those with MRR by the ledger as known then.
    """
    return shown(tx, await touch.touch(tx, query))


@router.get("/reference-coverage", response_model=ReferenceCoverageRead)
async def get_reference_coverage(
    tx: CanReadAnalytics, query: Annotated[ReferenceCoverageQuery, asked(ReferenceCoverageQuery)]
) -> Response:
    """Active customers with a consent in force, of all active ones, against the goal; who could be asked today is apart."""
    return shown(tx, await coverage(tx, query))


@router.get("/roadmap-coverage", response_model=RoadmapCoverageRead)
async def get_roadmap_coverage(
    tx: CanReadAnalytics, query: Annotated[RoadmapCoverageQuery, asked(RoadmapCoverageQuery)]
) -> Response:
    """Active customers with a roadmap under way, of all active ones, by how it stands and whether goals are agreed."""
    return shown(tx, await roadmap_coverage(tx, query))


def shown(tx: Tx, found: BaseModel) -> Response:
    """An answer as JSON."""
    return answers.represented(tx, found.model_dump_json(by_alias=True).encode(), None)
