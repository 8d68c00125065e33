"""The audit log: who changed what, written in the change's own transaction. Ids and field names only."""

import datetime as dt
from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from api.kit import clock
from api.kit.db import Tx
from api.kit.tables import DISTRIBUTED, Row, empty_list, in_workspace, index, new_id


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
    fields: list[str] = Field(default_factory=empty_list, sa_type=ARRAY(sa.Text), nullable=False)
    request_id: str | None = None


def record(tx: Tx, action: str, resource: str, resource_id: UUID | None, fields: Iterable[str] = ()) -> None:
    """Add the entry of one act, for instance ``updated`` on an ``account``."""
    assert tx.workspace_id is not None
    tx.note(
        AuditEntry,
        workspace_id=tx.workspace_id,
        id=new_id(),
        at=clock.now(),
        actor_kind=tx.actor.kind.value,
        actor_id=tx.actor.id,
        action=action,
        resource=resource,
        resource_id=resource_id,
        fields=sorted(fields),
        request_id=tx.request_id,
    )


async def record_many(tx: Tx, resource: str, acts: Sequence[tuple[str, UUID, Sequence[str]]]) -> None:
    """Add the entries of many acts ``(action, resource id, fields)`` in one statement."""
    if not acts:
        return
    await tx.execute(
        """
        INSERT INTO audit_log
            (workspace_id, id, at, actor_kind, actor_id, action, resource, resource_id, fields, request_id)
        SELECT %(ws)s, id, %(at)s, %(kind)s, %(actor)s, action, %(resource)s, resource_id,
            string_to_array(fields, ','), %(request)s
        FROM unnest(%(ids)s::uuid[], %(actions)s::text[], %(resource_ids)s::uuid[], %(fields)s::text[])
            AS acts (id, action, resource_id, fields)
        """,
        {
            "ws": tx.workspace_id,
            "at": clock.now(),
            "kind": tx.actor.kind.value,
            "actor": tx.actor.id,
            "resource": resource,
            "request": tx.request_id,
            "ids": [new_id() for _ in acts],
            "actions": [action for action, _, _ in acts],
            "resource_ids": [resource_id for _, resource_id, _ in acts],
            "fields": [",".join(fields) for _, _, fields in acts],
        },
    )
