"""Outgoing HTTP reaches public web servers only, whatever the URL, the resolver or the server tries."""

import asyncio
import gzip
import ipaddress
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.kit.addresses import ForbiddenAddress
from api.kit.http import Answer, DeliveryFailed, OutgoingHttp, resolve_with_system

PUBLIC = "93.184.215.14"
LOOPBACK = IPv4Network("127.0.0.0/8")
MINIMUM_HOSTILE_URLS = 120

NOT_PLAIN = "must look like"
ODD_SPELLING = "not an address in its usual spelling"
NOT_A_NAME = "not a plain domain name"
NOT_A_PUBLIC_NAME = "not a public name"
NOT_A_PUBLIC_ADDRESS = "not at a public address"
OTHER_PORT = "the port must be one of"


def words(text: str) -> list[str]:
    return text.split()


OTHER_SCHEMES = words(
    """
    ftp://127.0.0.1/ ftps://127.0.0.1/ sftp://127.0.0.1/ tftp://127.0.0.1/x file:///etc/passwd
    file://127.0.0.1/etc/passwd gopher://127.0.0.1:6379/_INFO dict://127.0.0.1:11211/stats
    ldap://127.0.0.1/ ws://127.0.0.1/ wss://127.0.0.1/ data:text/plain,x javascript:alert(1)
    unix:///var/run/docker.sock http+unix://%2Fvar%2Frun%2Fdocker.sock/info jar:https://127.0.0.1/x!/
    view-source:https://127.0.0.1/ netdoc:///etc/passwd phar://127.0.0.1/x httpss://127.0.0.1/
    //127.0.0.1/ ///127.0.0.1/ /127.0.0.1 127.0.0.1 localhost https: https:/ https:// https:///
    https:/127.0.0.1/ https:127.0.0.1 https:///127.0.0.1/ ://127.0.0.1/ https://?127.0.0.1 https://#
    https://:443/ url:https://127.0.0.1/ http://https://127.0.0.1/
    """
)

CONFUSED_AUTHORITIES = [
    "https://user@127.0.0.1/",
    "https://user:password@127.0.0.1/",
    "https://example.com@127.0.0.1/",
    "https://example.com:443@127.0.0.1/",
    "https://127.0.0.1@example.com/",
    "https://@127.0.0.1/",
    "https://:@127.0.0.1/",
    "https://a@b@127.0.0.1/",
    "https://example.com%40127.0.0.1/",
    "https://example.com&@127.0.0.1/",
    "https://example.com,127.0.0.1/",
    "https://example.com;127.0.0.1/",
    "https://127.0.0.1\\@example.com/",
    "https://example.com\\@127.0.0.1/",
    "https://127.0.0.1\\.example.com/",
    "https:\\\\127.0.0.1\\",
    "https://example.com#@127.0.0.1/",
    "https://127.0.0.1#.example.com/",
    "https://example.com/#fragment",
    "https://(127.0.0.1)/",
    "https://'127.0.0.1'/",
    "https://$127.0.0.1/",
    "https://127.0.0.1*/",
    "https://host_name.example.com/",
    "https://{127.0.0.1}/",
    "https://127.0.0.1|example.com/",
    "https://<127.0.0.1>/",
    "https://127.0.0.1:/",
    "https://127.0.0.1:0/",
    "https://127.0.0.1:00443/",
    "https://127.0.0.1:0443/",
    "https://127.0.0.1:+443/",
    "https://127.0.0.1:-443/",
    "https://127.0.0.1:443:443/",
    "https://127.0.0.1:0x1bb/",
    "https://127.0.0.1:443443/",
    "https://127.0.0.1:https/",
]

SPACES_AND_CONTROLS = [
    "",
    " ",
    " https://127.0.0.1/",
    "https://127.0.0.1/ ",
    "\thttps://127.0.0.1/",
    "\nhttps://127.0.0.1/",
    "https://127.0.0.1/\n",
    "https://example.com\n",
    "https://127.0.0.1\r\n/",
    "https://127.0.0.1/\r\nHost: 127.0.0.1",
    "https://example.com/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "https://\t127.0.0.1/",
    "https:\n//127.0.0.1/",
    "ht\ntps://127.0.0.1/",
    "https:// 127.0.0.1/",
    "https://127.0.0.1 .example.com/",
    "https://127.0.0.1\x00.example.com/",
    "https://127.0.0.1\x01/",
    "https://127.0.0.1\x7f/",
    "https://example.com/a path",
    "https://example.com/%",
    "https://example.com/%zz",
    'https://example.com/"',
    "https://example.com/<x>",
    "https://example.com/\\127.0.0.1",
    "https://example.com/" + "a" * 2_048,
    "https://" + "a." * 2_000 + "com/",
]

