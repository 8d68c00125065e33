"""Callers who create accounts and, whatever happens meanwhile, ask again with the same key until they are answered."""

import asyncio
import itertools
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from tests.resilience.ledger import Ledger

SINGLE, BULK = 4, 2
PER_BULK = 25
PATIENCE_SECONDS = 60.0


class Writers:
    """Six callers: four create accounts one by one, two by bulk upsert.

    A single account has no id of the caller's, so that nothing but the key keeps a second one away.
    """

    def __init__(self, base_url: str, api_key: str, ledger: Ledger) -> None:
        self._ledger = ledger
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write during the block, and after it until every request has its answer."""
        self._stopping.clear()
        async with self._client() as client, asyncio.TaskGroup() as group:
            for caller in range(SINGLE + BULK):
                group.create_task(self._write(client, bulk=caller >= SINGLE))
            try:
                yield
            finally:
                self._stopping.set()

    async def _write(self, client: httpx.AsyncClient, *, bulk: bool) -> None:
        while not self._stopping.is_set():
            await (self._upsert(client) if bulk else self._create(client))

    async def _create(self, client: httpx.AsyncClient) -> None:
        label = f"株式会社第{next(self._numbers)}"
        answer = await self._insist(client, "/v1/accounts", {"name": label}, key=f"create {label.encode().hex()}")
        assert answer.status_code == 201, answer.text
        self._ledger.acknowledge({label: answer.json()["id"]}, replayed=_replayed(answer))

    async def _upsert(self, client: httpx.AsyncClient) -> None:
        labels = [f"crm-{next(self._numbers)}" for _ in range(PER_BULK)]
        items = {"items": [{"external_id": label, "name": f"名前 {label}"} for label in labels]}
        answer = await self._insist(client, "/v1/accounts:bulk-upsert", items, key=f"upsert {labels[0]}")
        assert answer.status_code == 207, answer.text
        results = answer.json()["items"]
        # `unchanged` would say that the first attempt's work was kept without its answer.
        assert [each["status"] for each in results] == ["created"] * PER_BULK, answer.text
        made = {each["external_id"]: each["id"] for each in results}
        self._ledger.acknowledge(made, replayed=_replayed(answer))

    async def _insist(self, client: httpx.AsyncClient, path: str, body: Any, *, key: str) -> httpx.Response:
        """The answer to a request, sent again while there is none or one that says to try again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answer = await client.post(path, json=body, headers={"Idempotency-Key": key})
                again = answer.status_code in {409, 503}
                assert not again or "Retry-After" in answer.headers, answer.text
                if not again:
                    return answer
                self._ledger.counts[f"answered {answer.status_code}"] += 1
            self._ledger.counts["retried"] += 1
            await asyncio.sleep(random.uniform(0.2, 0.5))
        raise TimeoutError(f"no answer to {key} within {PATIENCE_SECONDS} s")

    async def missing(self, ids: list[str]) -> int:
        """How many of these accounts the service does not give."""
        found: set[str] = set()
        async with self._client() as client:
            for start in range(0, len(ids), 200):
                answer = await client.post("/v1/accounts:batch-get", json={"ids": ids[start : start + 200]})
                assert answer.status_code == 200, answer.text
                found |= {each["id"] for each in answer.json()["data"]}
        return len(set(ids) - found)

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self._base_url, headers=self._headers, timeout=30)


def _replayed(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("Idempotency-Replayed") == "true")
