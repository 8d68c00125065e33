"""Hostile input: every field and parameter answers with a problem that says where, and never with a 500."""

import copy
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
import pytest
import sqlalchemy as sa

from api.kit.tables import new_id
from tests.support.cells import Cells, cells
from tests.support.workspaces import RAW_QUERY, WorkspaceForTest
from tests.whole_api.operations import OPERATIONS, SECURED, Operation, Schema, each, resolved
from tests.whole_api.requests import Place, Prepared, example_of, prepare

T = TypeVar("T")
HERE = "@@here@@"
NEVER: set[str] = set()
"""The types that may take a value no field takes."""
ALWAYS: dict[str, tuple[str, set[str]]] = {
    "NUL": (r'"a\u0000b"', NEVER),
    "lone surrogate": (r'"\ud800"', NEVER),
    "NaN": ("NaN", NEVER),
    "2**70": (str(2**70), {"number", "any"}),
    "the year 10000": ('"10000-01-01T00:00:00Z"', {"string", "any"}),
}
"""Values as they stand in a body, and the types that may take them: met by every operation."""
IN_TURN: dict[str, tuple[str, set[str]]] = {
    "Infinity": ("-Infinity", NEVER),
    "beyond float": ("1e400", NEVER),
    "objects in objects": ('{"a":' * 60 + "1" + "}" * 60, NEVER),
    "arrays in arrays": ("[" * 60 + "]" * 60, NEVER),
    "100 kB": ('"' + "x" * 100_001 + '"', {"any"}),
    "true": ("true", {"boolean", "any"}),
    "a text": (r'"１２\u202e"', {"string", "any"}),
    "the day zero": ('"0000-00-00"', {"string", "patterned", "any"}),
    "an object": ('{"\\u0000": 1}', NEVER),
    "an array": ('["\\u0000"]', NEVER),
}
"""More of them: met by some operations, and in `make soak` by all."""
QUERY_VALUES = ["\x00", "\ud800", str(2**70), "-1", "NaN", "10000-01-01T00:00:00Z", "長" * 2_500]
NO_OBJECTS = [b'{"a":' * 100_000, b"", b"{", b"null", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000]
HOSTILE_IDS = ["\ud800", str(2**70), "' OR true --", "0"]
HOSTILE_VERSIONS = ["x", '"99999999999999999999"', "1,2", "*", "é", '""']
PROTECTED = {"id", "workspace_id", "version", "created_at", "updated_at", "archived_at", "search_text", "erased_at"}


def kinds(schema: Schema) -> set[str]:
    """The JSON types a schema takes; ``any`` when it does not say."""
    schema = resolved(schema)
    if "anyOf" in schema:
        return set().union(*(kinds(part) for part in schema["anyOf"]))
    if "enum" in schema or "const" in schema or "format" in schema or "pattern" in schema:
        return {"patterned" if "pattern" in schema else "particular"}
    told = schema.get("type", "any")
    return {told} if isinstance(told, str) else set(told)


def leaves(schema: Schema, at: Place = ()) -> Iterator[tuple[Place, Schema]]:
    """Every place of a body, with its schema: fields, items of lists, values of objects."""
    schema = resolved(schema)
    if at:
        yield at, schema
    for part in schema.get("anyOf", []):
        yield from (found for found in leaves(part, at) if len(found[0]) > len(at))
    for name, inner in schema.get("properties", {}).items():
        yield from leaves(inner, (*at, name))
    if "items" in schema:
        yield from leaves(schema["items"], (*at, 0))
    if isinstance(extra := schema.get("additionalProperties"), dict) or (extra is True and at):
        yield from leaves(extra if isinstance(extra, dict) else {}, (*at, "key"))


def with_value_at(body: Any, places: Sequence[Place], fragment: str) -> bytes:
    """The body as JSON text, with a raw fragment at these places."""
    body = copy.deepcopy(body)
    for at in places:
        inner = body
        for step, following in zip(at, (*at[1:], None), strict=True):
            value: Any = HERE if following is None else [] if following == 0 else {}
            if step == 0:
                inner[:] = inner[:1] or [value]
            if following is None:
                inner[step] = HERE
            elif not isinstance(inner[step] if step == 0 else inner.get(step), type(value)):
                inner[step] = value
            inner = inner[step]
    return json.dumps(body).replace(json.dumps(HERE), fragment).encode()