ENCODED_AND_UNICODE_HOSTS = [
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://127.0.0.1%2f@example.com/",
    "https://127.0.0.1%00.example.com/",
    "https://127.0.0.1%23.example.com/",
    "https://%6c%6f%63%61%6c%68%6f%73%74/",
    "https://%5b::1%5d/",
    "https://127.0.0.1%0d%0a/",
    "https://\uff11\uff12\uff17.\uff10.\uff10.\uff11/",  # fullwidth digits
    "https://127\u30020\u30020\u30021/",  # ideographic full stops
    "https://127\uff0e0\uff0e0\uff0e1/",  # fullwidth full stops
    "https://127\uff610\uff610\uff611/",  # halfwidth ideographic full stops
    "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",  # circled digits
    "https://\u0661\u0662\u0667.\u0660.\u0660.\u0661/",  # Arabic-Indic digits
    "https://\u00b9\u00b2\u2077.0.0.1/",  # superscripts
    "https://\U0001d7cf\U0001d7d0\U0001d7d5.0.0.1/",  # mathematical digits
    "https://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3/",  # circled letters
    "https://\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54/",  # fullwidth letters
    "https://localho\u017ft/",  # long s
    "https://\u2112ocalhost/",  # script L
    "https://127.0.0.1\u200b/",  # zero-width space
    "https://127.0.0\u00ad.1/",  # soft hyphen
    "https://\u202e1.0.0.721/",  # right-to-left override
    "https://127.0.0.1\uff0fexample.com/",  # fullwidth solidus
    "https://127.0.0.1\u2044example.com/",  # fraction slash
    "https://example.com\uff20127.0.0.1/",  # fullwidth commercial at
    "https://example.com\uff1a443/",  # fullwidth colon
    "https://127.0.0.1:\uff14\uff14\uff13/",  # fullwidth port
    "https://\u65e5\u672c.example.com/",  # an honest name: to be written as xn--
    "https://example.com/\u9053",
    "https://example.com\ud800/",
    "\ufeffhttps://127.0.0.1/",
]

BROKEN_BRACKETS = words(
    """
    https://::1/ https://::1:443/ https://[::1/ https://::1]/ https://[[::1]]/ https://[::1]x/ https://x[::1]/
    https://[]/ https://[::1].example.com/ https://[::1]@example.com/ https://[localhost]/ https://[v1.127.0.0.1]/
    https://[fe80::1%25eth0]/ https://[fe80::1%eth0]/ https://[fe80::1%251]/ https://[::ffff:0x7f.0.0.1]/
    https://[::1]443/ https://[::1]:/ https://[::1%00]/ https://[::1/64]/
    """
)

ODD_SPELLINGS = words(
    """
    2130706433 017700000001 0x7f000001 0X7F000001 0x7f.0x0.0x0.0x1 0x7f.1 0177.0.0.1 0177.0.0.01 127.1 127.0.1
    127.0.0.01 127.0.0.001 127.000.000.001 00127.0.0.1 127.0x0.0.1 127.0.0.0x1 127.0.0.256 127.0.0.1.1
    256.0.0.1 0 00 0x0 0x 0.0 0.0.0 1 4294967295 4294967296 18446744073709551616 3232235777 0xc0a80101
    0300.0250.1.1 192.168.257 192.168.0x101 2852039166 0xA9FEA9FE 0251.0376.0251.0376 169.254.43518
    169.16689662 0xa9.0xfe.0xa9.0xfe 0000251.00376.000251.0000376 10.1 012.0.0.1 0xa000001
    167772161 100.6553700
    example.com.1 foo.0x7f 8.8.2056 08.8.8.8 134744072 93.184.55054 1e3
    [:::1] [::1::] [1] [127.0.0.1] [::127.0.0.1.1] [::ffff:127.1] [::ffff:0177.0.0.1] [12345::]
    [1:2:3:4:5:6:7] [1:2:3:4:5:6:7:8:9] [:] [.] [::ffff:256.0.0.1]
    """
)

NOT_NAMES = [
    "127.0.0.1.",
    "127.1.",
    "2130706433.",
    "localhost.",
    "metadata.google.internal.",
    "example.com.",
    "example.com..",
    ".",
    "..",
    ".example.com",
    "example..com",
    "-example.com",
    "example-.com",
    "a." + "b" * 64 + ".com",
    "a" * 63 + ("." + "a" * 63) * 4 + ".com",
]

