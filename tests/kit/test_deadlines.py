"""A request that does not arrive in time loses its connection; one that arrives in time does not."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.kit import deadlines

HEAD = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    body = await request.body()
    if body == b"slow":
        await asyncio.sleep(0.6)
    await PlainTextResponse(body)(scope, receive, send)


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    monkeypatch.setattr(deadlines, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(deadlines, "BODY_SECONDS", 0.3)
    config = uvicorn.Config(
        echo,
        port=0,
        http="api.kit.deadlines:DeadlineProtocol",
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=5,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers no event
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await task


async def dropped_after(port: int, *parts: bytes) -> bool:
    """Whether the connection is closed without an answer within a second after sending the parts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await asyncio.sleep(0.05)
    try:
        answer = await asyncio.wait_for(reader.read(100), 1)
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return answer == b""


@pytest.mark.parametrize(
    "parts",
    [(), (b"POST / HT",), (b"POST / HTTP/1.1\r\n", b"Host: test\r\n"), (HEAD,), (HEAD, b"tri")],
    ids=["silence", "part of a line", "part of the headers", "no body", "part of a body"],
)
async def test_what_does_not_arrive_is_dropped(port: int, parts: tuple[bytes, ...]) -> None:
    assert await dropped_after(port, *parts)


async def test_a_slow_answer_is_not_a_slow_request(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in (b"slow", b"fast", b"slow"):
        writer.write(HEAD + body)
        answer = await asyncio.wait_for(reader.readuntil(body), 3)
        assert answer.startswith(b"HTTP/1.1 200")
    await asyncio.sleep(0.5)
    assert not reader.at_eof(), "waiting between requests is the keep-alive's matter"
    writer.close()
    await writer.wait_closed()


async def test_a_large_body_has_its_time_for_each_step(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "BODY_STEP_BYTES", 4)
    head, steps = HEAD.replace(b"4", b"16"), [b"four"] * 4
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    for step in steps:
        await asyncio.sleep(0.2)
        writer.write(step)
    assert (await asyncio.wait_for(reader.readuntil(b"".join(steps)), 1)).startswith(b"HTTP/1.1 200")
    writer.write(head + b"four")
    assert await asyncio.wait_for(reader.read(100), 1) == b"", "a step that does not arrive"
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01 this is TLS\r\n\r\n", b"GET /?" + b"q" * 65_536 + b" HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_request_is_a_problem_too(port: int, sent: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    head, _, body = (await asyncio.wait_for(reader.read(), 1)).partition(b"\r\n\r\n")
    status, *headers = head.decode().splitlines()
    given = dict(line.split(": ", 1) for line in headers)
    assert status == "HTTP/1.1 400 Bad Request"
    assert given["content-type"] == "application/problem+json"
    assert int(given["content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["code"], problem["request_id"]) == ("malformed_request", given["x-request-id"])
    writer.close()
    await writer.wait_closed()
