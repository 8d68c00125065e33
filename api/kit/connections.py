"""Connections to Postgres: bounded waits, few registrations at the event loop, and a way back to the pool when broken."""

import asyncio
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

import psycopg
from psycopg import _queries
from psycopg.abc import Buffer, PQGen
from psycopg.adapt import Loader
from psycopg.pq import TransactionStatus
from psycopg.waiting import Ready, Wait
from psycopg_pool import AsyncConnectionPool

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Pool = AsyncConnectionPool["PooledConnection"]
T = TypeVar("T")

NETWORK_SECONDS: Final = 2.0
"""How much longer than the statement may run its answer may take."""

# Of longer statements psycopg looks for the parameters at each use, since most are an ORM's and never come again. Ours do,
# and to look for them takes 0.1 ms of a list with words.
_queries.MAX_CACHED_STATEMENT_LENGTH = 65_536


class PooledConnection(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection that breaks when Postgres does not answer, and that goes back to the pool broken or not."""

    answer_seconds: float | None = None
    _listener: "_Listener | None" = None

    async def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:  # noqa: ASYNC109
        """Wait for an answer; Postgres ends late statements itself, unless the network or its machine is gone."""
        seconds = timeout or self.answer_seconds
        try:
            if self._listener is None or seconds is None:
                self.deafen()
                return await super().wait(gen, interval, seconds)
            return await self._listener.answer(gen, seconds)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                # Too late: an answer that still comes would be taken for that of the next statement.
                self.pgconn.finish()
            raise

    def listen(self) -> None:
        """Hear all answers up to :meth:`deafen` with one registration of the socket, from one use to the next."""
        if self._listener is None:
            self._listener = _Listener(self)

    def deafen(self) -> None:
        """Stop listening: before the socket closes."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    async def close(self) -> None:
        """Go back to the pool; psycopg's own forgets broken connections, whose places the pool would miss for ever."""
        pool: Pool | None = getattr(self, "_pool", None)
        if pool is None or self.closed:
            self.deafen()
        if pool is None or not self.closed:
            await super().close()
            return
        await pool.putconn(self)
        self._pool = None


class _Listener:
    """Waits for the answers on a connection with one registration of its socket at the event loop, and one timer.

    psycopg makes both anew for each answer: half of all system calls of a request.
    """

    def __init__(self, connection: PooledConnection) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._socket = connection.pgconn.socket
        self._ready: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._loop.add_reader(self._socket, self._wake)

    async def answer(self, gen: PQGen[T], seconds: float) -> T:
        """What ``gen`` returns when Postgres has answered, within ``seconds``."""
        self._expect_within(seconds)
        try:
            wanted = next(gen)
            while wanted == Wait.R:
                self._ready = self._loop.create_future()
                await self._ready
                self._ready = None
                wanted = gen.send(Ready.R)
        except StopIteration as end:
            return cast("T", end.value)
        except asyncio.CancelledError:
            self._connection.deafen()
            with suppress(psycopg.Error):
                await self._connection.cancel_safe(timeout=NETWORK_SECONDS)
            self._connection.pgconn.finish()
            raise
        except BaseException:
            self._connection.deafen()
            raise
        # The statement is too long for the socket's buffer: psycopg knows how to wait for both directions.
        self._connection.deafen()
        return await self._connection.wait(_resumed(gen, wanted), timeout=seconds)

    def stop(self) -> None:
        """Leave the event loop; while the socket is still open, or before anything else may open one."""
        self._loop.remove_reader(self._socket)
        if self._timer is not None:
            self._timer.cancel()

    def _wake(self) -> None:
        if self._ready is None:
            # Nobody waits, so nobody would read: the connection ended, and the loop would call for ever.
            self._connection.deafen()
        elif not self._ready.done():
            self._ready.set_result(None)

    def _expect_within(self, seconds: float) -> None:
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._deadline:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._look_at_clock)

    def _look_at_clock(self) -> None:
        self._timer = None
        if self._ready is None or self._ready.done():
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look_at_clock)
        else:
            self._ready.set_exception(psycopg.OperationalError("no answer in time"))


def _resumed(gen: PQGen[T], wanted: Wait) -> PQGen[T]:
    """The rest of a generator that has begun, for who starts with its first yield."""
    try:
        while True:
            wanted = gen.send((yield wanted))
    except StopIteration as end:
        return cast("T", end.value)


class JsonBytes(Loader):
    """``json`` results arrive as the bytes Postgres built: they are the response body."""

    def load(self, data: Buffer) -> bytes:
        """A copy that outlives the driver's buffer."""
        return bytes(data)
