"""Reads exported files back, as an import does."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from pydantic import BaseModel

Json = dict[str, Any]
Row = dict[str, Any]

_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def csv_rows(content: bytes) -> list[Row]:
    """The records of a CSV file by column; every cell is a text."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def xlsx_rows(content: bytes) -> list[Row]:
    """The records of an XLSX file's first sheet by column; empty cells are None."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = ET.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = [{_column(cell): _value(cell) for cell in row} for row in sheet.iter(f"{_SHEET}row")]
    names = rows[0]
    return [{str(name): row.get(place) for place, name in names.items()} for row in rows[1:]]


def _column(cell: ET.Element) -> str:
    return cell.attrib["r"].rstrip("0123456789")


def _value(cell: ET.Element) -> Any:
    assert cell.find(f"{_SHEET}f") is None, "a formula"
    if cell.get("t") == "inlineStr":
        text = "".join(part.text or "" for part in cell.iter(f"{_SHEET}t"))
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    number = cell.findtext(f"{_SHEET}v") or ""
    if cell.get("t") == "b":
        return number == "1"
    return float(number) if "." in number or "E" in number else int(number)


def json_lines(content: bytes) -> list[Json]:
    """The items of a JSON Lines file."""
    assert content.endswith(b"\n") or not content
    return [json.loads(line) for line in content.splitlines()]


def restored(cell: Any) -> Any:
    """A cell without the mark that keeps it from being a formula."""
    return cell[1:] if isinstance(cell, str) and re.match(r"'+[=+\-@\t\r]", cell) else cell


def items(rows: Sequence[Row], shape: type[BaseModel], types: Mapping[str, str]) -> list[Json]:
    """The records as items of a bulk upsert: columns that ``shape`` lacks are left out.

    ``types`` are those of the custom fields.
    """
    fields = {name: _types(told) for name, told in shape.model_json_schema()["properties"].items()}
    found = []
    for row in rows:
        item: Json = {}
        for name, cell in row.items():
            value = restored(cell)
            if name.startswith("custom."):
                item.setdefault("custom", {})[name[7:]] = _value_of(value, {types[name[7:]], "null"})
            elif name in fields:
                item[name] = _value_of(value, fields[name])
        found.append(item)
    return found


def _types(told: Json) -> set[str]:
    """The JSON types that a field takes."""
    if "anyOf" in told:
        return set().union(*(_types(choice) for choice in told["anyOf"]))
    return {told.get("type", "string")}


def _value_of(cell: Any, types: set[str]) -> Any:
    if "array" in types:
        return json.loads(cell) if cell and cell[0] == "[" else cell.split(";") if cell else []
    if "object" in types:
        return json.loads(cell)
    if cell in {"", None}:
        return None if "null" in types else ""
    if isinstance(cell, str) and types & {"integer", "number"}:
        return int(cell) if cell.lstrip("-").isdigit() else float(cell)
    return cell == "true" if isinstance(cell, str) and "boolean" in types else cell
