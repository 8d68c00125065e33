"""Interactions over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.interactions import bulk, service
from api.interactions.resource import INTERACTIONS
from api.interactions.schemas import (
    ActionItems,
    InteractionBulkUpsert,
    InteractionCreate,
    InteractionPage,
    InteractionQuery,
    InteractionRead,
    InteractionUpdate,
    OpenedTasks,
)
from api.kit import answers
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/interactions", tag="interactions")

CanReadInteractions = Annotated[Tx, reads("interactions:read")]
CanWriteInteractions = Annotated[Tx, writes("interactions:write")]
CanBulkWriteInteractions = Annotated[Tx, writes("interactions:write", key_required=True)]


@router.get("", response_model=InteractionPage, openapi_extra=INTERACTIONS.documented())
async def list_interactions(
    tx: CanReadInteractions, query: Annotated[InteractionQuery, asked(InteractionQuery)]
) -> Response:
    """List interactions, the latest first."""
    return await answers.page(tx, INTERACTIONS, InteractionRead, query)


@router.post("", response_model=InteractionRead, status_code=201)
async def create_interaction(tx: CanWriteInteractions, body: InteractionCreate) -> Response:
    """Note a meeting, QBR, call, mail or note, with who was there."""
    interaction = await service.create_interaction(tx, body.given())
    return await answers.created(tx, INTERACTIONS, InteractionRead, interaction.id)


@router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_interactions(
    tx: CanBulkWriteInteractions,
    body: InteractionBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or correct up to 5,000 interactions by external id.

    Name the account by `account_id` or by your own id, and who was there by e-mail address.
    """
    return await answers.bulk(tx, await bulk.upsert_interactions(tx, body.items, atomic=atomic))


@router.get("/{interaction_id}", response_model=InteractionRead, openapi_extra=INTERACTIONS.documented())
async def get_interaction(
    tx: CanReadInteractions, interaction_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one interaction; `expand=attendees,tasks` adds who was there and what came of its action items."""
    return await answers.item(tx, INTERACTIONS, InteractionRead, interaction_id, query)


@router.patch("/{interaction_id}", response_model=InteractionRead)
async def update_interaction(
    tx: CanWriteInteractions, interaction_id: UUID, version: Version, body: InteractionUpdate
) -> Response:
    """Correct an interaction. Figures asked as known before still count what was known then."""
    await service.update_interaction(tx, interaction_id, version, body.given())
    return await answers.changed(tx, INTERACTIONS, InteractionRead, interaction_id)


@router.post("/{interaction_id}:open-tasks", response_model=OpenedTasks)
async def open_action_items(tx: CanWriteInteractions, interaction_id: UUID, body: ActionItems) -> Response:
    """Make tasks of action items, with the interaction as their origin; an item becomes a task once."""
    task_ids = await service.open_action_items(tx, interaction_id, body.items)
    return await answers.done(tx, OpenedTasks(task_ids=task_ids))


@router.delete("/{interaction_id}", response_model=InteractionRead)
async def archive_interaction(tx: CanWriteInteractions, interaction_id: UUID, version: Version) -> Response:
    """Archive an interaction: it leaves lists and counts no more, and can be restored."""
    await service.archive_interaction(tx, interaction_id, version)
    return await answers.changed(tx, INTERACTIONS, InteractionRead, interaction_id)


@router.post("/{interaction_id}:restore", response_model=InteractionRead)
async def restore_interaction(tx: CanWriteInteractions, interaction_id: UUID) -> Response:
    """Restore an archived interaction."""
    await service.restore_interaction(tx, interaction_id)
    return await answers.changed(tx, INTERACTIONS, InteractionRead, interaction_id)
