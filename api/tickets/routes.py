"""Tickets over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from api.auth.access import reads, writes
from api.kit import answers
from api.kit.answers import Version
from api.kit.bulk_schemas import BulkResult
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery
from api.tickets import bulk, service
from api.tickets.schemas import TicketBulkUpsert, TicketCreate, TicketPage, TicketQuery, TicketRead, TicketUpdate
from api.tickets.service import TICKETS

router = resource_router("/tickets", tag="tickets")

CanReadTickets = Annotated[Tx, reads("tickets:read")]
CanWriteTickets = Annotated[Tx, writes("tickets:write")]
CanBulkWriteTickets = Annotated[Tx, writes("tickets:write", key_required=True)]


@router.get("", response_model=TicketPage, openapi_extra=TICKETS.documented())
async def list_tickets(tx: CanReadTickets, query: Annotated[TicketQuery, asked(TicketQuery)]) -> Response:
    """List support tickets."""
    return await answers.page(tx, TICKETS, TicketRead, query)


@router.post("", response_model=TicketRead, status_code=201)
async def create_ticket(tx: CanWriteTickets, body: TicketCreate) -> Response:
    """Add a ticket."""
    return await answers.created(tx, TICKETS, TicketRead, await service.create_ticket(tx, body.given()))


@router.post(":bulk-upsert", response_model=BulkResult, status_code=207)
async def bulk_upsert_tickets(
    tx: CanBulkWriteTickets,
    body: TicketBulkUpsert,
    atomic: Annotated[bool, Query(description="All items or none.")] = False,  # noqa: FBT002
) -> Response:
    """Create or bring up to date up to 5,000 tickets by external id, each with its own result."""
    return await answers.bulk(tx, await bulk.upsert_tickets(tx, body.items, atomic=atomic))


@router.get("/{ticket_id}", response_model=TicketRead, openapi_extra=TICKETS.documented())
async def get_ticket(tx: CanReadTickets, ticket_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]) -> Response:
    """Get one ticket."""
    return await answers.item(tx, TICKETS, TicketRead, ticket_id, query)


@router.patch("/{ticket_id}", response_model=TicketRead)
async def update_ticket(tx: CanWriteTickets, ticket_id: UUID, version: Version, body: TicketUpdate) -> Response:
    """Change a ticket: close it, note how content the customer was."""
    await service.update_ticket(tx, ticket_id, version, body.given())
    return await answers.changed(tx, TICKETS, TicketRead, ticket_id)


@router.delete("/{ticket_id}", response_model=TicketRead)
async def archive_ticket(tx: CanWriteTickets, ticket_id: UUID, version: Version) -> Response:
    """Archive a ticket that should not count: it leaves lists and can be restored."""
    await service.archive_ticket(tx, ticket_id, version)
    return await answers.changed(tx, TICKETS, TicketRead, ticket_id)


@router.post("/{ticket_id}:restore", response_model=TicketRead)
async def restore_ticket(tx: CanWriteTickets, ticket_id: UUID) -> Response:
    """Restore an archived ticket."""
    await service.restore_ticket(tx, ticket_id)
    return await answers.changed(tx, TICKETS, TicketRead, ticket_id)
