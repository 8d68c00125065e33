"""Erasing a person on request: every personal value about them goes, the facts stay.

What is personal is declared once, on the columns (:func:`api.kit.tables.personal`). Which rows are about the
person is declared too: their own row, and the rows of every table with a foreign key to the person's table.
So a table that comes later is covered by its declarations alone. Free text elsewhere that happens to mention
someone cannot be found this way.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from api.kit import clock, idempotency, write
from api.kit.custom_fields import FieldValue
from api.kit.db import Tx
from api.kit.problems import problem_type
from api.kit.resources import Condition, Resource
from api.kit.tables import Record, tables

ERASED = problem_type(
    "erased", 409,
    en=("Erased", "The personal data of this {what} was erased on request; it cannot be changed any more."),
    ja=("個人情報は消去済み", "この {what} の個人情報は本人の依頼により消去されたため、変更できません。"),
)  # fmt: skip

ERASED_NAME: Final = "(erased)"


class Erasable(Record):
    """A record about a person who may ask to be erased."""

    erased_at: dt.datetime | None = None


async def erase(tx: Tx, resource: Resource, person: Erasable) -> dict[str, int]:
    """Scrub a locked record about a person and everything that refers to it; the rows touched, by table.

    Announced as ``<name>.erased``. Erasing again scrubs what has come since; nothing new: nothing is written.
    """
    await tx.flush()
    counts, about_them = {}, [person.id]
    for table, about in _tables_about(resource.table):
        if erased := {column: erased_value(column) for column in table.c if column.info.get("personal") is True}:
            matching = sa.and_(table.c.workspace_id == tx.workspace_id, about(person.id))
            await _forget_filterable_values(tx, table, matching, {column.name for column in erased})
            scrubbed = await _scrub(tx, table, matching, erased, versioned=table is not resource.table)
            counts[table.name] = len(scrubbed)
            about_them += [row_id for row_id in scrubbed if row_id is not None]
    counts["idempotency_keys"] = await idempotency.forget_answers_about(tx, about_them)
    touched = {name: count for name, count in counts.items() if count}
    if touched or person.erased_at is None:
        now = clock.now()
        await write.change(tx, resource, person, {"erased_at": now}, action="erased", announce={"tables": touched})
    return touched


def erased_value(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """What stands in a personal column afterwards: null where it may, else something that says nothing.

    Raises:
        TypeError: There is none for the column's type, so it must not be personal and required at once.
    """
    if column.nullable:
        return sa.null()
    kind = column.type.impl if isinstance(column.type, sa.TypeDecorator) else column.type
    match kind:
        case sa.String():
            return sa.literal(ERASED_NAME if column.name == "name" else "", column.type)
        case sa.ARRAY():
            return sa.literal([], column.type)
        case JSONB():
            return sa.literal({}, column.type)
    raise TypeError(f"{column} is personal and required, but {column.type} has no erased value")


def _tables_about(person: sa.Table) -> Iterator[tuple[sa.Table, Any]]:
    """Each table with rows about a person, and the condition that finds them by the person's id."""
    yield person, lambda person_id: person.c.id == person_id
    for table in tables():
        # A row of the person's own table that refers to them is about somebody else: their manager, say.
        if table is not person and (names := _references(table, person)):
            yield (
                table,
                lambda person_id, table=table, names=names: sa.or_(*(table.c[name] == person_id for name in names)),
            )


def _references(table: sa.Table, person: sa.Table) -> list[str]:
    return [
        element.parent.name
        for constraint in table.foreign_key_constraints
        if constraint.referred_table is person
        for element in constraint.elements
        if element.column is person.c.id
    ]


async def _scrub(
    tx: Tx,
    table: sa.Table,
    matching: Condition,
    erased: dict[sa.Column[Any], sa.ColumnElement[Any]],
    *,
    versioned: bool,
) -> list[UUID | None]:
    """Scrub what matches; the ids of the rows that changed (None where a table has none)."""
    values: dict[str, Any] = {column.name: value for column, value in erased.items()}
    if versioned and "version" in table.c:
        values |= {"version": table.c.version + 1, "updated_at": clock.now()}
    remains = sa.or_(*(column.is_distinct_from(value) for column, value in erased.items()))
    row_id = table.c.id if "id" in table.c else sa.null()
    statement = table.update().where(matching, remains).values(values).returning(row_id)
    return list((await tx.session.execute(statement)).scalars())


async def _forget_filterable_values(tx: Tx, table: sa.Table, matching: Condition, personal: set[str]) -> None:
    """Remove what ``field_values`` holds of the rows' personal tags and custom fields."""
    values: sa.Table = FieldValue.__table__  # type: ignore[attr-defined]
    fields = []
    if "tags" in personal:
        fields.append(values.c.field == "tags")
    if "custom" in personal:
        fields.append(values.c.field.startswith("custom."))
    if fields:
        await tx.session.execute(
            values.delete().where(
                values.c.workspace_id == tx.workspace_id,
                values.c.row_id.in_(sa.select(table.c.id).where(matching)),
                sa.or_(*fields),
            )
        )