INTERNAL_NAMES = words(
    """
    localhost LOCALHOST LocalHost localhost.localdomain localhost6 ip6-localhost ip6-loopback broadcasthost
    anything.localhost metadata instance-data metadata.google.internal METADATA.GOOGLE.INTERNAL metadata.goog
    metadata.azure.internal metadata.tencentyun.com metadata.packet.net metadata.platformequinix.com
    instance-data.ec2.internal rancher-metadata kubernetes kubernetes.default.svc
    kubernetes.default.svc.cluster.local host.docker.internal gateway.docker.internal postgres redis db
    vault.private printer.local router.lan nas.home gitlab.corp wiki.intranet
    1.0.0.127.in-addr.arpa nas.home.arpa hidden.onion hidden.alt hooks.example exchange.mail
    metadata.azure.com server.test server.invalid
    """
)

SPECIAL_IPV4 = words(
    """
    0.0.0.0 0.0.0.1 0.255.255.255 10.0.0.0 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255
    127.0.0.0 127.0.0.1 127.0.0.2 127.1.2.3 127.127.127.127 127.255.255.254 127.255.255.255 168.63.129.16
    169.254.0.1 169.254.169.253 169.254.169.254 169.254.170.2 169.254.255.255 172.16.0.1 172.17.0.1
    172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1
    192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1
    239.255.255.250 240.0.0.1 255.255.255.254 255.255.255.255
    """
)

SPECIAL_IPV6 = words(
    """
    :: ::1 0:0:0:0:0:0:0:1 0000:0000:0000:0000:0000:0000:0000:0001 ::0001 ::127.0.0.1 ::7f00:1
    ::169.254.169.254 ::ffff:127.0.0.1 ::FFFF:127.0.0.1 ::ffff:7f00:1 0:0:0:0:0:ffff:7f00:0001 ::ffff:10.0.0.1
    ::ffff:169.254.169.254 ::ffff:a9fe:a9fe ::ffff:0:127.0.0.1 ::ffff:93.184.215.14
    64:ff9b::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::0.0.0.0
    64:ff9b:1::1 64:ff9b:1::169.254.169.254 100::1 2001::1
    2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::
    2002:7f00:0001::1 2002:a9fe:a9fe:: 2002:a00:1::1 2002:c0a8:101::1 2620:4f:8000::1 3fff::1 4000::1 5f00::1
    fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fdff:ffff::1 fe80::1 fe80::a9fe:a9fe febf::1 fec0::1 feff::1
    ff00::1 ff01::1 ff02::1 ff05::1:3 ff0e::1 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
    """
)

# Honest-looking names of the kind that point inside; the resolver below answers for them.
POISONED_NAMES: dict[str, list[str]] = {
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "7f000001.nip.io": ["127.0.0.1"],
    "localtest.me": ["127.0.0.1", "::1"],
    "six.localtest.me": ["::1"],
    "zero.hooks.com": ["0.0.0.0"],
    "private.hooks.com": ["10.1.2.3"],
    "carrier.hooks.com": ["100.64.1.1"],
    "cloud.hooks.com": ["169.254.169.254"],
    "azure.hooks.com": ["168.63.129.16"],
    "mapped.hooks.com": ["::ffff:10.0.0.1"],
    "compatible.hooks.com": ["::10.0.0.1"],
    "nat64.hooks.com": ["64:ff9b::a9fe:a9fe"],
    "sixtofour.hooks.com": ["2002:a00:1::1"],
    "teredo.hooks.com": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
    "unique-local.hooks.com": ["fd00:ec2::254"],
    "link-local.hooks.com": ["fe80::1%1"],
    "scoped.hooks.com": ["2606:4700::1%1"],
    "multicast.hooks.com": ["239.255.255.250"],
    "broadcast.hooks.com": ["255.255.255.255"],
    "private-last.hooks.com": [PUBLIC, "192.168.0.1"],
    "private-first.hooks.com": ["192.168.0.1", PUBLIC],
    "private-sixth.hooks.com": [PUBLIC] * 2 + ["2606:4700::1", "1.1.1.1", "8.8.8.8", "10.0.0.1"],
    "mixed-families.hooks.com": [PUBLIC, "::1"],
    "xn--localhost-1m4g.hooks.com": ["127.0.0.1"],
}

