"""The OpenAPI document: valid, friendly to generators, and breaking none of its readers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI
from openapi_spec_validator.schemas import get_schema_content_v31

from api.auth.permissions import SCOPES
from api.kit.openapi import document_text
from tests.whole_api.compatibility import breaks

Json = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "openapi"
DOCUMENT: Json = json.loads((FOLDER / "v1.json").read_text(encoding="utf-8"))
RELEASED_TEXT = (FOLDER / "v1.released.json").read_text(encoding="utf-8")
RELEASED: Json = json.loads(RELEASED_TEXT)
SCHEMAS: Json = DOCUMENT["components"]["schemas"]
OPERATIONS: Mapping[str, Json] = {
    f"{method.upper()} {path}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}
JAPANESE = re.compile("[぀-ヿ㐀-鿿]")


def test_it_is_the_applications(app: FastAPI) -> None:
    assert document_text(app) == (FOLDER / "v1.json").read_text(encoding="utf-8"), "run `make openapi` and commit it"


def resolved(node: Json) -> Json:
    while "$ref" in node:
        found: Any = DOCUMENT
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


def walk(node: Any, at: str = "") -> Iterator[tuple[str, Json]]:
    """Every object of a document with its place, examples left out."""
    if isinstance(node, dict):
        yield at, node
        for name, value in node.items():
            if name not in {"examples", "example", "default"}:
                yield from walk(value, f"{at}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, f"{at}/{index}")


def contents() -> Iterator[tuple[str, Json]]:
    """Every media type of a body or of a successful answer, with its place."""
    for where, operation in OPERATIONS.items():
        answers = {status: answer for status, answer in operation["responses"].items() if status < "3"}
        for part, place in {"body": operation.get("requestBody", {}), **answers}.items():
            for content in place.get("content", {}).values():
                yield f"{where} {part}", content


async def test_the_committed_document_is_served(client: httpx.AsyncClient) -> None:
    answer = await client.get("/openapi/v1.json")
    assert answer.content == (FOLDER / "v1.json").read_bytes()


def test_the_document_is_valid() -> None:
    """As the specification's schema says, and what it cannot say: references lead somewhere, paths have parameters."""
    jsonschema_rs.validator_for(dict(get_schema_content_v31())).validate(DOCUMENT)
    for schema in SCHEMAS.values():
        jsonschema_rs.meta.validate(schema)
    for _, node in walk(DOCUMENT):
        if isinstance(node.get("$ref"), str):
            assert resolved(node)
    for where, operation in OPERATIONS.items():
        told = [resolved(parameter) for parameter in operation.get("parameters", [])]
        declared = [parameter["name"] for parameter in told if parameter["in"] == "path"]
        assert sorted(declared) == sorted(re.findall(r"{(\w+)}", where)), where


@pytest.mark.parametrize(
    "broken",
    [
        {"openapi": "4.0"},
        {"paths": {"/v1/x": {"get": {"responses": {"200": {}}}}}},
        {"components": {"schemas": {"X": {"type": "text"}}}},
    ],
)
def test_an_invalid_document_is_found(monkeypatch: pytest.MonkeyPatch, broken: Json) -> None:
    for name, value in broken.items():
        monkeypatch.setitem(DOCUMENT, name, value)
    monkeypatch.setattr(f"{__name__}.SCHEMAS", DOCUMENT["components"]["schemas"])
    with pytest.raises(jsonschema_rs.ValidationError):
        test_the_document_is_valid()


def test_operations_are_described() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(ids)) == len(ids)
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    used = {operation["tags"][0] for operation in OPERATIONS.values()}
    assert used == set(tags)
    assert [tag for group in DOCUMENT["x-tagGroups"] for tag in group["tags"]] == list(tags)
    for where, operation in OPERATIONS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", operation["operationId"]), where
        assert operation["summary"], where
        assert operation["description"], where
        assert len(operation["tags"]) == 1, where


def test_scopes_are_documented() -> None:
    table = DOCUMENT["components"]["securitySchemes"]["bearer"]["description"]
    assert all(f"`{scope}`" in table for scope in SCOPES)
    used = {scope for each in OPERATIONS.values() for entry in each["security"] for scope in entry["bearer"]}
    assert used <= set(SCOPES)


def test_every_error_is_a_problem() -> None:
    for where, operation in OPERATIONS.items():
        errors = {status: resolved(answer) for status, answer in operation["responses"].items() if status >= "4"}
        assert {"422", "429", "500", "503"} <= errors.keys(), where
        for answer in errors.values():
            assert answer["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem"), where


def test_names_are_given_to_all_that_generators_name() -> None:
    for at, node in walk(DOCUMENT):
        inside = not re.fullmatch(r"/components/schemas/\w+", at)
        assert not (inside and "enum" in node), f"an enum without a name at {at}"
        assert not (inside and "/schemas/" not in at and "properties" in node), f"an object without a name at {at}"
    assert not [name for name in SCHEMAS if name.endswith(("-Input", "-Output")) or "__" in name]


