"""From bytes to lines of text: decoded piece by piece, with marks where that fails, and none without an end."""

import codecs
import io
from collections.abc import Iterator
from typing import Final

from api.imports.models import Encoding

LONGEST_LINE: Final = 1024 * 1024
"""Characters; a longer line is given up, so that a file without line ends does not fill the memory."""
UNDECODABLE: Final = "\udcff"
"""Stands for bytes that the encoding does not know."""
TOO_LONG: Final = "\udcfe"
"""Stands for a line that was given up."""
_BYTE_ORDER_MARK: Final = "\ufeff"


def _mark(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return UNDECODABLE, error.end


codecs.register_error("perennial.mark", _mark)


def _codec(encoding: str, content: bytes) -> str:
    """Python's name for one of our encodings, of a file that begins so."""
    if encoding == Encoding.utf_16:
        return "utf-16-be" if content.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
    # Windows and Excel write its superset and call it Shift_JIS: ①, ㈱ and 髙 are only there.
    return Encoding.cp932.value if encoding == Encoding.shift_jis else encoding


class LineReader:
    r"""Cuts a stream of bytes into lines with their ends, at ``\n``, ``\r\n`` and ``\r``."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = b""
        self._waiting = ""
        self._giving_up = False

    def feed(self, content: bytes, *, final: bool = False) -> Iterator[str]:
        """The lines that ``content`` completes; with ``final`` the rest as well."""
        # Files that were glued together have a mark in the middle, which is no part of a cell either.
        text = self._waiting + self._decoded(content, final=final).replace(_BYTE_ORDER_MARK, "")
        self._waiting = ""
        lines = list(io.StringIO(text, newline=""))
        # It may go on, and a `\r` may become `\r\n`.
        begun = lines.pop() if lines and not final and not lines[-1].endswith("\n") else ""
        for line in lines:
            yield self._whole(line)
        self._keep(begun)
        if final and self._giving_up:
            yield self._whole("")

    def _decoded(self, content: bytes, *, final: bool) -> str:
        if self._decoder is None:
            self._begun += content
            if len(self._begun) < 2 and not final:
                return ""
            content = self._begun
            self._decoder = codecs.getincrementaldecoder(_codec(self._encoding, content))("perennial.mark")
        return self._decoder.decode(content, final)

    def _keep(self, line: str) -> None:
        if len(line) > LONGEST_LINE:
            self._giving_up, line = True, line[-1:]
        self._waiting = line

    def _whole(self, line: str) -> str:
        given_up = self._giving_up or len(line) > LONGEST_LINE
        self._giving_up = False
        return TOO_LONG + "\n" if given_up else line
