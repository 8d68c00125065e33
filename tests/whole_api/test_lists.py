"""Every list pages, sorts, filters and refuses in the same way, with one statement."""

import base64
from urllib.parse import urlsplit

import pytest

from tests.support.statements import recorded
from tests.support.workspaces import WorkspaceForTest
from tests.whole_api.operations import LISTS, Operation, each, resolved
from tests.whole_api.requests import Prepared, example_of, prepare

ROWS = 5
MORE_STATEMENTS = {"get_portfolio": 2}  # which day is today, and each account's weeks


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
async def test_pages_neither_miss_nor_repeat(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, ids = await filled(operation, workspace)
    client = await workspace.client()
    for sort in sorts(operation):
        found: list[str] = []
        answer = await asking(request, limit=2, sort=sort).send(client)
        while True:
            page = answer.json()
            assert len(page["data"]) <= 2
            found += [item["id"] for item in page["data"]]
            assert page["page"]["has_more"] == (page["page"]["next_cursor"] is not None) == ("Link" in answer.headers)
            if not page["page"]["has_more"]:
                break
            following = answer.headers["Link"].partition(">")[0].removeprefix("<")
            assert urlsplit(following).path == urlsplit(request.path).path
            answer = await client.get(following)
        assert sorted(found) == sorted(ids), sort
        assert len(set(found)) == len(found)


@each(LISTS)
async def test_sorting_downwards_is_the_reverse(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, _ = await filled(operation, workspace)
    client = await workspace.client()
    for sort in sorts(operation):
        if f"-{sort}" in sorts(operation):
            up, down = [
                [item["id"] for item in (await asking(request, sort=key).send(client)).json()["data"]]
                for key in (sort, f"-{sort}")
            ]
            assert up == down[::-1], sort


@each(LISTS)
async def test_foreign_cursors_are_refused(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, _ = await filled(operation, workspace)
    client = await workspace.client()
    first = await asking(request, limit=1, sort=sorts(operation)[0]).send(client)
    cursor = first.json()["page"]["next_cursor"]
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[-5] ^= 1
    tampered = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    queries: list[dict[str, object]] = [
        {"cursor": tampered, "sort": sorts(operation)[0]},
        {"cursor": cursor[:-4], "sort": sorts(operation)[0]},
        {"cursor": "x", "sort": sorts(operation)[0]},
    ]
    queries += [{"cursor": cursor, "sort": sort} for sort in sorts(operation)[1:2]]
    if "archived" in operation.parameters("query"):
        queries.append({"cursor": cursor, "sort": sorts(operation)[0], "archived": True})
    for query in queries:
        answer = await asking(request, limit=1, **query).send(client)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), query
    assert (await asking(request, limit=1, sort=sorts(operation)[0], cursor=cursor).send(client)).status_code == 200


@each(LISTS)
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limti": 3}, "?limti"),
        ({"sort": "nonsense"}, "?sort"),
        ({"expand": "nonsense"}, "?expand"),
        ({"fields": "id,nonsense"}, "?fields"),
        ({"include": "nonsense"}, "?include"),
        ({"limit": 0}, "?limit"),
    ],
)
async def test_unknown_names_are_refused(
    workspace: WorkspaceForTest, operation: Operation, query: dict[str, object], pointer: str
) -> None:
    request = asking(await prepare(operation, workspace), **query)
    answer = await request.send(await workspace.client())
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == pointer
    if pointer == "?limti":
        assert "`limit`" in error["detail"]


@each(LISTS)
async def test_a_list_is_one_statement(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, ids = await filled(operation, workspace)
    client = await workspace.client()
    expands = [{}, {"expand": ",".join(names)}] if (names := expansions(operation)) else [{}]
    for query in expands:
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


@each(LISTS)
async def test_a_limit_beyond_the_highest_means_the_highest(workspace: WorkspaceForTest, operation: Operation) -> None:
    request = await prepare(operation, workspace)
    client = await workspace.client()
    with recorded() as sent:
        answer = await asking(request, limit=100_000).send(client)
    assert answer.status_code == 200
    assert any("LIMIT 201" in each.text for each in sent)


@each(LISTS)
async def test_what_the_caller_has_is_not_sent_again(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, _ = await filled(operation, workspace)
    client = await workspace.client()
    etag = (await request.send(client)).headers["ETag"]
    again = await request.with_headers(If_None_Match=etag).send(client)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    other = await asking(request, limit=1).with_headers(If_None_Match=etag).send(client)
    assert other.status_code == 200


@each(LISTS)
async def test_the_total_is_counted_on_request(workspace: WorkspaceForTest, operation: Operation) -> None:
    request, ids = await filled(operation, workspace)
    answer = await asking(request, include="total_count", limit=2).send(await workspace.client())
    assert answer.json()["page"]["total_count"] == len(ids)
