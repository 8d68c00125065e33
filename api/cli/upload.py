"""Calls the service: again after a 429, a 503 or a lost connection, until there is an answer."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx

ATTEMPTS: Final = 8
LONGEST_WAIT_SECONDS: Final = 60.0
IMPORTS: Final = "/v1/imports"
FIELDS: Final = "/v1/custom-fields"


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a row was not imported; ``pointer`` leads into the item, as in the API's problems."""

    number: int
    key: str | None
    pointer: str
    reason: str


class UploadError(RuntimeError):
    """The service cannot be reached, or refuses the whole request; the message says why."""


async def custom_keys(client: httpx.AsyncClient, resource: str) -> set[str]:
    """The keys of the declared custom fields of a kind of record."""
    query = {"resource": resource, "fields": "key", "limit": "200"}
    return {found["key"] async for found in _all(client, FIELDS, query)}


async def rejected(client: httpx.AsyncClient, address: str) -> list[Rejected]:
    """Why rows of the import at this address failed, one entry for each error."""
    query = {"status": "failed", "limit": "200"}
    return [
        Rejected(row["number"], row["key"], error["pointer"], error["detail"])
        async for row in _all(client, f"{address}/rows", query)
        for error in row["errors"]
    ]


async def _all(client: httpx.AsyncClient, path: str, query: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    """The items of a list, page after page."""
    while True:
        page = (await request(client, "GET", path, params=query)).json()
        for item in page["data"]:
            yield item
        if page["page"]["next_cursor"] is None:
            return
        query = {**query, "cursor": page["page"]["next_cursor"]}


async def declare(client: httpx.AsyncClient, declaration: Mapping[str, Any]) -> None:
    """Declare a custom field."""
    await request(client, "POST", FIELDS, json=declaration)


async def request(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    *,
    body: Callable[[], AsyncIterator[bytes]] | None = None,
    **arguments: Any,  # noqa: ANN401
) -> httpx.Response:
    """Send a request; again after a 429, a 503, a request still running or a lost connection.

    A POST carries the same key each time, so that it is done once. ``body`` makes a streamed body for each attempt.

    Raises:
        UploadError: It was refused, or every attempt failed.
    """
    headers = {"Idempotency-Key": str(uuid4())} if method == "POST" else {}
    for attempt in range(ATTEMPTS):
        trouble, wait = "", min(0.5 * 2**attempt, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1)  # noqa: S311
        try:
            content = None if body is None else body()
            response = await client.request(method, path, headers=headers, content=content, **arguments)
        except httpx.TransportError as error:
            trouble = f"no answer ({type(error).__name__})"
        else:
            if response.is_success:
                return response
            trouble = _told(response)
            if not _passes(response):
                raise UploadError(f"{method} {path}: {trouble}")
            wait = _wished(response) or wait
        if attempt < ATTEMPTS - 1:
            await asyncio.sleep(wait)
    raise UploadError(f"{method} {path}: {trouble}, {ATTEMPTS} times")


def _passes(response: httpx.Response) -> bool:
    """Whether the answer may be another one soon."""
    return response.status_code in {429, 503} or (response.status_code == 409 and "Retry-After" in response.headers)


def _wished(response: httpx.Response) -> float | None:
    """The seconds that ``Retry-After`` asks for, within reason; it may be a date, which we take for nothing."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), LONGEST_WAIT_SECONDS) if text.isdigit() else None


def _told(response: httpx.Response) -> str:
    """What the problem says, with the places it names."""
    try:
        problem = response.json()
        errors = [f"{each['pointer']} {each['detail']}".strip() for each in problem.get("errors") or []]
        return f"{response.status_code} {problem['title']}: {'; '.join(errors) or problem['detail']}"
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.reason_phrase}"