NOT_WEB_PORTS = (1, 22, 25, 53, 110, 2375, 3306, 5432, 6379, 9200, 11211, 65536, 99999)
OTHER_PORTS = [f"https://{host}:{port}/" for host in (PUBLIC, "hooks.com") for port in NOT_WEB_PORTS]


def hosts(names: Iterable[str], path: str = "/hook") -> list[str]:
    return [f"https://{name}{path}" for name in names]


HOSTILE_URLS: dict[str, str] = {
    url: reason
    for reason, urls in (
        (NOT_PLAIN, OTHER_SCHEMES),
        (NOT_PLAIN, CONFUSED_AUTHORITIES),
        (NOT_PLAIN, SPACES_AND_CONTROLS),
        (NOT_PLAIN, ENCODED_AND_UNICODE_HOSTS),
        (NOT_PLAIN, BROKEN_BRACKETS),
        (ODD_SPELLING, hosts(ODD_SPELLINGS)),
        (NOT_A_NAME, hosts(NOT_NAMES)),
        (NOT_A_PUBLIC_NAME, hosts(INTERNAL_NAMES)),
        (NOT_A_PUBLIC_ADDRESS, hosts(SPECIAL_IPV4)),
        (NOT_A_PUBLIC_ADDRESS, hosts(f"[{address}]" for address in SPECIAL_IPV6)),
        (
            NOT_A_PUBLIC_ADDRESS,
            ["http://127.0.0.1", "HTTPS://127.0.0.1", "https://127.0.0.1?x", "http://[::1]:8080"],
        ),
        (NOT_A_PUBLIC_ADDRESS, hosts(POISONED_NAMES)),
        (OTHER_PORT, OTHER_PORTS),
    )
    for url in urls
}


NAMED_HOSTILE_URLS = [pytest.param(url, why, id=ascii(url)[1:60]) for url, why in HOSTILE_URLS.items()]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


METADATA_NAMES = words(
    """
    instance-data.ec2.internal metadata.aws.internal metadata.azure.com metadata.azure.internal metadata.goog
    metadata.google.internal metadata.packet.net metadata.platformequinix.com metadata.tencentyun.com
    """
)


@dataclass
class FakeResolver:
    """Answers from its table, and with a public address for all other names; remembers the questions."""

    answers: Mapping[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        return self.answers.get(host, [PUBLIC])


Connects = list[tuple[str, int]]


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> Connects:
    """Every attempt of httpx to open a TCP connection; none leaves this machine."""
    attempts: Connects = []

    async def refuse(remote_host: str, remote_port: int, **_options: object) -> NoReturn:
        attempts.append((remote_host, remote_port))
        raise ConnectionRefusedError

    monkeypatch.setattr(anyio, "connect_tcp", refuse)
    return attempts


def untrusting() -> ssl.SSLContext:
    """Loads no authorities, which takes longer than the rest of a test that connects nowhere."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def outgoing(resolver: FakeResolver | None = None, *, allow_http: bool = False) -> OutgoingHttp:
    return OutgoingHttp(allow_http=allow_http, resolve=resolver or FakeResolver(), ssl_context=untrusting())


async def send(http: OutgoingHttp, url: str) -> Answer:
    return await http.post(url, content=b"{}", headers={"Content-Type": "application/json"})


@pytest.mark.parametrize(("url", "reason"), NAMED_HOSTILE_URLS)
async def test_a_hostile_url_is_refused_without_a_connection(url: str, reason: str, connects: Connects) -> None:
    resolver = FakeResolver(POISONED_NAMES)
    http = outgoing(resolver, allow_http=True)
    with pytest.raises(ForbiddenAddress, match=reason):
        await http.check_url(url)
    with pytest.raises(ForbiddenAddress, match=reason):
        await send(http, url)
    assert connects == []
    assert set(resolver.asked) <= POISONED_NAMES.keys(), "the others are refused before anybody is asked"


def test_there_are_enough_hostile_urls(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(HOSTILE_URLS)} hostile URLs refused")  # noqa: T201 - the count is evidence
    assert len(HOSTILE_URLS) >= MINIMUM_HOSTILE_URLS


async def test_a_check_of_private_addresses_alone_would_let_many_through(
    connects: Connects, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control: the URLs are hostile enough to pass the check that one would write first."""
    async with httpx.AsyncClient(verify=untrusting(), trust_env=False) as client:
        for url in HOSTILE_URLS:
            with suppress(httpx.HTTPError, httpx.InvalidURL, ValueError):
                if not naively_private(url):
                    await client.post(url)
    with capsys.disabled():
        print(f"\n{len(connects)} of them connected to by httpx alone")  # noqa: T201 - the count is evidence
    assert ("127.0.0.1", 443) in connects
    assert {"2130706433", "0x7f.1", "127.1", "localhost", "169.254.43518"} <= {host for host, _port in connects}


def naively_private(url: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(url).hostname or "").is_private
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("https://hooks.com/in", PUBLIC, 443),
        ("HTTPS://Hooks.COM", PUBLIC, 443),
        ("https://hooks.com?x=1", PUBLIC, 443),
        ("https://hooks.com:8443/a/b?c=d&e=%20", PUBLIC, 8443),
        ("https://xn--wgv71a119e.com/", PUBLIC, 443),
        ("https://hooks.slack.com/services/T0/B0/x", PUBLIC, 443),
        ("https://8.8.8.8/", "8.8.8.8", 443),
        ("https://[2606:4700::1111]/", "2606:4700::1111", 443),
        ("https://[64:ff9b::808:808]/", "64:ff9b::808:808", 443),
    ],
)
async def test_a_public_url_is_connected_to(url: str, address: str, port: int, connects: Connects) -> None:
    """Without this, the spy might be blind and the list above prove nothing."""
    await outgoing().check_url(url)
    assert connects == []
    with pytest.raises(DeliveryFailed, match="could not connect"):
        await send(outgoing(), url)
    assert connects == [(address, port)]


