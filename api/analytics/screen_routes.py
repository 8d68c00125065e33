"""The screens over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.accounts.resource import ACCOUNTS
from api.analytics import screens, timeline
from api.analytics.screen_schemas import (
    AccountOverview,
    HistoryQuery,
    HistoryRead,
    PortfolioPage,
    PortfolioQuery,
    TimelinePage,
    TimelineQuery,
)
from api.auth.access import reads
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router

portfolio_router = resource_router("/portfolio", tag="portfolio")
account_router = resource_router("/accounts", tag="portfolio")

CanReadPortfolio = Annotated[Tx, reads("portfolio:read")]


@portfolio_router.get("", response_model=PortfolioPage, openapi_extra=ACCOUNTS.documented())
async def get_portfolio(tx: CanReadPortfolio, query: Annotated[PortfolioQuery, asked(PortfolioQuery)]) -> Response:
    """Accounts with revenue, renewal, health, and their MRR and scores of the last 12 weeks.

    The filters and orders are those of the list of accounts; `include=facets,sums` counts and adds up all matches.
    """
    body, following = await screens.portfolio(tx, query)
    return answers.with_next(tx, answers.represented(tx, body, None), following)


@account_router.get("/{account_id}/overview", response_model=AccountOverview)
async def get_account_overview(tx: CanReadPortfolio, account_id: UUID) -> Response:
    """An account at a glance: team, contacts, contracts, revenue, movements, phases, and health by its components."""
    return answers.represented(tx, await screens.overview(tx, account_id), None)


@account_router.get("/{account_id}/timeline", response_model=TimelinePage)
async def get_account_timeline(
    tx: CanReadPortfolio, account_id: UUID, query: Annotated[TimelineQuery, asked(TimelineQuery)]
) -> Response:
    """What happened to an account, newest first: phases, movements, contracts, decisions, people, health."""
    body, following = await timeline.timeline(tx, account_id, query)
    return answers.with_next(tx, answers.represented(tx, body, None), following)


@account_router.get("/{account_id}/history", response_model=HistoryRead)
async def get_account_history(
    tx: CanReadPortfolio, account_id: UUID, query: Annotated[HistoryQuery, asked(HistoryQuery)]
) -> Response:
    """An account's MRR, ARR, seats and health score over time, at the end of each day, week or month."""
    found = await screens.history(tx, account_id, query)
    return answers.represented(tx, found.model_dump_json(by_alias=True).encode(), None)
