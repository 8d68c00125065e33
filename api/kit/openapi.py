"""The OpenAPI document: FastAPI's, made complete and friendly to code generators."""

import json
from collections.abc import Collection, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.kit.openapi_components import (
    HEADERS,
    PARAMETERS,
    PROBLEM_SCHEMAS,
    Part,
    header,
    parameter,
    problem_response,
    problem_responses,
)
from api.kit.openapi_schemas import (
    PREFIX,
    examples_of,
    named,
    parts,
    tell_defaults,
    tidy,
    told_apart,
    without_null,
)
from api.kit.queries import documented
from api.kit.routing import JSON_LINES, TAKES_FILE, building_late, operations_among

Chapters = Mapping[str, Mapping[str, str]]
"""Groups of tags, each tag with what it is about."""

_FORM: Final = "application/x-www-form-urlencoded"
_LISTED: Final = {"fields": "Field", "expand": "Expansion", "sort": "Sort"}
_ABOUT: Final = {
    "fields": "A field to return.",
    "expand": "A related object to nest.",
    "sort": "An order; `-` sorts downwards.",
}


def document_text(app: FastAPI) -> str:
    """The document as it is committed."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"


def describe(
    app: FastAPI, *, chapters: Chapters, scopes: Mapping[str, str], roles: Mapping[str, Collection[str]]
) -> None:
    """Make ``app.openapi()`` the complete document, built once.

    Args:
        app: The application.
        chapters: The tags of its operations, in order.
        scopes: What each scope permits.
        roles: The scopes of each role.
    """

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            with building_late():
                document = get_openapi(
                    title=app.title,
                    version=app.version,
                    openapi_version="3.1.0",
                    description=app.description.strip(),
                    routes=documented(operations_among(app.routes)),
                    separate_input_output_schemas=False,
                )
            app.openapi_schema = _Completion(document, scopes, roles).done(chapters)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


class _Completion:
    def __init__(self, document: Part, scopes: Mapping[str, str], roles: Mapping[str, Collection[str]]) -> None:
        self.document = document
        self.scopes = scopes
        self.roles = roles
        self.schemas: dict[str, Part] = document["components"]["schemas"]
        self.sent: set[str] = set()  # the schemas that callers send

    def done(self, chapters: Chapters) -> Part:
        """The document, complete."""
        for unused in ("HTTPValidationError", "ValidationError"):
            self.schemas.pop(unused, None)
        self._name_items()
        for schema in self.schemas.values():
            tidy(schema)
            tell_defaults(schema)
        self.schemas.update(PROBLEM_SCHEMAS)
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                self._complete(path, method, operation)
        self._set_examples_apart()
        self._open_answers()
        components = self.document["components"]
        components["schemas"] = dict(sorted(self.schemas.items()))
        components |= {"parameters": PARAMETERS, "headers": HEADERS, "responses": problem_responses()}
        components["securitySchemes"]["bearer"]["description"] += ".\n\n" + self._scope_table()
        return {
            "openapi": self.document["openapi"],
            "info": {**self.document["info"], "license": {"name": "MIT", "identifier": "MIT"}},
            "servers": [{"url": "/", "description": "This service"}],
            "tags": [{"name": tag, "description": text} for tags in chapters.values() for tag, text in tags.items()],
            "x-tagGroups": [{"name": title, "tags": list(tags)} for title, tags in chapters.items()],
            "paths": self.document["paths"],
            "components": dict(sorted(components.items())),
        }

    def _name_items(self) -> None:
        """Make a component of each object that a list describes in place: pydantic does so for a bulk body's items."""
        for schema in list(self.schemas.values()):
            for part in parts(schema):
                if isinstance(items := part.get("items"), dict) and "properties" in items:
                    name = items["title"]
                    self.schemas[name] = items
                    part["items"] = {"$ref": PREFIX + name}

    def _scope_table(self) -> str:
        rows = [f"| `{scope}` | {text} | {self._roles(scope)} |" for scope, text in self.scopes.items()]
        return "\n".join(["| scope | permits to | roles |", "|---|---|---|", *rows])

    def _roles(self, scope: str) -> str:
        return ", ".join(role for role, held in self.roles.items() if scope in held)

    def _complete(self, path: str, method: str, operation: Part) -> None:
        text = operation.get("description", "").strip()
        operation["summary"] = text.split("\n")[0].rstrip(".")
        operation.setdefault("security", [])
        scopes = [scope for entry in operation["security"] for (scope,) in entry.values()]
        said = [text.partition("\n")[2].strip(), *(f"Scope `{name}` (roles: {self._roles(name)})." for name in scopes)]
        operation["description"] = "\n\n".join(part for part in said if part) or text
        known = operation.pop("x-resource", None)
        given = operation.pop("parameters", [])
        for one in given:
            tidy(one["schema"])
            without_null(one["schema"])
            one["schema"].pop("description", None)
        if known:
            given = [one for one in given if self._list_names(operation, one, known)]
        self._complete_body(operation)
        headers = [one for one in given if one["in"] == "header"]
        operation["parameters"] = [one for one in given if one["in"] != "header"]
        operation["parameters"] += _header_parameters(path, method, operation, headers)
        self._complete_responses(path, method, operation)

    def _list_names(self, operation: Part, one: Part, known: Part) -> bool:
        """Turn the names that ``fields``, ``expand`` and ``sort`` take into an enum; False if there are none."""
        name, schema = one["name"], one["schema"]
        if name == "custom":
            one |= {"style": "deepObject", "explode": True}
            schema["additionalProperties"] = {"type": "string"}
        if name not in _LISTED:
            return True
        if name == "sort":
            one["description"] = f"The order; `-` sorts downwards. Default `{known['default']}`."
            names = [text for key in known["sorts"] for text in (key, f"-{key}")]
        else:
            one |= {"style": "form", "explode": False}
            names = known["expands"] if name == "expand" else self._plain_fields(operation, known)
        reference = schema if name == "sort" else schema["items"]
        if names and "$ref" not in reference:
            component = self._shape(operation).removesuffix("Read") + _LISTED[name]
            self.schemas[component] = {"type": "string", "enum": names, "description": _ABOUT[name]}
            reference.clear()
            reference["$ref"] = PREFIX + component
        return bool(names)

    def _shape(self, operation: Part) -> str:
        """The Read schema that the operation answers with."""
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
        name = named(answer) or ""
        items = self.schemas[name].get("properties", {}).get("data", {}).get("items", {})
        return named(items) or name

    def _plain_fields(self, operation: Part, known: Part) -> list[str]:
        properties = self.schemas[self._shape(operation)]["properties"]
        return [name for name in properties if name not in known["expands"]]

    def _complete_body(self, operation: Part) -> None:
        if operation.pop(TAKES_FILE, False):
            return
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            if media == JSON_LINES:
                continue
            name = named(content["schema"])
            assert name, f"the body of {operation['operationId']} has no name"
            self.sent |= self._reachable(name)
            if media == _FORM:
                for inner in self.schemas[name]["properties"].values():
                    without_null(inner)

    def _reachable(self, name: str) -> set[str]:
        """A component and those it refers to."""
        found, waiting = set[str](), [name]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [other for part in parts(self.schemas[one]) if (other := named(part))]
        return found

    def _complete_responses(self, path: str, method: str, operation: Part) -> None:
        responses = operation["responses"]
        responses.pop("422", None)
        for status, response in responses.items():
            if status.startswith("2"):
                response["description"] = _SUCCESS.get(status, response["description"])
                response["headers"] = _success_headers(method, operation, status)
        for status in _possible(path, method, operation):
            responses.setdefault(str(status), problem_response(status))
        if method == "get" and operation["security"]:
            names = ("ETag", "X-Request-ID", "RateLimit", "RateLimit-Policy")
            responses["304"] = {
                "description": "You have the current representation (`If-None-Match`).",
                "headers": {name: header(name) for name in names},
            }
        operation["responses"] = dict(sorted(responses.items()))
        for name in [name for name in _ORDER if name in operation]:
            operation[name] = operation.pop(name)

    def _open_answers(self) -> None:
        # Callers must not break on a field that comes new, so answers do not promise that there are no others.
        for name, schema in self.schemas.items():
            if name not in self.sent and schema.get("additionalProperties") is False:
                del schema["additionalProperties"]

    def _set_examples_apart(self) -> None:
        """Put examples among the components, and refer to them where their schema is sent or answered."""
        shown = {name: told_apart(examples_of(self.schemas, name)) for name in self.schemas}
        components: dict[str, Part] = {}
        for operations in self.document["paths"].values():
            for operation in operations.values():
                answers = [each for status, each in operation["responses"].items() if status.startswith("2")]
                for place in (operation.get("requestBody", {}), *answers):
                    for content in place.get("content", {}).values():
                        name = named(content["schema"])
                        for language, example in shown[name].items() if name else ():
                            component = f"{name}.{language}"
                            components[component] = example
                            content.setdefault("examples", {})[language] = {
                                "$ref": f"#/components/examples/{component}"
                            }
        for schema in self.schemas.values():
            schema.pop("x-examples", None)
        self.document["components"]["examples"] = dict(sorted(components.items()))


