"""Problems: what went wrong, said once, in English and Japanese (RFC 9457).

A problem type is declared beside the rule that raises it::

    ALREADY_CHURNED = problem_type(
        "already_churned", 409,
        en=("Account already churned", "The account churned on {day}."),
        ja=("アカウントは解約済みです", "このアカウントは {day} に解約されました。"),
    )
    raise ALREADY_CHURNED(day=account.churned_on)

All types together are the catalogue behind ``/problems/{code}``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import orjson
from starlette.responses import Response


class Language(StrEnum):
    """The languages a problem can be told in."""

    en = "en"
    ja = "ja"


Text = tuple[str, str]
"""Title and detail; the detail may name ``{parameters}``."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input, and where: ``pointer`` is a JSON pointer, or ``?name`` for a query
    parameter, ``{name}`` for a path parameter, ``Name:`` for a header.
    """  # noqa: D205

    pointer: str
    code: str
    en: str
    ja: str

    def told(self, language: Language) -> dict[str, str]:
        """The error as it appears in ``errors``."""
        return {"pointer": self.pointer, "code": self.code, "detail": getattr(self, language.value)}


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of problem; calling it makes the exception to raise."""

    code: str
    status: int
    en: Text
    ja: Text

    def __call__(
        self,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
        **parameters: object,
    ) -> "Problem":
        """Make the exception; ``parameters`` fill the detail."""
        return Problem(self, parameters, tuple(errors), dict(headers or {}), dict(extra or {}))

    def texts(self, language: Language) -> Text:
        """Title and detail template in ``language``."""
        return self.ja if language is Language.ja else self.en


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818
    """A problem on its way to the caller."""

    type: ProblemType
    parameters: Mapping[str, object] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.type.code}: {self.type.en[1].format_map(self.parameters)}"

    def body(self, language: Language, request_id: str | None = None) -> dict[str, Any]:
        """The problem as a JSON object."""
        title, detail = self.type.texts(language)
        body: dict[str, Any] = {
            "type": f"/problems/{self.type.code}",
            "title": title,
            "status": self.type.status,
            "detail": detail.format_map(self.parameters),
            "code": self.type.code,
            **self.extra,
        }
        if request_id:
            body["request_id"] = request_id
        if self.errors:
            body["errors"] = [error.told(language) for error in self.errors]
        return body

    def response(self, language: Language, request_id: str | None = None) -> Response:
        """The problem as an answer."""
        return Response(
            orjson.dumps(self.body(language, request_id)),
            self.type.status,
            {**self.headers, "Content-Language": language.value, "Vary": "Accept-Language"},
            "application/problem+json",
        )


CATALOGUE: Final[dict[str, ProblemType]] = {}


def problem_type(code: str, status: int, *, en: Text, ja: Text) -> ProblemType:
    """Declare a problem type and enter it in the catalogue."""
    if code in CATALOGUE:
        raise ValueError(f"problem type {code!r} is declared twice")
    CATALOGUE[code] = ProblemType(code, status, en, ja)
    return CATALOGUE[code]


def preferred_language(accept_language: str | None) -> Language:
    """The better of our languages for an ``Accept-Language`` header; English when neither is named."""
    best, best_weight = Language.en, 0.0
    for choice in (accept_language or "")[:200].split(","):
        tag, _, quality = choice.strip().lower().partition(";q=")
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if tag.split("-")[0] in Language.__members__ and weight > best_weight:
            best, best_weight = Language(tag.split("-")[0]), weight
    return best


