"""From the rows of a CSV file to the items of a bulk upsert: which column goes where, and as what."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from api.accounts.schemas import AccountUpsert

CUSTOM: Final = "custom."
KEY: Final = "external_id"
MOST_OPTIONS: Final = 12
_CUSTOM_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TARGETS: Final = tuple(name for name in AccountUpsert.model_fields if name not in {"sources", "custom"})
_TRUE: Final = {"true", "yes", "y", "1", "はい", "有"}
_FALSE: Final = {"false", "no", "n", "0", "いいえ", "無"}
_NUMBER: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
_DAY: Final = re.compile(r"(\d{4})(?:-|/|年)(\d{1,2})(?:-|/|月)(\d{1,2})日?")


class MapError(ValueError):
    """The map does not fit the file or the accounts; the message says how."""


class CellError(ValueError):
    """A cell cannot be what its target needs; the message says what that is."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of the file: the number of its first line, and its cells by column."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a record was not imported; ``pointer`` leads into the item, as in the API's problems."""

    number: int
    key: str | None
    pointer: str
    reason: str


@dataclass(frozen=True, slots=True)
class Converted:
    """The records as items of a bulk upsert, each with its line, and those that could not become one."""

    items: list[tuple[int, dict[str, Any]]]
    rejected: list[Rejected]


