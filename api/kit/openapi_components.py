"""The parts of the OpenAPI document that every operation shares: headers, parameters, problems."""

import string
from typing import Any, Final

from api.kit.problems import CATALOGUE, Language, ProblemType

Part = dict[str, Any]

PROBLEM_SCHEMAS: Final[Part] = {
    "FieldProblem": {
        "type": "object",
        "description": "One thing wrong with the input.",
        "required": ["pointer", "code", "detail"],
        "properties": {
            "pointer": {
                "type": "string",
                "description": "A JSON pointer into the body, `?name` for a query parameter, `{name}` for a path "
                "parameter, `Name:` for a header.",
                "examples": ["/items/3/name"],
            },
            "code": {"type": "string", "examples": ["too_long"]},
            "detail": {"type": "string", "description": "For people, in the language of `Accept-Language`."},
        },
    },
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457). Programs read `code`; people read `detail`. New codes may come.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {
                "type": "string",
                "format": "uri-reference",
                "description": "A page that explains the code.",
                "examples": ["/problems/invalid_input"],
            },
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "examples": ["invalid_input"]},
            "request_id": {"type": "string", "description": "Tell it to us, and we find the request."},
            "current_version": {"type": "integer", "description": "With `stale_version`: the version now."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
}


def _header(description: str, example: str, kind: str = "string", *, always: bool = False) -> Part:
    return {"description": description, "required": always, "schema": {"type": kind}, "example": example}


HEADERS: Final[Part] = {
    "ETag": _header(
        "The representation's tag, `<version>.<hash>` in quotes (a list's has no version): for `If-None-Match` and "
        "`If-Match`.",
        '"3.9f2c41d07ab8e6530d1c"',
    ),
    "Link": _header('The next page, `rel="next"`; missing on the last.', '</v1/accounts?cursor=q1b…>; rel="next"'),
    "Location": _header("The address of what was made.", "/v1/accounts/0199c2f0-7d4c-7a51-9d2e-3f6b8f1f2a10"),
    "Content-Disposition": _header(
        "The name to save the file under (RFC 6266).", 'attachment; filename="accounts.csv"', always=True
    ),
    "Idempotency-Replayed": _header("`true` when this is the stored answer to an earlier request.", "true"),
    "X-Request-ID": _header(
        "Names this request in our logs: yours, or one we made.", "0199c2f1-11d3-7b02-9c60-3f1e8f3f0c55", always=True
    ),
    "RateLimit": _header("Requests left, and seconds until the window ends.", '"credential";r=987;t=42'),
    "RateLimit-Policy": _header("Requests in a window, and its seconds.", '"credential";q=1000;w=60'),
    "Retry-After": {**_header("Seconds to wait.", "", "integer"), "example": 5},
    "WWW-Authenticate": _header("How to authenticate.", 'Bearer realm="perennial"'),
    "Content-Language": {
        "description": "The language of title and details.",
        "required": True,
        "schema": {"$ref": "#/components/schemas/Language"},
    },
}


def _parameter(name: str, description: str, schema: Part, *, required: bool = False) -> Part:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


_IF_MATCH: Final[Part] = {"type": "string", "maxLength": 200, "pattern": r'^(W/)?"?\d{1,9}(\.[0-9a-f]+)?"?$'}
_KEY: Final[Part] = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
_KEY_TEXT: Final = (
    "A key of your making (a UUID will do): repeating the request with it gives the first answer and does nothing "
    "twice. Kept for 24 hours."
)
_VERSION_TEXT: Final = "The version you are changing: its `ETag`, or just the number."

