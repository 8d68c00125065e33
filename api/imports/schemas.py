"""Shapes of imports."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.imports import examples
from api.imports.models import Encoding, FileFormat, ImportState, RowStatus
from api.kit.known_at import KnownAt
from api.kit.schemas import Input, Key, ListQuery, Moment, Name, Page, Read, RecordQuery, RecordRead, shown

MOST_COLUMNS = 500
TargetName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$")]
Mapping = Annotated[
    dict[Name, TargetName],
    Field(
        max_length=MOST_COLUMNS,
        description="The field for each column, such as `name` or `custom.tier`; columns that are not named are left out.",
    ),
]


class ImportCreate(Input):
    """An import to prepare; its file follows."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_CREATE))

    resource: Key = Field(description="What the rows are: `accounts`, `contacts`, `contracts`, `products`.")
    filename: Name
    format: FileFormat | None = Field(default=None, description="By default read off the name and the content.")
    encoding: Encoding | None = Field(default=None, description="By default found in the file.")
    mapping: Mapping | None = None
    mapping_id: UUID | None = Field(default=None, description="A saved mapping, in place of `mapping`.")
    dry_run: Annotated[bool, Field(strict=True)] = False
    known_at: KnownAt = Field(
        default=KnownAt.fact_date,
        description="Since when facts count as known: since their own day, since the day or moment in the column that "
        "is mapped to `known_at`, or from now on.",
    )


class ImportStart(Input):
    """How the columns are to be read."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_START))

    mapping: Mapping | MISSING = Field(default=MISSING, description="By default the import's own.")
    dry_run: Annotated[bool, Field(strict=True)] | MISSING = MISSING


class ImportColumn(Read):
    """A column of the file."""

    name: str
    samples: list[str] = Field(description="Different values among the first rows.")
    suggested_target: str | None = Field(description="The field that its name points to.")


class ImportFailure(Read):
    """Why an import failed as a whole."""

    code: str
    detail: str


class ImportRead(RecordRead):
    """An import, its file, and how far it has come."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_READ))

    resource: str
    filename: str
    state: ImportState
    dry_run: bool
    known_at: KnownAt
    mapping_id: UUID | None
    format: FileFormat | None
    encoding: Encoding | None
    delimiter: str | None
    size_bytes: int | None
    digest: str | None = Field(description="SHA-256 of the file, in hex.")
    columns: list[ImportColumn]
    mapping: dict[str, str] = Field(description="The field for each column, as the import will read it.")
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    failure: ImportFailure | None
    bytes_done: int
    rows_done: int
    rows_total: int | None = Field(description="Known at the end, and of a workbook before.")
    rows_created: int
    rows_updated: int
    rows_unchanged: int
    rows_failed: int


class ImportSort(StrEnum):
    """The orders of a list of imports."""

    created_at = "created_at"
    created_at_down = "-created_at"


class ImportQuery(RecordQuery):
    """The imports to list."""

    sort: ImportSort | MISSING = MISSING
    resource: list[Key] | MISSING = MISSING
    state: list[ImportState] | MISSING = MISSING
    created_after: Moment | MISSING = MISSING


class ImportPage(Page[ImportRead]):
    """One page of imports."""


class RowError(Read):
    """One thing wrong with a row."""

    pointer: str = Field(description="The field, as `/name` or `/custom/tier`; empty: the row as a whole.")
    code: str
    detail: str


class ImportRowRead(Read):
    """What became of one row. Failed rows are kept; of a dry run all are."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_ROW_READ))

    id: UUID
    number: int = Field(description="The line of the file on which it begins (of a workbook its row); the header is 1.")
    status: RowStatus
    key: str | None = Field(description="What it is known by, such as its external id.")
    row_id: UUID | None = Field(description="The record that it created or changed.")
    errors: list[RowError]


class ImportRowSort(StrEnum):
    """The orders of a list of rows."""

    number = "number"
    number_down = "-number"


class ImportRowQuery(ListQuery):
    """The rows to list."""

    sort: ImportRowSort | MISSING = MISSING
    status: list[RowStatus] | MISSING = MISSING


class ImportRowPage(Page[ImportRowRead]):
    """One page of an import's rows."""


class ImportMappingCreate(Input):
    """A mapping to keep for the next file of the same kind."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_MAPPING_CREATE))

    name: Name
    resource: Key
    mapping: Mapping


class ImportMappingUpdate(Input):
    """Changes to a saved mapping; absent fields stay."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_MAPPING_UPDATE))

    name: Name | MISSING = MISSING
    mapping: Mapping | MISSING = MISSING


class ImportMappingRead(RecordRead):
    """A saved mapping."""

    model_config = ConfigDict(json_schema_extra=shown(examples.IMPORT_MAPPING_READ))

    name: str
    resource: str
    mapping: dict[str, str]


class ImportMappingSort(StrEnum):
    """The orders of a list of saved mappings."""

    name = "name"
    name_down = "-name"


class ImportMappingQuery(RecordQuery):
    """The saved mappings to list."""

    sort: ImportMappingSort | MISSING = MISSING
    resource: list[Key] | MISSING = MISSING


class ImportMappingPage(Page[ImportMappingRead]):
    """One page of saved mappings."""
