"""From the JSON of a list's items to the cells of a table.

Columns are named as imports name fields: ``mrr.amount`` for a value inside an object, ``custom.tier`` for a declared
field. A list of plain values is one cell, ``a;b``; what else is nested is one cell of JSON.
"""

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import orjson
from pydantic import MISSING

from api.exports.sources import Source
from api.kit.schemas import Read

JOINER: Final = ";"

Cell = str | int | float | bool | None


def columns_of(
    source: Source, fields: Sequence[str], expand: Sequence[str], custom_keys: Sequence[str]
) -> tuple[str, ...]:
    """The columns that the items of a list have, in the order of their schema.

    Args:
        source: The list.
        fields: The fields its items show.
        expand: The related objects nested in them.
        custom_keys: The workspace's declared fields for this kind of record.
    """
    return tuple(_columns(source, [*fields, *expand], custom_keys))


def _columns(source: Source, names: Sequence[str], custom_keys: Sequence[str]) -> Iterator[str]:
    for name in names:
        if name == "custom" and source.resource.custom_fields:
            yield from (f"custom.{key}" for key in custom_keys)
        else:
            yield from _inside(name, source.read.model_fields[name].annotation)


def _inside(name: str, annotation: Any) -> Iterator[str]:  # noqa: ANN401
    shape = _object(annotation)
    if shape is None:
        yield name
        return
    for inner, field in shape.model_fields.items():
        if field.default is not MISSING:
            yield from _inside(f"{name}.{inner}", field.annotation)


def _object(annotation: Any) -> type[Read] | None:  # noqa: ANN401
    """The Read schema of a nested object, if the annotation is one (or none); a list of them is no object."""
    if isinstance(annotation, type) and issubclass(annotation, Read):
        return annotation
    if get_origin(annotation) in {Union, UnionType, Annotated}:
        return next((shape for part in get_args(annotation) if (shape := _object(part))), None)
    return None


class Table:
    """Turns items into rows of cells."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._paths = [tuple(name.split(".")) for name in columns]

    def rows(self, items: bytes) -> Iterator[list[Cell]]:
        """One row for each item of a JSON list."""
        for item in orjson.loads(items):
            yield [_cell(_value(item, path)) for path in self._paths]


def _value(item: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401
    for step in path:
        if item is None:
            return None
        item = item.get(step)
    return item


def _cell(value: Any) -> Cell:  # noqa: ANN401
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, list):
        return _joined(value)
    cell: Cell = value
    return cell


def _joined(values: list[Any]) -> str:
    texts = [text for value in values if (text := _text(value)) is not None]
    unclear = any(JOINER in text or not text or text != text.strip() for text in texts)
    if len(texts) < len(values) or unclear or (texts and texts[0].startswith("[")):
        return orjson.dumps(values).decode()
    return JOINER.join(texts)


def _text(value: Any) -> str | None:  # noqa: ANN401
    """A plain value as text; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else None
