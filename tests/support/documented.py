"""Documents whose examples run: the blocks of a Markdown file, a shell to run them in, and what equals what.

A fenced block in a language that runs is an example; the fenced block right after it, without a language or in
``http`` or ``json``, is the answer it documents. A documented answer may be shortened with ``…``: as a value or inside
a text it stands for anything, after the last member of an object for further members, after the last item of an array
for further items. Of the headers only those that are documented count. Ids, moments, days and hashes are equal to
any other of their kind.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

REST: Final = "…"
_FENCED: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KINDS: Final = (
    ("<id>", re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")),
    ("<moment>", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")),
    ("<day>", re.compile(r"\d{4}-\d\d-\d\d")),
    ("<hash>", re.compile(r"\b[0-9a-f]{32}\b")),
)


@dataclass(frozen=True)
class Example:
    """A block that runs, and what the document says it answers; "" when it answers nothing."""

    line: int
    language: str
    code: str
    answer: str


def examples(markdown: str, languages: tuple[str, ...] = ("bash",)) -> list[Example]:
    """The examples of a document, in order."""
    blocks = list(_FENCED.finditer(markdown))
    found = []
    for place, block in enumerate(blocks):
        if block[1] not in languages:
            continue
        following = blocks[place + 1] if place + 1 < len(blocks) else None
        answered = following is not None and following[1] in {"", "http", "json"}
        adjacent = following is not None and not markdown[block.end() : following.start()].strip()
        answer = following[2].strip() if following is not None and answered and adjacent else ""
        found.append(Example(markdown.count("\n", 0, block.start()) + 1, block[1], block[2], answer))
    return found


class Shell:
    """One bash that runs block after block and keeps its variables."""

    END: Final = "----- the end of a block -----"

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, code: str) -> str:
        """What a block prints."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{code}\nprintf '\\n%s\\n' '{self.END}'\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.rstrip("\n") == self.END:
                return "".join(lines).replace("\r\n", "\n").strip()
            lines.append(line)
        raise AssertionError(f"bash ended: {''.join(lines)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bash.communicate()


def difference(documented: str, actual: str) -> str | None:
    """Where an answer is not as documented; None when it is."""
    if not documented.startswith("HTTP/"):
        return _body(documented, actual)
    (head, _, body), (actual_head, _, actual_body) = documented.partition("\n\n"), actual.partition("\n\n")
    status, *headers = head.splitlines()
    actual_status, *actual_headers = actual_head.splitlines() or [""]
    if status.split()[1:2] != actual_status.split()[1:2]:
        return f"status: {status!r} documented, {actual_status!r} answered"
    given = dict(_header(line) for line in actual_headers)
    for name, value in map(_header, headers):
        if name not in given or not _same_text(value, given[name]):
            return f"header {name}: {value!r} documented, {given.get(name)!r} answered"
    return _body(body, actual_body)


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _body(documented: str, actual: str) -> str | None:
    try:
        answered = json.loads(actual)
    except ValueError:
        same = _same_text(documented.strip(), actual.strip())
        return None if same else f"{documented!r} documented, {actual!r} answered"
    try:
        expected = json.loads(_with_ellipses_quoted(documented))
    except ValueError as error:
        return f"the documented answer is not JSON ({error}), the answer is: {actual}"
    return _value(expected, answered, "")


def _with_ellipses_quoted(text: str) -> str:
    """``text`` as JSON: a bare ``…`` becomes a member, an item or a value called ``…``."""
    containers: list[str] = []
    pieces = []
    before = ""
    for piece in re.findall(r'"(?:[^"\\]|\\.)*"|\s+|.', text, re.DOTALL):
        if piece in "{[":
            containers.append(piece)
        elif piece in "}]":
            containers.pop()
        if piece == REST:
            member = containers[-1:] == ["{"] and before in {"{", ","}
            pieces.append(f'"{REST}":"{REST}"' if member else f'"{REST}"')
        else:
            pieces.append(piece)
        before = before if piece.isspace() else piece
    return "".join(pieces)


def _value(expected: Any, actual: Any, path: str) -> str | None:
    if expected == REST:
        return None
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _members(expected, actual, path)
    if isinstance(expected, list) and isinstance(actual, list):
        return _items(expected, actual, path)
    if isinstance(expected, str) and isinstance(actual, str):
        same = _same_text(expected, actual)
    else:
        same = type(expected) is type(actual) and expected == actual
    return None if same else f"{path or '/'}: {expected!r} documented, {actual!r} answered"


def _members(expected: dict[str, Any], actual: dict[str, Any], path: str) -> str | None:
    open_ended = REST in expected
    named = {name: value for name, value in expected.items() if name != REST}
    if missing := sorted(named.keys() - actual.keys()):
        return f"{path or '/'}: {missing} documented, not answered"
    if not open_ended and (more := sorted(actual.keys() - named.keys())):
        return f"{path or '/'}: {more} answered, not documented"
    found = (_value(value, actual[name], f"{path}/{name}") for name, value in named.items())
    return next((text for text in found if text), None)


def _items(expected: list[Any], actual: list[Any], path: str) -> str | None:
    open_ended = bool(expected) and expected[-1] == REST
    named = expected[:-1] if open_ended else expected
    if len(actual) < len(named) or (len(actual) > len(named) and not open_ended):
        return f"{path or '/'}: {len(named)} items documented, {len(actual)} answered"
    found = (_value(value, actual[place], f"{path}/{place}") for place, value in enumerate(named))
    return next((text for text in found if text), None)


def _same_text(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(_masked(part)) for part in expected.split(REST))
    return re.fullmatch(pattern, _masked(actual), re.DOTALL) is not None


def _masked(text: str) -> str:
    for name, kind in _KINDS:
        text = kind.sub(name, text)
    return text