async def test_plain_http_needs_its_flag(connects: Connects) -> None:
    with pytest.raises(ForbiddenAddress, match="must begin with https"):
        await send(outgoing(), "http://hooks.com/")
    assert connects == []
    with pytest.raises(DeliveryFailed):
        await send(outgoing(allow_http=True), "http://hooks.com/")
    assert connects == [(PUBLIC, 80)]


async def test_a_rebinding_name_is_resolved_once_and_only_the_checked_address_is_used(
    connects: Connects,
) -> None:
    answers = iter([[PUBLIC], [PUBLIC], ["127.0.0.1"]])
    asked: list[str] = []

    async def rebinding(host: str) -> list[str]:
        asked.append(host)
        return next(answers)

    http = OutgoingHttp(resolve=rebinding, ssl_context=untrusting())
    await http.check_url("https://rebind.com/")
    with pytest.raises(DeliveryFailed):
        await send(http, "https://rebind.com/")
    assert connects == [(PUBLIC, 443)]
    assert asked == ["rebind.com"] * 2
    with pytest.raises(ForbiddenAddress, match=NOT_A_PUBLIC_ADDRESS):
        await send(http, "https://rebind.com/")
    assert connects == [(PUBLIC, 443)]


async def test_no_more_than_three_addresses_are_tried(connects: Connects) -> None:
    addresses = [f"93.184.215.{last}" for last in range(1, 40)]
    with pytest.raises(DeliveryFailed):
        await send(outgoing(FakeResolver({"many.com": addresses})), "https://many.com/")
    assert connects == [(address, 443) for address in addresses[:3]]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"])
