"""From an operation and its example to a request that can be sent."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import orjson

from api.kit.tables import new_id
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.examples import EXAMPLES, Computed, Example
from tests.whole_api.makers import Maker
from tests.whole_api.operations import Operation

Place = tuple[str | int, ...]
"""Where an id stands in a request: ``("path", "account_id")``, ``("body", "items", 0, "owner_id")``."""


@dataclass(frozen=True)
class Prepared:
    """A request, ready to be sent any number of times."""

    operation: Operation
    path: str
    query: dict[str, Any]
    content: bytes | None
    headers: dict[str, str] = field(default_factory=dict)

    def with_headers(self, **headers: str) -> "Prepared":
        """The same request with further headers; ``_`` in a name stands for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})

    async def send(self, client: httpx.AsyncClient, *, checked: bool = True) -> httpx.Response:
        """The answer, which must be one that the document promises unless it goes unchecked."""
        answer = await client.request(
            self.operation.method,
            self.path,
            params=self.query,
            content=self.content,
            headers=self.headers,
        )
        if checked:
            self.operation.check(answer)
        return answer

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return None if self.content is None else orjson.loads(self.content)


def example_of(operation: Operation) -> Example:
    """The operation's entry in the registry."""
    return EXAMPLES.get(operation.id, Example())


def id_places(operation: Operation) -> list[Place]:
    """Every place of the operation's request that names a row by its id."""
    return [place for place, value in _walk((), _parts(operation)) if callable(value)]


@dataclass(frozen=True)
class Rows:
    """What the functions in an operation's example made: a value for each of their places.

    Attributes:
        values: The ids of the rows, and other computed values.
        content: The body of an operation that takes JSON Lines.
    """

    values: Mapping[Place, Any]
    content: bytes | None = None


async def make_rows(operation: Operation, workspace: WorkspaceForTest, *, optional: bool = True) -> Rows:
    """Make what the example needs in a workspace, once for any number of requests."""
    values: dict[Place, Any] = {}
    for at, value in _walk((), _parts(operation, optional=optional)):
        if isinstance(value, Computed):
            values[at] = await value.compute(workspace)
        elif callable(value):
            values[at] = str(await value(workspace))
    lines = example_of(operation).lines
    return Rows(values, None if lines is None else await lines(workspace))


def request_for(
    operation: Operation, made: Rows, *, theirs: tuple[Place, str] | None = None, with_optional_ids: bool = False
) -> Prepared:
    """The operation's example request about the rows that were made; ``theirs`` puts another id at one place."""
    place, stranger = theirs or ((), "")
    parts = _parts(operation, optional=with_optional_ids, keep=place)
    for at, value in list(_walk((), parts)):
        if isinstance(value, Computed) or callable(value):
            _put(parts, at, stranger if at == place else made.values[at])
    path = operation.path
    for name, value in parts["path"].items():
        path = path.replace("{" + name + "}", str(value))
    headers = {}
    version = example_of(operation).version
    if version is not None and any(name.lower() == "if-match" for name in operation.parameters("header")):
        headers["If-Match"] = str(version)
    if operation.parameters("header").get("Idempotency-Key", {}).get("required"):
        headers["Idempotency-Key"] = str(new_id())
    content = None
    if operation.body_schema is not None:
        headers["Content-Type"] = "application/json"
        content = orjson.dumps(parts["body"])
    elif (file := example_of(operation).file) is not None:
        headers["Content-Type"] = "application/octet-stream"
        content = file
    elif made.content is not None:
        headers["Content-Type"] = "application/jsonl"
        content = made.content
    return Prepared(operation, path, parts["query"], content, headers)


async def prepare(operation: Operation, workspace: WorkspaceForTest, *, with_optional_ids: bool = False) -> Prepared:
    """The operation's example request in a workspace, with rows made for it."""
    made = await make_rows(operation, workspace, optional=with_optional_ids)
    return request_for(operation, made, with_optional_ids=with_optional_ids)


def maker_at(operation: Operation, place: Place) -> Maker:
    """What makes the row that the example names at a place."""
    maker: Maker = dict(_walk((), _parts(operation)))[place]
    return maker


def _parts(operation: Operation, *, optional: bool = True, keep: Place = ()) -> dict[str, Any]:
    example = example_of(operation)
    parts = {
        "path": dict(example.path),
        "query": copy.deepcopy(dict(example.query)),
        "body": copy.deepcopy(example.body),
    }
    side = "query" if operation.body_schema is None else "body"
    for name, maker in example.optional_ids.items():
        if optional or keep[:2] == (side, name):
            parts[side][name] = copy.deepcopy(maker)
    return parts


def _walk(at: Place, value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _walk((*at, name), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk((*at, index), item)
    else:
        yield at, value


def _put(parts: Any, at: Place, value: str) -> None:
    for step in at[:-1]:
        parts = parts[step]
    parts[at[-1]] = value
