"""Templates of roadmaps over HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import MISSING
from starlette.responses import Response

from api.kit import answers
from api.kit.answers import Version
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.success_roadmaps import templates
from api.success_roadmaps.resource import TEMPLATES
from api.success_roadmaps.routes import CanConfigureRoadmaps, CanReadRoadmaps
from api.success_roadmaps.template_schemas import (
    RoadmapTemplateCreate,
    RoadmapTemplatePage,
    RoadmapTemplateQuery,
    RoadmapTemplateRead,
    RoadmapTemplateUpdate,
)

template_router = resource_router("/roadmap-templates", tag="success-roadmaps")


@template_router.get("", response_model=RoadmapTemplatePage, openapi_extra=TEMPLATES.documented())
async def list_roadmap_templates(
    tx: CanReadRoadmaps, query: Annotated[RoadmapTemplateQuery, asked(RoadmapTemplateQuery)]
) -> Response:
    """List templates."""
    return await answers.page(tx, TEMPLATES, RoadmapTemplateRead, query)


@template_router.post("", response_model=RoadmapTemplateRead, status_code=201)
async def create_roadmap_template(tx: CanConfigureRoadmaps, body: RoadmapTemplateCreate) -> Response:
    """Add a template; its definition is checked as a whole."""
    template_id = await templates.create_template(tx, body.given(), body.definition)
    return await answers.created(tx, TEMPLATES, RoadmapTemplateRead, template_id)


@template_router.get("/{template_id}", response_model=RoadmapTemplateRead, openapi_extra=TEMPLATES.documented())
async def get_roadmap_template(
    tx: CanReadRoadmaps, template_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one template with its newest definition; `expand=versions` adds all of them."""
    return await answers.item(tx, TEMPLATES, RoadmapTemplateRead, template_id, query)


@template_router.patch("/{template_id}", response_model=RoadmapTemplateRead)
async def update_roadmap_template(
    tx: CanConfigureRoadmaps, template_id: UUID, version: Version, body: RoadmapTemplateUpdate
) -> Response:
    """Change a template. Another definition becomes a new version; roadmaps made from older ones stay as they are."""
    definition = None if body.definition is MISSING else body.definition
    await templates.update_template(tx, template_id, version, body.given(), definition)
    return await answers.changed(tx, TEMPLATES, RoadmapTemplateRead, template_id)


@template_router.delete("/{template_id}", response_model=RoadmapTemplateRead)
async def archive_roadmap_template(tx: CanConfigureRoadmaps, template_id: UUID, version: Version) -> Response:
    """Archive a template: no more roadmaps are made from it; those that were stay."""
    await templates.archive_template(tx, template_id, version)
    return await answers.changed(tx, TEMPLATES, RoadmapTemplateRead, template_id)


@template_router.post("/{template_id}:restore", response_model=RoadmapTemplateRead)
async def restore_roadmap_template(tx: CanConfigureRoadmaps, template_id: UUID) -> Response:
    """Restore an archived template."""
    await templates.restore_template(tx, template_id)
    return await answers.changed(tx, TEMPLATES, RoadmapTemplateRead, template_id)
