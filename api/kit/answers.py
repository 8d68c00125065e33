"""Answers: the bytes Postgres built, with the headers every representation carries."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Final
from urllib.parse import quote
from uuid import UUID

import orjson
import xxhash
from fastapi import Depends, Header
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.kit import idempotency
from api.kit.bulk import ItemResult
from api.kit.db import Tx
from api.kit.headers import header
from api.kit.problems import PRECONDITION_REQUIRED, FieldError, invalid, preferred_language
from api.kit.read import find, find_page, find_several
from api.kit.resources import Resource
from api.kit.schemas import ListQuery, Read

JSON: Final = "application/json"
_ETAG: Final = re.compile(r'^\s*(?:W/)?"?(\d{1,9})(?:\.[0-9a-f]+)?"?\s*$')


async def page(
    tx: Tx,
    resource: Resource,
    schema: type[Read],
    query: ListQuery,
    *,
    where: Mapping[str, object] | None = None,
) -> Response:
    """One page of a list; ``where`` adds what the path says."""
    found = await find_page(tx, resource, schema, query, where=where)
    return with_next(tx, represented(tx, found.body(), None), found.next_cursor)


def with_next(tx: Tx, response: Response, cursor: str | None) -> Response:
    """The answer with the address of its next page, if there is one."""
    if cursor and response.status_code == 200:
        scope = _request(tx).scope
        # As the caller wrote it; a cursor needs no escaping.
        asked = scope["query_string"].decode("latin-1").split("&")
        following = "&".join([*(each for each in asked if each and not each.startswith("cursor=")), f"cursor={cursor}"])
        response.headers["Link"] = f'<{scope["path"]}?{following}>; rel="next"'
    return response


async def item(
    tx: Tx,
    resource: Resource,
    schema: type[Read],
    value: object,
    query: BaseModel | None = None,
    *,
    by: str = "id",
    where: Mapping[str, object] | None = None,
) -> Response:
    """One representation."""
    body, version = await find(tx, resource, schema, value, by=by, query=query, where=where)
    return represented(tx, body, version)


async def several(tx: Tx, resource: Resource, schema: type[Read], ids: Sequence[UUID]) -> Response:
    """The representations of these ids, in their order; those that are not there are left out."""
    found = await find_several(tx, resource, schema, ids)
    return represented(tx, b'{"data":[' + b",".join(found) + b"]}", None)


async def created(
    tx: Tx, resource: Resource, schema: type[Read], row_id: UUID, *, location: str = "", status: int = 201
) -> Response:
    """The representation of what a POST made, with its address; status 202 when a job goes on with it."""
    await tx.flush()
    body, version = await find(tx, resource, schema, row_id)
    response = represented(tx, body, version, status=status)
    path = location or _request(tx).url.path.rstrip("/")
    response.headers["Location"] = f"{path}/{row_id}"
    await idempotency.keep(tx, response)
    return response


async def changed(tx: Tx, resource: Resource, schema: type[Read], row_id: UUID) -> Response:
    """The representation of what a write changed."""
    await tx.flush()
    body, version = await find(tx, resource, schema, row_id)
    response = represented(tx, body, version)
    await idempotency.keep(tx, response)
    return response


async def done(
    tx: Tx,
    answer: BaseModel | bytes | None = None,
    *,
    status: int = 200,
    location: str | None = None,
    stored: BaseModel | None = None,
) -> Response:
    """Any other answer of a write: 204 without one. ``stored`` is what a replay shows instead of a secret."""
    await tx.flush()
    if answer is None:
        response = Response(status_code=204)
    else:
        body = answer if isinstance(answer, bytes) else answer.model_dump_json().encode()
        response = Response(body, status, media_type=JSON)
    if location:
        response.headers["Location"] = location
    kept = None if stored is None else stored.model_dump_json().encode()
    await idempotency.keep(tx, response, stored_body=kept)
    return response


async def bulk(tx: Tx, results: Sequence[ItemResult]) -> Response:
    """207 with one result per item."""
    language = preferred_language(_request(tx).headers.get("Accept-Language"))
    items = [
        {
            "index": result.index,
            "external_id": result.key,
            "id": result.id if result.problem is None else None,
            "status": result.status.value,
            "problem": result.problem.body(language) if result.problem else None,
        }
        for result in results
    ]
    response = Response(orjson.dumps({"items": items}), 207, media_type=JSON)
    await idempotency.keep(tx, response)
    return response


def represented(tx: Tx, body: bytes, version: int | None, *, status: int = 200) -> Response:
    """``body`` with its strong ETag ``"<version>.<hash>"`` (a list's has no version); 304 when the caller has it."""
    # It tells versions apart and keeps no secret; a cryptographic hash took longer than building the list in SQL.
    digest = xxhash.xxh3_128_hexdigest(body)
    etag = f'"{digest}"' if version is None else f'"{version}.{digest}"'
    headers = {"ETag": etag}
    scope = _request(tx).scope
    if status == 200 and scope["method"] == "GET" and _known(header(scope, b"if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers, JSON)


def file(tx: Tx, chunks: AsyncIterator[bytes], *, media_type: str, filename: str, size: int, digest: str) -> Response:
    """A file to save under ``filename``; 304 when the caller has it. ``chunks`` open transactions of their own."""
    etag = f'"{digest}"'
    if _known(header(_request(tx).scope, b"if-none-match"), etag):
        return Response(status_code=304, headers={"ETag": etag})
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", filename)
    headers = {
        "ETag": etag,
        "Content-Length": str(size),
        # RFC 6266: the first name is for clients that do not read the second.
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}",
    }
    return StreamingResponse(chunks, 200, headers, media_type)


def _known(if_none_match: str, etag: str) -> bool:
    if not if_none_match:
        return False
    return if_none_match.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))


def _request(tx: Tx) -> Request:
    assert tx.request is not None
    return tx.request


def required_version(
    if_match: Annotated[
        str | None,
        Header(max_length=200, json_schema_extra={"x-required": True}),
    ] = None,
) -> int:
    """The version named by ``If-Match``: 428 without one, 422 when it names none."""
    if if_match is None:
        raise PRECONDITION_REQUIRED()
    return _version(if_match)


def optional_version(if_match: Annotated[str | None, Header(max_length=200)] = None) -> int | None:
    """The version named by ``If-Match``, if any."""
    return None if if_match is None else _version(if_match)


def _version(if_match: str) -> int:
    if match := _ETAG.match(if_match):
        return int(match.group(1))
    raise invalid(FieldError("If-Match:", "invalid_format", "Send one ETag of ours", "ETag を 1 つ送ってください"))


Version = Annotated[int, Depends(required_version)]
OptionalVersion = Annotated[int | None, Depends(optional_version)]
