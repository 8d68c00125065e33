"""From the rows of a file to the items of a loader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.imports.analysis import printable
from api.imports.cells import CellError, Kind, Taken, taken_by, value_of
from api.imports.mapping import CUSTOM
from api.imports.models import FileFormat
from api.imports.table import SourceRow
from api.imports.targets import Importable, Item
from api.kit.custom_fields import CustomField, FieldType
from api.kit.formulas import as_it_was
from api.kit.problems import FieldError

_OF_CUSTOM: Final = {
    FieldType.text: Kind.verbatim,
    FieldType.number: Kind.number,
    FieldType.boolean: Kind.boolean,
    FieldType.date: Kind.day,
    FieldType.option: Kind.text,
}
_LONGEST_KEY: Final = 200


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row, as the item it is or with what is wrong."""

    row: SourceRow
    key: str | None
    item: Item
    errors: list[FieldError]


@dataclass(frozen=True, slots=True)
class Conversion:
    """What each mapped column becomes."""

    target: Importable
    columns: Sequence[tuple[str, str, Taken]]
    exported: bool

    @classmethod
    def of(
        cls, target: Importable, mapping: Mapping[str, str], declared: Mapping[str, CustomField], format_: FileFormat
    ) -> "Conversion":
        """The conversion that a mapping describes; a custom field that is not declared (any more) is taken as text."""
        columns = [(column, field, _taken(target, field, declared)) for column, field in mapping.items()]
        # JSON Lines need no protection from spreadsheets, so exports leave them as they are.
        return cls(target, columns, format_ is not FileFormat.jsonl)

    def read(self, row: SourceRow) -> ReadRow:
        """The row as an item. An empty cell leaves its field as it is."""
        if row.error is not None:
            return ReadRow(row, None, {}, [row.error])
        item: Item = {}
        errors: list[FieldError] = []
        for column, field, taken in self.columns:
            cell = row.values.get(column)
            if isinstance(cell, str) and self.exported:
                cell = as_it_was(cell)
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                continue
            try:
                _put(item, field, value_of(cell, taken))
            except CellError as error:
                shown = printable(str(cell))[:60]
                told = (f"`{shown}`: {error.en}", f"`{shown}`: {error.ja}")
                errors.append(FieldError("/" + field.replace(".", "/"), "invalid_format", *told))
        key = item.get(self.target.key)
        if key is None and not errors:
            errors.append(FieldError(f"/{self.target.key}", "missing", "Required", "必須です"))
        return ReadRow(row, None if key is None else printable(str(key))[:_LONGEST_KEY], item, errors)


def _taken(target: Importable, field: str, declared: Mapping[str, CustomField]) -> Taken:
    if not field.startswith(CUSTOM):
        return taken_by(target.item.model_fields[field])
    custom = declared.get(field.removeprefix(CUSTOM))
    return Taken(Kind.text if custom is None else _OF_CUSTOM[FieldType(custom.type)])


def _put(item: Item, field: str, value: Any) -> None:  # noqa: ANN401
    if field.startswith(CUSTOM):
        item.setdefault("custom", {})[field.removeprefix(CUSTOM)] = value
    elif field in item:
        item[field] = [*item[field], *value]
    else:
        item[field] = value
