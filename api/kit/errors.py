"""From exceptions to problems: validation errors, HTTP errors, database errors, and everything else."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic_core import ErrorDetails
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.kit import problems
from api.kit.idempotency import Replayed
from api.kit.problems import FieldError, Problem, ProblemType, preferred_language

# pydantic's error type → our code, English, Japanese. ``{name}`` comes from the error's context.
_TEXTS: Final[dict[str, tuple[str, str, str]]] = {
    "missing": ("missing", "Required", "必須です"),
    "extra_forbidden": ("unknown_field", "No such field", "存在しない項目です"),
    "json_invalid": ("malformed_json", "Not valid JSON: {error}", "JSON として不正です"),
    "string_too_short": (
        "too_short",
        "At least {min_length} character(s)",
        "{min_length} 文字以上にしてください",
    ),
    "string_too_long": ("too_long", "At most {max_length} characters", "{max_length} 文字以内にしてください"),
    "string_pattern_mismatch": (
        "invalid_format",
        "Must match {pattern}",
        "形式 {pattern} に合わせてください",
    ),
    "too_short": ("too_short", "At least {min_length} item(s)", "{min_length} 件以上にしてください"),
    "too_long": ("too_long", "At most {max_length} items", "{max_length} 件以内にしてください"),
    "enum": ("not_allowed", "Must be {expected}", "次のいずれかにしてください: {expected}"),
    "literal_error": ("not_allowed", "Must be {expected}", "次のいずれかにしてください: {expected}"),
    "greater_than_equal": ("out_of_range", "At least {ge}", "{ge} 以上にしてください"),
    "greater_than": ("out_of_range", "More than {gt}", "{gt} より大きくしてください"),
    "less_than_equal": ("out_of_range", "At most {le}", "{le} 以下にしてください"),
    "less_than": ("out_of_range", "Less than {lt}", "{lt} より小さくしてください"),
    "out_of_range": ("out_of_range", "Out of range", "範囲外の値です"),
    "finite_number": ("out_of_range", "Must be a finite number", "有限の数にしてください"),
    "invalid_characters": (
        "invalid_characters",
        "Control characters are not allowed",
        "制御文字は使えません",
    ),
    "string_unicode": ("invalid_characters", "Not valid Unicode", "Unicode として不正です"),
    "uuid_parsing": ("invalid_format", "Must be a UUID", "UUID 形式にしてください"),
    "value_error": ("invalid_format", "Not a valid value", "正しい値ではありません"),
    "too_deep": ("too_deep", "At most 20 levels of nesting", "入れ子は 20 段までです"),
}
_TYPE_ERROR: Final = ("invalid_type", "Not a valid {type}", "{type} として正しくありません")


def field_error(error: ErrorDetails | Mapping[str, Any], prefix: str = "", known: Iterable[str] = ()) -> FieldError:
    """One of pydantic's errors as ours, with a pointer into the input; ``known`` names help with a typo."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    code, english, japanese = _TEXTS.get(kind, _TYPE_ERROR)
    context.setdefault("type", re.split(r"_(?:type|parsing|from)", kind)[0].replace("_", " "))
    values = {name: str(value)[:200] for name, value in context.items()}
    if kind == "refused":
        code, english, japanese = context["code"], context["en"], context["ja"]
    if kind == "extra_forbidden":
        english, japanese = _unknown_name(error["loc"], known)
    return FieldError(
        prefix + pointer(error["loc"]),
        code,
        english.format_map(_Given(values)),
        japanese.format_map(_Given(values)),
    )


def _unknown_name(location: Sequence[int | str], known: Iterable[str]) -> tuple[str, str]:
    parameter = bool(location) and location[0] == "query"
    english = "No such parameter" if parameter else "No such field"
    japanese = "存在しないパラメーターです" if parameter else "存在しない項目です"
    if near := difflib.get_close_matches(str(location[-1]), known, 1):
        return f"{english}; did you mean `{near[0]}`?", f"{japanese}。`{near[0]}` ではありませんか？"
    return english, japanese


def pointer(location: Sequence[int | str]) -> str:
    """Where an error is: ``/items/3/name``, ``?limit``, ``{account_id}`` or ``If-Match:``."""
    if not location:
        return ""
    place, rest = location[0], location[1:]
    match place:
        case "query":
            return "?" + ".".join(_safe(part) for part in rest[:1])
        case "path":
            return "{" + _safe(rest[0]) + "}"
        case "header":
            return "-".join(word.capitalize() for word in str(rest[0]).replace("_", "-").split("-")) + ":"
        case "body":
            parts = [] if len(rest) == 1 and isinstance(rest[0], int) else rest
        case _:
            parts = location
    return "".join("/" + _safe(part).replace("~", "~0").replace("/", "~1") for part in parts)


def _safe(part: int | str) -> str:
    # An unknown name comes back in the pointer, so it must survive JSON and stay short.
    return str(part).encode("utf-8", "replace").decode()[:100]