BAD_REQUEST = problem_type(
    "bad_request",
    400,
    en=("Bad request", "The request could not be understood."),
    ja=("不正なリクエスト", "リクエストを解釈できませんでした。"),
)
MALFORMED = problem_type(
    "malformed_request",
    400,
    en=("Not a request", "This is not valid HTTP/1.1, or its address is longer than 65,535 bytes."),
    ja=("リクエストの形式が不正です", "HTTP/1.1 として正しくないか、アドレスが 65,535 バイトを超えています。"),
)
INVALID_CURSOR = problem_type(
    "invalid_cursor",
    400,
    en=(
        "Invalid cursor",
        "The cursor is damaged, or belongs to another filter or sort. Start from the first page.",
    ),
    ja=(
        "無効なカーソル",
        "カーソルが壊れているか、別の絞り込み・並び順のものです。最初のページから始めてください。",
    ),
)
UNAUTHENTICATED = problem_type(
    "unauthenticated",
    401,
    en=("Not authenticated", "Send a valid access token or API key as `Authorization: Bearer …`."),
    ja=(
        "認証されていません",
        "有効なアクセストークンか API キーを `Authorization: Bearer …` で送ってください。",
    ),
)
FORBIDDEN = problem_type(
    "forbidden",
    403,
    en=("Not permitted", "This needs the scope `{scope}`, which your credential does not have."),
    ja=("権限がありません", "この操作にはスコープ `{scope}` が必要ですが、この認証情報にはありません。"),
)
NOT_FOUND = problem_type(
    "not_found",
    404,
    en=("Not found", "There is no such {what} here."),
    ja=("見つかりません", "該当する {what} はありません。"),
)
METHOD_NOT_ALLOWED = problem_type(
    "method_not_allowed",
    405,
    en=("Method not allowed", "This address does not answer the method {method}."),
    ja=("許可されていないメソッド", "このアドレスはメソッド {method} に対応していません。"),
)
CONFLICT = problem_type(
    "conflict",
    409,
    en=("Conflict", "The request conflicts with what is stored."),
    ja=("競合", "リクエストは保存されている内容と競合します。"),
)
ALREADY_EXISTS = problem_type(
    "already_exists",
    409,
    en=("Already exists", "There is already one with the same {fields}."),
    ja=("すでに存在します", "同じ {fields} のものがすでにあります。"),
)
STILL_REFERENCED = problem_type(
    "still_referenced",
    409,
    en=("Still in use", "Something else still refers to it."),
    ja=("使用中です", "ほかのデータから参照されています。"),
)
ARCHIVED = problem_type(
    "archived",
    409,
    en=("Archived", "This {what} is archived. Restore it before changing it."),
    ja=("アーカイブ済み", "この {what} はアーカイブされています。変更するには先に復元してください。"),
)
STALE = problem_type(
    "stale_version",
    412,
    en=("Changed meanwhile", "It is now at version {version}. Read it again and repeat your change."),
    ja=("更新が競合しました", "現在のバージョンは {version} です。読み直してから変更をやり直してください。"),
)
TOO_LARGE = problem_type(
    "body_too_large",
    413,
    en=("Body too large", "The body may have at most {limit} bytes."),
    ja=("本文が大きすぎます", "本文は最大 {limit} バイトです。"),
)
UNSUPPORTED_MEDIA_TYPE = problem_type(
    "unsupported_media_type",
    415,
    en=("Unsupported media type", "Send the body as {expected}."),
    ja=("未対応のメディアタイプ", "本文は {expected} で送ってください。"),
)
INVALID = problem_type(
    "invalid_input",
    422,
    en=("Invalid input", "The input has {count} error(s); see `errors`."),
    ja=("入力エラー", "入力に {count} 件の誤りがあります。`errors` を確認してください。"),
)
PRECONDITION_REQUIRED = problem_type(
    "precondition_required",
    428,
    en=("Version required", "Send the version you are changing as `If-Match`."),
    ja=("バージョンの指定が必要です", "変更対象のバージョンを `If-Match` で送ってください。"),
)
RATE_LIMITED = problem_type(
    "rate_limited",
    429,
    en=("Too many requests", "Wait {seconds} s before the next request."),
    ja=("リクエストが多すぎます", "次のリクエストまで {seconds} 秒お待ちください。"),
)
INTERNAL = problem_type(
    "internal_error",
    500,
    en=("Internal error", "Something failed on our side. Report the request id and we can find it."),
    ja=("内部エラー", "サーバー側で問題が発生しました。お問い合わせの際はリクエスト ID をお知らせください。"),
)
UNAVAILABLE = problem_type(
    "unavailable",
    503,
    en=("Temporarily unavailable", "The service cannot answer right now. Try again shortly."),
    ja=("一時的に利用できません", "現在応答できません。しばらくしてから再試行してください。"),
)
SATURATED = problem_type(
    "saturated",
    503,
    en=("Too busy", "The service is at its limit. Try again shortly."),
    ja=("混み合っています", "処理能力の上限に達しています。しばらくしてから再試行してください。"),
)
TIMED_OUT = problem_type(
    "timed_out",
    503,
    en=("Took too long", "The request took too long and was ended. Ask for less, or try again."),
    ja=("時間がかかりすぎました", "処理に時間がかかったため中断しました。範囲を絞るか、再試行してください。"),
)


def invalid(*errors: FieldError) -> Problem:
    """The 422 problem for these errors."""
    return INVALID(errors=errors, count=len(errors))
