"""Health targets over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.health_scores import targets
from api.health_scores.target_schemas import (
    HealthTargetCreate,
    HealthTargetPage,
    HealthTargetQuery,
    HealthTargetRead,
    HealthTargetUpdate,
)
from api.health_scores.targets import TARGETS
from api.kit import answers
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/health-targets", tag="health-targets")

CanReadTargets = Annotated[Tx, reads("health_targets:read")]
CanWriteTargets = Annotated[Tx, writes("health_targets:write")]


@router.get("", response_model=HealthTargetPage, openapi_extra=TARGETS.documented())
async def list_health_targets(
    tx: CanReadTargets, query: Annotated[HealthTargetQuery, asked(HealthTargetQuery)]
) -> Response:
    """List health targets, the next due first."""
    return await answers.page(tx, TARGETS, HealthTargetRead, query)


@router.post("", response_model=HealthTargetRead, status_code=201)
async def create_health_target(tx: CanWriteTargets, body: HealthTargetCreate) -> Response:
    """Set a target for an account's score, maturity or band."""
    target = await targets.create_target(tx, body.given())
    return await answers.created(tx, TARGETS, HealthTargetRead, target.id)


@router.get("/{target_id}", response_model=HealthTargetRead, openapi_extra=TARGETS.documented())
async def get_health_target(
    tx: CanReadTargets, target_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one target."""
    return await answers.item(tx, TARGETS, HealthTargetRead, target_id, query)


@router.patch("/{target_id}", response_model=HealthTargetRead)
async def update_health_target(
    tx: CanWriteTargets, target_id: UUID, version: Version, body: HealthTargetUpdate
) -> Response:
    """Change a target that is not judged yet."""
    await targets.update_target(tx, target_id, version, body.given())
    return await answers.changed(tx, TARGETS, HealthTargetRead, target_id)


@router.delete("/{target_id}", response_model=HealthTargetRead)
async def archive_health_target(tx: CanWriteTargets, target_id: UUID, version: Version) -> Response:
    """Withdraw a target that is not judged yet: it counts for nothing, and attainment says how many there were."""
    await targets.archive_target(tx, target_id, version)
    return await answers.changed(tx, TARGETS, HealthTargetRead, target_id)


@router.post("/{target_id}:restore", response_model=HealthTargetRead)
async def restore_health_target(tx: CanWriteTargets, target_id: UUID) -> Response:
    """Set a withdrawn target again."""
    await targets.restore_target(tx, target_id)
    return await answers.changed(tx, TARGETS, HealthTargetRead, target_id)
