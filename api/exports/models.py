"""The table of exports. Their files are chunks (:mod:`api.kit.files`)."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.kit.actors import ActorKind
from api.kit.problems import Language
from api.kit.tables import DISTRIBUTED, Record, empty_list, in_workspace, index, json_column, one_of


class ExportFormat(StrEnum):
    """The kinds of files."""

    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


class ExportState(StrEnum):
    """Where an export stands."""

    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class Export(Record, table=True):
    """A file made of a list.

    ``file_id`` names the chunks of the latest run of its job: a run that was overtaken by another sees a stranger's
    id here, and gives up.
    """

    __tablename__ = "exports"
    __table_args__ = (
        in_workspace(),
        one_of("format", ExportFormat),
        one_of("state", ExportState),
        one_of("language", Language),
        one_of("asked_by_kind", ActorKind),
        index("created_at", "id"),
        index("state", "expires_at"),
        DISTRIBUTED,
    )

    resource: str
    format: str
    query: dict[str, Any] = json_column()
    columns: list[str] = json_column(default_factory=empty_list)
    bom: bool = Field(default=True)
    filename: str
    language: str
    asked_by_kind: str
    asked_by_id: UUID
    state: str = ExportState.running.value
    rows: int = Field(default=0, sa_type=sa.BigInteger, nullable=False)
    total_rows: int | None = Field(default=None, sa_type=sa.BigInteger)
    file_id: UUID | None = None
    size: int | None = Field(default=None, sa_type=sa.BigInteger)
    digest: str | None = None
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    finished_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
