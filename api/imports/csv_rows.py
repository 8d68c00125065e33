"""Records of a CSV file, as its bytes come in."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from api.imports.lines import LONGEST_LINE, TOO_LONG, UNDECODABLE, LineReader
from api.imports.refusals import NOT_CSV, NOT_DECODED, TOO_LONG_ROW
from api.kit.problems import FieldError


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record: the number of its first line, and its cells or what is wrong."""

    number: int
    cells: list[str]
    error: FieldError | None = None


class _DryError(Exception):
    """There are no more lines for now."""


class _TooLongError(Exception):
    """The record has more text than a record may have."""


class _Lines:
    """The lines that wait for the csv module, and those that the record at hand has taken."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.ended = False
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if not self.waiting:
            raise StopIteration if self.ended else _DryError
        line = self.waiting.popleft()
        self.taken.append(line)
        self._size += len(line)
        if line.startswith(TOO_LONG) or self._size > LONGEST_LINE:
            raise _TooLongError
        return line

    def begin(self) -> None:
        self.taken = []
        self._size = 0

    def give_back(self, first: int = 0) -> None:
        self.waiting.extendleft(reversed(self.taken[first:]))


class CsvReader:
    """Reads records of ``delimiter``-separated cells; empty ones are left out.

    A line that does not fit, such as one whose quotation mark is never closed, is a record with an error; reading
    goes on with the line after it.
    """

    def __init__(self, encoding: str, delimiter: str) -> None:
        self._reader = LineReader(encoding)
        self._lines = _Lines()
        self._records = csv.reader(self._lines, delimiter=delimiter, strict=True)
        self._number = 1

    def feed(self, content: bytes, *, final: bool = False) -> Iterator[CsvRecord]:
        """The records that ``content`` completes; with ``final`` the rest as well."""
        self._lines.waiting.extend(self._reader.feed(content, final=final))
        self._lines.ended = final
        while True:
            self._lines.begin()
            try:
                cells = next(self._records)
            except _DryError:
                self._lines.give_back()
                return
            except StopIteration:
                return
            except (csv.Error, _TooLongError) as error:
                alone = len(self._lines.taken) == 1
                self._lines.give_back(1)
                too_long = alone and isinstance(error, _TooLongError)
                yield CsvRecord(self._number, [], TOO_LONG_ROW if too_long else NOT_CSV)
                self._number += 1
                continue
            number, self._number = self._number, self._number + len(self._lines.taken)
            if any(UNDECODABLE in line for line in self._lines.taken):
                yield CsvRecord(number, cells, NOT_DECODED)
            elif any(map(str.strip, cells)):
                yield CsvRecord(number, cells)


DELIMITERS: Final = (",", "\t", ";")


def found_delimiter(header: str) -> str:
    """The delimiter that separates most cells of a header."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)
