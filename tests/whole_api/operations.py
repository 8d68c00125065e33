"""The operations of the API, as its own document lists them, and what each may answer."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from api.kit.problems import CATALOGUE
from api.kit.routing import operations_among
from api.kit.settings import Settings
from api.main import create_app

Schema = dict[str, Any]

FILE = Path(__file__).parents[2] / "openapi" / "v1.json"
# Building it anew takes seconds in each process; test_openapi.py compares the two.
DOCUMENT: Schema = json.loads(FILE.read_text(encoding="utf-8"))
_URN = "urn:document"


def _compare_with_routes() -> None:
    """No route may escape the matrices because it was not written to the file yet."""
    routed = {
        (method, route.path_format)
        for route in operations_among(create_app(Settings()).routes)
        if route.include_in_schema
        for method in route.methods or ()
    }
    written = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert routed == written, f"run `make openapi`: {sorted(routed ^ written)}"


_compare_with_routes()


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    described: Schema

    @property
    def id(self) -> str:
        """The operation id."""
        return str(self.described["operationId"])

    @property
    def scope(self) -> str | None:
        """The scope it needs; None when it is public."""
        security = self.described.get("security")
        if not security:
            return None
        ((scope,),) = (entry["bearer"] for entry in security)
        return str(scope)

    @property
    def unsafe(self) -> bool:
        """Whether its method may change something."""
        return self.method != "GET"

    @property
    def is_list(self) -> bool:
        """Whether it answers page by page."""
        return "cursor" in self.parameters("query")

    @property
    def statuses(self) -> set[int]:
        """The documented statuses."""
        return {int(status) for status in self.described["responses"]}

    def parameters(self, place: str) -> dict[str, Schema]:
        """The parameters in ``path``, ``query`` or ``header``, by name."""
        described = [
            DOCUMENT["components"]["parameters"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
            for each in self.described.get("parameters", [])
        ]
        return {parameter["name"]: parameter for parameter in described if parameter["in"] == place}

    @property
    def body_schema(self) -> Schema | None:
        """The schema of its JSON body."""
        content = self.described.get("requestBody", {}).get("content", {})
        return resolved(content["application/json"]["schema"]) if "application/json" in content else None

    def check(self, answer: httpx.Response) -> None:
        """The answer is one that the document promises."""
        assert answer.status_code in self.statuses, f"{self.id} answered {answer.status_code}: {answer.text[:500]}"
        assert answer.status_code < 500, answer.text[:500]
        media = answer.headers.get("content-type", "").partition(";")[0]
        if answer.status_code >= 400:
            assert media == "application/problem+json", media
            assert answer.json()["code"] in CATALOGUE
            _validator("#/components/schemas/Problem").validate(answer.json())
            return
        content = self.described["responses"][str(answer.status_code)].get("content", {})
        assert bool(answer.content) == bool(content), f"{self.id}: {answer.text[:200]!r} for {content}"
        assert media in content or not content, media
        if media == "application/json" and "fields" not in answer.request.url.params:
            _validator(f"{self.id} {answer.status_code}").validate(answer.json())


def resolved(schema: Schema) -> Schema:
    """The schema behind a ``$ref``."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _operations() -> Iterator[Operation]:
    for path, methods in DOCUMENT["paths"].items():
        for method, described in methods.items():
            yield Operation(method.upper(), path, described)


OPERATIONS: Sequence[Operation] = tuple(_operations())
ID_AT = {f"{operation.method} {operation.path}": operation.id for operation in OPERATIONS}
SECURED = [operation for operation in OPERATIONS if operation.scope]
UNSAFE = [operation for operation in SECURED if operation.unsafe]
# A timeline has one order, and its entries are no records; tests/analytics/test_screens.py pages through it.
LISTS = [operation for operation in SECURED if operation.is_list and operation.id != "get_account_timeline"]


def each(operations: Sequence[Operation]) -> pytest.MarkDecorator:
    """Run a test for each of the operations."""
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


@cache
def _validator(name: str) -> Any:
    if name.startswith("#"):
        schema = {"$ref": name}
    else:
        operation_id, status = name.split()
        operation = next(operation for operation in OPERATIONS if operation.id == operation_id)
        schema = operation.described["responses"][status]["content"]["application/json"]["schema"]
    # References lead into the registry, which is read once; a document around each schema would be read each time.
    text = json.dumps(schema).replace('"#/', f'"{_URN}#/')
    return jsonschema_rs.Draft202012Validator(json.loads(text), registry=_registry(), validate_formats=True)


@cache
def _registry() -> jsonschema_rs.Registry:
    # The document leaves room for new fields; here, one that it does not list is a mistake.
    closed = {
        name: {"additionalProperties": False, **component} if "properties" in component else component
        for name, component in DOCUMENT["components"]["schemas"].items()
        if name != "Problem"
    }
    schemas = {**DOCUMENT["components"]["schemas"], **closed}
    return jsonschema_rs.Registry([(_URN, {"components": {**DOCUMENT["components"], "schemas": schemas}})])
