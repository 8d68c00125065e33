"""Sends items to a bulk endpoint, in chunks, until each has its result."""

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from api.cli.mapping import Rejected

CHUNK: Final = 1000
ATTEMPTS: Final = 8
LONGEST_WAIT_SECONDS: Final = 60.0
BULK_UPSERT: Final = "/v1/accounts:bulk-upsert"
FIELDS: Final = "/v1/custom-fields"


class UploadError(RuntimeError):
    """The service cannot be reached, or refuses the whole request; the message says why."""


@dataclass(slots=True)
class Outcome:
    """How many items became what, and why some were refused."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list[Rejected] = field(default_factory=list)


def run_key(file: bytes, targets: Mapping[str, str], run: str) -> Callable[[int], str]:
    """The idempotency key of each chunk: of this file, with this map, in this run.

    Within a run a chunk that is sent again is done once; a later run of the same file has results of its own.
    """
    seed = hashlib.sha256(file)
    seed.update(repr(sorted(targets.items())).encode() + run.encode())
    return lambda chunk: f"import-{seed.hexdigest()[:32]}-{chunk}"


async def upsert(
    client: httpx.AsyncClient,
    items: Sequence[tuple[int, Mapping[str, Any]]],
    key: Callable[[int], str],
    progress: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Create or change the accounts; ``items`` come with their lines, ``progress`` hears how many are done.

    Raises:
        UploadError: A chunk was refused, or could not be sent. The chunks before it are done.
    """
    outcome = Outcome()
    for place, start in enumerate(range(0, len(items), CHUNK)):
        chunk = items[start : start + CHUNK]
        response = await request(
            client, "POST", BULK_UPSERT,
            json={"items": [item for _, item in chunk]}, headers={"Idempotency-Key": key(place)},
        )  # fmt: skip
        for (number, item), result in zip(chunk, response.json()["items"], strict=True):
            _count(outcome, number, str(item["external_id"]), result)
        progress(len(chunk))
    return outcome


def _count(outcome: Outcome, number: int, key: str, result: Mapping[str, Any]) -> None:
    match result["status"]:
        case "created":
            outcome.created += 1
        case "updated":
            outcome.updated += 1
        case "unchanged":
            outcome.unchanged += 1
        case _:
            problem = result["problem"]
            errors = problem.get("errors") or [{"pointer": "", "detail": problem["detail"]}]
            outcome.rejected.extend(Rejected(number, key, each["pointer"], each["detail"]) for each in errors)


async def field_types(client: httpx.AsyncClient) -> dict[str, str]:
    """The type of each custom field of accounts, by key."""
    types: dict[str, str] = {}
    query: dict[str, str] = {"resource": "account", "fields": "key,type", "limit": "200"}
    while True:
        page = (await request(client, "GET", FIELDS, params=query)).json()
        types |= {found["key"]: found["type"] for found in page["data"]}
        if page["page"]["next_cursor"] is None:
            return types
        query["cursor"] = page["page"]["next_cursor"]


async def declare(client: httpx.AsyncClient, declaration: Mapping[str, Any]) -> None:
    """Declare a custom field."""
    await request(client, "POST", FIELDS, json=declaration)


async def request(client: httpx.AsyncClient, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401
    """Send a request; again after a 429, a 503, a request still running or a lost connection.

    Raises:
        UploadError: It was refused, or every attempt failed.
    """
    for attempt in range(ATTEMPTS):
        trouble, wait = "", min(0.5 * 2**attempt, LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1)  # noqa: S311
        try:
            response = await client.request(method, path, **arguments)
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