def test_null_is_said_only_where_it_can_be_sent() -> None:
    for where, operation in OPERATIONS.items():
        for parameter in map(resolved, operation["parameters"]):
            schema = json.dumps(parameter["schema"])
            assert '"null"' not in schema, f"{where} {parameter['name']}"
            assert "anyOf" not in schema, f"{where} {parameter['name']}"


def test_defaults_do_not_make_generators_demand_a_field() -> None:
    for at, node in walk(SCHEMAS):
        assert "default" not in node, at


def test_examples_fit_their_schemas() -> None:
    checked = 0
    registry = jsonschema_rs.Registry([("urn:document", DOCUMENT)])
    for where, content in contents():
        text = json.dumps(content["schema"]).replace('"#/', '"urn:document#/')
        validator = jsonschema_rs.Draft202012Validator(json.loads(text), registry=registry)
        for example in content.get("examples", {}).values():
            validator.validate(resolved(example)["value"])
            checked += 1
        for language, example in content.get("examples", {}).items():
            assert (language == "ja") == bool(JAPANESE.search(str(resolved(example)["value"]))), where
    assert checked > 100


def test_every_body_has_an_example_in_each_language_it_can_be_written_in() -> None:
    for where, content in contents():
        if where.endswith(" body"):
            languages = {"en", "ja"} if takes_text(content["schema"]) else {"en"}
            assert languages <= content.get("examples", {}).keys(), where


def takes_text(schema: Json) -> bool:
    """Whether people write a field of this body in a language: the names of things, reasons, notes."""
    names = {"name", "label", "reason", "text", "description", "industry", "success_statement"}
    fields = [node for at, node in walk(resolved(schema)) if at.endswith("properties")]
    return any("enum" not in str(resolved(node[name])) for node in fields for name in names & node.keys())


def test_no_path_can_be_taken_for_another() -> None:
    """Redocly's rule looks at the form only; here a parameter also has to fit the other path's text."""
    for one, other in combinations(DOCUMENT["paths"], 2):
        shared = DOCUMENT["paths"][one].keys() & DOCUMENT["paths"][other].keys()
        for method in shared:
            assert not could_be_both(one, other, method), f"{method} {one} and {other}"


def could_be_both(one: str, other: str, method: str) -> bool:
    """Whether some address fits both templates."""
    first, second = re.split(r"[/:]", one), re.split(r"[/:]", other)
    if len(first) != len(second):
        return False
    kinds = [{p["name"]: p["schema"].get("format", "") for p in parameters_of(path, method)} for path in (one, other)]
    return all(
        _overlap(left, right, kinds[0].get(left[1:-1]), kinds[1].get(right[1:-1]))
        for left, right in zip(first, second, strict=True)
    )


def parameters_of(path: str, method: str) -> list[Json]:
    return [p for p in map(resolved, DOCUMENT["paths"][path][method]["parameters"]) if p["in"] == "path"]


def _overlap(left: str, right: str, left_format: str | None, right_format: str | None) -> bool:
    if left_format is None and right_format is None:
        return left == right
    # A UUID is never one of our words; free text can be anything, a UUID too.
    return "uuid" not in {left_format, right_format} or (left_format is not None and right_format is not None)


def test_no_caller_of_the_release_breaks() -> None:
    found = breaks(RELEASED, DOCUMENT)
    assert not found, "\n".join([*found, "openapi/COMPATIBILITY.md says what to do"])


Change = Callable[[Json], Any]


def changed(change: Change) -> list[str]:
    """What breaks when the released document changes so."""
    new = json.loads(RELEASED_TEXT)
    change(new)
    assert new != RELEASED, "the change changes nothing"
    return breaks(RELEASED, new)


def operation(document: Json, method: str, path: str) -> Json:
    found: Json = document["paths"][path][method]
    return found


def schema(document: Json, name: str) -> Json:
    found: Json = document["components"]["schemas"][name]
    return found


def parameter(document: Json, path: str, name: str) -> Json:
    listed = operation(document, "get", path)["parameters"]
    found: Json = next(each for each in listed if each.get("name") == name)
    return found


def without_parameter(document: Json, path: str, name: str) -> None:
    listed = operation(document, "get", path)["parameters"]
    listed.remove(parameter(document, path, name))


NEW_FILTER = {"name": "city", "in": "query", "required": False, "schema": {"type": "string"}}

