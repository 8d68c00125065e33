"""Roadmaps over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers, idempotency
from api.kit.answers import Version
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.success_roadmaps import service
from api.success_roadmaps.arranging import arrange_roadmap as arrange
from api.success_roadmaps.editing import edit_roadmap
from api.success_roadmaps.history import progress_history
from api.success_roadmaps.part_schemas import (
    RoadmapArrange,
    RoadmapEdit,
    RoadmapGoalPage,
    RoadmapGoalQuery,
    RoadmapGoalRead,
    RoadmapMilestonePage,
    RoadmapMilestoneQuery,
    RoadmapMilestoneRead,
)
from api.success_roadmaps.resource import GOALS, MILESTONES, ROADMAPS
from api.success_roadmaps.schemas import (
    ProgressQuery,
    RoadmapCreate,
    RoadmapPage,
    RoadmapProgressHistory,
    RoadmapQuery,
    RoadmapRead,
    RoadmapReviewCreate,
    RoadmapUpdate,
)
from api.success_roadmaps.settings import (
    RoadmapSettings,
    RoadmapSettingsRead,
    change_roadmap_settings,
    roadmap_settings,
)
from api.success_roadmaps.tree import tree_of
from api.success_roadmaps.tree_schemas import RoadmapTree

router = resource_router("/success-roadmaps", tag="success-roadmaps")
goal_router = resource_router("/roadmap-goals", tag="success-roadmaps")
milestone_router = resource_router("/roadmap-milestones", tag="success-roadmaps")
settings_router = resource_router("/success-roadmap-settings", tag="success-roadmaps")

CanReadRoadmaps = Annotated[Tx, reads("success_roadmaps:read")]
CanWriteRoadmaps = Annotated[Tx, writes("success_roadmaps:write")]
CanConfigureRoadmaps = Annotated[Tx, writes("success_roadmaps:configure")]


@router.get("", response_model=RoadmapPage, openapi_extra=ROADMAPS.documented())
async def list_success_roadmaps(tx: CanReadRoadmaps, query: Annotated[RoadmapQuery, asked(RoadmapQuery)]) -> Response:
    """List roadmaps, the next due first."""
    return await answers.page(tx, ROADMAPS, RoadmapRead, query)


@router.post("", response_model=RoadmapRead, status_code=201)
async def create_success_roadmap(tx: CanWriteRoadmaps, body: RoadmapCreate) -> Response:
    """Draw up a roadmap, empty or from a template with goals, milestones, hypotheses and tasks."""
    return await answers.created(tx, ROADMAPS, RoadmapRead, await service.create_roadmap(tx, body.given()))


@router.get("/{roadmap_id}", response_model=RoadmapRead, openapi_extra=ROADMAPS.documented())
async def get_success_roadmap(
    tx: CanReadRoadmaps, roadmap_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one roadmap, without what is in it."""
    return await answers.item(tx, ROADMAPS, RoadmapRead, roadmap_id, query)


@router.patch("/{roadmap_id}", response_model=RoadmapRead)
async def update_success_roadmap(
    tx: CanWriteRoadmaps, roadmap_id: UUID, version: Version, body: RoadmapUpdate
) -> Response:
    """Change a roadmap, complete or cancel it, or make it active again."""
    await service.update_roadmap(tx, roadmap_id, version, body.given())
    return await answers.changed(tx, ROADMAPS, RoadmapRead, roadmap_id)


@router.delete("/{roadmap_id}", response_model=RoadmapRead)
async def archive_success_roadmap(tx: CanWriteRoadmaps, roadmap_id: UUID, version: Version) -> Response:
    """Archive a roadmap: it leaves lists and figures, and can be restored."""
    await service.archive_roadmap(tx, roadmap_id, version)
    return await answers.changed(tx, ROADMAPS, RoadmapRead, roadmap_id)


@router.post("/{roadmap_id}:restore", response_model=RoadmapRead)
async def restore_success_roadmap(tx: CanWriteRoadmaps, roadmap_id: UUID) -> Response:
    """Restore an archived roadmap."""
    await service.restore_roadmap(tx, roadmap_id)
    return await answers.changed(tx, ROADMAPS, RoadmapRead, roadmap_id)


