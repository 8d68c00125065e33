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
from api.kit.resources import Expansion
from api.kit.schemas import Read

JOINER: Final = ";"

Cell = str | int | float | bool | None


def nested_lists(source: Source) -> list[str]:
    """The lists that the items of a list can nest, of which each element can be a row of its own."""
    return [name for name, each in source.resource.expands.items() if isinstance(each, Expansion) and each.many]


def row_per(source: Source, columns: Sequence[str]) -> str | None:
    """The nested list of which each element is a row: the one that columns look into."""
    inside = {name.partition(".")[0] for name in columns if "." in name}
    return next((name for name in nested_lists(source) if name in inside), None)


def columns_of(
    source: Source,
    fields: Sequence[str],
    expand: Sequence[str],
    custom_keys: Sequence[str],
    per: str | None = None,
) -> tuple[str, ...]:
    """The columns that the items of a list have, in the order of their schema.

    Args:
        source: The list.
        fields: The fields its items show.
        expand: The related objects nested in them.
        custom_keys: The workspace's declared fields for this kind of record.
        per: The nested list of which each element is a row.
    """
    return tuple(_columns(source, [*fields, *expand], custom_keys, per))


def _columns(source: Source, names: Sequence[str], custom_keys: Sequence[str], per: str | None) -> Iterator[str]:
    for name in names:
        if name == per:
            yield from _inside(name, _element(source.read.model_fields[name].annotation))
            continue
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


def _element(annotation: Any) -> Any:  # noqa: ANN401
    """The shape of the elements of a nested list."""
    lists = [part for part in (annotation, *get_args(annotation)) if get_origin(part) is list]
    return get_args(lists[0])[0]


class Table:
    """Turns items into rows of cells; with ``per`` into one for each element of that nested list, or one without."""

    def __init__(self, columns: Sequence[str], per: str | None = None) -> None:
        self._paths = [tuple(name.split(".")) for name in columns]
        self._per = per

    def rows(self, items: bytes) -> Iterator[list[list[Cell]]]:
        """The rows of each item of a JSON list."""
        for item in orjson.loads(items):
            elements = (item.get(self._per) or [None]) if self._per else ()
            wholes = [{**item, self._per: element} for element in elements] or [item]
            yield [[_cell(_value(whole, path)) for path in self._paths] for whole in wholes]


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
