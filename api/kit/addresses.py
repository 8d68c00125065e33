"""Which addresses are public web servers: one plain spelling of a URL, public names, public networks.

What is not plain is refused, never interpreted: every reader of odd spellings reads them in its own way.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

MAXIMUM_URL_LENGTH: Final = 2048

_URL: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>[/?](?:[a-z0-9/?:@!$&'()*+,;=._~-]|%[0-9a-f]{2})*)?",
    re.ASCII | re.IGNORECASE,
)
_LABEL: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)

# Names that mean this machine or the network around it; no public name ends so.
_INTERNAL_ENDINGS: Final = frozenset(
    {
        "alt",
        "arpa",
        "corp",
        "example",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "mail",
        "onion",
        "private",
        "svc",
        "test",
    }
)
# Whatever they resolve to, these serve nothing but a machine's own credentials.
_METADATA_NAMES: Final = frozenset(
    {
        "instance-data.ec2.internal",
        "metadata.aws.internal",
        "metadata.azure.com",
        "metadata.azure.internal",
        "metadata.goog",
        "metadata.google.internal",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "metadata.tencentyun.com",
    }
)

# Special-purpose networks are listed here after the IANA registries, since what Python's `is_global` knows
# differs between patch releases and leaves out multicast, 6to4, IPv4-compatible and site-local addresses.
_SPECIAL_IPV4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; Alibaba's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's host agent: public in form, internal in fact
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; Oracle's metadata
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and the broadcast address
    )
)
# Outside this lie loopback, mapped and compatible IPv4, local NAT64, ULA, link-local, site-local, multicast.
_UNICAST_IPV6: Final = IPv6Network("2000::/3")
_SPECIAL_IPV6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64: Final = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(Exception):  # noqa: N818 - reads as the fact it states
    """The URL is not one that we send to. The reason can be shown to whoever typed it in."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL in its parts, found to be plain; `literal` is its address if it names one itself."""

    scheme: str
    host: str
    port: int
    target: str
    literal: Address | None

    @property
    def host_header(self) -> str:
        """The host as the ``Host`` header says it."""
        host = f"[{self.host}]" if isinstance(self.literal, IPv6Address) else self.host
        usual = 443 if self.scheme == "https" else 80
        return host if self.port == usual else f"{host}:{self.port}"


def parse(url: str) -> Destination:
    """The parts of a URL in its plain spelling.

    Raises:
        ForbiddenAddress: It is not a plain one.
    """
    match = _URL.fullmatch(url) if len(url) <= MAXIMUM_URL_LENGTH else None
    if not match:
        raise ForbiddenAddress(
            "the URL must look like https://host/path: at most 2,048 ASCII characters, without a user name, "
            "a fragment or unescaped signs"
        )
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"]) if match["port"] else (443 if scheme == "https" else 80)
    target = match["target"] or "/"
    literal = _literal(host)
    return Destination(
        scheme=scheme,
        host=str(literal or host),
        port=port,
        target=target if target.startswith("/") else f"/{target}",
        literal=literal,
    )


def _literal(host: str) -> Address | None:
    """The address that the host spells, or None for a name.

    No top-level domain begins with a digit, but every odd spelling of an IPv4 address (decimal, octal, hex,
    short) ends in a part that does; resolvers read those, so only the usual four numbers pass.
    """
    try:
        if host.startswith("["):
            return IPv6Address(host[1:-1])
        if host.rpartition(".")[2][:1].isdigit():
            return IPv4Address(host)
    except ValueError:
        raise ForbiddenAddress("the host is not an address in its usual spelling") from None
    return None


def check_name(host: str, *, internal: bool) -> None:
    """Check that a host is a public name; with ``internal``, one of an internal network will do.

    Raises:
        ForbiddenAddress: It is not.
    """
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ForbiddenAddress("the host is not a plain domain name")
    if host in _METADATA_NAMES:
        raise ForbiddenAddress("the host is not a public name")
    if not internal and (len(labels) == 1 or labels[-1] in _INTERNAL_ENDINGS):
        raise ForbiddenAddress("the host is not a public name")


def is_public(address: Address) -> bool:
    """Whether an address is one that everybody reaches."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:  # how hosts without IPv4 reach all of it
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _UNICAST_IPV6 and not any(address in network for network in _SPECIAL_IPV6)
