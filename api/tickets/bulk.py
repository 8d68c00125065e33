"""Tickets in bulk, with their accounts by our ids or by the caller's."""

from collections.abc import Sequence
from typing import Final

from api.accounts.references import find_accounts
from api.kit.bulk import ItemResult, Upsert, good, upsert
from api.kit.bulk_schemas import BulkStatus
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.problems import FieldError, Problem, invalid
from api.tickets.models import Ticket
from api.tickets.schemas import TicketCreate, TicketItem
from api.tickets.service import TICKETS, refuse_disorder
from api.tickets.versions import begin_history, follow_versions


async def upsert_tickets(
    tx: Tx, items: Sequence[object], *, atomic: bool = False, known_at: KnownAt = KnownAt.import_time
) -> list[ItemResult]:
    """Create or update tickets by external id; see :mod:`api.kit.bulk`."""
    results = await upsert(tx, _TICKET_UPSERT, items, atomic=atomic)
    new = [result.id for result in results if result.status is BulkStatus.created and result.id]
    if known_at is KnownAt.fact_date:
        await begin_history(tx, new)
        new = []
    updated = [result.id for result in results if result.status is BulkStatus.updated and result.id]
    await follow_versions(tx, [*new, *updated])
    return results


async def _refuse(tx: Tx, results: Sequence[ItemResult]) -> None:
    """Fail items that move a ticket to another account, or end it before its beginning."""
    rows = await tx.fetch(
        "SELECT id, account_id, opened_at, closed_at, first_answered_at FROM tickets "
        "WHERE workspace_id = %s AND id = ANY(%s)",
        [tx.workspace_id, [result.id for result in results]],
    )
    known = {row[0]: row[1:] for row in rows}
    for result in good(results):
        account_id, *moments = known[result.id]
        if result.given.get("account_id", account_id) != account_id:
            told = ("Cannot change on an existing ticket", "既存のチケットでは変更できません")
            result.fail(invalid(FieldError("/account_id", "not_allowed", *told)))
            continue
        before = dict(zip(("opened_at", "closed_at", "first_answered_at"), moments, strict=True))
        try:
            refuse_disorder({**before, **result.given})
        except Problem as problem:
            result.fail(problem)


_TICKET_UPSERT: Final = Upsert(
    TICKETS,
    Ticket,
    TicketItem,
    TicketCreate,
    prepare=find_accounts,
    refuse=_refuse,
    announced=("account_id",),
)
