"""The audit log over HTTP."""

from typing import Annotated
from uuid import UUID

from starlette.responses import Response

from api.auth.access import reads
from api.auth.schemas import AuditEntryRead, AuditPage, AuditQuery
from api.auth.service import AUDIT_LOG
from api.kit import answers
from api.kit.db import Tx
from api.kit.queries import asked
from api.kit.routing import resource_router
from api.kit.schemas import ItemQuery

router = resource_router("/audit-log", tag="audit-log")

CanReadAuditLog = Annotated[Tx, reads("audit_log:read")]


@router.get("", response_model=AuditPage, openapi_extra=AUDIT_LOG.documented())
async def list_audit_log(tx: CanReadAuditLog, query: Annotated[AuditQuery, asked(AuditQuery)]) -> Response:
    """List who did what, the newest first."""
    return await answers.page(tx, AUDIT_LOG, AuditEntryRead, query)


@router.get("/{entry_id}", response_model=AuditEntryRead, openapi_extra=AUDIT_LOG.documented())
async def get_audit_entry(
    tx: CanReadAuditLog, entry_id: UUID, query: Annotated[ItemQuery, asked(ItemQuery)]
) -> Response:
    """Get one entry of the audit log."""
    return await answers.item(tx, AUDIT_LOG, AuditEntryRead, entry_id, query)
