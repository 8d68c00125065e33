"""Writes: every change of a record goes through here, so that each has its version, audit row and event."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from api.kit import audit, clock, outbox
from api.kit.custom_fields import check_custom, index_values, merged
from api.kit.db import Tx
from api.kit.following import tell_followers
from api.kit.problems import ARCHIVED, NOT_FOUND, STALE
from api.kit.resources import Resource
from api.kit.tables import Record

R = TypeVar("R", bound=Record)


async def create(
    tx: Tx,
    resource: Resource,
    model: type[R],
    values: Mapping[str, Any],
    *,
    announce: Mapping[str, Any] | None = None,
) -> R:
    """Add a record, audited and announced as ``<name>.created``."""
    if resource.custom_fields:
        await check_custom(tx, resource, values.get("custom") or {})
    row = model.model_validate({**values, "workspace_id": tx.workspace_id})
    tx.session.add(row)
    audit.record(tx, "created", resource.name, row.id, values)
    if resource.announced:
        data = {"fields": sorted(values), **(announce or {})}
        outbox.record(tx, f"{resource.name}.created", resource.name, row.id, data)
    await tx.flush()
    if resource.custom_fields and (values.get("custom") or values.get("tags")):
        await index_values(tx, resource, [row.id])
    return row


async def lock(
    tx: Tx,
    resource: Resource,
    model: type[R],
    row_id: UUID,
    *,
    version: int | None = None,
    archived: bool = False,
) -> R:
    """The record, locked until the transaction ends.

    Raises ``not_found`` when the caller cannot see it, ``stale_version`` when it is not at ``version``, and
    ``archived`` when it is archived, unless ``archived`` allows that.
    """
    table = resource.table
    query = sa.select(model).where(table.c.workspace_id == tx.workspace_id, table.c.id == row_id)
    if resource.visible is not None:
        query = query.where(resource.visible)
    row = await tx.session.scalar(query.with_for_update(of=table), execution_options={"populate_existing": True})
    if row is None:
        raise NOT_FOUND(what=resource.name)
    if version is not None and row.version != version:
        raise STALE(version=row.version, extra={"current_version": row.version})
    if row.archived_at is not None and not archived:
        raise ARCHIVED(what=resource.name)
    return row


async def change(
    tx: Tx,
    resource: Resource,
    row: Record,
    values: Mapping[str, Any],
    *,
    action: str = "updated",
    announce: Mapping[str, Any] | None = None,
) -> list[str]:
    """Set these fields; the names of those that really changed. Nothing changed: nothing is written."""
    values = dict(values)
    if resource.custom_fields and "custom" in values:
        await check_custom(tx, resource, values["custom"] or {})
        values["custom"] = merged(row.custom, values["custom"] or {})  # type: ignore[attr-defined]
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    if not changed:
        return []
    for name in changed:
        setattr(row, name, values[name])
    await touch(tx, resource, row, changed, action=action, announce=announce)
    if resource.custom_fields and {"custom", "tags"} & set(changed):
        await index_values(tx, resource, [row.id])
    return changed


async def touch(
    tx: Tx,
    resource: Resource,
    row: Record,
    fields: Sequence[str],
    *,
    action: str = "updated",
    announce: Mapping[str, Any] | None = None,
) -> None:
    """A new version of a record whose parts changed, though none of its own columns did."""
    row.version += 1
    row.updated_at = clock.now()
    audit.record(tx, action, resource.name, row.id, fields)
    if resource.announced:
        data = {"fields": list(fields), "version": row.version, **(announce or {})}
        outbox.record(tx, f"{resource.name}.{action}", resource.name, row.id, data)
    await tx.flush()
    await tell_followers(tx, resource.name, fields, [row.id])


async def archive(
    tx: Tx,
    resource: Resource,
    model: type[R],
    row_id: UUID,
    version: int,
    *,
    announce: Callable[[R], Mapping[str, Any]] | None = None,
) -> R:
    """Hide a record from lists and forbid changes, until it is restored; ``announce`` says more of it in the event."""
    row = await lock(tx, resource, model, row_id, version=version)
    told = announce(row) if announce else None
    await change(tx, resource, row, {"archived_at": clock.now()}, action="archived", announce=told)
    return row


async def restore(
    tx: Tx,
    resource: Resource,
    model: type[R],
    row_id: UUID,
    *,
    announce: Callable[[R], Mapping[str, Any]] | None = None,
) -> R:
    """Undo :func:`archive`."""
    row = await lock(tx, resource, model, row_id, archived=True)
    told = announce(row) if announce else None
    await change(tx, resource, row, {"archived_at": None}, action="restored", announce=told)
    return row


async def exists(tx: Tx, table: sa.Table, row_id: UUID) -> bool:
    """Whether the workspace has this row."""
    query = sa.select(sa.literal(1)).where(table.c.workspace_id == tx.workspace_id, table.c.id == row_id)
    return await tx.session.scalar(query) is not None
