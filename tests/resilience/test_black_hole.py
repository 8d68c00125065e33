"""The network between the service and Postgres fails in every way: callers get answers, and soon the right ones."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.resilience.proxy import Mode, Proxy
from tests.resilience.running import Running

pytestmark = pytest.mark.soak

OUTAGE_SECONDS = 12.0
ANSWER_SECONDS = 30.0
LIVE_SECONDS = 2.0
READY_SECONDS = 10.0
CALLERS = 6
Say = Callable[[str], None]


class Callers:
    """Callers who read and write all the time, and who watch the health."""

    def __init__(self, base_url: str, bearer: dict[str, str]) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, headers=bearer, timeout=ANSWER_SECONDS)
        self.answers: Counter[int] = Counter()
        self.slowest = 0.0
        self.slowest_live = 0.0
        self.ready: Counter[int] = Counter()

    async def call(self, until: asyncio.Event) -> None:
        """Read and write; a request without an answer within its time raises."""
        while not until.is_set():
            started = time.monotonic()
            key = {"Idempotency-Key": str(uuid4())}
            answer = await self._client.post("/v1/accounts", json={"name": "株式会社遅延"}, headers=key)
            self.answers[answer.status_code] += 1
            self.slowest = max(self.slowest, time.monotonic() - started)
            started = time.monotonic()
            answer = await self._client.get("/v1/accounts")
            self.answers[answer.status_code] += 1
            self.slowest = max(self.slowest, time.monotonic() - started)
            await asyncio.sleep(0.1)

    async def watch(self, until: asyncio.Event) -> None:
        """Ask whether it lives and whether it is ready."""
        while not until.is_set():
            started = time.monotonic()
            assert (await self._client.get("/health/live")).status_code == 200
            self.slowest_live = max(self.slowest_live, time.monotonic() - started)
            started = time.monotonic()
            self.ready[(await self._client.get("/health/ready")).status_code] += 1
            self.slowest = max(self.slowest, time.monotonic() - started)
            await asyncio.sleep(0.2)

    async def during(self, seconds: float) -> None:
        """Call and watch for a while, and until every request has its answer."""
        until = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(self.call(until))
            group.create_task(self.watch(until))
            await asyncio.sleep(seconds)
            until.set()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    async with Proxy(database_url) as proxy:
        yield proxy


@pytest.fixture
def api(folder: Path, environment: dict[str, str], proxy: Proxy) -> Iterator[Running]:
    with Running("api", folder, **environment | {"DATABASE_URL": proxy.url}) as api:
        yield api


@pytest.mark.parametrize("mode", [Mode.drop, Mode.reset, Mode.hang, Mode.trickle])
async def test_no_request_hangs_and_the_service_recovers(
    api: Running, bearer: dict[str, str], proxy: Proxy, mode: Mode, say: Say
) -> None:
    await asyncio.to_thread(api.until_ready, 60)
    before = Callers(api.base_url, bearer)
    await before.during(1)
    assert set(before.answers) == {200, 201}
    await before.close()

    meanwhile = Callers(api.base_url, bearer)
    proxy.become(mode)
    await meanwhile.during(OUTAGE_SECONDS)
    proxy.become(Mode.forward)
    recovered = await asyncio.to_thread(api.until_ready, READY_SECONDS)
    await meanwhile.close()
    say(
        f"{mode.name}: answers {dict(meanwhile.answers)}, the slowest after {meanwhile.slowest:.1f} s; ready "
        f"{dict(meanwhile.ready)}; live within {meanwhile.slowest_live:.1f} s; ready again after {recovered:.1f} s"
    )
    assert set(meanwhile.answers) == {503}
    assert set(meanwhile.ready) == {503}
    assert meanwhile.slowest < ANSWER_SECONDS
    assert meanwhile.slowest_live < LIVE_SECONDS

    after = Callers(api.base_url, bearer)
    await after.during(1)
    await after.close()
    assert set(after.answers) == {200, 201}