async def refused(request: Prepared, client: httpx.AsyncClient, content: bytes) -> list[str]:
    """The pointers of the problem that answers a body; empty when it is accepted."""
    headers = {**request.headers, "Idempotency-Key": str(new_id())}
    answer = await client.request(
        request.operation.method, request.path, params=request.query, content=content, headers=headers
    )
    request.operation.check(answer)
    if answer.status_code < 300:
        items = answer.json().get("items") if answer.content else None
        return [f"/items/0{error['pointer']}" for item in items or [] for error in errors_of(item)]
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


def errors_of(item: dict[str, Any]) -> list[dict[str, str]]:
    """The errors of a bulk operation's item."""
    errors: list[dict[str, str]] = (item["problem"] or {}).get("errors", [])
    return errors


@each(SECURED)
async def test_hostile_input_is_refused(shared_workspace: WorkspaceForTest, operation: Operation) -> None:
    values = [*ALWAYS.values(), *in_turn(list(IN_TURN.values()), operation)]
    bodies = [NO_OBJECTS[0], *in_turn(NO_OBJECTS[1:], operation)]
    await hostile_input_is_refused(shared_workspace, operation, values, bodies)


def in_turn(items: Sequence[T], operation: Operation) -> list[T]:
    """Three of the items, others for each operation; `make soak` takes them all."""
    start = sum(operation.id.encode())
    return [items[(start + step) % len(items)] for step in range(3)]


async def hostile_input_is_refused(
    workspace: WorkspaceForTest, operation: Operation, values: Sequence[tuple[str, set[str]]], bodies: Sequence[bytes]
) -> None:
    """Meet an operation with these values in its fields, these bodies, and what is no parameter, id or version."""
    client = await workspace.client()
    request = await prepare(operation, workspace)
    with cells() as checks:
        if operation.body_schema is not None:
            await hostile_values_are_refused_with_a_pointer(checks, request, client, values)
            for content in bodies:
                with checks.cell(f"body {content[:20]!r}"):
                    assert await refused(request, client, content)
            if example_of(operation).table is not None:
                await columns_that_are_no_fields_cannot_be_set(checks, request, client)
        await hostile_parameters_never_fail(checks, request, client)
        await hostile_addresses_are_not_found(checks, request, client)
        if "if-match" in map(str.lower, operation.parameters("header")):
            await hostile_versions_are_refused(checks, request, client)


async def hostile_values_are_refused_with_a_pointer(
    checks: Cells, request: Prepared, client: httpx.AsyncClient, values: Sequence[tuple[str, set[str]]]
) -> None:
    assert request.operation.body_schema is not None
    places = dict(leaves(request.operation.body_schema))
    for value, fits in values:
        for depth in {len(at) for at in places}:
            wrong = [at for at, schema in places.items() if len(at) == depth and not fits & kinds(schema)]
            for some in batched(wrong, 9 if len(value) > 1_000 else 60):
                with checks.cell(f"{value[:60]} in {some}"):
                    found = await refused(request, client, with_value_at(request.body, some, value))
                    for at in some:
                        if not any(tells_of(at, pointer) for pointer in found):
                            # A rule beyond the field's shape may refuse it, once the other fields are good.
                            found = await refused(request, client, with_value_at(request.body, [at], value))
                            assert any(tells_of(at, pointer) for pointer in found), f"{at} accepts {value[:60]}"


