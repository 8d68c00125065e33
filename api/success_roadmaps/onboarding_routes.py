"""The onboarding board over HTTP."""

from typing import Annotated

from starlette.responses import Response

from api.auth.access import reads
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.success_roadmaps.onboarding import ONBOARDINGS, onboarding_totals
from api.success_roadmaps.onboarding_schemas import (
    OnboardingPage,
    OnboardingQuery,
    OnboardingRead,
    OnboardingTotals,
    OnboardingTotalsQuery,
)

router = resource_router("/onboardings", tag="onboardings")

CanReadOnboardings = Annotated[Tx, reads("onboardings:read")]


@router.get("", response_model=OnboardingPage, openapi_extra=ONBOARDINGS.documented())
async def list_onboardings(
    tx: CanReadOnboardings, query: Annotated[OnboardingQuery, asked(OnboardingQuery)]
) -> Response:
    """The onboarding board, the next due first: the stage of each and since when, milestones, what blocks it."""
    return await answers.page(tx, ONBOARDINGS, OnboardingRead, query)


@router.get(":totals", response_model=OnboardingTotals)
async def get_onboarding_totals(
    tx: CanReadOnboardings, query: Annotated[OnboardingTotalsQuery, asked(OnboardingTotalsQuery)]
) -> Response:
    """The open onboardings counted: all, by status and by stage, with those that are overdue or blocked."""
    found = await onboarding_totals(tx, query)
    return answers.represented(tx, found.model_dump_json().encode(), None)
