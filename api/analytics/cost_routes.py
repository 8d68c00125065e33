"""Acquisition costs over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.analytics import acquisition_costs
from api.analytics.acquisition_costs import ACQUISITION_COSTS
from api.analytics.economics_schemas import (
    AcquisitionCostCreate,
    AcquisitionCostPage,
    AcquisitionCostQuery,
    AcquisitionCostRead,
    AcquisitionCostUpdate,
)
from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/acquisition-costs", tag="acquisition-costs")

CanReadCosts = Annotated[Tx, reads("acquisition_costs:read")]
CanWriteCosts = Annotated[Tx, writes("acquisition_costs:write")]


@router.get("", response_model=AcquisitionCostPage, openapi_extra=ACQUISITION_COSTS.documented())
async def list_acquisition_costs(
    tx: CanReadCosts, query: Annotated[AcquisitionCostQuery, asked(AcquisitionCostQuery)]
) -> Response:
    """List what winning customers cost, by period and segment."""
    return await answers.page(tx, ACQUISITION_COSTS, AcquisitionCostRead, query)


@router.post("", response_model=AcquisitionCostRead, status_code=201)
async def create_acquisition_cost(tx: CanWriteCosts, body: AcquisitionCostCreate) -> Response:
    """State what winning customers cost in a period. Unit economics add up the costs that begin in theirs."""
    cost_id = await acquisition_costs.create_acquisition_cost(tx, body.given())
    return await answers.created(tx, ACQUISITION_COSTS, AcquisitionCostRead, cost_id)


@router.get("/{cost_id}", response_model=AcquisitionCostRead, openapi_extra=ACQUISITION_COSTS.documented())
async def get_acquisition_cost(
    tx: CanReadCosts, cost_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one cost."""
    return await answers.item(tx, ACQUISITION_COSTS, AcquisitionCostRead, cost_id, query)


@router.patch("/{cost_id}", response_model=AcquisitionCostRead)
async def update_acquisition_cost(
    tx: CanWriteCosts, cost_id: UUID, version: Version, body: AcquisitionCostUpdate
) -> Response:
    """Change a cost."""
    await acquisition_costs.update_acquisition_cost(tx, cost_id, version, body.given())
    return await answers.changed(tx, ACQUISITION_COSTS, AcquisitionCostRead, cost_id)


@router.delete("/{cost_id}", response_model=AcquisitionCostRead)
async def archive_acquisition_cost(tx: CanWriteCosts, cost_id: UUID, version: Version) -> Response:
    """Archive a cost: it leaves lists and figures, and can be restored."""
    await acquisition_costs.archive_acquisition_cost(tx, cost_id, version)
    return await answers.changed(tx, ACQUISITION_COSTS, AcquisitionCostRead, cost_id)


@router.post("/{cost_id}:restore", response_model=AcquisitionCostRead)
async def restore_acquisition_cost(tx: CanWriteCosts, cost_id: UUID) -> Response:
    """Restore an archived cost."""
    await acquisition_costs.restore_acquisition_cost(tx, cost_id)
    return await answers.changed(tx, ACQUISITION_COSTS, AcquisitionCostRead, cost_id)
