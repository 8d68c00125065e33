"""The shapes of the API: base classes of bodies, representations and query strings, and their field types."""

import datetime as dt
import json
import math
import re
import unicodedata
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from pydantic import (
    MISSING,
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic.config import JsonDict, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError

T = TypeVar("T")

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BREAKS = re.compile("[\t\n\r\x85\u2028\u2029]+")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean_text(text: str) -> str:
    """``text`` in Unicode NFC; control characters and lone surrogates are refused."""
    if _FORBIDDEN.search(text):
        raise PydanticCustomError("invalid_characters", "Control characters and lone surrogates are not allowed")
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    """Clean ``text`` on one line, breaks becoming spaces; what turns the direction of writing is refused."""
    if _TURNS.search(text):
        # With them a name can look like another one.
        raise PydanticCustomError("invalid_characters", "Characters that turn the direction of writing are not allowed")
    return _BREAKS.sub(" ", clean_text(text))


def refused(en: str, ja: str, code: str = "not_allowed") -> PydanticCustomError:
    """The error that a validator raises for a rule of ours, told in both languages."""
    return PydanticCustomError("refused", "{en}", {"en": en, "ja": ja, "code": code})


def _clean_json(value: Any, depth: int = 0) -> Any:  # noqa: ANN401
    if depth > 20:
        raise PydanticCustomError("too_deep", "At most 20 levels of nesting are allowed")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean_json(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean_json(item, depth + 1) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        # Python reads NaN and 1e400; Postgres has no JSON for them.
        raise PydanticKnownError("finite_number")
    return value


def _reasonable_day(day: dt.date) -> dt.date:
    if not 1900 <= day.year <= 2999:
        raise PydanticCustomError("out_of_range", "The year must be between 1900 and 2999")
    return day


def _not_a_number(value: object) -> object:
    # A number would be read as seconds since 1970, which is never what a caller means here.
    if isinstance(value, (int, float)):
        raise PydanticCustomError("invalid_type", "Send an ISO 8601 text")
    return value


def _split(value: object) -> object:
    # ``expand=owner,team`` and ``expand=owner&expand=team`` mean the same: generated clients write either.
    return [part for text in value for part in str(text).split(",")] if isinstance(value, list) else value


_clean = AfterValidator(clean_text)
_one_line = AfterValidator(one_line)
Names = Annotated[list[str] | MISSING, Field(max_length=200), BeforeValidator(_split)]
Text = Annotated[str, StringConstraints(max_length=10_000), _clean]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _one_line]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), _one_line]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Domain = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"),
    Field(examples=["example.co.jp"]),
]
ExternalId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), _one_line]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), _one_line]
SearchText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), _clean]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["JPY"])]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["JP"])]
Day = Annotated[dt.date, BeforeValidator(_not_a_number), AfterValidator(_reasonable_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_not_a_number), AfterValidator(_reasonable_day)]
Count = Annotated[int, Field(strict=True, ge=0, le=2_147_483_647)]
MinorUnits = Annotated[int, Field(strict=True, ge=-(2**53) + 1, le=2**53 - 1)]
# What stands in a query string is text; only bodies can tell 5 from "5".
CountParameter = Annotated[int, Field(ge=0, le=2_147_483_647)]
MinorUnitsParameter = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_clean_json)]


Examples = list[JsonValue]
"""Examples of a body or an answer, for the OpenAPI document."""


def shown(examples: Examples) -> JsonDict:
    """The ``json_schema_extra`` of a body or an answer with these examples."""
    # As text, because FastAPI drops every null from its document, and pydantic sorts the names.
    return {"x-examples": json.dumps(examples)}


class Input(BaseModel):
    """A request body. Unknown fields are refused; absent fields of an update are left as they are."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=100_000, defer_build=True)

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, ready for the database."""
        return self.model_dump(exclude_unset=True)


class Read(BaseModel):
    """A representation: the fields of an answer. A field with default ``MISSING`` is there when expanded."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True, extra="forbid", defer_build=True)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(core)
        schema = handler.resolve_ref_schema(described)
        expandable = {name for name, field in cls.model_fields.items() if field.default is MISSING}
        if "required" in schema:
            schema["required"] = [name for name in schema["required"] if name not in expandable]
        return described


def or_none(value: T | MISSING) -> T | None:
    """``value``, and None when the caller did not send it."""
    return None if value is MISSING else value


class Money(Read):
    """An amount in minor units (yen, cents) of its currency."""

    model_config = ConfigDict(json_schema_extra=shown([{"amount": 120000, "currency": "JPY"}]))

    amount: MinorUnits
    currency: CurrencyCode


class RecordRead(Read):
    """What every editable record shows."""

    id: UUID
    version: int = Field(description="Grows with each change; send it as `If-Match` when you change the record.")
    created_at: AwareDatetime
    updated_at: AwareDatetime
    archived_at: AwareDatetime | None


RECORD_EXAMPLE: Final[JsonDict] = {
    "id": "01966f3c-7a80-7c11-8a52-2f6f0d1c9b7e",
    "version": 3,
    "created_at": "2026-04-01T00:30:00.000000Z",
    "updated_at": "2026-04-20T05:12:41.903000Z",
    "archived_at": None,
}
"""What the example of every editable record begins with."""

Item = TypeVar("Item")


class PageInfo(Read):
    """Where a page ends."""

    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last.")
    has_more: bool
    total_count: int | MISSING = Field(default=MISSING, description="With `include=total_count`.")


class Page(Read, Generic[Item]):
    """One page of a list."""

    data: list[Item]
    page: PageInfo


FIELDS_TEXT: Final = (
    "The fields to return, separated by commas; `id` and what is expanded always come along. The others are missing "
    "then, though the schema of the answer requires them."
)
EXPAND_TEXT: Final = "The related objects to nest, separated by commas."


class Include(StrEnum):
    """What a list can add."""

    total_count = "total_count"


class ListQuery(BaseModel):
    """The query string of every list. Subclasses add filters, by these endings: ``_min``, ``_max``
    (inclusive), ``_after`` (inclusive), ``_before`` (exclusive); a list means any of the values.
    """  # noqa: D205

    model_config = ConfigDict(extra="forbid", defer_build=True)

    limit: int = Field(50, ge=1, description="Items on a page; more than 200 means 200.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | MISSING = MISSING
    sort: Annotated[str, StringConstraints(max_length=60)] | MISSING = Field(
        default=MISSING, description="One of the sort keys; `-` before it sorts downwards."
    )
    fields: Names = Field(default=MISSING, description=FIELDS_TEXT)
    expand: Names = Field(default=MISSING, description=EXPAND_TEXT)
    include: Include | MISSING = Field(
        default=MISSING, description="`total_count` adds the number of all matches to `page`."
    )


class RecordQuery(ListQuery):
    """The query string of a list of editable records."""

    archived: bool = Field(default=False, description="True lists the archived records instead.")
    updated_after: Moment | MISSING = Field(
        default=MISSING, description="For people; to keep a copy in step, read `/v1/events`."
    )


class ItemQuery(BaseModel):
    """The query string of a single representation."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    fields: Names = Field(default=MISSING, description=FIELDS_TEXT)
    expand: Names = Field(default=MISSING, description=EXPAND_TEXT)
