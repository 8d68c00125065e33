"""What can be wrong with a file as a whole, and with a row before its cells are looked at."""

from typing import Final

from api.kit.problems import FieldError


class FileRefusedError(Exception):
    """The file cannot be imported; ``reason`` says why."""

    def __init__(self, reason: FieldError) -> None:
        super().__init__(reason.en)
        self.reason = reason


def refusal(code: str, en: str, ja: str) -> FileRefusedError:
    """The error that refuses a file."""
    return FileRefusedError(FieldError("", code, en, ja))


EMPTY: Final = refusal(
    "empty_file", "The file is empty; its first row must name the columns", "ファイルが空です。1 行目に列名が必要です"
)
NOT_DECODED: Final = FieldError(
    "",
    "undecodable",
    "The row has bytes that the file's encoding does not know",
    "ファイルの文字コードで読めないバイトがあります",
)
TOO_LONG_ROW: Final = FieldError(
    "", "too_long", "The row has more than 1,048,576 characters", "行が 1,048,576 文字を超えています"
)
NOT_CSV: Final = FieldError(
    "",
    "malformed_row",
    "A quotation mark is not closed, or something follows the closing one",
    "引用符が閉じられていないか、閉じた後に文字があります",
)
NOT_JSON: Final = FieldError("", "malformed_json", "The line is no JSON object", "行が JSON オブジェクトではありません")
