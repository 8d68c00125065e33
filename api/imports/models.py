"""Tables of imports."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from api.kit.known_at import KnownAt
from api.kit.tables import (
    DISTRIBUTED,
    Record,
    Row,
    belongs_to,
    empty_list,
    in_workspace,
    index,
    json_column,
    one_of,
    personal,
    unique,
)


class FileFormat(StrEnum):
    """The kinds of files that can be imported."""

    csv = "csv"
    xlsx = "xlsx"
    jsonl = "jsonl"


class Encoding(StrEnum):
    """The encodings of text files; ``shift_jis`` is read as Microsoft's ``cp932``."""

    utf_8 = "utf-8"
    utf_8_sig = "utf-8-sig"
    utf_16 = "utf-16"
    shift_jis = "shift_jis"
    cp932 = "cp932"


class ImportState(StrEnum):
    """The states of an import."""

    waiting_for_file = "waiting_for_file"
    ready = "ready"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"


class RowStatus(StrEnum):
    """What became of a row; of a dry run, what would have."""

    created = "created"
    updated = "updated"
    unchanged = "unchanged"
    failed = "failed"


class ImportMapping(Record, table=True):
    """Which column goes into which field, kept under a name."""

    __tablename__ = "import_mappings"
    __table_args__ = (in_workspace(), unique("resource", "name"), index("name", "id"), DISTRIBUTED)

    name: str
    resource: str
    mapping: dict[str, str] = json_column(default_factory=dict)


class Import(Record, table=True):
    """A file on its way in. ``chosen`` is what the caller asked for, beside what was found in the file."""

    __tablename__ = "imports"
    __table_args__ = (
        in_workspace(),
        belongs_to("mapping_id", "import_mappings"),
        index("created_at", "id"),
        index("state", "progressed_at"),
        one_of("format", FileFormat),
        one_of("encoding", Encoding),
        one_of("known_at", KnownAt),
        one_of("state", ImportState),
        DISTRIBUTED,
    )

    resource: str
    filename: str
    state: str = ImportState.waiting_for_file.value
    dry_run: bool = False
    known_at: str = KnownAt.fact_date.value
    mapping_id: UUID | None = None
    chosen: dict[str, Any] = json_column(default_factory=dict)
    file_id: UUID | None = None
    upload_id: UUID | None = None
    upload_began_at: dt.datetime | None = None
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    size_bytes: int | None = Field(default=None, sa_type=sa.BigInteger)
    digest: str | None = None
    columns: list[dict[str, Any]] = personal(default_factory=empty_list, sa_type=JSONB, nullable=False)
    mapping: dict[str, str] = json_column(default_factory=dict)
    language: str = "en"
    started_by_kind: str | None = None
    started_by_id: UUID | None = None
    started_at: dt.datetime | None = None
    progressed_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    attempts_failed: int = 0
    failure: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    bytes_done: int = Field(default=0, sa_type=sa.BigInteger)
    rows_done: int = Field(default=0, sa_type=sa.BigInteger)
    rows_total: int | None = Field(default=None, sa_type=sa.BigInteger)
    rows_created: int = Field(default=0, sa_type=sa.BigInteger)
    rows_updated: int = Field(default=0, sa_type=sa.BigInteger)
    rows_unchanged: int = Field(default=0, sa_type=sa.BigInteger)
    rows_failed: int = Field(default=0, sa_type=sa.BigInteger)


class ImportRow(Row, table=True):
    """What became of one row of the file; ``cells`` are those of a row that failed."""

    __tablename__ = "import_rows"
    __table_args__ = (
        in_workspace(),
        belongs_to("import_id", "imports"),
        unique("import_id", "number"),
        index("import_id", "status", "number", "id"),
        one_of("status", RowStatus),
        DISTRIBUTED,
    )

    import_id: UUID
    number: int = Field(sa_type=sa.BigInteger)
    status: str
    key: str | None = personal(default=None)
    row_id: UUID | None = None
    errors: list[dict[str, str]] = personal(default_factory=empty_list, sa_type=JSONB, nullable=False)
    cells: dict[str, Any] = personal(default_factory=dict, sa_type=JSONB, nullable=False)
