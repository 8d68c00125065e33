"""Fields that a workspace declares for itself, and tags: typed, and filterable through an index.

The values live in the row (``custom`` jsonb, ``tags`` array) and, for filtering, in ``field_values``: operators
on jsonb and arrays are not leakproof, so under row-level security Postgres would not use an index on them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from api.kit.db import Tx
from api.kit.problems import FieldError, invalid
from api.kit.resources import Condition, Resource
from api.kit.tables import DISTRIBUTED, Record, empty_list, in_workspace, index, json_column, one_of, unique


class FieldType(StrEnum):
    """The types of a custom field."""

    text = "text"
    number = "number"
    boolean = "boolean"
    date = "date"
    option = "option"


class CustomField(Record, table=True):
    """A field that a workspace declared for one kind of record."""

    __tablename__ = "custom_fields"
    __table_args__ = (
        in_workspace(),
        unique("resource", "key"),
        index("key", "id"),
        one_of("type", FieldType),
        DISTRIBUTED,
    )

    resource: str
    key: str
    label: str
    type: str
    options: list[str] = json_column(default_factory=empty_list)


class FieldValue(SQLModel, table=True):
    """One filterable value of one row: a tag, or a custom field's value as text."""

    __tablename__ = "field_values"
    __table_args__ = (
        in_workspace(),
        sa.Index(None, "workspace_id", "resource", "row_id"),
        DISTRIBUTED,
    )

    workspace_id: UUID = Field(primary_key=True)
    resource: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    row_id: UUID = Field(primary_key=True)


def has_value(resource: Resource, field: str, bound: str) -> Condition:
    """The condition that a row carries any of the bound values in ``field`` (``tags`` or ``custom.<key>``)."""
    values, table = FieldValue.__table__, resource.table  # type: ignore[attr-defined]
    return sa.exists().where(
        values.c.workspace_id == table.c.workspace_id,
        values.c.resource == resource.name,
        values.c.field == field,
        values.c.value == sa.any_(sa.bindparam(bound, type_=ARRAY(sa.Text()))),
        values.c.row_id == table.c.id,
    )


async def declared_fields(tx: Tx, resource: Resource) -> dict[str, CustomField]:
    """The workspace's fields for ``resource``, by key."""
    rows = await tx.session.scalars(
        sa.select(CustomField).where(
            CustomField.__table__.c.workspace_id == tx.workspace_id,  # type: ignore[attr-defined]
            CustomField.__table__.c.resource == resource.name,  # type: ignore[attr-defined]
            CustomField.__table__.c.archived_at.is_(None),  # type: ignore[attr-defined]
        )
    )
    return {row.key: row for row in rows}


def field_errors(
    fields: Mapping[str, CustomField], values: Mapping[str, Any], pointer: str = "/custom"
) -> list[FieldError]:
    """What is wrong with ``values``: names nobody declared, and values of another type."""
    errors = []
    for key, value in values.items():
        where = f"{pointer}/{key}"
        if key not in fields:
            known = ", ".join(fields) or "-"
            errors.append(
                FieldError(
                    where, "unknown_field",
                    f"No custom field `{key[:60]}` is declared. Declared: {known}",
                    f"カスタム項目 `{key[:60]}` は定義されていません。定義済み: {known}",
                )
            )  # fmt: skip
        elif value is not None and not _fits(fields[key], value):
            errors.append(FieldError(where, "invalid_type", *_demand(fields[key])))
    return errors


def _demand(field: CustomField) -> tuple[str, str]:
    """What a value of this field must be, in English and Japanese."""
    choices = ", ".join(field.options)
    return {
        FieldType.text: ("Must be a text of at most 2,000 characters", "2,000 文字以内の文字列にしてください"),
        FieldType.number: ("Must be a number", "数値にしてください"),
        FieldType.boolean: ("Must be true or false", "true か false にしてください"),
        FieldType.date: ("Must be a date such as 2026-04-01", "2026-04-01 のような日付にしてください"),
        FieldType.option: (f"Must be one of: {choices}", f"次のいずれかにしてください: {choices}"),
    }[FieldType(field.type)]


async def check_custom(tx: Tx, resource: Resource, values: Mapping[str, Any]) -> None:
    """Refuse custom values that the workspace's declarations do not allow."""
    if values and (errors := field_errors(await declared_fields(tx, resource), values)):
        raise invalid(*errors)


def merged(stored: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """``stored`` with ``change`` merged in: null removes a value, absent ones stay."""
    return {key: value for key, value in {**stored, **change}.items() if value is not None}


def _fits(field: CustomField, value: object) -> bool:
    match FieldType(field.type):
        case FieldType.number:
            return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15
        case FieldType.boolean:
            return isinstance(value, bool)
        case FieldType.option:
            return isinstance(value, str) and value in field.options
        case FieldType.date:
            try:
                return isinstance(value, str) and bool(dt.date.fromisoformat(value))
            except ValueError:
                return False
        case FieldType.text:
            return isinstance(value, str) and len(value) <= 2000


async def index_values(tx: Tx, resource: Resource, ids: Sequence[UUID]) -> None:
    """Bring ``field_values`` up to date with the tags and custom values of these rows; two statements."""
    await tx.flush()
    table = resource.table.name
    key = {"ws": tx.workspace_id, "resource": resource.name, "ids": list(ids)}
    await tx.execute(
        "DELETE FROM field_values WHERE workspace_id = %(ws)s AND resource = %(resource)s AND row_id = ANY(%(ids)s)",
        key,
    )
    await tx.execute(
        f"""
        INSERT INTO field_values (workspace_id, resource, field, value, row_id)
        SELECT workspace_id, %(resource)s, field, value, id FROM {table},
        LATERAL (
            SELECT 'tags' AS field, tag AS value FROM unnest(tags) AS tag
            UNION ALL
            SELECT 'custom.' || key, value FROM jsonb_each_text(custom) WHERE length(value) <= 500
        ) AS filterable
        WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)
        ON CONFLICT DO NOTHING
        """,  # noqa: S608
        key,
    )
