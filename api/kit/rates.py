"""Rate limits per credential, and how many requests of one workspace run at once."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from limits.aio.storage import MemoryStorage, RedisStorage

from api.kit.problems import RATE_LIMITED, SATURATED
from api.kit.settings import Settings

Headers = list[tuple[bytes, bytes]]
WINDOW_SECONDS: Final = 60


class RateLimiter:
    """Counts the requests of each credential in windows of a minute."""

    def __init__(self, settings: Settings) -> None:
        url = settings.rate_limit_url
        self._counts = MemoryStorage() if url.startswith("memory:") else RedisStorage(url)
        self._per_minute = settings.rate_limit_per_minute
        self._concurrency = settings.workspace_concurrency
        self._running: Counter[UUID] = Counter()

    async def count(self, subject: str, *, limit: int | None = None) -> Headers:
        """Count one request of ``subject``: the headers to answer with, or the problem ``rate_limited``."""
        allowed = limit or self._per_minute
        # The storage directly: the library's strategies ask it three times for what two answers tell.
        used = await self._counts.incr(subject, WINDOW_SECONDS)
        seconds = max(1, math.ceil(await self._counts.get_expiry(subject) - time.time()))
        headers = [
            (b"ratelimit-policy", b'"credential";q=%d;w=%d' % (allowed, WINDOW_SECONDS)),
            (b"ratelimit", b'"credential";r=%d;t=%d' % (max(0, allowed - used), seconds)),
        ]
        if used > allowed:
            raise RATE_LIMITED(
                seconds=seconds,
                headers={"Retry-After": str(seconds), **{k.decode(): v.decode() for k, v in headers}},
            )
        return headers

    @contextmanager
    def place_for(self, workspace_id: UUID) -> Iterator[None]:
        """Hold one of the workspace's places, or raise ``saturated``: one tenant cannot starve the others."""
        if self._running[workspace_id] >= self._concurrency:
            raise SATURATED(headers={"Retry-After": "1"})
        self._running[workspace_id] += 1
        try:
            yield
        finally:
            self._running[workspace_id] -= 1
            if not self._running[workspace_id]:
                del self._running[workspace_id]
