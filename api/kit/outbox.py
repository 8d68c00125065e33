"""The event log and its outbox.

A fact is recorded in the transaction that made it true. Readers (the change feed, webhooks, jobs) need facts in
commit order without gaps, which ids cannot give: a transaction with an earlier id may commit later. So each
fact also leaves a row in ``outbox``; one sequencer takes committed rows and numbers their events, per
workspace, without gaps. A reader remembers the last number it has seen.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlmodel import Field, SQLModel

from api.kit import clock
from api.kit.db import Database, Tx
from api.kit.tables import DISTRIBUTED, LOCAL, Row, in_workspace, index, json_column, new_id


class Event(Row, table=True):
    """One fact: what happened to what, by whom. Ids and field names, never personal values."""

    __tablename__ = "events"
    __table_args__ = (
        in_workspace(),
        sa.Index(None, "workspace_id", "position", unique=True, postgresql_where=sa.text("position IS NOT NULL")),
        index("resource_id", "occurred_at"),
        DISTRIBUTED,
    )

    type: str
    resource: str
    resource_id: UUID
    data: dict[str, Any] = json_column(default_factory=dict)
    actor_kind: str
    actor_id: UUID | None = None
    origin: str | None = None
    request_id: str | None = None
    occurred_at: dt.datetime = Field(default_factory=clock.now)
    position: int | None = Field(default=None, sa_type=sa.BigInteger)


class OutboxRow(SQLModel, table=True):
    """An event that waits for its number."""

    __tablename__ = "outbox"
    __table_args__ = LOCAL

    event_id: UUID = Field(primary_key=True)
    workspace_id: UUID


def record(tx: Tx, type_: str, resource: str, resource_id: UUID, data: dict[str, Any] | None = None) -> None:
    """Announce a fact, for instance ``account.updated``, in the caller's transaction."""
    assert tx.workspace_id is not None
    event_id = new_id()
    tx.note(
        Event,
        workspace_id=tx.workspace_id,
        id=event_id,
        type=type_,
        resource=resource,
        resource_id=resource_id,
        data=data or {},
        actor_kind=tx.actor.kind.value,
        actor_id=tx.actor.id,
        origin=tx.origin,
        request_id=tx.request_id,
        occurred_at=clock.now(),
    )
    tx.note(OutboxRow, event_id=event_id, workspace_id=tx.workspace_id)


async def record_many(tx: Tx, resource: str, facts: Sequence[tuple[str, UUID, dict[str, Any]]]) -> None:
    """Announce many facts ``(<action>, resource id, data)`` about one kind of record, in two statements."""
    if not facts:
        return
    ids = [new_id() for _ in facts]
    await tx.execute(
        """
        INSERT INTO events
            (workspace_id, id, type, resource, resource_id, data, actor_kind, actor_id, origin, request_id, occurred_at)
        SELECT %(ws)s, id, type, %(resource)s, resource_id, data, %(kind)s, %(actor)s, %(origin)s, %(request)s, %(at)s
        FROM unnest(%(ids)s::uuid[], %(types)s::text[], %(resource_ids)s::uuid[], %(data)s::jsonb[])
            AS facts (id, type, resource_id, data)
        """,
        {
            "ws": tx.workspace_id,
            "resource": resource,
            "kind": tx.actor.kind.value,
            "actor": tx.actor.id,
            "origin": tx.origin,
            "request": tx.request_id,
            "at": clock.now(),
            "ids": ids,
            "types": [f"{resource}.{action}" for action, _, _ in facts],
            "resource_ids": [resource_id for _, resource_id, _ in facts],
            "data": [Jsonb(data) for _, _, data in facts],
        },
    )
    await tx.execute(
        "INSERT INTO outbox (event_id, workspace_id) SELECT unnest(%(ids)s::uuid[]), %(ws)s",
        {"ids": ids, "ws": tx.workspace_id},
    )


BATCH: Final = 1000
SEQUENCER: Final = 0x5EC0E7CE


async def number_events(heads: Database, tenants: Database) -> int:
    """Number the committed events that wait, at most ``BATCH``; how many there were.

    ``heads`` sees the outbox, ``tenants`` the workspaces' events. The transaction on the outbox holds the
    sequencer's lock and commits last: when the process dies between the two commits, the events keep the
    numbers they got, and the next run continues behind the highest one.
    """
    async with heads.write(None) as head:
        (locked,) = (await head.fetch("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER]))[0]
        if not locked:
            return 0
        waiting = await head.fetch(
            "SELECT workspace_id, array_agg(event_id ORDER BY event_id) FROM "
            "(SELECT workspace_id, event_id FROM outbox ORDER BY event_id LIMIT %s) AS waiting GROUP BY 1",
            [BATCH],
        )
        for workspace_id, event_ids in waiting:
            async with tenants.write(workspace_id) as tx:
                await tx.execute(
                    """
                    WITH head AS (
                        SELECT coalesce(max(position), 0) AS position FROM events WHERE workspace_id = %(ws)s
                    ), numbered AS (
                        SELECT id, head.position + row_number() OVER (ORDER BY id) AS position
                        FROM events, head
                        WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND events.position IS NULL
                    )
                    UPDATE events SET position = numbered.position FROM numbered
                    WHERE events.workspace_id = %(ws)s AND events.id = numbered.id
                    """,
                    {"ws": workspace_id, "ids": event_ids},
                )
            await head.execute("DELETE FROM outbox WHERE event_id = ANY(%(ids)s)", {"ids": event_ids})
        return sum(len(event_ids) for _, event_ids in waiting)