BREAKS: Mapping[str, Change] = {
    "a path removed": lambda d: d["paths"].pop("/v1/me"),
    "an operation removed": lambda d: d["paths"]["/v1/products"].pop("post"),
    "an operation renamed": lambda d: operation(d, "get", "/v1/me").update(operationId="whoami"),
    "another scope": lambda d: operation(d, "get", "/v1/accounts").update(security=[{"bearer": ["accounts:list"]}]),
    "a credential demanded": lambda d: operation(d, "post", "/v1/auth/token").update(security=[{"bearer": []}]),
    "a filter removed": lambda d: without_parameter(d, "/v1/accounts", "phase"),
    "a new required parameter": lambda d: operation(d, "get", "/v1/accounts")["parameters"].append(
        {**NEW_FILTER, "required": True}
    ),
    "a parameter required": lambda d: parameter(d, "/v1/accounts", "q").update(required=True),
    "a parameter in another style": lambda d: parameter(d, "/v1/accounts", "custom").update(style="form"),
    "a header demanded": lambda d: d["components"]["parameters"]["OptionalIfMatch"].update(required=True),
    "another default": lambda d: parameter(d, "/v1/accounts", "limit")["schema"].update(default=20),
    "a sort key removed": lambda d: schema(d, "AccountSort")["enum"].remove("-mrr"),
    "an expansion removed": lambda d: schema(d, "AccountExpansion")["enum"].remove("team"),
    "a body field removed": lambda d: schema(d, "AccountCreate")["properties"].pop("kana"),
    "a body field required": lambda d: schema(d, "AccountCreate")["required"].append("country"),
    "a new required body field": lambda d: (
        schema(d, "ProductCreate")["properties"].update(sku={"type": "string"}),
        schema(d, "ProductCreate")["required"].append("sku"),
    ),
    "a shorter text": lambda d: schema(d, "AccountCreate")["properties"]["name"].update(maxLength=100),
    "a pattern": lambda d: schema(d, "AccountCreate")["properties"]["name"].update(pattern="^[a-z]+$"),
    "fewer items": lambda d: schema(d, "AccountBulkUpsert")["properties"]["items"].update(maxItems=1000),
    "null refused": lambda d: schema(d, "AccountUpdate")["properties"]["industry"].update(type="string"),
    "a value to send removed": lambda d: schema(d, "StakeholderRole")["enum"].pop(),
    "a tighter custom value": lambda d: schema(d, "AccountCreate")["properties"]["custom"].update(
        additionalProperties={"type": "string"}
    ),
    "other fields refused": lambda d: schema(d, "TokenRequest").update(additionalProperties=False),
    "another body type": lambda d: operation(d, "post", "/v1/products")["requestBody"].update(
        content={"application/xml": {"schema": {"type": "string"}}}
    ),
    "an answered field removed": lambda d: schema(d, "AccountRead")["properties"].pop("phase"),
    "an answered field optional": lambda d: schema(d, "AccountRead")["required"].remove("phase"),
    "an answered field nullable": lambda d: schema(d, "AccountRead")["properties"]["name"].update(
        type=["string", "null"]
    ),
    "an answered field of another type": lambda d: schema(d, "Money")["properties"]["amount"].update(type="string"),
    "a nested object nullable": lambda d: schema(d, "AccountPage")["properties"].update(
        page={"anyOf": [{"$ref": "#/components/schemas/PageInfo"}, {"type": "null"}]}
    ),
    "a day that is a moment": lambda d: schema(d, "AccountRead")["properties"]["phase_since"].update(
        format="date-time"
    ),
    "another success": lambda d: operation(d, "post", "/v1/products")["responses"].update(
        {"202": operation(d, "post", "/v1/products")["responses"].pop("201")}
    ),
    "a header removed": lambda d: operation(d, "get", "/v1/accounts")["responses"]["200"]["headers"].pop("Link"),
}
ADDITIONS: Mapping[str, Change] = {
    "an operation": lambda d: d["paths"].update({"/v1/teams": {"get": operation(d, "get", "/v1/me")}}),
    "a filter": lambda d: operation(d, "get", "/v1/accounts")["parameters"].append(NEW_FILTER),
    "a sort key": lambda d: schema(d, "AccountSort")["enum"].append("city"),
    "an optional body field": lambda d: schema(d, "AccountCreate")["properties"].update(city={"type": "string"}),
    "a longer text": lambda d: schema(d, "AccountCreate")["properties"]["name"].update(maxLength=400),
    "null allowed to be sent": lambda d: schema(d, "AccountUpdate")["properties"]["name"].update(
        type=["string", "null"]
    ),
    "a body field no longer required": lambda d: schema(d, "AccountCreate")["required"].remove("name"),
    "an answered field": lambda d: (
        schema(d, "AccountRead")["properties"].update(city={"type": "string"}),
        schema(d, "AccountRead")["required"].append("city"),
    ),
    "a value to expect": lambda d: schema(d, "Phase")["enum"].append("pilot"),
    "a problem": lambda d: operation(d, "get", "/v1/me")["responses"].update(
        {"423": {"$ref": "#/components/responses/Problem409"}}
    ),
    "a header": lambda d: operation(d, "get", "/v1/me")["responses"]["200"]["headers"].update(
        {"Sunset": {"schema": {"type": "string"}}}
    ),
    "an optional header to send": lambda d: d["components"]["parameters"]["IfMatch"].update(required=False),
    "texts": lambda d: operation(d, "get", "/v1/me").update(summary="Who am I", description="Again."),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_planted_break_is_found(name: str) -> None:
    assert changed(BREAKS[name])


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_addition_is_no_break(name: str) -> None:
    assert not changed(ADDITIONS[name])