def batched(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in lists of at most ``size``: bodies and addresses have limits, too."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def tells_of(at: Place, pointer: str) -> bool:
    """Whether a pointer names the place, something in it, or the value around it."""
    steps = [str(step) for step in at]
    told = pointer.split("/")[1:]
    return all(mine == named for mine, named in zip(steps, told, strict=False))


async def hostile_parameters_never_fail(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    operation = request.operation
    names = list(operation.parameters("query"))

    async def told(value: str, *some: str) -> set[str]:
        """The pointers of the problem that answers these parameters; none when they are taken."""
        text = quote(value.encode("utf-8", "surrogatepass"))
        raw = "&".join(f"{name}={text}" for name in some)
        headers = {**request.headers, "Idempotency-Key": str(new_id()), RAW_QUERY: raw}
        answer = await client.request(operation.method, request.path, content=request.content, headers=headers)
        operation.check(answer)
        if value in {"\x00", "長" * 2_500}:
            assert answer.status_code in {400, 422}
        found = {error["pointer"] for error in answer.json()["errors"]} if answer.status_code == 422 else set()
        assert all(pointer.startswith("?") for pointer in found), answer.text
        return found

    for value in QUERY_VALUES if names else ():
        refused_together: set[str] = set()
        for together in batched(names, 9 if len(value) > 1_000 else 60):
            with checks.cell(f"{value[:20]!r} in {together}"):
                refused_together |= await told(value, *together)
        # What its own shape refuses is refused whatever else is asked; the others are met one at a time.
        for name in names:
            if f"?{name}" not in refused_together:
                with checks.cell(f"?{name}={value[:20]!r}"):
                    await told(value, name)


async def hostile_addresses_are_not_found(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    operation = request.operation
    for name, described in operation.parameters("path").items():
        named = _is_id(described["schema"])
        for value in ["\x00", "長" * 1_000, *(HOSTILE_IDS if named else [])]:
            with checks.cell(f"{name}={value[:20]!r}"):
                text = quote(value.encode("utf-8", "surrogatepass"), safe="")
                path = operation.path.replace("{" + name + "}", text)
                for other in operation.parameters("path"):
                    path = path.replace("{" + other + "}", "01890000-0000-7000-8000-000000000001")
                answer = await client.request(operation.method, path, content=request.content, headers=request.headers)
                operation.check(answer)
                assert answer.status_code in {404, 422}, f"{path[:80]}: {answer.text[:200]}"


def _is_id(schema: Schema) -> bool:
    return resolved(schema).get("format") == "uuid"


async def hostile_versions_are_refused(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    told = {name.encode(): text.encode() for name, text in request.headers.items()}
    for value in HOSTILE_VERSIONS:
        with checks.cell(f"If-Match: {value}"):
            answer = await client.request(
                request.operation.method,
                request.path,
                content=request.content,
                headers={**told, b"If-Match": value.encode()},
            )
            request.operation.check(answer)
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "If-Match:"


async def columns_that_are_no_fields_cannot_be_set(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    example, schema = example_of(request.operation), request.operation.body_schema
    assert schema is not None
    table: sa.Table = example.table.__table__  # type: ignore[union-attr]
    at: Place = ()
    if example.per_item:
        schema, at = resolved(schema["properties"]["items"]["items"]), ("items", 0)
    fields = set(schema["properties"])
    with checks.cell("protected columns"):
        assert not fields & PROTECTED
    for columns in batched([(*at, column) for column in sorted(set(table.c.keys()) - fields)], 60):
        found = await refused(request, client, with_value_at(request.body, columns, "1"))
        for place in columns:
            with checks.cell(f"column {place[-1]}"):
                assert "/" + "/".join(map(str, place)) in found


async def test_other_methods_and_media_types_are_problems(client: httpx.AsyncClient) -> None:
    with cells() as checks:
        for template in sorted({operation.path for operation in OPERATIONS}):
            path = re.sub("{[^}]+}", "01890000-0000-7000-8000-000000000001", template)
            methods = {operation.method for operation in OPERATIONS if operation.path == template}
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
                with checks.cell(f"{method} {template}"):
                    answer = await client.request(method, path)
                    assert answer.status_code in {401, 404, 405}, answer.text
                    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1", "/v2/accounts", "/v1/nowhere", "/v1/accounts/", "/v1//accounts", "/v1/%00"])
async def test_unknown_addresses_are_problems(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"
