"""Records of a JSON Lines file, as its bytes come in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from api.imports.lines import TOO_LONG, UNDECODABLE, LineReader
from api.imports.refusals import NOT_DECODED, NOT_JSON, TOO_LONG_ROW
from api.kit.problems import FieldError


@dataclass(frozen=True, slots=True)
class JsonRecord:
    """One line: its number, and its values or what is wrong."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    error: FieldError | None = None


class JsonReader:
    """Reads one object from each line; empty lines are left out. Objects inside become ``outer.inner``."""

    def __init__(self, encoding: str) -> None:
        self._reader = LineReader(encoding)
        self._number = 0

    def feed(self, content: bytes, *, final: bool = False) -> Iterator[JsonRecord]:
        """The records that ``content`` completes; with ``final`` the rest as well."""
        for line in self._reader.feed(content, final=final):
            self._number += 1
            if line.startswith(TOO_LONG):
                yield JsonRecord(self._number, error=TOO_LONG_ROW)
            elif UNDECODABLE in line:
                yield JsonRecord(self._number, error=NOT_DECODED)
            elif line.strip():
                yield self._read(line)

    def _read(self, line: str) -> JsonRecord:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            return JsonRecord(self._number, error=NOT_JSON)
        if not isinstance(found, dict):
            return JsonRecord(self._number, error=NOT_JSON)
        return JsonRecord(self._number, _flat(found))


def _flat(found: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in found.items():
        if isinstance(value, dict):
            values |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            values[name] = value
    return values