_ORDER: Final = ("operationId", "summary", "description", "tags", "security", "parameters", "requestBody", "responses")
_SUCCESS: Final = {
    "200": "Success.",
    "201": "Created.",
    "202": "Accepted; a job goes on with it.",
    "204": "Done.",
    "207": "One result per item.",
}


def _header_parameters(path: str, method: str, operation: Part, given: list[Part]) -> list[Part]:
    names = [
        "IfMatch" if one["schema"].get("x-required") else "OptionalIfMatch" for one in given if _is(one, "if-match")
    ]
    others = [one for one in given if not _is(one, "if-match")]
    if operation["security"]:
        if method == "get":
            names.append("IfNoneMatch")
        else:
            names.append("Origin")
    writes_once = bool(operation["security"]) and method == "post" and not path.endswith(":batch-get")
    if operation.pop("x-idempotent", writes_once):
        names.append("RequiredIdempotencyKey" if ":bulk" in path else "IdempotencyKey")
    return others + [parameter(name) for name in [*names, "AcceptLanguage", "RequestId"]]


def _is(one: Part, name: str) -> bool:
    return bool(one["name"].lower() == name)


def _success_headers(method: str, operation: Part, status: str) -> Part:
    names = ["X-Request-ID"]
    if operation["security"]:
        names += ["RateLimit", "RateLimit-Policy"]
    content = operation["responses"][status].get("content", {})
    shape = content.get("application/json", {}).get("schema", {})
    if (
        operation["security"]
        and status in {"200", "201", "202"}
        and (method == "get" or shape.get("$ref", "").endswith("Read"))
    ):
        names.append("ETag")
    if any(one.get("name") == "cursor" for one in operation["parameters"]):
        names.append("Link")
    if status in {"201", "202"}:
        names.append("Location")
    if content and "application/json" not in content:
        names.append("Content-Disposition")
    if any("IdempotencyKey" in one.get("$ref", "") for one in operation["parameters"]):
        names.append("Idempotency-Replayed")
    return {name: header(name) for name in sorted(names)}


def _possible(path: str, method: str, operation: Part) -> list[int]:
    """The statuses of the problems that an operation can answer with."""
    references = {one.get("$ref", "").rpartition("/")[2] for one in operation["parameters"]}
    found = [422, 429, 500, 503]
    found += [401, 403] if operation["security"] else []
    found += [404] if "{" in path else []
    found += [400] if any(one.get("name") == "cursor" for one in operation["parameters"]) else []
    content = operation.get("requestBody", {}).get("content", {})
    found += [409] if method != "get" and _FORM not in content else []
    found += [413, 415] if content else []
    found += [412] if references & {"IfMatch", "OptionalIfMatch"} else []
    found += [428] if "IfMatch" in references else []
    return found
