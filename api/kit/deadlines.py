"""Deadlines for the arrival of a request, which uvicorn does not set, and a problem for what is not one.

Without them a client that sends a header every minute keeps a connection for ever, and many such clients keep
the service from everybody else.
"""

import asyncio
from typing import Final

from uuid_utils import uuid7
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.kit.problems import MALFORMED, Language

HEADER_SECONDS: Final = 10.0
BODY_SECONDS: Final = 60.0
BODY_STEP_BYTES: Final = 1024 * 1024
"""A body that is larger has the time of ``BODY_SECONDS`` for each such piece."""


class DeadlineProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol; drops a connection whose headers or body take too long to arrive."""

    _seconds: float | None = None
    _deadline: asyncio.TimerHandle | None = None
    _arrived = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect the first request's headers soon."""
        super().connection_made(transport)
        self._expect_within(HEADER_SECONDS)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Start the timer of what has not arrived with this data; most requests arrive whole and need none."""
        super().data_received(data)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._expect_within(None)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins: its headers within their time."""
        super().on_message_begin()
        self._expect_within(HEADER_SECONDS)

    def on_headers_complete(self) -> None:
        """The headers are here: now the body."""
        super().on_headers_complete()
        self._arrived = 0
        self._expect_within(BODY_SECONDS)

    def on_body(self, body: bytes) -> None:
        """A part of the body: after each whole step the next one has its own time."""
        super().on_body(body)
        self._arrived += len(body)
        if self._arrived >= BODY_STEP_BYTES:
            self._arrived = 0
            self._expect_within(BODY_SECONDS)

    def on_message_complete(self) -> None:
        """The request is here; how long the answer takes is another matter."""
        self._expect_within(None)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's text says less
        """Say that this is no HTTP, or too long an address, as every other problem is said."""
        request_id = str(uuid7())
        answer = MALFORMED().response(Language.en, request_id)
        headers = [*answer.raw_headers, (b"x-request-id", request_id.encode()), (b"connection", b"close")]
        lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n" + lines + b"\r\n" + answer.body)
        self.transport.close()

    def _expect_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self._seconds = seconds

    def _start_timer(self) -> None:
        if self._seconds is not None and self._deadline is None:
            self._deadline = self.loop.call_later(self._seconds, self._drop)

    def _drop(self) -> None:
        self._deadline = None
        self.transport.abort()
