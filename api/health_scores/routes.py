"""Health models and backtests over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.health_scores import backtests, explaining, jobs, service
from api.health_scores.backtest_schemas import BacktestCreate, BacktestPage, BacktestQuery, BacktestRead
from api.health_scores.backtests import BACKTESTS
from api.health_scores.schemas import (
    HealthModelActivate,
    HealthModelCreate,
    HealthModelPage,
    HealthModelQuery,
    HealthModelRead,
    HealthModelUpdate,
    SimulationAsk,
    SimulationRead,
    SourcesRead,
)
from api.health_scores.service import MODELS
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery, or_none

model_router = resource_router("/health-models", tag="health-models")
source_router = resource_router("/health-sources", tag="health-models")
backtest_router = resource_router("/backtests", tag="health-models")

CanReadModels = Annotated[Tx, reads("health_models:read")]
CanWriteModels = Annotated[Tx, writes("health_models:write")]


@source_router.get("", response_model=SourcesRead)
async def list_health_sources(tx: CanReadModels) -> Response:
    """The catalogue of what the components of a model can be made of."""
    found = SourcesRead.model_validate({"data": service.sources()})
    return answers.represented(tx, found.model_dump_json().encode(), None)


@model_router.get("", response_model=HealthModelPage, openapi_extra=MODELS.documented())
async def list_health_models(
    tx: CanReadModels, query: Annotated[HealthModelQuery, asked(HealthModelQuery)]
) -> Response:
    """List the versions of health models, the newest first."""
    return await answers.page(tx, MODELS, HealthModelRead, query)


@model_router.post("", response_model=HealthModelRead, status_code=201)
async def create_health_model(tx: CanWriteModels, body: HealthModelCreate) -> Response:
    """Draft a version of a health model.

    A name that exists already gets its next version. A definition that contradicts itself is refused with a pointer
    to each mistake.
    """
    values = body.model_dump(exclude={"definition"})
    model = await service.create_model(tx, values, body.definition)
    return await answers.created(tx, MODELS, HealthModelRead, model.id)


@model_router.get("/{model_id}", response_model=HealthModelRead, openapi_extra=MODELS.documented())
async def get_health_model(
    tx: CanReadModels, model_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one version of a health model."""
    return await answers.item(tx, MODELS, HealthModelRead, model_id, query)


@model_router.patch("/{model_id}", response_model=HealthModelRead)
async def update_health_model(
    tx: CanWriteModels, model_id: UUID, version: Version, body: HealthModelUpdate
) -> Response:
    """Change a draft. A changed definition needs a backtest of its own; versions in use cannot be edited."""
    definition = or_none(body.definition)
    values = {name: value for name, value in body.given().items() if name != "definition"}
    await service.update_model(tx, model_id, version, values, definition)
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.delete("/{model_id}", response_model=HealthModelRead)
async def archive_health_model(tx: CanWriteModels, model_id: UUID, version: Version) -> Response:
    """Archive a version that is not in use."""
    await service.archive_model(tx, model_id, version)
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.post("/{model_id}:restore", response_model=HealthModelRead)
async def restore_health_model(tx: CanWriteModels, model_id: UUID) -> Response:
    """Restore an archived version."""
    await service.restore_model(tx, model_id)
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.post("/{model_id}:activate", response_model=HealthModelRead)
async def activate_health_model(tx: CanWriteModels, model_id: UUID, body: HealthModelActivate) -> Response:
    """Switch a version on, in place of the active one of its name.

    The latest backtest of its exact definition must have passed. With `override_reason` an administrator (the scope
    `health_models:override`) switches it on nevertheless; the reason is kept.
    """
    await service.activate_model(tx, model_id, or_none(body.override_reason))
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.post("/{model_id}:shadow", response_model=HealthModelRead)
async def shadow_health_model(tx: CanWriteModels, model_id: UUID) -> Response:
    """Let a draft be scored each week beside the active models, without counting yet."""
    await service.shadow_model(tx, model_id)
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.post("/{model_id}:retire", response_model=HealthModelRead)
async def retire_health_model(tx: CanWriteModels, model_id: UUID) -> Response:
    """End the service of an active or shadow version."""
    await service.retire_model(tx, model_id)
    return await answers.changed(tx, MODELS, HealthModelRead, model_id)


@model_router.post("/{model_id}:simulate", response_model=SimulationRead)
async def simulate_health_model(tx: CanReadModels, model_id: UUID, body: SimulationAsk) -> Response:
    """What a version would say of an account or a segment today, and who would change bands. Nothing is stored."""
    found = await explaining.simulate(tx, model_id, body.account_id, body.segment_id)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@backtest_router.get("", response_model=BacktestPage, openapi_extra=BACKTESTS.documented())
async def list_backtests(tx: CanReadModels, query: Annotated[BacktestQuery, asked(BacktestQuery)]) -> Response:
    """List backtests, the newest first."""
    return await answers.page(tx, BACKTESTS, BacktestRead, query)


@backtest_router.post("", response_model=BacktestRead, status_code=202)
async def create_backtest(tx: CanWriteModels, body: BacktestCreate) -> Response:
    """Let the worker test a model against what came.

    Each past week is scored from what was known by its end only, beside the active version of the same name on the
    same cases. A model passes with at least 20 accounts that had the outcome, a lower end of the AUC's interval above
    0.5, rates that never rise from a band to the next better one, and an AUC at most 0.02 below the active version's.
    """
    backtest = await backtests.ask(tx, body.model_dump(mode="json"))
    await jobs.defer_backtest(tx, backtest.id)
    return await answers.created(tx, BACKTESTS, BacktestRead, backtest.id, status=202)


@backtest_router.get("/{backtest_id}", response_model=BacktestRead, openapi_extra=BACKTESTS.documented())
async def get_backtest(tx: CanReadModels, backtest_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one backtest: how far it has come, and its report."""
    return await answers.item(tx, BACKTESTS, BacktestRead, backtest_id, query)


@backtest_router.post("/{backtest_id}:cancel", response_model=BacktestRead)
async def cancel_backtest(tx: CanWriteModels, backtest_id: UUID) -> Response:
    """Cancel a backtest that runs."""
    await backtests.cancel(tx, backtest_id)
    return await answers.changed(tx, BACKTESTS, BacktestRead, backtest_id)
