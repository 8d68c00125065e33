"""Usage over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.accounts.service import require_account
from api.auth.access import Steps, reads, writes, writes_in_steps
from api.kit import answers, idempotency
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.problems import preferred_language
from api.kit.queries import asked
from api.kit.routing import resource_router, takes_lines
from api.kit.schemas import ItemQuery
from api.usage import examples, service
from api.usage.json_lines import load_lines
from api.usage.measurements import upsert_measurements
from api.usage.schemas import (
    LineProblem,
    LoadedLines,
    LoadQuery,
    MeasurementBulkUpsert,
    MetricCreate,
    MetricPage,
    MetricQuery,
    MetricRead,
    MetricUpdate,
    UsageQuery,
    UsageRead,
    UsageStatusPage,
    UsageStatusQuery,
    UsageStatusRead,
)
from api.usage.series import usage_of
from api.usage.service import USAGE_METRICS, USAGE_STATUSES
from api.usage.settings import UsageSettings, UsageSettingsRead, usage_settings

metric_router = resource_router("/usage-metrics", tag="usage")
measurement_router = resource_router("/usage-measurements", tag="usage")
account_router = resource_router("/accounts", tag="usage")
settings_router = resource_router("/usage-settings", tag="usage")

CanReadUsage = Annotated[Tx, reads("usage:read")]
CanWriteUsage = Annotated[Tx, writes("usage:write", key_required=True)]
CanLoadUsage = Annotated[Steps, writes_in_steps("usage:write")]
CanConfigureUsage = Annotated[Tx, writes("usage:configure")]


@metric_router.get("", response_model=MetricPage, openapi_extra=USAGE_METRICS.documented())
async def list_usage_metrics(tx: CanReadUsage, query: Annotated[MetricQuery, asked(MetricQuery)]) -> Response:
    """List what is measured."""
    return await answers.page(tx, USAGE_METRICS, MetricRead, query)


@metric_router.post("", response_model=MetricRead, status_code=201)
async def create_usage_metric(tx: CanConfigureUsage, body: MetricCreate) -> Response:
    """Add a metric to the catalogue."""
    metric = await service.create_metric(tx, body.given())
    return await answers.created(tx, USAGE_METRICS, MetricRead, metric.id)


@metric_router.get("/{metric_id}", response_model=MetricRead, openapi_extra=USAGE_METRICS.documented())
async def get_usage_metric(
    tx: CanReadUsage, metric_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one metric."""
    return await answers.item(tx, USAGE_METRICS, MetricRead, metric_id, query)


@metric_router.patch("/{metric_id}", response_model=MetricRead)
async def update_usage_metric(tx: CanConfigureUsage, metric_id: UUID, version: Version, body: MetricUpdate) -> Response:
    """Change a metric. With another aggregation, figures of the past change as well."""
    await service.update_metric(tx, metric_id, version, body.given())
    return await answers.changed(tx, USAGE_METRICS, MetricRead, metric_id)


@metric_router.delete("/{metric_id}", response_model=MetricRead)
async def archive_usage_metric(tx: CanConfigureUsage, metric_id: UUID, version: Version) -> Response:
    """Archive a metric: it takes no more measurements; those it has stay."""
    await service.archive_metric(tx, metric_id, version)
    return await answers.changed(tx, USAGE_METRICS, MetricRead, metric_id)


@metric_router.post("/{metric_id}:restore", response_model=MetricRead)
async def restore_usage_metric(tx: CanConfigureUsage, metric_id: UUID) -> Response:
    """Restore an archived metric."""
    await service.restore_metric(tx, metric_id)
    return await answers.changed(tx, USAGE_METRICS, MetricRead, metric_id)


@measurement_router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_usage_measurements(
    tx: CanWriteUsage,
    body: MeasurementBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Write up to 5,000 measurements, each with its own result.

    A measurement is known by account, metric and day. The same value again changes nothing; another value is a
    correction, and what it replaces is kept as superseded. `external_id` of a result is that of the account; `id` is
    always null. For more, `:bulk-load` takes JSON Lines.
    """
    return await answers.bulk(tx, await upsert_measurements(tx, body.items, atomic=atomic))


@measurement_router.post(":bulk-load", response_model=LoadedLines, openapi_extra=takes_lines(examples.LINES))
async def bulk_load_usage_measurements(steps: CanLoadUsage, query: Annotated[LoadQuery, asked(LoadQuery)]) -> Response:
    """Write measurements as JSON Lines, up to 32 MiB: one item of `:bulk-upsert` on each line.

    All at once: after an error nothing has been written. Lines with problems are left out and told of. With
    `known_at=fact_date`, for histories, new measurements count as known at the end of their day.
    """
    request = steps.request
    body = await request.body()
    async with steps.write() as tx:
        await idempotency.claim(tx, request, required=True)
        loaded = await load_lines(tx, body, query.known_at)
        language = preferred_language(request.headers.get("Accept-Language"))
        problems = [LineProblem(line=line, problem=told.body(language)) for line, told in loaded.problems.items()]
        answer = LoadedLines(
            lines=loaded.lines, created=loaded.created, updated=loaded.updated, unchanged=loaded.unchanged,
            failed=loaded.failed, problems=problems,
        )  # fmt: skip
        return await answers.done(tx, answer)


@account_router.get("/{account_id}/usage", response_model=UsageRead)
async def get_account_usage(
    tx: CanReadUsage, account_id: UUID, query: Annotated[UsageQuery, asked(UsageQuery)]
) -> Response:
    """An account's usage over time by day, ISO week or month, and its utilisation today."""
    found = await usage_of(tx, account_id, query)
    return answers.represented(tx, found.model_dump_json(by_alias=True).encode(), None)


@account_router.get(
    "/{account_id}/usage-statuses", response_model=UsageStatusPage, openapi_extra=USAGE_STATUSES.documented()
)
async def list_usage_statuses(
    tx: CanReadUsage, account_id: UUID, query: Annotated[UsageStatusQuery, asked(UsageStatusQuery)]
) -> Response:
    """List the usage statuses an account has had, newest first."""
    await require_account(tx, account_id)
    return await answers.page(tx, USAGE_STATUSES, UsageStatusRead, query, where={"account_id": account_id})


@settings_router.get("", response_model=UsageSettingsRead)
async def get_usage_settings(tx: CanReadUsage) -> Response:
    """Get what the workspace calls healthy usage."""
    found = await usage_settings(tx)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@settings_router.put("", response_model=UsageSettingsRead)
async def set_usage_settings(tx: CanConfigureUsage, body: UsageSettings) -> Response:
    """Replace that configuration; what is absent gets its default. All usage statuses follow at once."""
    await service.change_usage_settings(tx, body)
    return await answers.done(tx, body)