def parse_map(text: str) -> dict[str, str]:
    """The targets by column, from ``column=target,column,…`` or from ``@FILE`` with one such pair on a line.

    A column alone is its own target. In a file, blank lines and those that begin with ``#`` say nothing.

    Raises:
        MapError: A pair is malformed, a target is no field of accounts, or a column or target comes twice.
    """
    if text.startswith("@"):
        try:
            lines = Path(text[1:]).read_text(encoding="utf-8-sig").splitlines()
        except OSError as error:
            raise MapError(f"{text[1:]}: {error.strerror}") from error
        pairs = [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    else:
        pairs = [pair for pair in map(str.strip, text.split(",")) if pair]
    found: dict[str, str] = {}
    for pair in pairs:
        column, separator, target = (part.strip() for part in pair.partition("="))
        target = target if separator else column
        _refuse_target(target)
        if column in found:
            raise MapError(f"column `{column}` is mapped twice")
        if target != "tags" and target in found.values():
            raise MapError(f"two columns are mapped to `{target}`; only tags take several")
        found[column] = target
    if KEY not in found.values():
        raise MapError(f"one column must be mapped to `{KEY}`, which says whether an account is there already")
    return found


def _refuse_target(target: str) -> None:
    if target.startswith(CUSTOM):
        if not _CUSTOM_KEY.fullmatch(target.removeprefix(CUSTOM)):
            raise MapError(f"`{target}`: a custom field's key is lower_snake_case")
    elif target not in _TARGETS:
        raise MapError(f"`{target}` is no field of accounts; there are {', '.join(_TARGETS)} and custom.<key>")


def read_lines(content: bytes, encoding: str) -> tuple[list[str], list[Line]]:
    """The columns and the records of a CSV file; empty lines are skipped.

    Raises:
        MapError: It cannot be decoded, has no header, or a line has more cells than the header.
    """
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise MapError(f"the file is not {encoding} ({error}); try --encoding, for instance cp932") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines, last = [], 0
    try:
        header = [name.strip() for name in next(reader, [])]
        last = reader.line_num
        for cells in reader:
            number, last = last + 1, reader.line_num
            if len(cells) > len(header):
                raise MapError(f"line {number} has {len(cells)} cells, the header has {len(header)}")
            if any(cells):
                lines.append(Line(number, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        raise MapError(f"line {last + 1}: {error}") from error
    if not header:
        raise MapError("the file is empty; its first line must name the columns")
    if repeated := [name for name in header if header.count(name) > 1]:
        raise MapError(f"the header names `{repeated[0]}` twice")
    return header, lines


def ignored_columns(columns: Sequence[str], targets: Mapping[str, str]) -> list[str]:
    """The columns that the map does not use.

    Raises:
        MapError: The map names a column that the file does not have.
    """
    if missing := [column for column in targets if column not in columns]:
        raise MapError(f"the file has no column `{'`, `'.join(missing)}`; it has {', '.join(columns)}")
    return [column for column in columns if column not in targets]


def convert(lines: Iterable[Line], targets: Mapping[str, str], types: Mapping[str, str]) -> Converted:
    """The records as items; ``types`` says the type of each custom field by key, as it is declared.

    An empty cell leaves its field as it is. A record whose cell cannot be converted, without an external id or with
    an earlier record's, becomes none.
    """
    converted = Converted([], [])
    seen: dict[str, int] = {}
    for line in lines:
        item, errors = _item(line, targets, types)
        key = item.get(KEY)
        if key is None:
            errors = [Rejected(line.number, None, f"/{KEY}", "is empty"), *errors]
        elif key in seen:
            errors = [Rejected(line.number, key, f"/{KEY}", f"is that of line {seen[key]} as well"), *errors]
        else:
            seen[key] = line.number
        converted.rejected.extend(errors)
        if not errors:
            converted.items.append((line.number, item))
    return converted


def _item(line: Line, targets: Mapping[str, str], types: Mapping[str, str]) -> tuple[dict[str, Any], list[Rejected]]:
    item: dict[str, Any] = {}
    errors: list[tuple[str, str]] = []
    for column, target in targets.items():
        cell = line.cells.get(column, "").strip()
        if not cell:
            continue
        try:
            if target == "tags":
                tags = (tag.strip() for tag in cell.split(";"))
                item["tags"] = list(dict.fromkeys([*item.get("tags", []), *filter(None, tags)]))
            elif target.startswith(CUSTOM):
                key = target.removeprefix(CUSTOM)
                item.setdefault("custom", {})[key] = cell_value(cell, types.get(key, "text"))
            else:
                item[target] = cell_value(cell, "count" if target == "employee_count" else "text")
        except CellError as error:
            errors.append(("/" + target.replace(".", "/"), f"`{cell[:60]}`: {error}"))
    return item, [Rejected(line.number, item.get(KEY), pointer, reason) for pointer, reason in errors]


def cell_value(cell: str, type_: str) -> object:
    """A cell as a ``count``, ``number``, ``boolean``, ISO ``date``, or as the text it is.

    Raises:
        CellError: It is none.
    """
    match type_:
        case "count" | "number":
            if not _NUMBER.fullmatch(cell):
                raise CellError("must be a number such as 1200 or 1,200")
            number = float(cell.replace(",", ""))
            if number.is_integer():
                return int(number)
            if type_ == "count":
                raise CellError("must be a whole number")
            return number
        case "boolean":
            if cell.lower() not in _TRUE | _FALSE:
                raise CellError("must be true or false (or yes, no, 1, 0, はい, いいえ)")
            return cell.lower() in _TRUE
        case "date":
            return _day(cell).isoformat()
    return cell


def _day(cell: str) -> dt.date:
    if match := _DAY.fullmatch(cell):
        year, month, day = map(int, match.groups())
        try:
            return dt.date(year, month, day)
        except ValueError:
            pass
    raise CellError("must be a day such as 2026-04-01, 2026/4/1 or 2026年4月1日")


def inferred_field(key: str, label: str, cells: Iterable[str]) -> dict[str, Any]:
    """The declaration of a custom field that takes these cells: ``{"resource", "key", "label", "type", "options"?}``.

    Words for true and false make a boolean, then numbers (without leading zeros, which codes have) and days; at most
    12 different texts make an option, more a text.
    """
    values = sorted({cell.strip() for cell in cells} - {""})
    declared = {"resource": "account", "key": key, "label": label}
    if not values:
        return {**declared, "type": "text"}
    if {value.lower() for value in values} <= (_TRUE | _FALSE) - {"1", "0"}:
        return {**declared, "type": "boolean"}
    if all(_NUMBER.fullmatch(value) and not re.match(r"[-+]?0\d", value) for value in values):
        return {**declared, "type": "number"}
    if all(_DAY.fullmatch(value) for value in values):
        return {**declared, "type": "date"}
    if len(values) <= MOST_OPTIONS and all(len(value) <= 200 for value in values):
        return {**declared, "type": "option", "options": values}
    return {**declared, "type": "text"}
