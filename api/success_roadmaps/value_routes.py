"""Value realisation over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.success_roadmaps import value_service, value_totals
from api.success_roadmaps.value_resource import VALUES
from api.success_roadmaps.value_schemas import (
    ValueConfirm,
    ValueRealisationCreate,
    ValueRealisationPage,
    ValueRealisationQuery,
    ValueRealisationRead,
    ValueRealisationUpdate,
    ValueTotals,
    ValueTotalsQuery,
)

router = resource_router("/value-realisations", tag="value-realisations")

CanReadValue = Annotated[Tx, reads("value_realisations:read")]
CanWriteValue = Annotated[Tx, writes("value_realisations:write")]


@router.get("", response_model=ValueRealisationPage, openapi_extra=VALUES.documented())
async def list_value_realisations(
    tx: CanReadValue, query: Annotated[ValueRealisationQuery, asked(ValueRealisationQuery)]
) -> Response:
    """List value realisations, the latest period first."""
    return await answers.page(tx, VALUES, ValueRealisationRead, query)


@router.post("", response_model=ValueRealisationRead, status_code=201)
async def create_value_realisation(tx: CanWriteValue, body: ValueRealisationCreate) -> Response:
    """Note work that people no longer do over a period: what it is worth follows, and what came back for its cost.

    A draft until a contact of the account confirms it.
    """
    row = await value_service.create_value(tx, body.model_dump())
    return await answers.created(tx, VALUES, ValueRealisationRead, row.id)


@router.get(":totals", response_model=ValueTotals)
async def get_value_totals(tx: CanReadValue, query: Annotated[ValueTotalsQuery, asked(ValueTotalsQuery)]) -> Response:
    """Sum value by account or by roadmap, the confirmed one unless said otherwise, as known now or at any moment.

    Currencies are summed apart and never converted.
    """
    found = await value_totals.value_totals(tx, query)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@router.get("/{value_realisation_id}", response_model=ValueRealisationRead, openapi_extra=VALUES.documented())
async def get_value_realisation(
    tx: CanReadValue, value_realisation_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one value realisation; `expand=superseded` shows what was believed before."""
    return await answers.item(tx, VALUES, ValueRealisationRead, value_realisation_id, query)


@router.patch("/{value_realisation_id}", response_model=ValueRealisationRead)
async def update_value_realisation(
    tx: CanWriteValue, value_realisation_id: UUID, version: Version, body: ValueRealisationUpdate
) -> Response:
    """Change or correct a value realisation. Other figures make it a draft again; those before stay known for their time."""
    await value_service.update_value(tx, value_realisation_id, version, body.given())
    return await answers.changed(tx, VALUES, ValueRealisationRead, value_realisation_id)


@router.post("/{value_realisation_id}:confirm", response_model=ValueRealisationRead)
async def confirm_value_realisation(
    tx: CanWriteValue, value_realisation_id: UUID, version: Version, body: ValueConfirm
) -> Response:
    """Note that a contact of the account stands by the figures; from then on they count."""
    given = body.given()
    await value_service.confirm_value(tx, value_realisation_id, version, given.pop("contact_id"), given)
    return await answers.changed(tx, VALUES, ValueRealisationRead, value_realisation_id)


@router.delete("/{value_realisation_id}", response_model=ValueRealisationRead)
async def archive_value_realisation(tx: CanWriteValue, value_realisation_id: UUID, version: Version) -> Response:
    """Take a value realisation back: it counts no more from now on, and can be restored."""
    await value_service.archive_value(tx, value_realisation_id, version)
    return await answers.changed(tx, VALUES, ValueRealisationRead, value_realisation_id)


@router.post("/{value_realisation_id}:restore", response_model=ValueRealisationRead)
async def restore_value_realisation(tx: CanWriteValue, value_realisation_id: UUID) -> Response:
    """Restore an archived value realisation."""
    await value_service.restore_value(tx, value_realisation_id)
    return await answers.changed(tx, VALUES, ValueRealisationRead, value_realisation_id)