async def test_proxies_of_the_environment_are_ignored(
    variable: str, monkeypatch: pytest.MonkeyPatch, connects: Connects
) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:3128")
    with pytest.raises(DeliveryFailed):
        await send(outgoing(), "https://hooks.com/")
    assert connects == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (socket.gaierror(-2, "unknown"), "does not resolve"),
        (UnicodeError("label too long"), "does not resolve"),
        ([], "has no address"),
        (["not an address"], "does not resolve"),
        (["127.1"], "does not resolve"),
    ],
)
async def test_a_name_that_does_not_resolve_fails(
    answer: list[str] | Exception, reason: str, connects: Connects
) -> None:
    async def resolve(_host: str) -> list[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    http = OutgoingHttp(resolve=resolve, ssl_context=untrusting())
    with pytest.raises(DeliveryFailed, match=reason):
        await http.check_url("https://hooks.com/")
    with pytest.raises(DeliveryFailed, match=reason):
        await send(http, "https://hooks.com/")
    assert connects == []


async def test_a_slow_resolver_counts_towards_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    async def sleep_for_ever(_host: str) -> list[str]:
        await asyncio.sleep(60)
        return [PUBLIC]

    http = OutgoingHttp(resolve=sleep_for_ever, ssl_context=untrusting())
    began = time.monotonic()
    with pytest.raises(DeliveryFailed, match=r"within 0\.2 seconds"):
        await http.post("https://hooks.com/", content=b"", headers={}, total_timeout=0.2)
    monkeypatch.setattr("api.kit.http._CHECK_SECONDS", 0.2)
    with pytest.raises(DeliveryFailed, match="did not resolve in time"):
        await http.check_url("https://hooks.com/")
    assert time.monotonic() - began < 2


async def test_the_system_resolver_is_asked_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(await resolve_with_system("127.0.0.1")) == ["127.0.0.1"]

    def unknown(host: str, *_arguments: object, **_options: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, host)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(DeliveryFailed, match="does not resolve"):
        await OutgoingHttp(ssl_context=untrusting()).check_url("https://hooks.com/")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "127.0.0.1"},
        {"host": "127.0.0.1"},
        {"Content-Length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "keep-alive"},
        {"Accept-Encoding": "gzip"},
        {"Cookie": "a=b"},
        {"X-Note": "a\r\nHost: 127.0.0.1"},
        {"X-Note": "a\n"},
        {"X-Note": "caf\u00e9"},
        {"X-Note": "\x00"},
        {"X Note": "a"},
        {"X-Note:": "a"},
        {"": "a"},
    ],
)
async def test_a_header_that_would_change_the_connection_is_refused(
    headers: dict[str, str], connects: Connects
) -> None:
    with pytest.raises(ValueError, match="the header"):
        await outgoing().post("https://hooks.com/", content=b"", headers=headers)
    assert connects == []


# From here on with real servers on the loopback network, which is opened on purpose.


@dataclass
class Server:
    """A server on 127.0.0.1 that notes the requests it gets, and the name each TLS client asked for."""

    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def head(self, number: int = 0) -> list[bytes]:
        return self.requests[number].partition(b"\r\n\r\n")[0].split(b"\r\n")


