"""Calls to addresses that strangers give us (webhooks, pictures by URL): never into our own network (SSRF).

The name is resolved once, every address it has must be public, and the connection goes to exactly those addresses: a name
that answers differently the second time (DNS rebinding) gains nothing. No redirects, no proxies, few ports, bounded bodies.
Not here: what is sent, retries.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from foundation.errors import InvalidInput, Unavailable

PORTS = frozenset({80, 443, 8443})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Ranges that `is_global` calls public though they lead into private networks: NAT64, 6to4, Teredo, IPv4-compatible.
TUNNELS = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
Lookup = Callable[[str, int], Awaitable[list[str]]]


class UnsafeUrl(InvalidInput):
    code = "unsafe-url"
    message = "This address cannot be called. Give a public https address on port 443, 8443 or 80, without a user name."


class CallFailed(Unavailable):
    """No complete answer."""

    code = "call-failed"
    message = "The address did not answer in time."


@dataclass(frozen=True)
class SafeUrl:
    """An address that may be called, with the IP addresses that it may be called at."""

    url: str
    host: str
    port: int
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What was answered; at most `limit` bytes of the body, and where a redirect leads."""

    status_code: int
    body: bytes
    location: str | None = None


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet: not private, loopback, link-local, reserved, multicast, mapped."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if any(address in network for network in TUNNELS):
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def check_url(text: str, *, allow_private: bool = False) -> tuple[str, int]:
    """Host and port of an address that has the form of a safe one; nothing is looked up.

    Raises:
        UnsafeUrl: other scheme than https, user name, odd port, no host. With `allow_private` http and any port pass.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise UnsafeUrl from error
    host = (parts.hostname or "").rstrip(".")
    is_odd = not host or parts.username is not None or parts.password is not None or not text.isprintable()
    if is_odd or parts.scheme not in {"https", "http"} or any(sign.isspace() or sign == "\\" for sign in text):
        raise UnsafeUrl
    if not allow_private and (parts.scheme != "https" or port not in PORTS):
        raise UnsafeUrl
    return host, port


async def look_up(host: str, port: int) -> list[str]:
    """IP addresses of a name.

    Raises:
        OSError: it has none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def vet(text: str, *, allow_private: bool = False, lookup: Lookup = look_up) -> SafeUrl:
    """An address, resolved and found safe.

    Raises:
        UnsafeUrl: its form is wrong, it has no IP address, or one of them is not public.
    """
    host, port = check_url(text, allow_private=allow_private)
    try:
        addresses = await lookup(host, port)
    except (OSError, UnicodeError) as error:
        raise UnsafeUrl from error
    if not addresses or not (allow_private or all(is_public(address) for address in addresses)):
        raise UnsafeUrl
    return SafeUrl(text, host, port, tuple(addresses))


class _Pinned(AbstractResolver):
    """Answers with the vetted addresses and asks nobody."""

    def __init__(self, target: SafeUrl) -> None:
        self._target = target

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(
                hostname=host, host=address, port=port, proto=0, flags=socket.AI_NUMERICHOST,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
            )
            for address in self._target.addresses
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing to close."""


async def call(
    target: SafeUrl,
    *,
    method: str = "GET",
    content: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    deadline_s: float = 10.0,
    limit: int = 4096,
) -> Answer:
    """Call a vetted address, at the addresses that were vetted. Redirects are answers, not followed.

    Raises:
        CallFailed: no answer within the deadline.
    """
    url = URL(target.url)
    if not _leads_to(url.raw_host or "", target):
        raise CallFailed("UnsafeUrl")
    # One connector a call: nothing of one stranger's connection is ever used for another.
    connector = aiohttp.TCPConnector(resolver=_Pinned(target), use_dns_cache=False, force_close=True)
    options: dict[str, Any] = {"connector": connector, "trust_env": False, "cookie_jar": aiohttp.DummyCookieJar()}
    try:
        async with (
            asyncio.timeout(deadline_s),
            aiohttp.ClientSession(**options) as session,
            session.request(method, url, data=content, headers=headers, allow_redirects=False) as response,
        ):
            location = response.headers.get("location") if response.status in REDIRECTS else None
            return Answer(response.status, await _read(response.content, limit), location)
    except (TimeoutError, OSError, aiohttp.ClientError, ValueError) as error:
        raise CallFailed(type(error).__name__) from error


def _leads_to(host: str, target: SafeUrl) -> bool:
    """Whether a host is vetted: the client asks no resolver about a number, so its reading of the address must be ours."""
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        return True
    return literal in {ipaddress.ip_address(address.partition("%")[0]) for address in target.addresses}


async def _read(stream: aiohttp.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size < limit:
        part = await stream.read(limit - size)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)
