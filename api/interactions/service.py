"""What one can do with interactions."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.interactions import attendees
from api.interactions.known import FACTS, Believed, supersede
from api.interactions.models import Interaction
from api.interactions.resource import INTERACTIONS
from api.interactions.schemas import ActionItem
from api.kit import clock, write
from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.tasks.models import TaskOrigin
from api.tasks.service import NewTask, open_tasks

_LONGEST_TITLE = 200


async def create_interaction(tx: Tx, values: Mapping[str, Any]) -> Interaction:
    """Note an interaction, with who was there."""
    values = with_recording(values)
    people = await _people(tx, values)
    refuse_future(values)
    announce = {"account_id": str(values["account_id"]), "kind": str(values["kind"])}
    interaction = await write.create(tx, INTERACTIONS, Interaction, values, announce=announce)
    contacts, users = _of(interaction.id, people)
    await attendees.follow(tx, contacts, users, new=[interaction.id])
    return interaction


async def update_interaction(tx: Tx, interaction_id: UUID, version: int, values: Mapping[str, Any]) -> None:
    """Correct an interaction; what figures counted before is kept."""
    values = with_recording(values)
    people = await _people(tx, values)
    refuse_future(values)
    interaction = await write.lock(tx, INTERACTIONS, Interaction, interaction_id, version=version)
    if any(values.get(name, getattr(interaction, name)) != getattr(interaction, name) for name in FACTS):
        values |= await _superseded(tx, interaction)
    announce = {"account_id": str(values.get("account_id", interaction.account_id)), "kind": interaction.kind}
    changed = await write.change(tx, INTERACTIONS, interaction, values, announce=announce)
    if await attendees.follow(tx, *_of(interaction_id, people)) and not changed:
        await write.touch(tx, INTERACTIONS, interaction, ["attendees"], announce=announce)


async def archive_interaction(tx: Tx, interaction_id: UUID, version: int) -> None:
    """Take back an interaction: it counts no more, from now on."""
    interaction = await write.lock(tx, INTERACTIONS, Interaction, interaction_id, version=version)
    values = {"archived_at": clock.now(), **await _superseded(tx, interaction)}
    await write.change(tx, INTERACTIONS, interaction, values, action="archived")


async def restore_interaction(tx: Tx, interaction_id: UUID) -> None:
    """Bring an archived interaction back: it counts again, from now on."""
    interaction = await write.lock(tx, INTERACTIONS, Interaction, interaction_id, archived=True)
    if interaction.archived_at is not None:
        values = {"archived_at": None, "recorded_at": clock.now(), "backfilled": False}
        await write.change(tx, INTERACTIONS, interaction, values, action="restored")


async def open_action_items(tx: Tx, interaction_id: UUID, items: Sequence[ActionItem] | None) -> list[UUID | None]:
    """Make tasks of action items, all of the interaction's by default; None where an item is a task already."""
    interaction = await write.lock(tx, INTERACTIONS, Interaction, interaction_id)
    wanted = items if items is not None else [ActionItem(text=text) for text in interaction.action_items]
    owners = {f"/items/{place}/owner_id": item.owner_id for place, item in enumerate(wanted) if item.owner_id}
    await attendees.require(tx, "users", owners)
    rows = await tx.fetch(
        "SELECT title FROM tasks WHERE workspace_id = %s AND origin_kind = %s AND origin_id = %s AND archived_at IS NULL",
        [tx.workspace_id, TaskOrigin.interaction.value, interaction_id],
    )
    taken = {row[0] for row in rows}
    new = [item for item in wanted if item.text[:_LONGEST_TITLE] not in taken]
    opened = await open_tasks(
        tx,
        [
            NewTask(
                title=item.text[:_LONGEST_TITLE],
                detail=item.text if len(item.text) > _LONGEST_TITLE else "",
                account_id=interaction.account_id,
                origin_kind=TaskOrigin.interaction,
                origin_id=interaction_id,
                owner_id=item.owner_id,
                due_on=item.due_on,
                priority=item.priority,
                needs_check=item.needs_check,
                dedupe_key=f"interaction {interaction_id} {item.text}",
            )
            for item in new
        ],
    )
    ids = {id(item): task_id for item, task_id in zip(new, opened, strict=True)}
    return [ids.get(id(item)) for item in wanted]


def with_recording(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, with ``recorded`` where a recording's address is given."""
    implied = {"recorded": True} if values.get("recording_url") and "recorded" not in values else {}
    return {**values, **implied}


def refuse_future(values: Mapping[str, Any]) -> None:
    """Refuse a moment that is still to come: an interaction is a fact."""
    moment: dt.datetime | None = values.get("occurred_at")
    if moment is not None and moment > clock.now():
        raise invalid(FieldError("/occurred_at", "out_of_range", "Not in the future", "未来の日時は指定できません"))


async def _superseded(tx: Tx, interaction: Interaction) -> dict[str, Any]:
    """Keep what was believed so far; the fields that say since when it is known otherwise."""
    await supersede(tx, {interaction.id: Believed(*(getattr(interaction, name) for name in Believed._fields))})
    return {"recorded_at": clock.now(), "backfilled": False}


async def _people(tx: Tx, values: dict[str, Any]) -> tuple[list[UUID] | None, list[UUID] | None]:
    """Take the attendees out of the values, and refuse unknown ones."""
    contacts, users = values.pop("contact_ids", None), values.pop("user_ids", None)
    for table, field, ids in (("contacts", "contact_ids", contacts), ("users", "user_ids", users)):
        await attendees.require(tx, table, {f"/{field}/{place}": each for place, each in enumerate(ids or ())})
    return contacts, users


def _of(
    interaction_id: UUID, people: tuple[list[UUID] | None, list[UUID] | None]
) -> tuple[dict[UUID, list[UUID]], dict[UUID, list[UUID]]]:
    contacts, users = people
    return (
        {} if contacts is None else {interaction_id: contacts},
        {} if users is None else {interaction_id: users},
    )
