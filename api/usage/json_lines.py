"""Measurements from JSON Lines, at the pace of COPY."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final
from uuid import UUID

import orjson

from api.auth.service import workspace_today
from api.kit.db import Tx
from api.kit.known_at import KnownAt
from api.kit.problems import FieldError, Problem, invalid
from api.usage.calendar import accepted_days
from api.usage.ingest import NULL, Ingest, Refused
from api.usage.measurements import MOST, Reading, metric_ids, retired_day, unknown_account

SLICE_BYTES: Final = 256 * 1024
"""How much is read before other requests get their turn: about ten milliseconds of work."""
SLICES_AT_ONCE: Final = 24
"""How much is written by one statement, so that none runs for long: some 65,000 lines."""
MOST_PROBLEMS: Final = 100

_NUMBERS: Final = (int, float)
_PLAIN: Final = re.compile(r"[!-\[\]-~]{1,200}").fullmatch
"""ASCII without spaces and backslashes: nothing to normalise, strip or escape."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the lines, and what is wrong with the first that failed, by line."""

    lines: int
    created: int
    updated: int
    unchanged: int
    failed: int
    problems: Mapping[int, Problem]


async def load_lines(tx: Tx, body: bytes, known_at: KnownAt) -> Loaded:
    """Write the measurements of a body, one JSON object a line; lines with problems are left out and told of."""
    lines = Lines(await metric_ids(tx), *accepted_days(await workspace_today(tx)))
    ingest = Ingest(tx, known_at)
    created = updated = unchanged = failed = 0
    problems: dict[int, Problem] = {}
    waiting = slices(body)
    while True:
        batch = islice(waiting, SLICES_AT_ONCE)
        if (first := next(batch, None)) is None:
            break
        async with ingest.staging() as copy:
            for piece in chain([first], batch):
                await copy.write(lines.read(piece))
                await asyncio.sleep(0)
        refused = await ingest.check(lines.reading.months, most=MOST_PROBLEMS)
        outcome = await ingest.write()
        created, updated = created + outcome.created, updated + outcome.updated
        unchanged, failed = unchanged + outcome.unchanged, failed + refused.unknown + len(refused.retired)
        problems = _first({**problems, **_problems(refused)})
    await ingest.finish(lines.reading.measured)
    return Loaded(
        lines.count, created, updated, unchanged, failed + lines.failed, _first({**problems, **lines.problems})
    )


def _first(problems: Mapping[int, Problem]) -> dict[int, Problem]:
    return dict(sorted(problems.items())[:MOST_PROBLEMS])


def _problems(refused: Refused) -> dict[int, Problem]:
    return {
        **{line: unknown_account(field) for line, field in refused.unknown_accounts.items()},
        **{line: retired_day() for line in refused.retired[:MOST_PROBLEMS]},
    }


def slices(body: bytes) -> Iterator[bytes]:
    """The body in pieces of whole lines."""
    start = 0
    while start < len(body):
        end = body.find(b"\n", start + SLICE_BYTES)
        end = len(body) if end < 0 else end
        yield body[start:end]
        start = end + 1


class Lines:
    """Reads slices of lines one after the other.

    A line with a metric and a day met before and with a plain account id takes a short way; any other is checked in full.
    """

    def __init__(self, metrics: Mapping[str, UUID], first: dt.date, last: dt.date) -> None:
        self.reading = Reading(metrics, first, last)
        self.count = 0
        self.failed = 0
        self.problems: dict[int, Problem] = {}
        self._number = 0
        self._endings: dict[tuple[str, str], str] = {}

    def read(self, piece: bytes) -> str:
        """The lines of COPY for a slice."""
        texts = piece.split(b"\n")
        try:
            items = orjson.loads(b"[" + b",".join(texts) + b"]")
        except orjson.JSONDecodeError:
            items = None
        if items is None or len(items) != len(texts):
            items = [self._loaded(text) for text in texts]
        written: list[str] = []
        endings, number = self._endings, self._number
        for item in items:
            number += 1
            try:
                value, name = item["value"], item["account_external_id"]
                ending = endings[item["metric"], item["day"]]
            except (KeyError, TypeError):
                written.append(self._carefully(number, item))
                continue
            if (
                len(item) == 4
                and type(value) in _NUMBERS
                and -MOST <= value <= MOST
                and type(name) is str
                and _PLAIN(name)
            ):
                written.append(f"{number}\t{name}\t{NULL}\t{ending}\t{value!r}\n")
            else:
                written.append(self._carefully(number, item))
        self.count += len(items) - sum(item is _BLANK for item in items)
        self._number = number
        return "".join(written)

    def _loaded(self, text: bytes) -> Any:  # noqa: ANN401
        if not text.strip():
            return _BLANK
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return None

    def _carefully(self, number: int, item: Any) -> str:  # noqa: ANN401
        """The line of COPY, or nothing; what was found good is remembered."""
        if item is _BLANK:
            return ""
        try:
            if not isinstance(item, dict):
                told = ("Not a JSON object", "JSON オブジェクトではありません")
                raise invalid(FieldError("", "invalid_json", *told))
            line = self.reading.line(number, item)
        except Problem as problem:
            self.failed += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems[number] = problem
            return ""
        _, _, _, metric, day, _ = line.split("\t")
        self._endings[item["metric"], item["day"]] = f"{metric}\t{day}"
        return line


_BLANK: Final = object()
