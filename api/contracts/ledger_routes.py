"""The ledger, the renewal board, exchange rates and an account's figures over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.contracts import exchange_rates, figures, renewals
from api.contracts.ledger_schemas import (
    ExchangeRatePage,
    ExchangeRateQuery,
    ExchangeRateRead,
    ExchangeRateWrite,
    MovementPage,
    MovementQuery,
    MovementRead,
    MrrQuery,
    MrrRead,
    WhitespaceRead,
)
from api.contracts.renewal_schemas import RenewalRead, RenewalTotals, RenewalTotalsQuery, RenewalUpdate
from api.contracts.resource import EXCHANGE_RATES, MOVEMENTS, TERMS
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import CurrencyCode, Day, ItemQuery, or_none

movement_router = resource_router("/mrr-movements", tag="ledger")
rate_router = resource_router("/exchange-rates", tag="ledger")
renewal_router = resource_router("/renewals", tag="renewals")
account_router = resource_router("/accounts", tag="ledger")

CanReadContracts = Annotated[Tx, reads("contracts:read")]
CanWriteContracts = Annotated[Tx, writes("contracts:write")]
CanConfigureContracts = Annotated[Tx, writes("contracts:configure")]


@movement_router.get("", response_model=MovementPage, openapi_extra=MOVEMENTS.documented())
async def list_mrr_movements(tx: CanReadContracts, query: Annotated[MovementQuery, asked(MovementQuery)]) -> Response:
    """List the lines of the ledger. Their sum up to a day is the MRR of that day."""
    return await answers.page(tx, MOVEMENTS, MovementRead, query)


@movement_router.get("/{movement_id}", response_model=MovementRead, openapi_extra=MOVEMENTS.documented())
async def get_mrr_movement(
    tx: CanReadContracts, movement_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one line of the ledger."""
    return await answers.item(tx, MOVEMENTS, MovementRead, movement_id, query)


@account_router.get("/{account_id}/mrr", response_model=MrrRead)
async def get_account_mrr(
    tx: CanReadContracts, account_id: UUID, query: Annotated[MrrQuery, asked(MrrQuery)]
) -> Response:
    """An account's recurring revenue as of a day, by what had been recorded at a moment."""
    found = await figures.account_mrr(tx, account_id, or_none(query.as_of), or_none(query.known_at))
    return answers.represented(tx, found.model_dump_json().encode(), None)


@account_router.get("/{account_id}/whitespace", response_model=WhitespaceRead)
async def get_account_whitespace(tx: CanReadContracts, account_id: UUID) -> Response:
    """What an account has, and which products on sale it could still buy."""
    found = await figures.whitespace(tx, account_id)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@rate_router.get("", response_model=ExchangeRatePage, openapi_extra=EXCHANGE_RATES.documented())
async def list_exchange_rates(
    tx: CanReadContracts, query: Annotated[ExchangeRateQuery, asked(ExchangeRateQuery)]
) -> Response:
    """List exchange rates to the workspace's base currency. A day without one has the latest before it."""
    return await answers.page(tx, EXCHANGE_RATES, ExchangeRateRead, query)


@rate_router.put("/{currency}/{day}", response_model=ExchangeRateRead)
async def set_exchange_rate(
    tx: CanConfigureContracts, currency: CurrencyCode, day: Day, body: ExchangeRateWrite
) -> Response:
    """Say what one unit of a currency was worth on a day; replaces what was said before."""
    rate_id = await exchange_rates.set_exchange_rate(tx, currency, day, body.given())
    return await answers.changed(tx, EXCHANGE_RATES, ExchangeRateRead, rate_id)


@renewal_router.get(":by-month", response_model=RenewalTotals)
async def get_renewals_by_month(
    tx: CanReadContracts, query: Annotated[RenewalTotalsQuery, asked(RenewalTotalsQuery)]
) -> Response:
    """The renewal board summed by month and currency."""
    found = await renewals.renewal_totals(
        tx,
        after=or_none(query.renewal_after),
        before=or_none(query.renewal_before),
        owner_ids=or_none(query.owner_id),
    )
    return answers.represented(tx, found.model_dump_json().encode(), None)


@renewal_router.patch("/{renewal_id}", response_model=RenewalRead)
async def update_renewal(tx: CanWriteContracts, renewal_id: UUID, version: Version, body: RenewalUpdate) -> Response:
    """Note what we expect of a term's end, and why. The decision itself is made on the contract."""
    await renewals.update_renewal(tx, renewal_id, version, body.given())
    return await answers.changed(tx, TERMS, RenewalRead, renewal_id)
