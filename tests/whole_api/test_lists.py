"""Every list pages, sorts, filters and refuses in the same way, with one statement."""

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from tests.support.cells import Cells, cells
from tests.support.statements import recorded
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import LISTS, Operation, each, resolved
from tests.whole_api.requests import Prepared, example_of, prepare

ROWS = 5
MORE_STATEMENTS = {"get_portfolio": 2}  # which day is today, and each account's weeks


UNKNOWN: Mapping[str, dict[str, object]] = {
    "?limti": {"limti": 3},
    "?sort": {"sort": "nonsense"},
    "?expand": {"expand": "nonsense"},
    "?fields": {"fields": "id,nonsense"},
    "?include": {"include": "nonsense"},
    "?limit": {"limit": 0},
}
"""Queries that are refused, by what the answer points at."""


async def filled(operation: Operation, workspace: WorkspaceForTest) -> tuple[Prepared, list[str]]:
    """The list's request, and the ids it shows."""
    make = example_of(operation).makes
    assert (make is None) == bool(operation.parameters("path")), "say what makes a row of this list"
    for _ in range(ROWS if make else 0):
        await make(workspace)  # type: ignore[misc]
    request = await prepare(operation, workspace)
    answer = await request.send(await workspace.client())
    ids = [item["id"] for item in answer.json()["data"]]
    assert len(ids) >= ROWS
    return request, ids


def asking(request: Prepared, **query: object) -> Prepared:
    """The request with further query parameters."""
    return Prepared(request.operation, request.path, {**request.query, **query}, request.content, request.headers)


def sorts(operation: Operation) -> list[str]:
    """The orders that the list declares."""
    schema = resolved(operation.parameters("query")["sort"]["schema"])
    assert "enum" in schema, "declare the orders of this list as an enum, so that typed clients know them"
    return [str(name) for name in schema["enum"]]


@each(LISTS)
async def test_a_list(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, ids = await filled(operation, workspace)
    client = await workspace.client()
    with cells() as checks:
        await pages_neither_miss_nor_repeat(checks, request, client, ids)
        await sorting_downwards_is_the_reverse(checks, request, client)
        await foreign_cursors_are_refused(checks, request, client)
        await unknown_names_are_refused(checks, request, client)
        await it_is_one_statement(checks, request, client, ids)
        with checks.cell("a limit beyond the highest means the highest"), recorded() as sent:
            answer = await asking(request, limit=100_000).send(client)
            assert answer.status_code == 200
            assert any("LIMIT 201" in each.text for each in sent)
        with checks.cell("what the caller has is not sent again"):
            await what_the_caller_has_is_not_sent_again(request, client)
        with checks.cell("the total is counted on request"):
            answer = await asking(request, include="total_count", limit=2).send(client)
            assert answer.json()["page"]["total_count"] == len(ids)


async def pages_neither_miss_nor_repeat(
    checks: Cells, request: Prepared, client: httpx.AsyncClient, ids: list[str]
) -> None:
    for sort in sorts(request.operation):
        with checks.cell(f"pages, sort={sort}"):
            found: list[str] = []
            answer = await asking(request, limit=2, sort=sort).send(client)
            while True:
                page = answer.json()
                assert len(page["data"]) <= 2
                found += [item["id"] for item in page["data"]]
                more = page["page"]["has_more"]
                assert more == (page["page"]["next_cursor"] is not None) == ("Link" in answer.headers)
                if not more:
                    break
                following = answer.headers["Link"].partition(">")[0].removeprefix("<")
                assert urlsplit(following).path == urlsplit(request.path).path
                answer = await client.get(following)
            assert sorted(found) == sorted(ids)
            assert len(set(found)) == len(found)


async def sorting_downwards_is_the_reverse(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    for sort in sorts(request.operation):
        if f"-{sort}" in sorts(request.operation):
            with checks.cell(f"sort={sort} is the reverse of sort=-{sort}"):
                up, down = [
                    [item["id"] for item in (await asking(request, sort=key).send(client)).json()["data"]]
                    for key in (sort, f"-{sort}")
                ]
                assert up == down[::-1]


async def foreign_cursors_are_refused(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    sort, *others = sorts(request.operation)
    first = await asking(request, limit=1, sort=sort).send(client)
    cursor = first.json()["page"]["next_cursor"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-5] ^= 1
    tampered = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    queries: list[dict[str, object]] = [
        {"cursor": tampered, "sort": sort},
        {"cursor": cursor[:-4], "sort": sort},
        {"cursor": "x", "sort": sort},
    ]
    queries += [{"cursor": cursor, "sort": other} for other in others[:1]]
    if "archived" in request.operation.parameters("query"):
        queries.append({"cursor": cursor, "sort": sort, "archived": True})
    for query in queries:
        with checks.cell(f"foreign cursor: {query}"):
            answer = await asking(request, limit=1, **query).send(client)
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")
    with checks.cell("its own cursor"):
        assert (await asking(request, limit=1, sort=sort, cursor=cursor).send(client)).status_code == 200


async def unknown_names_are_refused(checks: Cells, request: Prepared, client: httpx.AsyncClient) -> None:
    for pointer, query in UNKNOWN.items():
        with checks.cell(f"refused: {query}"):
            answer = await asking(request, **query).send(client)
            assert answer.status_code == 422
            (error,) = answer.json()["errors"]
            assert error["pointer"] == pointer
            if pointer == "?limti":
                assert "`limit`" in error["detail"]


async def it_is_one_statement(checks: Cells, request: Prepared, client: httpx.AsyncClient, ids: list[str]) -> None:
    operation = request.operation
    expands = [{}, {"expand": ",".join(names)}] if (names := expansions(operation)) else [{}]
    for query in expands:
        with checks.cell(f"one statement: {query}"):
            with recorded() as sent:
                answer = await asking(request, limit=100_000, **query).send(client)
            assert [item["id"] for item in answer.json()["data"]] == ids
            # A list below a parent asks first whether the caller sees the parent.
            assert len(sent) == 1 + len(operation.parameters("path")) + MORE_STATEMENTS.get(operation.id, 0), sent


def expansions(operation: Operation) -> list[str]:
    """What the list's items can nest, as their schema tells."""
    schema = resolved(operation.described["responses"]["200"]["content"]["application/json"]["schema"])
    item = resolved(schema["properties"]["data"]["items"])
    return [name for name in item["properties"] if name not in item.get("required", [])]


async def what_the_caller_has_is_not_sent_again(request: Prepared, client: httpx.AsyncClient) -> None:
    etag = (await request.send(client)).headers["ETag"]
    again = await request.with_headers(If_None_Match=etag).send(client)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    other = await asking(request, limit=1).with_headers(If_None_Match=etag).send(client)
    assert other.status_code == 200