class _Given(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def database_problem(error: psycopg.Error) -> Problem | None:
    """The problem behind a database error, if the caller or the moment is to blame."""
    constraint = _constraint(error)
    if isinstance(error, psycopg.errors.UniqueViolation):
        if constraint in _CONSTRAINTS:
            return _CONSTRAINTS[constraint]()
        return problems.ALREADY_EXISTS(fields=", ".join(_constrained_columns(error)) or "key")
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        if "still referenced" in (error.diag.message_detail or ""):
            return problems.STILL_REFERENCED()
        name = "".join(_constrained_columns(error)[:1])
        return problems.invalid(
            FieldError(f"/{name}", "reference_not_found", "There is no such record", "該当するデータがありません")
        )
    if isinstance(error, (psycopg.errors.CheckViolation, psycopg.errors.ExclusionViolation)):
        return _CONSTRAINTS[constraint]() if constraint in _CONSTRAINTS else problems.CONFLICT()
    if isinstance(error, psycopg.errors.QueryCanceled):
        return problems.TIMED_OUT(headers={"Retry-After": "5"})
    if isinstance(
        error,
        (
            psycopg.errors.DeadlockDetected,
            psycopg.errors.SerializationFailure,
            psycopg.errors.LockNotAvailable,
        ),
    ):
        return problems.SATURATED(headers={"Retry-After": "1"})
    if isinstance(error, (psycopg.OperationalError, psycopg.errors.AdminShutdown)):
        return problems.UNAVAILABLE(headers={"Retry-After": "1"})
    return None


def _constrained_columns(error: psycopg.Error) -> list[str]:
    """The columns of the violated key, from our tables: under row-level security Postgres does not name them."""
    table = SQLModel.metadata.tables.get(re.sub(r"_\d{6}$", "", error.diag.table_name or ""))
    if table is None:
        return []
    keys = {
        str(key.name): key.columns.keys()
        for key in table.constraints
        if isinstance(key, (sa.UniqueConstraint, sa.PrimaryKeyConstraint, sa.ForeignKeyConstraint))
    }
    keys |= {str(index.name): index.columns.keys() for index in table.indexes}
    return [name for name in keys.get(_constraint(error), []) if name != "workspace_id"]


def _constraint(error: psycopg.Error) -> str:
    return re.sub(r"_\d{6}$", "", error.diag.constraint_name or "")  # Citus appends the shard


_CONSTRAINTS: Final[dict[str, ProblemType]] = {}


def constraint_means(name: str, problem: ProblemType) -> None:
    """Declare which problem a named database constraint stands for."""
    _CONSTRAINTS[name] = problem


_BY_STATUS: Final = {
    400: problems.BAD_REQUEST,
    404: problems.NOT_FOUND,
    405: problems.METHOD_NOT_ALLOWED,
    415: problems.UNSUPPORTED_MEDIA_TYPE,
}


def to_problem(request: Request, error: Exception) -> Problem:
    """The problem that an exception is; ``internal_error`` for those nobody expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, RequestValidationError):
        return _validation_problem(request, error)
    if isinstance(error, HTTPException):
        return _http_problem(request, error)
    if isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.Error):
        error = error.orig
    if isinstance(error, psycopg.Error) and (found := database_problem(error)):
        return _path_not_found(request, found) or found
    return problems.INTERNAL()


def _path_not_found(request: Request, problem: Problem) -> Problem | None:
    """A missing row that the path names makes the address unknown, rather than the input invalid."""
    for error in problem.errors:
        name = error.pointer.removeprefix("/")
        if error.code == "reference_not_found" and name in request.path_params:
            return problems.NOT_FOUND(what=name.removesuffix("_id"))
    return None


def _validation_problem(request: Request, error: RequestValidationError) -> Problem:
    details = error.errors()
    if any(detail["type"] == "model_attributes_type" for detail in details) and not _is_json(request):
        return problems.UNSUPPORTED_MEDIA_TYPE(expected="application/json")
    known = {place: list(_known_names(request, place)) for place in ("query", "body")}
    return problems.invalid(
        *(field_error(detail, known=known.get(str(detail["loc"][0]), ())) for detail in details[:100])
    )


def _known_names(request: Request, place: str) -> Iterator[str]:
    """The parameters or body fields that the operation has."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute):
        return
    fields = route.dependant.query_params if place == "query" else route.dependant.body_params
    for field in fields:
        shape = field.field_info.annotation
        if isinstance(shape, type) and issubclass(shape, BaseModel):
            yield from shape.model_fields
        else:
            yield field.name


def _is_json(request: Request) -> bool:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return media == "application/json" or media.endswith("+json")


def _http_problem(request: Request, error: HTTPException) -> Problem:
    if isinstance(error.__cause__, Problem):
        return error.__cause__
    if error.status_code == 400 and error.__cause__ is not None:
        # The body could not even be parsed: bad UTF-8, or nested too deeply.
        return problems.invalid(
            FieldError(
                "",
                "malformed_json",
                "The body is not JSON that can be read",
                "本文を JSON として読み取れません",
            )
        )
    kind = _BY_STATUS.get(error.status_code, problems.INTERNAL)
    return kind(
        headers=dict(error.headers or {}),
        what="address",
        method=request.method,
        expected="application/json",
    )


def install(app: FastAPI) -> None:
    """Answer every error of ``app`` with a problem."""

    async def handle(request: Request, error: Exception) -> Response:
        if isinstance(error, Replayed):
            return error.response
        problem = to_problem(request, error)
        if problem.type.status >= 500:
            request.scope["problem_cause"] = error
        request.scope["problem_code"] = problem.type.code
        language = preferred_language(request.headers.get("accept-language"))
        return problem.response(language, request.scope.get("request_id"))

    for kind in (Replayed, Problem, RequestValidationError, HTTPException, DBAPIError, psycopg.Error):
        app.add_exception_handler(kind, handle)
