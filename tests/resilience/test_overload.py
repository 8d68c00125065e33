"""More work than the connections can do: what is too much is refused soon, and the service lives."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.resilience.running import Running

pytestmark = pytest.mark.soak

REQUESTS = 30
POOL, WAIT_SECONDS = 2, 1.0
HOLD_SECONDS = 3.0
Say = Callable[[str], None]


async def timed(client: httpx.AsyncClient, path: str) -> tuple[httpx.Response, float]:
    """An answer, and how long it took in seconds."""
    started = time.monotonic()
    answer = await client.get(path)
    return answer, time.monotonic() - started


async def test_what_is_too_much_is_refused_soon(
    folder: Path, environment: dict[str, str], bearer: dict[str, str], owner: psycopg.Connection, say: Say
) -> None:
    small = {"PERENNIAL_POOL_SIZE": str(POOL), "PERENNIAL_POOL_WAIT_SECONDS": str(WAIT_SECONDS)}
    with Running("api", folder, **environment, **small) as service:
        await asyncio.to_thread(service.until_ready, 60)
        async with httpx.AsyncClient(base_url=service.base_url, headers=bearer, timeout=20) as client:
            assert (await client.get("/v1/products")).status_code == 200
            with owner.transaction():
                owner.execute("LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
                asked = [asyncio.create_task(timed(client, "/v1/products")) for _ in range(REQUESTS)]
                await asyncio.sleep(0.3)
                live, live_took = await timed(client, "/health/live")
                ready, ready_took = await timed(client, "/health/ready")
                await asyncio.sleep(HOLD_SECONDS)
                refused = [task.result() for task in asked if task.done()]
            answers = await asyncio.gather(*asked)
            after = await client.get("/v1/products")
    slowest = max(took for _, took in refused)
    statuses = Counter(answer.status_code for answer, _ in answers)
    say(
        f"{REQUESTS} slow requests, {POOL} connections: {dict(statuses)}, the slowest refusal after {slowest:.1f} s; "
        f"live {live.status_code} after {live_took:.1f} s, ready {ready.status_code} after {ready_took:.1f} s"
    )
    assert statuses == {200: POOL, 503: REQUESTS - POOL}
    assert {answer.status_code for answer, _ in refused} == {503}
    assert all("Retry-After" in answer.headers for answer, _ in refused)
    assert slowest < WAIT_SECONDS + 1.5
    assert (live.status_code, ready.status_code) == (200, 503)
    assert live_took < 1
    assert after.status_code == 200
