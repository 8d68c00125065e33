"""From the rows of a file to the items of a loader."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from api.imports.analysis import printable
from api.imports.cells import CellError, Kind, Taken, moment_of, taken_by, value_of
from api.imports.importable import KNOWN_AT, Importable, Item, Known
from api.imports.mapping import CUSTOM
from api.imports.models import FileFormat
from api.imports.table import SourceRow
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
    now: dt.datetime

    @classmethod
    def of(
        cls,
        target: Importable,
        mapping: Mapping[str, str],
        declared: Mapping[str, CustomField],
        format_: FileFormat,
        now: dt.datetime,
    ) -> "Conversion":
        """The conversion that a mapping describes; a custom field that is not declared (any more) is taken as text.

        ``now`` is on the workspace's clocks.
        """
        columns = [(column, field, _taken(target, field, declared)) for column, field in mapping.items()]
        # JSON Lines need no protection from spreadsheets, so exports leave them as they are.
        return cls(target, columns, format_ is not FileFormat.jsonl, now)

    def read(self, row: SourceRow) -> ReadRow:
        """The row as an item. An empty cell leaves its field as it is."""
        if row.error is not None:
            return ReadRow(row, None, {}, [row.error])
        item: Item = {}
        errors: list[FieldError] = []
        for column, field, taken in self.columns:
            cell = self._cell(row, column)
            if cell is None:
                continue
            try:
                _put(item, field, self._known(cell) if field == KNOWN_AT else value_of(cell, taken))
            except CellError as error:
                shown = printable(str(cell))[:60]
                told = (f"`{shown}`: {error.en}", f"`{shown}`: {error.ja}")
                errors.append(FieldError("/" + field.replace(".", "/"), "invalid_format", *told))
        if self.target.known is not None and not errors:
            errors += self._misdated(item, self.target.known)
        key = item.get(self.target.key)
        if key is None and not errors:
            errors.append(FieldError(f"/{self.target.key}", "missing", "Required", "必須です"))
        return ReadRow(row, _shown_key(key), item, errors)

    def key(self, row: SourceRow) -> str | None:
        """What the row is known by, as :meth:`read` finds it."""
        for column, field, taken in self.columns if row.error is None else ():
            if field == self.target.key and (cell := self._cell(row, column)) is not None:
                with suppress(CellError):
                    return _shown_key(value_of(cell, taken))
        return None

    def _cell(self, row: SourceRow, column: str) -> object:
        """The cell; None when it is empty."""
        cell = row.values.get(column)
        if isinstance(cell, str) and self.exported:
            cell = as_it_was(cell)
        return None if isinstance(cell, str) and not cell.strip() else cell

    def _known(self, cell: object) -> dt.datetime:
        moment = moment_of(cell, self.now.tzinfo or dt.UTC)
        if moment > self.now:
            raise CellError("Not in the future", "未来の日時は指定できません")
        return moment

    def _misdated(self, item: Item, known: Known) -> Iterator[FieldError]:
        """What is wrong with when the row became known."""
        if all(field != KNOWN_AT for _, field, _ in self.columns):
            return
        if KNOWN_AT not in item:
            yield FieldError(f"/{KNOWN_AT}", "missing", "Required", "必須です")
            return
        day = str(item.get(known.not_before or "", ""))[:10]
        if item[KNOWN_AT].astimezone(self.now.tzinfo).date().isoformat() < day:
            told = (f"Not before the fact, {day}", f"事実の日付（{day}）より前にはできません")
            yield FieldError(f"/{KNOWN_AT}", "out_of_range", *told)


def _shown_key(key: object) -> str | None:
    return None if key is None else printable(str(key))[:_LONGEST_KEY]


def _taken(target: Importable, field: str, declared: Mapping[str, CustomField]) -> Taken:
    if field == KNOWN_AT:
        return Taken(Kind.moment)
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