@router.post("/{roadmap_id}:review", response_model=RoadmapRead)
async def review_success_roadmap(
    tx: CanWriteRoadmaps, roadmap_id: UUID, version: Version, body: RoadmapReviewCreate
) -> Response:
    """Note a review that was held; the next is due by the roadmap's cadence."""
    await service.review_roadmap(tx, roadmap_id, version, body.given())
    return await answers.changed(tx, ROADMAPS, RoadmapRead, roadmap_id)


@router.get("/{roadmap_id}/tree", response_model=RoadmapTree)
async def get_success_roadmap_tree(tx: CanReadRoadmaps, roadmap_id: UUID) -> Response:
    """Get a roadmap with all its parts, the figures of today, and why they are what they are."""
    return answers.represented(tx, *await tree_of(tx, roadmap_id))


@router.post("/{roadmap_id}:edit", response_model=RoadmapTree)
async def edit_success_roadmap(tx: CanWriteRoadmaps, roadmap_id: UUID, version: Version, body: RoadmapEdit) -> Response:
    """Add and change goals, milestones and hypotheses and open tasks, all at once or not at all.

    An item with an `id` changes what is there: its absent fields stay. One without is new; other items of the call
    refer to it by its `ref`. `If-Match` names the roadmap's version, which covers the whole tree.
    """
    await edit_roadmap(tx, roadmap_id, version, body)
    return await _tree_after(tx, roadmap_id)


@router.post("/{roadmap_id}:arrange", response_model=RoadmapTree)
async def arrange_success_roadmap(
    tx: CanWriteRoadmaps, roadmap_id: UUID, version: Version, body: RoadmapArrange
) -> Response:
    """Reorder and move goals and milestones after they were dragged about, in one call."""
    await arrange(tx, roadmap_id, version, body)
    return await _tree_after(tx, roadmap_id)


async def _tree_after(tx: Tx, roadmap_id: UUID) -> Response:
    await tx.flush()
    response = answers.represented(tx, *await tree_of(tx, roadmap_id))
    await idempotency.keep(tx, response)
    return response


@router.get("/{roadmap_id}/progress", response_model=RoadmapProgressHistory)
async def get_success_roadmap_progress(
    tx: CanReadRoadmaps, roadmap_id: UUID, query: Annotated[ProgressQuery, asked(ProgressQuery)]
) -> Response:
    """How the progress of a roadmap and its goals developed, as known at any moment."""
    return answers.represented(tx, await progress_history(tx, roadmap_id, query), None)


@goal_router.get("", response_model=RoadmapGoalPage, openapi_extra=GOALS.documented())
async def list_roadmap_goals(
    tx: CanReadRoadmaps, query: Annotated[RoadmapGoalQuery, asked(RoadmapGoalQuery)]
) -> Response:
    """List goals over all roadmaps, the next due first."""
    return await answers.page(tx, GOALS, RoadmapGoalRead, query)


@milestone_router.get("", response_model=RoadmapMilestonePage, openapi_extra=MILESTONES.documented())
async def list_roadmap_milestones(
    tx: CanReadRoadmaps, query: Annotated[RoadmapMilestoneQuery, asked(RoadmapMilestoneQuery)]
) -> Response:
    """List milestones over all roadmaps, the next due first."""
    return await answers.page(tx, MILESTONES, RoadmapMilestoneRead, query)


@settings_router.get("", response_model=RoadmapSettingsRead)
async def get_success_roadmap_settings(tx: CanReadRoadmaps) -> Response:
    """Get when a roadmap counts as behind, and how often one looks at it."""
    found = await roadmap_settings(tx)
    return answers.represented(tx, found.model_dump_json().encode(), None)


@settings_router.put("", response_model=RoadmapSettingsRead)
async def set_success_roadmap_settings(tx: CanConfigureRoadmaps, body: RoadmapSettings) -> Response:
    """Replace that configuration; what is absent gets its default. All statuses follow at once."""
    await change_roadmap_settings(tx, body)
    await service.follow_settings(tx)
    return await answers.done(tx, body)
