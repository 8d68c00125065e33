"""The catalogues of initiatives and outcome metrics, and the configuration, over HTTP."""

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
from api.reference_cases import catalogue
from api.reference_cases.catalogue import INITIATIVES, OUTCOME_METRICS
from api.reference_cases.catalogue_schemas import (
    CatalogueQuery,
    InitiativeCreate,
    InitiativePage,
    InitiativeRead,
    InitiativeUpdate,
    OutcomeMetricCreate,
    OutcomeMetricPage,
    OutcomeMetricRead,
    OutcomeMetricUpdate,
)
from api.reference_cases.settings import CONFIGURATION, ReferenceSettings, ReferenceSettingsRead

initiative_router = resource_router("/initiatives", tag="reference-cases")
metric_router = resource_router("/outcome-metrics", tag="reference-cases")
settings_router = resource_router("/reference-settings", tag="reference-cases")

CanReadCatalogue = Annotated[Tx, reads("reference_catalogue:read")]
CanWriteCatalogue = Annotated[Tx, writes("reference_catalogue:write")]


@initiative_router.get("", response_model=InitiativePage, openapi_extra=INITIATIVES.documented())
async def list_initiatives(tx: CanReadCatalogue, query: Annotated[CatalogueQuery, asked(CatalogueQuery)]) -> Response:
    """List initiatives."""
    return await answers.page(tx, INITIATIVES, InitiativeRead, query)


@initiative_router.post("", response_model=InitiativeRead, status_code=201)
async def create_initiative(tx: CanWriteCatalogue, body: InitiativeCreate) -> Response:
    """Add an initiative to the catalogue."""
    initiative = await catalogue.create_initiative(tx, body.model_dump())
    return await answers.created(tx, INITIATIVES, InitiativeRead, initiative.id)


@initiative_router.get("/{initiative_id}", response_model=InitiativeRead, openapi_extra=INITIATIVES.documented())
async def get_initiative(
    tx: CanReadCatalogue, initiative_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one initiative."""
    return await answers.item(tx, INITIATIVES, InitiativeRead, initiative_id, query)


@initiative_router.patch("/{initiative_id}", response_model=InitiativeRead)
async def update_initiative(
    tx: CanWriteCatalogue, initiative_id: UUID, version: Version, body: InitiativeUpdate
) -> Response:
    """Change an initiative. Cases tell its new names, and are found by them, at once; where more than 500 name it, soon."""
    await catalogue.update_initiative(tx, initiative_id, version, body.given())
    return await answers.changed(tx, INITIATIVES, InitiativeRead, initiative_id)


@metric_router.get("", response_model=OutcomeMetricPage, openapi_extra=OUTCOME_METRICS.documented())
async def list_outcome_metrics(
    tx: CanReadCatalogue, query: Annotated[CatalogueQuery, asked(CatalogueQuery)]
) -> Response:
    """List the metrics that cases report on."""
    return await answers.page(tx, OUTCOME_METRICS, OutcomeMetricRead, query)


@metric_router.post("", response_model=OutcomeMetricRead, status_code=201)
async def create_outcome_metric(tx: CanWriteCatalogue, body: OutcomeMetricCreate) -> Response:
    """Add a metric to the catalogue."""
    metric = await catalogue.create_metric(tx, body.model_dump())
    return await answers.created(tx, OUTCOME_METRICS, OutcomeMetricRead, metric.id)


@metric_router.get("/{metric_id}", response_model=OutcomeMetricRead, openapi_extra=OUTCOME_METRICS.documented())
async def get_outcome_metric(
    tx: CanReadCatalogue, metric_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one metric."""
    return await answers.item(tx, OUTCOME_METRICS, OutcomeMetricRead, metric_id, query)


@metric_router.patch("/{metric_id}", response_model=OutcomeMetricRead)
async def update_outcome_metric(
    tx: CanWriteCatalogue, metric_id: UUID, version: Version, body: OutcomeMetricUpdate
) -> Response:
    """Change a metric; its direction never changes. Cases tell its new names at once; where more than 500 name it, soon."""
    await catalogue.update_metric(tx, metric_id, version, body.given())
    return await answers.changed(tx, OUTCOME_METRICS, OutcomeMetricRead, metric_id)


@settings_router.get("", response_model=ReferenceSettingsRead)
async def get_reference_settings(tx: CanReadCatalogue) -> Response:
    """How often customers are asked, who reviews, and the goal of coverage."""
    return answers.represented(tx, (await CONFIGURATION.read(tx)).model_dump_json().encode(), None)


@settings_router.put("", response_model=ReferenceSettingsRead)
async def set_reference_settings(tx: CanWriteCatalogue, body: ReferenceSettings) -> Response:
    """Replace the configuration; what is absent gets its default."""
    await CONFIGURATION.replace(tx, body)
    return await answers.done(tx, body)
