"""Shapes of bulk operations."""

from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import ConfigDict, Field, GetJsonSchemaHandler, WithJsonSchema
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from api.kit.schemas import Input, Read, shown

_PROBLEM: Final[JsonDict] = {"anyOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]}
ToldProblem = Annotated[dict[str, Any] | None, WithJsonSchema(_PROBLEM)]
"""A problem inside a representation, or none."""

_DONE: Final[JsonDict] = {
    "index": 0,
    "external_id": "crm-1042",
    "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
    "status": "updated",
    "problem": None,
}
_FAILED: Final[JsonDict] = {
    "index": 1,
    "external_id": "crm-1043",
    "id": None,
    "status": "failed",
    "problem": {
        "type": "/problems/invalid_input",
        "title": "Invalid input",
        "status": 422,
        "detail": "The input has 1 error(s); see `errors`.",
        "code": "invalid_input",
        "errors": [{"pointer": "/name", "code": "missing", "detail": "Required"}],
    },
}


class BulkStatus(StrEnum):
    """What became of an item."""

    created = "created"
    updated = "updated"
    unchanged = "unchanged"
    failed = "failed"
    not_applied = "not_applied"


class _ItemsOf:
    """Documents a list of unchecked items by the schema that each is checked against."""

    def __init__(self, schema: type[Input]) -> None:
        self.schema = schema

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(core)
        described["items"] = handler(self.schema.__pydantic_core_schema__)
        return described


def items_of(schema: type[Input]) -> _ItemsOf:
    """The mark of a bulk body's ``items``: each is checked against ``schema``, and fails on its own."""
    return _ItemsOf(schema)


BulkItems = Annotated[list[Any], Field(min_length=1, max_length=5000)]


class BulkItemResult(Read):
    """What became of one item."""

    index: int
    external_id: str | None
    id: UUID | None
    status: BulkStatus
    problem: ToldProblem = Field(description="When it failed; with pointers into the item.")


class BulkResult(Read):
    """The results, in the order of the request."""

    model_config = ConfigDict(json_schema_extra=shown([{"items": [_DONE, _FAILED]}]))

    items: list[BulkItemResult]
