"""What one can do with tickets."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.accounts.models import Account
from api.contacts.models import Contact
from api.kit import write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Resource, Value
from api.tickets.models import Ticket
from api.tickets.versions import follow_versions

_ticket: sa.Table = Ticket.__table__  # type: ignore[attr-defined]
_state: Final[Value] = sa.case(
    (_ticket.c.closed_at.is_(None), sa.literal_column("'open'", sa.Text())),
    else_=sa.literal_column("'closed'", sa.Text()),
)

TICKETS: Final = Resource(
    "ticket",
    Ticket,
    values={"state": _state},
    sorts={
        "opened_at": col(Ticket.opened_at),
        "closed_at": col(Ticket.closed_sort),
        "created_at": col(Ticket.created_at),
        "updated_at": col(Ticket.updated_at),
    },
    default_sort="-opened_at",
    search_text=col(Ticket.search_text),
    upsert_key="external_id",
)


async def create_ticket(tx: Tx, values: Mapping[str, Any]) -> UUID:
    """Add a ticket."""
    await _require(tx, Account, "account_id", values)
    await _require(tx, Contact, "contact_id", values)
    told = {"account_id": str(values["account_id"])}
    ticket = await write.create(tx, TICKETS, Ticket, values, announce=told)
    await follow_versions(tx, [ticket.id])
    return ticket.id


async def update_ticket(tx: Tx, ticket_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Change a ticket; what was known before is kept."""
    await _require(tx, Contact, "contact_id", values)
    ticket = await write.lock(tx, TICKETS, Ticket, ticket_id, version=version)
    refuse_disorder({**_moments(ticket), **values})
    await write.change(tx, TICKETS, ticket, values, announce={"account_id": str(ticket.account_id)})
    await follow_versions(tx, [ticket_id])


async def archive_ticket(tx: Tx, ticket_id: UUID, version: int) -> None:
    """Take a ticket out: from now on it counts no more."""
    await write.archive(tx, TICKETS, Ticket, ticket_id, version)
    await follow_versions(tx, [ticket_id])


async def restore_ticket(tx: Tx, ticket_id: UUID) -> None:
    """Bring an archived ticket back."""
    await write.restore(tx, TICKETS, Ticket, ticket_id)
    await follow_versions(tx, [ticket_id])


def refuse_disorder(values: Mapping[str, Any]) -> None:
    """Raise ``invalid_input`` for a ticket that is answered or closed before it was opened."""
    opened: dt.datetime = values["opened_at"]
    for name in ("closed_at", "first_answered_at"):
        if values.get(name) is not None and values[name] < opened:
            told = ("Must not be before `opened_at`", "`opened_at` 以降にしてください")
            raise invalid(FieldError(f"/{name}", "out_of_range", *told))


def _moments(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in ("opened_at", "closed_at", "first_answered_at")}


async def _require(tx: Tx, model: type[Account | Contact], name: str, values: Mapping[str, Any]) -> None:
    if values.get(name) is None:
        return
    table: sa.Table = model.__table__  # type: ignore[union-attr]
    if not await write.exists(tx, table, values[name]):
        told = ("There is no such record", "該当するデータがありません")
        raise invalid(FieldError(f"/{name}", "reference_not_found", *told))
