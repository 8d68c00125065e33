"""A proxy between the service and Postgres that misbehaves as networks do."""

import asyncio
from contextlib import suppress
from enum import Enum, auto
from types import TracebackType
from typing import Self

from sqlalchemy import make_url

TRICKLE_SECONDS = 0.5


class Mode(Enum):
    """What becomes of the connections through the proxy."""

    forward = auto()
    drop = auto()
    """Ended politely, at once; new ones as well."""
    reset = auto()
    """Ended rudely, at once; new ones as well."""
    hang = auto()
    """Accepted, and nothing goes through."""
    trickle = auto()
    """Answers come byte by byte."""


class Proxy:
    """A TCP proxy before the Postgres of ``url``, which is reached over a unix socket."""

    def __init__(self, url: str) -> None:
        target = make_url(url)
        self._socket = f"{target.query['host']}/.s.PGSQL.{target.query['port']}"
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._mode = Mode.forward
        self._changed = asyncio.Event()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.become(Mode.reset)
        await asyncio.gather(*self._relays)

    @property
    def url(self) -> str:
        """The database's URL through the proxy."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        user, database = self._target.username, self._target.database
        return f"postgresql://{user}@127.0.0.1:{port}/{database}?sslmode=disable&gssencmode=disable"

    def become(self, mode: Mode) -> None:
        """Treat all connections so from now on. Those that hung stay lost: what was sent meanwhile is gone."""
        before, self._mode = self._mode, mode
        self._changed.set()
        self._changed = asyncio.Event()
        if mode in {Mode.drop, Mode.reset} or before is Mode.hang:
            for writer in list(self._open):
                self._end(writer)

    def _end(self, writer: asyncio.StreamWriter) -> None:
        self._open.discard(writer)
        if self._mode is Mode.drop:
            writer.close()
        else:
            writer.transport.abort()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._relays.add(task)
        task.add_done_callback(self._relays.discard)
        self._open.add(writer)
        if self._mode in {Mode.drop, Mode.reset}:
            self._end(writer)
            return
        from_server, upstream = await asyncio.open_unix_connection(self._socket)
        self._open.add(upstream)
        relays = [
            asyncio.create_task(self._relay(reader, upstream, trickling=False)),
            asyncio.create_task(self._relay(from_server, writer, trickling=True)),
        ]
        try:
            await asyncio.wait(relays, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for relay in relays:
                relay.cancel()
            await asyncio.gather(*relays, return_exceptions=True)
            self._end(writer)
            self._end(upstream)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, trickling: bool) -> None:
        while data := await reader.read(65536):
            while data:
                while self._mode is Mode.hang:
                    await self._changed.wait()
                part = data[:1] if trickling and self._mode is Mode.trickle else data
                writer.write(part)
                await writer.drain()
                data = data[len(part) :]
                if data:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._changed.wait(), TRICKLE_SECONDS)
