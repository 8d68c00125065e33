"""The OpenAPI document: FastAPI's, made complete and friendly to code generators."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

_PROBLEM_CONTENT: Final = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_SCHEMAS: Final = {
    "FieldProblem": {
        "type": "object",
        "title": "FieldProblem",
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
        "title": "Problem",
        "description": "What went wrong (RFC 9457). Programs read `code`; people read `detail`.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference", "examples": ["/problems/invalid_input"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "code": {"type": "string", "examples": ["invalid_input"]},
            "request_id": {"type": "string"},
            "current_version": {"type": "integer", "description": "With `stale_version`: the version now."},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
}
_HEADERS: Final = {
    "ETag": {
        "description": '`"<version>.<hash>"`; send it as `If-None-Match` or `If-Match`.',
        "schema": {"type": "string"},
    },
    "X-Request-ID": {"description": "Names this request in our logs.", "schema": {"type": "string"}},
}
_DESCRIPTIONS: Final = {
    "400": "The cursor is not valid for this list.",
    "401": "No valid credential.",
    "403": "The credential lacks the scope.",
    "404": "No such record in the workspace.",
    "409": "Conflicts with what is stored, or a request with this Idempotency-Key is still running.",
    "410": "It is no longer valid.",
    "412": "The record has changed; `current_version` says to what.",
    "413": "The body is too large.",
    "415": "The body is not JSON.",
    "422": "The input is not valid; `errors` says where.",
    "428": "`If-Match` is missing.",
    "429": "Too many requests; wait `Retry-After` seconds.",
    "500": "Something failed on our side.",
    "503": "Busy or briefly unavailable; try again after `Retry-After` seconds.",
}


def operation_id(route: APIRoute) -> str:
    """The operation's id: its function's name, which reads as an SDK method."""
    return route.name


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` the complete document, built once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                openapi_version="3.1.0",
                description=app.description.strip(),
                routes=app.routes,
                tags=app.openapi_tags,
                separate_input_output_schemas=False,
            )
            app.openapi_schema = _completed(document)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(document: dict[str, Any]) -> dict[str, Any]:
    document["servers"] = [{"url": "/", "description": "This service"}]
    document["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(_SCHEMAS)
    document["components"]["responses"] = {
        f"Problem{status}": {"description": text, "content": _PROBLEM_CONTENT} for status, text in _DESCRIPTIONS.items()
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    return document


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    text = operation.get("description", "").strip()
    operation["summary"] = text.split("\n")[0].rstrip(".")
    parameters = operation.setdefault("parameters", [])
    _explain_lists(operation, parameters)
    if method == "post" and operation.get("security"):
        required = "bulk" in path
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": required,
                "description": "A key of your making (a UUID will do): repeating the request with it gives the first "
                "answer and does nothing twice. Kept for 24 hours.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if not parameters:
        del operation["parameters"]
    responses = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2"):
            response["description"] = {
                "200": "Success.",
                "201": "Created.",
                "204": "Done.",
                "207": "One result per item.",
            }.get(status, response["description"])
            response.setdefault("headers", {})["X-Request-ID"] = _HEADERS["X-Request-ID"]
            if status in {"200", "201"} and method != "post":
                response["headers"]["ETag"] = _HEADERS["ETag"]
    for status in _possible(path, method, operation):
        responses.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
    if "422" in responses:
        responses["422"] = {"$ref": "#/components/responses/Problem422"}
    if method == "get" and operation.get("security"):
        responses.setdefault("304", {"description": "You have the current representation (`If-None-Match`)."})
        parameters = operation.setdefault("parameters", [])
        parameters.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "schema": {"type": "string", "maxLength": 500},
            }
        )
    operation["responses"] = dict(sorted(responses.items()))


def _possible(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    secured = bool(operation.get("security"))
    names = {parameter["name"] for parameter in operation.get("parameters", [])}
    found = ["422", "429", "500", "503"]
    found += ["401", "403"] if secured else []
    found += ["404"] if "{" in path or method in {"post", "put", "patch"} else []
    found += ["400"] if "cursor" in names else []
    found += ["409"] if method != "get" else []
    found += ["413", "415"] if "requestBody" in operation else []
    found += ["412", "428"] if "if-match" in {name.lower() for name in names} else []
    return found


def _explain_lists(operation: dict[str, Any], parameters: list[dict[str, Any]]) -> None:
    known = operation.pop("x-resource", None)
    for parameter in parameters:
        if known and parameter["name"] == "expand":
            names = ", ".join(f"`{name}`" for name in known["expands"]) or "nothing"
            parameter["description"] = f"Comma-separated related objects to nest. Possible: {names}."
        if known and parameter["name"] == "sort":
            parameter["description"] = f"The order; `-` sorts downwards. Default `{known['default']}`."
        if parameter["name"] == "custom":
            parameter |= {"style": "deepObject", "explode": True}
        if parameter["name"] == "include":
            parameter["description"] = "`total_count` adds the number of all matches to `page`."
