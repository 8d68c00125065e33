"""Outgoing HTTP to addresses that customers type in: webhook endpoints and Slack.

Such an address must not reach what only this machine can reach (server-side request forgery). So a URL is
accepted in one plain spelling or refused, never interpreted; its name is resolved once; every address it
resolves to must be public; and the connection goes to one of those checked addresses, never to a name that
could resolve differently the second time. There are no redirects, cookies, proxies, kept connections or
decompression; the whole exchange has one deadline, and the answer a largest size.

``allow_networks`` opens internal networks on purpose: for tests, and for operators with receivers inside.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from typing import Any, Final, Protocol, TypeAlias, cast

import httpx

from api.kit.addresses import Address, Destination, ForbiddenAddress, Network, check_name, is_public, parse

Resolver: TypeAlias = Callable[[str], Awaitable[Iterable[str]]]

# A receiver of webhooks listens where web servers listen. Other ports would let a URL talk to mail servers,
# databases and the like, whose addresses may well be public.
WEB_PORTS: Final = frozenset({80, 443, 8080, 8443})

_CHECK_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 3.0  # for each address, so that a dead one leaves time for the next
_ADDRESSES_TRIED: Final = 3

_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_HEADER_VALUE: Final = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?", re.ASCII)
_HEADERS_WE_SET: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

# Of their own, so that names with slow name servers cannot occupy the threads that everything else uses.
_resolver_threads: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")


class DeliveryFailed(Exception):  # noqa: N818 - reads as the fact it states
    """No complete answer came back. The reason can be shown to the owner of the endpoint."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered; names of headers are in lower case, and nothing is decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    truncated: bool


class _Stream(Protocol):
    async def aclose(self) -> None: ...


async def resolve_with_system(host: str) -> Iterable[str]:
    """Ask the operating system for the addresses of a name."""
    ask = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
    answers = await asyncio.get_running_loop().run_in_executor(_resolver_threads, ask)
    return [str(answer[4][0]) for answer in answers]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingHttp:
    """Sends to public web servers only. Keep one per process; it holds no connections.

    Attributes:
        allow_http: Accept ``http://`` as well, for development.
        allow_networks: Networks to accept besides public ones; internal names may then resolve into them.
        ports: The ports to accept.
        resolve: Finds the addresses of a name.
        ssl_context: Which certificates to trust; by default those of public authorities.
    """

    allow_http: bool = False
    allow_networks: Sequence[Network] = ()
    ports: frozenset[int] = WEB_PORTS
    resolve: Resolver = resolve_with_system
    ssl_context: ssl.SSLContext = field(default_factory=partial(httpx.create_ssl_context, trust_env=False), repr=False)

    async def check_url(self, url: str) -> None:
        """Check a URL when it is saved, so that its owner learns at once what is wrong with it.

        Passing now does not excuse it from the check at each delivery: names move.

        Args:
            url: The URL as typed in.

        Raises:
            ForbiddenAddress: We will not send to it.
            DeliveryFailed: Its name does not resolve, for now.
        """
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await self._checked_addresses(self._destination(url))
        except TimeoutError:
            raise DeliveryFailed("the name did not resolve in time") from None

    async def post(
        self,
        url: str,
        *,
        content: bytes,
        headers: Mapping[str, str],
        total_timeout: float = 10.0,
        max_response_bytes: int = 65_536,
    ) -> Answer:
        """Send a POST request, and return whatever is answered, redirects and errors included.

        Args:
            url: Where to; checked anew on each call.
            content: The body.
            headers: Headers besides those of the connection, such as Content-Type.
            total_timeout: Seconds for everything: resolving, connecting, sending, receiving.
            max_response_bytes: How much of the answer's body to read; the rest is cut off.

        Returns:
            The answer.

        Raises:
            ForbiddenAddress: We do not send to this URL.
            DeliveryFailed: There was no complete answer.
            ValueError: A header cannot be sent, or is one that the connection sets itself.
        """
        sendable = _sendable(headers)
        destination = self._destination(url)
        try:
            async with asyncio.timeout(total_timeout):
                addresses = await self._checked_addresses(destination)
                return await self._post_to_first_reachable(
                    destination, addresses[:_ADDRESSES_TRIED], content, sendable, max_response_bytes
                )
        except TimeoutError:
            raise DeliveryFailed(f"no complete answer within {total_timeout:g} seconds") from None
        except (httpx.HTTPError, OSError) as error:
            raise DeliveryFailed(_failure(error)) from error

    def _destination(self, url: str) -> Destination:
        destination = parse(url)
        if destination.scheme != "https" and not self.allow_http:
            raise ForbiddenAddress("the URL must begin with https://")
        if destination.port not in self.ports:
            raise ForbiddenAddress(f"the port must be one of {', '.join(map(str, sorted(self.ports)))}")
        if destination.literal is None:
            check_name(destination.host, internal=bool(self.allow_networks))
        return destination

    async def _checked_addresses(self, destination: Destination) -> list[Address]:
        """Every address of the destination, each one allowed: a single bad one spoils the name."""
        addresses = [destination.literal] if destination.literal else await self._resolved(destination.host)
        if not all(self._may_reach(address) for address in addresses):
            # Which address it is stays our secret: it would map our network.
            raise ForbiddenAddress("the host is not at a public address")
        return addresses

    async def _resolved(self, host: str) -> list[Address]:
        try:
            addresses = [ip_address(answer) for answer in dict.fromkeys(await self.resolve(host))]
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            raise DeliveryFailed("the name does not resolve") from error
        if not addresses:
            raise DeliveryFailed("the name has no address")
        return addresses

    def _may_reach(self, address: Address) -> bool:
        return any(address in network for network in self.allow_networks) or is_public(address)

    async def _post_to_first_reachable(
        self,
        destination: Destination,
        addresses: Sequence[Address],
        content: bytes,
        headers: Mapping[str, str],
        max_response_bytes: int,
    ) -> Answer:
        *others, last = [_request(destination, address, content, headers) for address in addresses]
        for request in others:
            try:
                return await self._exchange(request, max_response_bytes)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent yet, so the next address is no repetition
        return await self._exchange(last, max_response_bytes)

    async def _exchange(self, request: httpx.Request, max_response_bytes: int) -> Answer:
        # A transport of its own for each exchange: a kept connection is known by its address only, and would
        # carry one name's request over another name's TLS session. And no client, hence nothing that follows
        # redirects, keeps cookies, decodes bodies or reads proxies from the environment.
        async with (
            _closing_what_it_opens(request),
            httpx.AsyncHTTPTransport(verify=self.ssl_context, trust_env=False) as transport,
        ):
            response = await transport.handle_async_request(request)
            body = await _read(response, max_response_bytes + 1)
        return Answer(
            status=response.status_code,
            headers=dict(response.headers),
            body=body[:max_response_bytes],
            truncated=len(body) > max_response_bytes,
        )


