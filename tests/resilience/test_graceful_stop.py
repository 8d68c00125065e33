"""SIGTERM while requests run: each that was accepted is answered, and the process ends soon."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.resilience.running import Running

pytestmark = pytest.mark.soak

CALLERS = 6
STOP_SECONDS = 15.0
# uvicorn ends by the signal once it has shut down.
ENDED = (0, -signal.SIGTERM)
Say = Callable[[str], None]


async def call(base_url: str, bearer: dict[str, str], answers: Counter[str], names: set[str], caller: int) -> None:
    """Create accounts, each over a connection of its own, until nobody listens any more."""
    number = 0
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=base_url, headers=bearer, timeout=20, limits=limits) as client:
        while True:
            number += 1
            name = f"停止 {caller}-{number}"
            try:
                answer = await client.post("/v1/accounts", json={"name": name})
            except httpx.ConnectError:
                return
            except httpx.TransportError as error:
                # Closed before it was accepted, or in its middle? The rows tell.
                answers[type(error).__name__] += 1
                names.add(name)
                return
            answers[str(answer.status_code)] += 1


async def test_a_stop_under_load_fails_no_request(
    folder: Path, environment: dict[str, str], bearer: dict[str, str], owner: psycopg.Connection, say: Say
) -> None:
    with Running("api", folder, **environment) as service:
        await asyncio.to_thread(service.until_ready, 60)
        answers: Counter[str] = Counter()
        unanswered: set[str] = set()
        async with asyncio.TaskGroup() as group:
            for caller in range(CALLERS):
                group.create_task(call(service.base_url, bearer, answers, unanswered, caller))
            await asyncio.sleep(2)
            service.process.send_signal(signal.SIGTERM)
            started = time.monotonic()
            code = await asyncio.to_thread(service.process.wait, STOP_SECONDS)
        took = time.monotonic() - started
    done = owner.execute("SELECT name FROM accounts WHERE name = ANY(%s)", [sorted(unanswered)]).fetchall()
    say(f"stop under load: {dict(answers)}; {len(done)} done without an answer; ended with {code} after {took:.1f} s")
    assert set(answers) - {"ReadError", "RemoteProtocolError"} == {"201"}
    assert done == []
    assert code in ENDED
    assert took < STOP_SECONDS


async def test_a_slow_request_is_answered_before_the_end(
    folder: Path, environment: dict[str, str], bearer: dict[str, str], owner: psycopg.Connection, say: Say
) -> None:
    with Running("api", folder, **environment) as service:
        await asyncio.to_thread(service.until_ready, 60)
        async with httpx.AsyncClient(base_url=service.base_url, headers=bearer, timeout=20) as client:
            with owner.transaction():
                owner.execute("LOCK TABLE products IN ACCESS EXCLUSIVE MODE")
                waiting = asyncio.create_task(client.post("/v1/products", json={"name": "待ち"}))
                await asyncio.sleep(1)
                service.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(1)
                assert service.process.poll() is None
            answer = await waiting
            code = await asyncio.to_thread(service.process.wait, STOP_SECONDS)
    say(f"a request that waited for a lock during the stop: {answer.status_code}, ended with {code}")
    assert answer.status_code == 201
    assert code in ENDED
