"""Fetching what a stranger's URL names without being led to our own network: scheme, every address, each redirect, size, time.

The address that was checked is the one that is connected to: a name that resolves anew cannot slip past. Not here: what the
bytes mean.
"""

import asyncio
import ipaddress
import socket
from urllib.parse import urljoin, urlsplit

import httpx

from foundation.errors import InvalidInput

MAX_REDIRECTS = 3
CHUNK = 65_536


class UnsafeAddress(InvalidInput):
    code = "unsafe-address"
    message = "This address is not fetched: give a public http or https address."


class FetchFailed(InvalidInput):
    code = "fetch-failed"
    message = "Nothing usable came from this address in time. Check it, or upload the file itself."


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when written inside an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        # 64:ff9b::/96 carries an IPv4 address through a translator.
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return ip.is_global and not ip.is_multicast


async def resolve(url: str, *, allow_private: bool) -> tuple[str, str]:
    """Host and the address to connect to.

    Raises:
        UnsafeAddress: not http(s), has a user or an odd port, or any of its addresses is not public.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnsafeAddress from error
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None or parts.password is not None:
        raise UnsafeAddress
    if not allow_private and port not in {None, 80, 443}:
        raise UnsafeAddress
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnsafeAddress from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not (allow_private or all(is_public(address) for address in addresses)):
        raise UnsafeAddress
    return host, addresses[0]


async def fetch_public(url: str, *, limit_bytes: int, deadline_s: float = 10.0, allow_private: bool = False) -> bytes:
    """Body of what a URL names, through at most three redirects, each checked like the first.

    `allow_private` is for tests on one machine only.

    Raises:
        UnsafeAddress, FetchFailed.
    """
    try:
        async with asyncio.timeout(deadline_s):
            for _ in range(MAX_REDIRECTS + 1):
                body, forward = await _fetch_one(url, limit_bytes=limit_bytes, allow_private=allow_private)
                if forward is None:
                    return body
                url = urljoin(url, forward)
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchFailed from error
    raise FetchFailed


async def _fetch_one(url: str, *, limit_bytes: int, allow_private: bool) -> tuple[bytes, str | None]:
    host, address = await resolve(url, allow_private=allow_private)
    parts = urlsplit(url)
    pinned = httpx.URL(url).copy_with(host=address)
    port = f":{parts.port}" if parts.port else ""
    async with (
        httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=5.0) as client,
        # The certificate is checked for the name, though the connection goes to the address.
        client.stream(
            "GET", pinned, headers={"host": host + port, "accept": "image/*"}, extensions={"sni_hostname": host}
        ) as response,
    ):
        if response.is_redirect:
            return b"", response.headers["location"]
        if response.status_code != 200:
            raise FetchFailed
        body = bytearray()
        async for chunk in response.aiter_bytes(CHUNK):
            body += chunk
            if len(body) > limit_bytes:
                raise FetchFailed
        return bytes(body), None
