"""From the cell of a file to the value that a field takes."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

import orjson
from pydantic import AwareDatetime, StringConstraints
from pydantic.fields import FieldInfo

from api.kit.currencies import minor_digits
from api.kit.schemas import Money


class Kind(StrEnum):
    """What a field takes."""

    text = "text"
    verbatim = "verbatim"
    choice = "choice"
    whole = "whole"
    number = "number"
    boolean = "boolean"
    day = "day"
    moment = "moment"
    texts = "texts"
    money = "money"
    objects = "objects"


@dataclass(frozen=True, slots=True)
class Taken:
    """A kind with its choices."""

    kind: Kind
    choices: tuple[str, ...] = field(default=())


class CellError(ValueError):
    """A cell cannot be what its field takes; the message says what that is, in English and Japanese."""

    def __init__(self, en: str, ja: str) -> None:
        super().__init__(en)
        self.en, self.ja = en, ja


TRUE: Final = frozenset({"true", "yes", "y", "1", "はい", "有"})
FALSE: Final = frozenset({"false", "no", "n", "0", "いいえ", "無"})
NUMBER: Final = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?")
DAY: Final = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[T ]00:00(?::00)?)?")
_COMPACT_DAY: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SYMBOLS: Final = {"¥": "JPY", "円": "JPY", "$": "USD", "€": "EUR", "£": "GBP"}
_MONEY: Final = re.compile(r"(?P<before>[A-Z]{3}|[¥$€£])?\s*(?P<amount>[-+]?[\d,.]+)\s*(?P<after>[A-Z]{3}|円)?")


def taken_by(info: FieldInfo) -> Taken:
    """What a field of an item takes."""
    return _taken(info.annotation, list(info.metadata))


def _taken(annotation: Any, metadata: list[Any]) -> Taken:  # noqa: ANN401
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        return _taken(inner, [*metadata, *more])
    if origin in {Union, UnionType}:
        # `T | None | MISSING`
        return _taken(get_args(annotation)[0], metadata)
    if origin is list:
        inner = get_args(annotation)[0]
        plain = get_args(inner)[0] if get_origin(inner) is Annotated else inner
        return Taken(Kind.texts if plain is str else Kind.objects)
    if not isinstance(annotation, type):
        return Taken(Kind.text)
    if issubclass(annotation, Enum):
        return Taken(Kind.choice, tuple(str(member.value) for member in annotation))
    for type_, kind in _KINDS.items():
        if issubclass(annotation, type_):
            return Taken(kind)
    rules = [each for each in metadata if isinstance(each, StringConstraints)]
    free = annotation is str and not any(rule.strip_whitespace or rule.pattern for rule in rules)
    return Taken(Kind.verbatim if free else Kind.text)


# In this order: a bool is an int, a moment is a day.
_KINDS: Final[dict[type, Kind]] = {
    bool: Kind.boolean,
    int: Kind.whole,
    float: Kind.number,
    dt.datetime: Kind.moment,
    AwareDatetime: Kind.moment,
    dt.date: Kind.day,
    Money: Kind.money,
}


def value_of(cell: object, taken: Taken) -> object:
    """The value of a cell that is not empty.

    Raises:
        CellError: It cannot be what the field takes.
    """
    if taken.kind is Kind.verbatim:
        return _text(cell)
    if taken.kind is Kind.texts:
        return list(cell) if isinstance(cell, list) else texts_of(_text(cell))
    if not isinstance(cell, str):
        return _text(cell) if taken.kind is Kind.text and not isinstance(cell, (dict, list)) else cell
    return _OF_TEXT[taken.kind](cell.strip(), taken.choices)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell if isinstance(cell, str) else str(cell)


def texts_of(cell: str) -> list[str]:
    """The texts that ``;`` separates."""
    return list(dict.fromkeys(part for part in map(str.strip, cell.split(";")) if part))


def _halfwidth(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell)


def moment_of(cell: object, zone: dt.tzinfo) -> dt.datetime:
    """The moment that a cell tells; a day is its beginning, and what names no offset is on the clocks of ``zone``.

    Raises:
        CellError: It tells none.
    """
    text = _halfwidth(cell).strip() if isinstance(cell, str) else ""
    try:
        found = dt.datetime.fromisoformat(text if "T" in text or " " in text else day_of(text))
    except ValueError:
        raise CellError(
            "Must be a day or a moment such as 2026-04-01 or 2026-04-01T09:30:00+09:00",
            "2026-04-01 や 2026-04-01T09:30:00+09:00 のような日付か日時にしてください",
        ) from None
    if not 1900 <= found.year <= 2999:
        raise CellError("The year must be between 1900 and 2999", "年は 1900 から 2999 の間にしてください")
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _number(cell: str, _choices: Iterable[str]) -> float | int:
    text = _halfwidth(cell)
    if not NUMBER.fullmatch(text):
        raise CellError("Must be a number such as 1200 or 1,200", "1200 や 1,200 のような数値にしてください")
    number = float(text.replace(",", ""))
    return int(text.replace(",", "").partition(".")[0]) if number.is_integer() else number


def _whole(cell: str, choices: Iterable[str]) -> int:
    number = _number(cell, choices)
    if isinstance(number, float):
        raise CellError("Must be a whole number", "整数にしてください")
    return number


def _boolean(cell: str, _choices: Iterable[str]) -> bool:
    text = _halfwidth(cell).casefold()
    if text not in TRUE | FALSE:
        raise CellError(
            "Must be true or false (or yes, no, 1, 0, はい, いいえ)",
            "true か false（または yes、no、1、0、はい、いいえ）にしてください",
        )
    return text in TRUE


def day_of(cell: str, _choices: Iterable[str] = ()) -> str:
    """A day in one of its usual forms, as ``2026-04-01``.

    Raises:
        CellError: It is none.
    """
    text = _halfwidth(cell)
    if match := DAY.fullmatch(text) or _COMPACT_DAY.fullmatch(text):
        year, month, day = map(int, match.groups())
        try:
            return dt.date(year, month, day).isoformat()
        except ValueError:
            pass
    raise CellError(
        "Must be a day such as 2026-04-01, 2026/4/1 or 2026年4月1日",
        "2026-04-01、2026/4/1、2026年4月1日 のような日付にしてください",
    )


def _moment(cell: str, choices: Iterable[str]) -> str:
    try:
        return dt.datetime.fromisoformat(cell).isoformat()
    except ValueError:
        return day_of(cell, choices) + "T00:00:00+00:00"


def _money(cell: str, _choices: Iterable[str]) -> dict[str, object]:
    match = _MONEY.fullmatch(_halfwidth(cell).replace("￥", "¥"))
    unit = match and (match["before"] or match["after"])
    if not match or not unit or not NUMBER.fullmatch(match["amount"]):
        raise CellError(
            "Must be an amount with its currency, such as 120,000 JPY or ¥120,000",
            "120,000 JPY や ¥120,000 のように通貨付きの金額にしてください",
        )
    currency = _SYMBOLS.get(unit, unit)
    digits = minor_digits(currency)
    whole, _, fraction = match["amount"].replace(",", "").partition(".")
    if len(fraction.rstrip("0")) > digits:
        raise CellError(f"At most {digits} decimals in {currency}", f"{currency} の小数は {digits} 桁までです")
    return {"amount": int(whole + fraction[:digits].ljust(digits, "0")), "currency": currency}


def _choice(cell: str, choices: Iterable[str]) -> str:
    """The choice that a cell means: case, spaces and hyphens do not matter; another text is left for the check."""
    meant = re.sub(r"[\s-]+", "_", _halfwidth(cell).casefold())
    return next((choice for choice in choices if choice.casefold() == meant), cell)


def _objects(cell: str, _choices: Iterable[str]) -> list[object]:
    try:
        found = orjson.loads(cell)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, list):
        raise CellError("Must be a JSON list of objects", "JSON オブジェクトのリストにしてください")
    return found


def _same(cell: str, _choices: Iterable[str]) -> str:
    return cell


_OF_TEXT: Final[dict[Kind, Callable[[str, Iterable[str]], object]]] = {
    Kind.text: _same,
    Kind.choice: _choice,
    Kind.whole: _whole,
    Kind.number: _number,
    Kind.boolean: _boolean,
    Kind.day: day_of,
    Kind.moment: _moment,
    Kind.money: _money,
    Kind.objects: _objects,
}
