"""The outer layer of every request: id, log line, security headers, load shedding, and the last catch."""

import re
import time
from functools import cache
from typing import Any, Final

import structlog
from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from api.kit.db import Tx
from api.kit.headers import header
from api.kit.problems import INTERNAL, SATURATED, Problem, preferred_language

log = structlog.get_logger("perennial.request")

REQUESTS: Final = Counter("perennial_requests", "Requests by operation and status.", ["operation", "status"])
SECONDS: Final = Histogram("perennial_request_seconds", "Time to answer.", ["operation"])

_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9._-]{8,128}$")
_TRACE_PARENT: Final = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
_SECURITY: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"strict-transport-security", b"max-age=31536000"),
]
_PRIVATE: Final = [(b"cache-control", b"private, no-cache"), (b"vary", b"Authorization, Accept-Language")]


class Edge:
    """Wraps the application. At most ``concurrency`` requests run at once; further ones get 503 quickly."""

    def __init__(self, app: ASGIApp, *, concurrency: int) -> None:
        self.app = app
        self.concurrency = concurrency
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = header(scope, b"x-request-id")
        request_id = scope["request_id"] = given if _REQUEST_ID.match(given) else str(uuid7())
        started = time.perf_counter()
        status = 500
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun, status = True, message["status"]
                message["headers"] = _completed(scope, message["headers"], request_id)
            await send(message)

        self.running += 1
        try:
            if self.running > self.concurrency and not scope["path"].startswith("/health/"):
                await self._answer(SATURATED(headers={"Retry-After": "1"}), scope, receive, send_with_headers)
            else:
                await self.app(scope, receive, send_with_headers)
        except Exception as error:
            scope["problem_cause"], scope["problem_code"] = error, INTERNAL.code
            if begun:
                raise
            await self._answer(INTERNAL(), scope, receive, send_with_headers)
        finally:
            self.running -= 1
            _note(scope, request_id, status, time.perf_counter() - started)

    async def _answer(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        language = preferred_language(header(scope, b"accept-language"))
        await problem.response(language, scope["request_id"])(scope, receive, send)


def _completed(scope: Scope, given: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    headers = [*given, (b"x-request-id", request_id.encode()), *_SECURITY]
    headers += scope.get("rate_headers", ())
    if scope["path"].startswith("/v1/") and not any(name == b"cache-control" for name, _ in given):
        headers += _PRIVATE
    return headers


@cache
def _metrics(operation: str, status: int) -> tuple[Counter, Histogram]:
    """The metrics with their labels, which take longer to find than to count."""
    return REQUESTS.labels(operation, status), SECONDS.labels(operation)


def _note(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    operation = getattr(scope.get("route"), "name", None) or "-"
    counter, histogram = _metrics(operation, status)
    counter.inc()
    histogram.observe(seconds)
    event: dict[str, Any] = {
        "request_id": request_id,
        "method": scope["method"],
        "operation": operation,
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    if trace := _TRACE_PARENT.match(header(scope, b"traceparent")):
        event["trace_id"] = trace.group(1)
    if isinstance(tx := scope.get("tx"), Tx):
        event |= {"workspace": str(tx.workspace_id), "principal": f"{tx.actor.kind}:{tx.actor.id}"}
    if problem := scope.get("problem_code"):
        event["problem"] = problem
    if cause := scope.pop("problem_cause", None):
        log.error("failed", **event, exc_info=cause)
    elif operation not in {"live", "ready"}:
        log.info("answered", **event)
