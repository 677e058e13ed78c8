"""Calls to other services: one pooled client with a deadline, a bulkhead and a circuit breaker per peer.

aiohttp, because a checkout waits for it: a call costs about a third of the processor time that httpx takes. Never retries
by itself: whether a call may be repeated is the caller's knowledge. Not here: any peer's protocol.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from yarl import URL

from foundation.errors import Unavailable
from foundation.tracing import HEADER, current


class PeerUnavailable(Unavailable):
    """The peer did not answer in time, refused the connection, or its breaker is open. The outcome is unknown."""

    code = "peer-unavailable"
    message = "A partner service does not answer just now. Try again in a few seconds."


@dataclass(frozen=True)
class PeerAnswer:
    """What a peer answered, read whole."""

    status_code: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            orjson.JSONDecodeError: it is not.
        """
        return orjson.loads(self.content)


class Peer:
    """Client of one other service."""

    def __init__(self, name: str, base_url: str, *, slots: int = 32, threshold: int = 10, reset_s: float = 5.0) -> None:
        self.name = name
        self._base_url = base_url.rstrip("/")
        self._slots = asyncio.Semaphore(slots)
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=threshold, default_ttl=reset_s)
        self._opened: aiohttp.ClientSession | None = None

    @property
    def _session(self) -> aiohttp.ClientSession:
        # Made on first use: it belongs to the event loop that calls.
        if self._opened is None:
            # The bulkhead limits connections already; cookies of a peer are none of our business.
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
            self._opened = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._opened

    async def ask(
        self,
        method: str,
        path: str,
        *,
        deadline_s: float,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PeerAnswer:
        """Answer of the peer, whatever its status. Redirects are not followed.

        Raises:
            PeerUnavailable: no complete answer within the deadline. The peer may have acted all the same.
        """
        try:
            async with asyncio.timeout(deadline_s), self._slots:
                breaker = await self._breakers.get_breaker(self.name)
                async with breaker:
                    return await self._ask(method, path, content, headers)
        except (TimeoutError, OSError, aiohttp.ClientError, OpenedState) as error:
            raise PeerUnavailable from error

    async def _ask(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, str] | None
    ) -> PeerAnswer:
        url = URL(self._base_url + path, encoded=True)
        trace = current()
        if trace is not None:
            headers = {**(headers or {}), HEADER: trace}
        async with self._session.request(method, url, data=content, headers=headers, allow_redirects=False) as response:
            return PeerAnswer(response.status, await response.read(), response.headers)

    async def post(
        self, path: str, *, content: bytes, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> PeerAnswer:
        """As `ask`, a POST."""
        return await self.ask("POST", path, deadline_s=deadline_s, content=content, headers=headers)

    async def post_json(
        self, path: str, body: Mapping[str, Any], *, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> PeerAnswer:
        """As `post`, with a JSON body."""
        merged = {"content-type": "application/json", **(headers or {})}
        return await self.post(path, content=orjson.dumps(body), deadline_s=deadline_s, headers=merged)

    async def get(self, path: str, *, deadline_s: float, headers: Mapping[str, str] | None = None) -> PeerAnswer:
        """As `ask`, a GET."""
        return await self.ask("GET", path, deadline_s=deadline_s, headers=headers)

    async def close(self) -> None:
        """Close its connections."""
        if self._opened is not None:
            await self._opened.close()