Answering = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: bytes | Answering, context: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server()
    tasks: set[asyncio.Task[object]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            server.requests.append(await read_request(reader))
            await (send_all(answer, writer) if isinstance(answer, bytes) else answer(writer))
        writer.close()

    if context:
        context.sni_callback = lambda _socket, name, _context: server.names.append(name)
    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return head + await reader.readexactly(length)


async def send_all(data: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(data)
    await writer.drain()


def to_loopback(server: Server, resolver: FakeResolver | None = None, **options: Any) -> OutgoingHttp:
    return OutgoingHttp(
        allow_http=True,
        allow_networks=[LOOPBACK],
        ports=frozenset({server.port}),
        resolve=resolver or FakeResolver(),
        **{"ssl_context": untrusting(), **options},
    )


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Seen: yes\r\nSet-Cookie: a=b\r\n\r\nok"


async def test_a_loopback_server_is_reached_when_its_network_is_opened() -> None:
    async with serving(OK) as server:
        http = to_loopback(server)
        await http.check_url(server.url)
        answer = await http.post(server.url, content=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body, answer.truncated) == (200, b"ok", False)
    assert answer.headers["x-seen"] == "yes"
    assert len(server.requests) == 1
    assert server.head()[0] == b"POST /hook HTTP/1.1"
    assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')
    assert sorted(line.lower() for line in server.head()[1:]) == sorted(
        [
            f"host: 127.0.0.1:{server.port}".encode(),
            b"accept-encoding: identity",
            b"connection: close",
            b"content-type: application/json",
            b"content-length: 7",
        ]
    )


async def test_the_same_server_is_not_reached_otherwise() -> None:
    async with serving(OK) as server:
        closed = OutgoingHttp(allow_http=True, ports=frozenset({server.port}), ssl_context=untrusting())
        other = replace(closed, allow_networks=[IPv4Network("10.0.0.0/8")])
        for http in (closed, other):
            with pytest.raises(ForbiddenAddress, match=NOT_A_PUBLIC_ADDRESS):
                await send(http, server.url)
    assert server.requests == []


async def test_an_opened_network_opens_nothing_else(connects: Connects) -> None:
    resolver = FakeResolver(POISONED_NAMES | {name: ["127.0.0.1"] for name in ("relay", *METADATA_NAMES)})
    http = OutgoingHttp(allow_networks=[LOOPBACK], resolve=resolver, ssl_context=untrusting())
    await http.check_url("https://relay/")
    for host in ("10.0.0.1", "169.254.169.254", "cloud.hooks.com", "127.1", "[::1]", *METADATA_NAMES):
        with pytest.raises(ForbiddenAddress):
            await send(http, f"https://{host}/")
    assert connects == []


async def test_the_name_stays_in_the_host_header_and_the_target_as_typed() -> None:
    async with serving(OK) as server:
        http = to_loopback(server, FakeResolver({"hooks.com": ["127.0.0.1"]}))
        await send(http, f"http://Hooks.com:{server.port}?a=%2F&b=c/../d")
    assert server.head()[0] == b"POST /?a=%2F&b=c/../d HTTP/1.1"
    assert f"Host: hooks.com:{server.port}".encode() in server.head()


async def test_a_dead_address_is_skipped_for_the_next() -> None:
    async with serving(OK) as server:
        http = to_loopback(server, FakeResolver({"hooks.com": ["127.0.0.2", "127.0.0.1"]}))
        assert (await send(http, f"http://hooks.com:{server.port}/")).status == 200
    assert len(server.requests) == 1


async def test_a_request_that_was_sent_is_never_repeated_at_the_next_address() -> None:
    async with serving(b"") as server:
        http = to_loopback(server, FakeResolver({"hooks.com": ["127.0.0.1", "127.0.0.1", "127.0.0.2"]}))
        with pytest.raises(DeliveryFailed, match="no answer"):
            await send(http, f"http://hooks.com:{server.port}/")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_returned_and_not_followed(status: int) -> None:
    async with serving(OK) as inside:
        redirect = f"HTTP/1.1 {status} Moved\r\nLocation: {inside.url}\r\nContent-Length: 0\r\n\r\n"
        async with serving(redirect.encode()) as server:
            http = replace(to_loopback(server), ports=frozenset({server.port, inside.port}))
            answer = await send(http, server.url)
        assert (answer.status, answer.headers["location"]) == (status, inside.url)
        assert (len(server.requests), inside.requests) == (1, [])


async def test_a_cookie_is_not_kept_and_a_connection_is_not_reused() -> None:
    async with serving(OK) as server:
        http = to_loopback(server)
        for _ in range(2):
            await send(http, server.url)
    assert len(server.requests) == 2
    assert not any(b"cookie" in request.lower() for request in server.requests)


async def test_an_endless_body_is_cut_at_the_cap() -> None:
    sent = 0

    async def pour(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await send_all(b"HTTP/1.1 200 OK\r\n\r\n", writer)
        while True:
            await send_all(b"x" * 65_536, writer)
            sent += 65_536

    async with serving(pour) as server:
        answer = await to_loopback(server).post(
            server.url, content=b"", headers={}, total_timeout=5, max_response_bytes=1_000
        )
    assert (answer.status, answer.body, answer.truncated) == (200, b"x" * 1_000, True)
    assert sent < 20_000_000


@pytest.mark.parametrize(("length", "truncated"), [(999, False), (1_000, False), (1_001, True)])
async def test_the_cap_is_exact(length: int, truncated: bool) -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, b"x" * length)
    async with serving(body) as server:
        answer = await to_loopback(server).post(server.url, content=b"", headers={}, max_response_bytes=1_000)
    assert (len(answer.body), answer.truncated) == (min(length, 1_000), truncated)


async def test_a_compressed_body_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    async with serving(head + bomb) as server:
        answer = await send(to_loopback(server), server.url)
    assert answer.body == bomb


async def trickle_head(writer: asyncio.StreamWriter) -> None:
    await send_all(b"HTTP/1.1 200 OK\r\n", writer)
    while True:
        await send_all(b"X-A: b\r\n", writer)
        await asyncio.sleep(0.05)


async def trickle_body(writer: asyncio.StreamWriter) -> None:
    await send_all(b"HTTP/1.1 200 OK\r\n\r\n", writer)
    while True:
        await send_all(b"x", writer)
        await asyncio.sleep(0.05)


async def trickle_continues(writer: asyncio.StreamWriter) -> None:
    while True:
        await send_all(b"HTTP/1.1 100 Continue\r\n\r\n", writer)
        await asyncio.sleep(0.001)


async def stay_silent(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize("answering", [trickle_head, trickle_body, trickle_continues, stay_silent])
async def test_a_slow_server_meets_the_deadline(answering: Answering) -> None:
    async with serving(answering) as server:
        began = time.monotonic()
        with pytest.raises(DeliveryFailed, match=r"within 0\.4 seconds"):
            await to_loopback(server).post(server.url, content=b"", headers={}, total_timeout=0.4)
        assert 0.3 < time.monotonic() - began < 3
    assert len(server.requests) == 1


async def test_a_server_that_reads_nothing_meets_the_deadline() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        server = Server(port=listener.getsockname()[1])
        with pytest.raises(DeliveryFailed, match="within"):
            await to_loopback(server).post(server.url, content=bytes(50_000_000), headers={}, total_timeout=0.4)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00" * 100,
        b"hello\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    ],
    ids=lambda answer: ascii(answer)[2:50],
)
async def test_a_broken_answer_is_a_failed_delivery(answer: bytes) -> None:
    async with serving(answer) as server:
        with pytest.raises(DeliveryFailed):
            await to_loopback(server).post(server.url, content=b"", headers={}, total_timeout=3)


async def test_a_port_where_nobody_listens_is_a_failed_delivery() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        server = Server(port=unused.getsockname()[1])
        with pytest.raises(DeliveryFailed, match="could not connect"):
            await send(to_loopback(server), server.url)


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate: how a server shows it, and how a client trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certificate_for(name: x509.GeneralName, folder: Path) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = signed.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(secret + pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "both.pem")
    return Certificate(server=server, client=ssl.create_default_context(cadata=pem.decode()))


HOOKS = x509.DNSName("hooks.com")


async def test_tls_speaks_to_the_name_at_the_checked_address(tmp_path: Path) -> None:
    certificate = certificate_for(HOOKS, tmp_path)
    async with serving(OK, certificate.server) as server:
        resolver = FakeResolver({"hooks.com": ["127.0.0.1"]})
        http = to_loopback(server, resolver, ssl_context=certificate.client)
        answer = await send(http, f"https://hooks.com:{server.port}/in")
    assert (answer.status, answer.body) == (200, b"ok")
    assert (server.names, resolver.asked) == (["hooks.com"], ["hooks.com"])
    assert f"Host: hooks.com:{server.port}".encode() in server.head()


async def test_tls_to_an_address_checks_the_address(tmp_path: Path) -> None:
    certificate = certificate_for(x509.IPAddress(ipaddress.ip_address("127.0.0.1")), tmp_path)
    async with serving(OK, certificate.server) as server:
        http = to_loopback(server, ssl_context=certificate.client)
        assert (await send(http, f"https://127.0.0.1:{server.port}/")).status == 200


@pytest.mark.parametrize("host", ["other.com", "127.0.0.1"])
async def test_a_certificate_for_another_name_is_not_accepted(host: str, tmp_path: Path) -> None:
    certificate = certificate_for(HOOKS, tmp_path)
    async with serving(OK, certificate.server) as server:
        http = to_loopback(server, FakeResolver({"other.com": ["127.0.0.1"]}), ssl_context=certificate.client)
        with pytest.raises(DeliveryFailed, match="the certificate is not accepted"):
            await send(http, f"https://{host}:{server.port}/")
    assert server.requests == []


async def test_a_certificate_of_an_unknown_authority_is_not_accepted(tmp_path: Path) -> None:
    async with serving(OK, certificate_for(HOOKS, tmp_path).server) as server:
        trusting_public_authorities = OutgoingHttp().ssl_context
        http = to_loopback(server, FakeResolver({"hooks.com": ["127.0.0.1"]}), ssl_context=trusting_public_authorities)
        with pytest.raises(DeliveryFailed, match="the certificate is not accepted"):
            await send(http, f"https://hooks.com:{server.port}/")
    assert server.requests == []


async def test_a_stalled_tls_handshake_leaves_no_open_connection() -> None:
    closed = asyncio.Event()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            pass
        closed.set()
        writer.close()

    async with await asyncio.start_server(stall, "127.0.0.1", 0) as listener:
        server = Server(port=listener.sockets[0].getsockname()[1])
        with pytest.raises(DeliveryFailed, match="within"):
            await to_loopback(server).post(
                f"https://127.0.0.1:{server.port}/", content=b"", headers={}, total_timeout=0.3
            )
        await asyncio.wait_for(closed.wait(), timeout=2)


async def test_a_server_without_tls_is_a_failed_delivery() -> None:
    async def speak_first(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await send_all(b"220 mail.example.com ESMTP\r\n", writer)
        writer.close()

    async with await asyncio.start_server(speak_first, "127.0.0.1", 0) as listener:
        server = Server(port=listener.sockets[0].getsockname()[1])
        with pytest.raises(DeliveryFailed, match="the TLS handshake failed"):
            await send(to_loopback(server), f"https://127.0.0.1:{server.port}/")