PARAMETERS: Final[Part] = {
    "AcceptLanguage": _parameter(
        "Accept-Language", "The language of problems: English or Japanese.", {"type": "string", "examples": ["ja"]}
    ),
    "RequestId": _parameter(
        "X-Request-ID",
        "Your name for this request, echoed in the answer and in our logs; another form is replaced.",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,128}$"},
    ),
    "Origin": _parameter(
        "X-Origin",
        "The system that this change comes from, repeated in its event, so that two-way syncs do not loop.",
        {"type": "string", "examples": ["crm-sync"]},
    ),
    "IdempotencyKey": _parameter("Idempotency-Key", _KEY_TEXT, _KEY),
    "RequiredIdempotencyKey": _parameter("Idempotency-Key", _KEY_TEXT, _KEY, required=True),
    "IfMatch": _parameter("If-Match", _VERSION_TEXT, _IF_MATCH, required=True),
    "OptionalIfMatch": _parameter("If-Match", _VERSION_TEXT, _IF_MATCH),
    "IfNoneMatch": _parameter(
        "If-None-Match", "The `ETag` you have: 304 when it is still current.", {"type": "string", "maxLength": 500}
    ),
}

_STATUSES: Final = {
    400: "The cursor is not valid for this list.",
    401: "No valid credential.",
    403: "The credential lacks the scope.",
    404: "No such record in the workspace.",
    409: "Conflicts with what is stored, or a request with this Idempotency-Key is still running.",
    410: "It is no longer valid.",
    412: "The record has changed; `current_version` says to what.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "The input is not valid; `errors` says where.",
    428: "`If-Match` is missing.",
    429: "Too many requests; wait `Retry-After` seconds.",
    500: "Something failed on our side.",
    503: "Busy or briefly unavailable; try again after `Retry-After` seconds.",
}
_SAMPLE: Final[dict[str, Any]] = {
    "what": "account",
    "scope": "accounts:write",
    "fields": "external_id",
    "version": 4,
    "limit": 1_048_576,
    "expected": "application/json",
    "count": 1,
    "seconds": 12,
}
_SAMPLE_ERROR: Final = {
    Language.en: {"pointer": "/name", "code": "missing", "detail": "Required"},
    Language.ja: {"pointer": "/name", "code": "missing", "detail": "必須です"},
}


def header(name: str) -> Part:
    """A reference to a response header."""
    return {"$ref": f"#/components/headers/{name}"}


def parameter(name: str) -> Part:
    """A reference to a shared parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


def problem_response(status: int) -> Part:
    """A reference to the problems of a status."""
    return {"$ref": f"#/components/responses/Problem{status}"}


def problem_responses() -> Part:
    """One response per status, with the codes of the catalogue and an example in each language."""
    return {f"Problem{status}": _response(status, text) for status, text in _STATUSES.items()}


def _response(status: int, text: str) -> Part:
    kinds = [kind for kind in CATALOGUE.values() if kind.status == status]
    codes = ", ".join(f"[`{code}`](/problems/{code})" for code in sorted(kind.code for kind in kinds))
    names = ["X-Request-ID", "Content-Language"]
    names += ["Retry-After"] if status in {409, 429, 503} else []
    names += ["RateLimit", "RateLimit-Policy"] if status not in {401, 500, 503} else []
    names += ["WWW-Authenticate"] if status == 401 else []
    # The kit's own kind is declared first, so it stands for the status.
    examples = {language.value: {"value": _example(kinds[0], language)} for language in Language} if kinds else {}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, **({"examples": examples} if examples else {})}
    return {
        "description": f"{text} Codes: {codes}." if codes else text,
        "headers": {name: header(name) for name in names},
        "content": {"application/problem+json": content},
    }


def _example(kind: ProblemType, language: Language) -> Part:
    detail = kind.texts(language)[1]
    wanted = {name for _, name, _, _ in string.Formatter().parse(detail) if name}
    problem = kind(**{name: _SAMPLE.get(name, "…") for name in wanted})
    body = problem.body(language, "0199c2f1-11d3-7b02-9c60-3f1e8f3f0c55")
    if kind.status == 412:
        body["current_version"] = _SAMPLE["version"]
    if kind.status == 422:
        body["errors"] = [_SAMPLE_ERROR[language]]
    return body