@asynccontextmanager
async def _closing_what_it_opens(request: httpx.Request) -> AsyncIterator[None]:
    """Close the request's connection whatever happens.

    httpcore forgets one that is cancelled during its TLS handshake, so a server that never finishes it would
    cost us a socket for each delivery.
    """
    opened: list[_Stream] = []

    async def remember(event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            opened.append(details["return_value"])

    request.extensions["trace"] = remember
    try:
        yield
    finally:
        for stream in opened:
            await stream.aclose()


def _sendable(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} holds characters that cannot be sent")
        if name.lower() in _HEADERS_WE_SET:
            raise ValueError(f"the header {name!r} is set by the connection")
    return dict(headers)


def _request(destination: Destination, address: Address, content: bytes, headers: Mapping[str, str]) -> httpx.Request:
    """A request to the address that speaks to the name: in Host, SNI and the check of the certificate."""
    return httpx.Request(
        "POST",
        httpx.URL(
            scheme=destination.scheme,
            host=str(address),
            port=destination.port,
            raw_path=destination.target.encode("ascii"),
        ),
        headers={
            "Host": destination.host_header,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        },
        content=content,
        extensions={"sni_hostname": destination.host, "timeout": {"connect": _CONNECT_SECONDS}},
    )


async def _read(response: httpx.Response, most: int) -> bytes:
    body = bytearray()
    async with aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw())) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) >= most:
                break
    return bytes(body[:most])


def _failure(error: BaseException | None) -> str:
    """Say what went wrong in the words of the innermost TLS error, or of the kind of failure."""
    kind = "could not connect" if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) else "no answer"
    while error:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate is not accepted: {error.verify_message}"
        if isinstance(error, ssl.SSLError):
            return "the TLS handshake failed"
        error = error.__cause__ or error.__context__
    return kind
