"""Shapes of tags and custom fields, in bodies and in query strings."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import MISSING, AfterValidator, Field, model_validator

from api.kit.schemas import Key, RecordQuery, Tag, Text

# ``custom.tier=gold`` for people, ``custom[tier]=gold`` as generated clients write it.
_CUSTOM: Final = re.compile(r"^custom(?:\.([a-z][a-z0-9_]{0,62})|\[([a-z][a-z0-9_]{0,62})\])$")


def _without_repetition(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


Tags = Annotated[list[Tag], Field(max_length=50), AfterValidator(_without_repetition)]
CustomNumber = Annotated[float, Field(allow_inf_nan=False)]
CustomValue = bool | int | CustomNumber | Text | None
CustomValues = Annotated[
    dict[Key, CustomValue],
    Field(
        max_length=100,
        description="Values of the workspace's own fields, by key.",
        examples=[{"tier": "gold"}],
    ),
]


class FlexibleQuery(RecordQuery):
    """The query string of a list of records with tags and custom fields."""

    tags: list[Tag] | MISSING = Field(default=MISSING, description="Records with any of these tags.")
    custom: dict[Key, list[Text]] | MISSING = Field(
        default=MISSING, description="By custom field: `custom.tier=gold` (or `custom[tier]=gold`)."
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_custom(cls, given: Any) -> Any:  # noqa: ANN401
        if not isinstance(given, Mapping):
            return given
        kept: dict[str, Any] = {}
        custom: dict[str, list[Any]] = {}
        for name, value in given.items():
            if match := _CUSTOM.match(name):
                custom[match.group(1) or match.group(2)] = value if isinstance(value, list) else [value]
            else:
                kept[name] = value
        return {**kept, "custom": custom} if custom else kept
