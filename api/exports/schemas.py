"""Shapes of exports."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import MISSING, AwareDatetime, ConfigDict, Field, StringConstraints

from api.exports import examples
from api.exports.models import ExportFormat, ExportState
from api.exports.sources import ExportedList
from api.kit.actors import ActorKind
from api.kit.bulk_schemas import ToldProblem
from api.kit.schemas import Input, JsonObject, Key, Moment, Name, Page, Read, RecordQuery, RecordRead, shown

ColumnName = Annotated[str, StringConstraints(max_length=200)]


class ExportCreate(Input):
    """A list to export."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXPORT_CREATE))

    resource: ExportedList
    format: ExportFormat
    query: JsonObject = Field(
        default={},
        max_length=60,
        description="The list's own query string as a JSON object: its filters, `sort`, `fields`, `expand`.",
    )
    columns: list[ColumnName] | None = Field(
        default=None,
        min_length=1,
        max_length=300,
        description="The columns of a CSV or XLSX file, in their order; all by default. Values inside objects are "
        "named with a dot: `mrr.amount`, `custom.tier`.",
    )
    one_row_per: Key | None = Field(
        default=None,
        description="A list that the records nest, such as the `items` of contracts: a CSV or XLSX file then has one "
        "row for each of its elements (`items.quantity`), beside which the record's own columns repeat.",
    )
    filename: Name | None = Field(default=None, description="By default the list and the day.")
    bom: bool = Field(default=True, strict=True, description="Begin a CSV file with a mark by which Excel knows UTF-8.")


class ExportRead(RecordRead):
    """A file made of a list."""

    model_config = ConfigDict(json_schema_extra=shown(examples.EXPORT_READ))

    resource: str
    format: ExportFormat
    query: dict[str, Any]
    columns: list[str] = Field(description="The columns of the file; none in JSON Lines.")
    bom: bool
    filename: str
    state: ExportState
    rows: int = Field(description="Records written so far.")
    total_rows: int | None = Field(description="Records that there will be; null until the job begins.")
    size: int | None = Field(description="Bytes of the file.")
    digest: str | None = Field(description="SHA-256 of the file, in hex.")
    problem: ToldProblem = Field(description="Why it failed.")
    asked_by_kind: ActorKind
    asked_by_id: UUID
    finished_at: AwareDatetime | None
    expires_at: AwareDatetime | None = Field(description="The file is there until then.")


class ExportFile(Read):
    """What is needed to hand out a file."""

    resource: str
    format: ExportFormat
    filename: str
    state: ExportState
    size: int | None
    digest: str | None
    file_id: UUID | None
    expires_at: dt.datetime | None


class ExportSort(StrEnum):
    """The orders of a list of exports."""

    created_at = "created_at"
    created_at_down = "-created_at"


class ExportQuery(RecordQuery):
    """The exports to list."""

    sort: ExportSort | MISSING = MISSING
    resource: list[ExportedList] | MISSING = MISSING
    format: list[ExportFormat] | MISSING = MISSING
    state: list[ExportState] | MISSING = MISSING
    created_after: Moment | MISSING = MISSING


class ExportPage(Page[ExportRead]):
    """One page of exports, newest first."""
