"""What every table shares: identity, tenancy, versions, and the marks that tests and tools read.

A tenant table's primary key is ``(workspace_id, id)``; each of its unique keys and foreign keys begins
with ``workspace_id`` too, so that rows of one workspace can never point into another, and the tables can
be distributed by it. Marks live in ``Table.info`` (``citus``, ``audited``) and ``Column.info``
(``personal``: erased when the person asks).
"""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from api.kit import clock

# Rows are made from values that were validated already; building each table's validators takes a tenth of the start.
SQLModel.model_config["defer_build"] = True
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

DISTRIBUTED: Final = {"info": {"citus": "distributed"}}
REFERENCE: Final = {"info": {"citus": "reference"}}
LOCAL: Final = {"info": {"citus": "local"}}


def new_id() -> UUID:
    """A fresh UUIDv7: unique everywhere, and in order of creation."""
    return uuid7()


def empty_list() -> list[Any]:
    """The default of a list column: pydantic reads the factory's signature for each row, and ``list``'s takes 0.2 ms."""
    return []


class Row(SQLModel):
    """A row that belongs to one workspace."""

    workspace_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=new_id, primary_key=True)


class Record(Row):
    """A row that principals edit: versioned, dated, archivable."""

    version: int = Field(default=1, nullable=False)
    created_at: dt.datetime = Field(default_factory=clock.now, nullable=False)
    updated_at: dt.datetime = Field(default_factory=clock.now, nullable=False)
    archived_at: dt.datetime | None = None


def belongs_to(column: str, table: str, *, on_delete: str | None = None) -> sa.ForeignKeyConstraint:
    """A foreign key inside the workspace: ``(workspace_id, column)`` → ``table``."""
    return sa.ForeignKeyConstraint(
        ["workspace_id", column], [f"{table}.workspace_id", f"{table}.id"], ondelete=on_delete
    )


def in_workspace() -> sa.ForeignKeyConstraint:
    """The foreign key of a tenant table to its workspace."""
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.workspace_id"])


def unique(*columns: str, where: str | None = None) -> sa.UniqueConstraint | sa.Index:
    """A key unique inside the workspace; with ``where`` among the rows it names only."""
    if where is None:
        return sa.UniqueConstraint("workspace_id", *columns)
    return sa.Index(None, "workspace_id", *columns, unique=True, postgresql_where=sa.text(where))


def index(*columns: str) -> sa.Index:
    """An index whose first column is the workspace."""
    return sa.Index(None, "workspace_id", *columns)


def one_of(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    """A check that ``column`` holds one of ``states`` (text and a check: enum types are not leakproof)."""
    allowed = ", ".join(f"'{state.value}'" for state in states)
    return sa.CheckConstraint(f"{column} IN ({allowed})", name=column)


def json_column(**extra: Any) -> Any:  # noqa: ANN401
    """A required ``jsonb`` column; ``extra`` goes to ``Field``."""
    return Field(sa_type=JSONB, nullable=False, **extra)


def shown_json(**extra: Any) -> Any:  # noqa: ANN401
    """A required ``json`` column that answers hold as it is: text, which nothing has to put together again."""
    return Field(sa_type=JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}, **extra)


def personal(**extra: Any) -> Any:  # noqa: ANN401
    """A column with personal data: erased when the person asks, and kept out of events and audit."""
    column_args = {**extra.pop("sa_column_kwargs", {}), "info": {"personal": True}}
    return Field(sa_column_kwargs=column_args, **extra)


def sort_key(type_: sa.types.TypeEngine[Any], expression: str) -> Any:  # noqa: ANN401
    """A stored generated column that is never null, to sort a list by a nullable one.

    A keyset over a nullable column, or over an expression, loses its index under row-level security.
    """
    column = sa.Column(type_, sa.Computed(expression, persisted=True), nullable=False)
    return Field(default=None, sa_column=column)


def tables() -> Sequence[sa.Table]:
    """All tables known so far, parents before children."""
    return SQLModel.metadata.sorted_tables


def tenant_tables() -> Sequence[sa.Table]:
    """The tables whose rows belong to a workspace."""
    return [table for table in tables() if table.info.get("citus") == "distributed"]
