"""The audit log: who changed what, written in the change's own transaction. Ids and field names only."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from api.kit import clock
from api.kit.db import Tx
from api.kit.tables import DISTRIBUTED, Row, in_workspace, index


class AuditEntry(Row, table=True):
    """One act of a principal. The application role may add entries, and never change or delete them."""

    __tablename__ = "audit_log"
    __table_args__ = (
        in_workspace(),
        index("at", "id"),
        index("resource_id", "at"),
        DISTRIBUTED,
    )

    at: dt.datetime = Field(default_factory=clock.now)
    actor_kind: str
    actor_id: UUID | None
    action: str
    resource: str
    resource_id: UUID | None
    fields: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text), nullable=False)
    request_id: str | None = None


def record(
    tx: Tx, action: str, resource: str, resource_id: UUID | None, fields: Iterable[str] = ()
) -> None:
    """Add the entry of one act, for instance ``updated`` on an ``account``."""
    assert tx.workspace_id is not None
    tx.session.add(
        AuditEntry(
            workspace_id=tx.workspace_id,
            actor_kind=tx.actor.kind.value,
            actor_id=tx.actor.id,
            action=action,
            resource=resource,
            resource_id=resource_id,
            fields=sorted(fields),
            request_id=tx.request_id,
        )
    )
