"""Reading and writing the parts of a roadmap, many at once. Whoever writes them holds the roadmap's lock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from api.kit import audit, clock, outbox
from api.kit.db import Tx
from api.kit.resources import Resource
from api.success_roadmaps.models import SuccessRoadmap
from api.success_roadmaps.resource import GOALS, HYPOTHESES, MILESTONES

Values = dict[str, Any]

# Not theirs to write: what the database computes, and what the figures keep.
_KEPT: Final = {"search_text", "due_sort", "progress", "status"}


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of part: its resource, and its name in bodies."""

    name: str
    resource: Resource

    @property
    def columns(self) -> list[str]:
        """The columns that edits write."""
        return [column.name for column in self.resource.table.c if column.name not in _KEPT]


GOAL: Final = Part("goals", GOALS)
MILESTONE: Final = Part("milestones", MILESTONES)
HYPOTHESIS: Final = Part("hypotheses", HYPOTHESES)


@dataclass(slots=True)
class Written:
    """A part as it will be, and what changed of it."""

    row: Values
    changed: list[str] = field(default_factory=list)
    action: str = "updated"


async def known_parts(tx: Tx, part: Part, roadmap_id: UUID) -> dict[UUID, Values]:
    """The roadmap's parts of this kind, archived ones too, as they are."""
    rows = await tx.fetch(
        f"SELECT {', '.join(part.columns)} FROM {part.resource.table.name} WHERE workspace_id = %s AND roadmap_id = %s",  # noqa: S608
        [tx.workspace_id, roadmap_id],
    )
    found = [dict(zip(part.columns, row, strict=True)) for row in rows]
    return {row["id"]: row for row in found}


def blank(part: Part, roadmap: SuccessRoadmap, row_id: UUID) -> Values:
    """A new part with its defaults."""
    given: dict[str, Any] = {
        "workspace_id": roadmap.workspace_id,
        "id": row_id,
        "roadmap_id": roadmap.id,
        "account_id": roadmap.account_id,
    }
    row = part.resource.model(**given)
    return {column: getattr(row, column, None) for column in part.columns}


async def write_parts(tx: Tx, part: Part, written: Iterable[Written]) -> list[str]:
    """Write new and changed parts in one statement, audited and announced; the names of the actions that took place."""
    rows = [each for each in written if each.changed]
    if not rows:
        return []
    now = clock.now()
    for each in rows:
        if each.action != "created":
            each.row["version"] += 1
        each.row["updated_at"] = now
    columns = part.columns
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in {"workspace_id", "id"})
    await tx.execute(
        f"INSERT INTO {part.resource.table.name} ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {', '.join(columns)} FROM jsonb_populate_recordset(NULL::{part.resource.table.name}, %(rows)s) "
        f"ON CONFLICT (workspace_id, id) DO UPDATE SET {sets}",
        {"rows": Jsonb([each.row for each in rows], dumps=_dumps)},
    )
    await announce_parts(tx, part, rows)
    return sorted({each.action for each in rows})


async def announce_parts(tx: Tx, part: Part, rows: Iterable[Written]) -> None:
    """Audit and announce what happened to parts."""
    told = [
        (
            each.action, each.row["id"],
            {
                "fields": each.changed, "version": each.row["version"], "roadmap_id": str(each.row["roadmap_id"]),
                "account_id": str(each.row["account_id"]),
            },
        )
        for each in rows
    ]  # fmt: skip
    acts = [(action, row_id, data["fields"]) for action, row_id, data in told]
    await audit.record_many(tx, part.resource.name, acts)
    await outbox.record_many(tx, part.resource.name, told)


def merged(row: Mapping[str, Any], values: Mapping[str, Any]) -> Written:
    """A row with these values, and which of them are news."""
    changed = sorted(name for name, value in values.items() if row[name] != value)
    return Written({**row, **values}, changed)


def _dumps(value: object) -> bytes:
    return orjson.dumps(value, default=str)
