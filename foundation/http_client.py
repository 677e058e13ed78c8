"""Calls to other services: one pooled client with a deadline, a bulkhead and a circuit breaker per peer.

Never retries by itself: whether a call may be repeated is the caller's knowledge. Not here: any peer's protocol.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import orjson
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from foundation.errors import Unavailable


class PeerUnavailable(Unavailable):
    """The peer did not answer in time, refused the connection, or its breaker is open. The outcome is unknown."""

    code = "peer-unavailable"
    message = "A partner service does not answer just now. Try again in a few seconds."


class Peer:
    """Client of one other service."""

    def __init__(self, name: str, base_url: str, *, slots: int = 32, threshold: int = 10, reset_s: float = 5.0) -> None:
        self.name = name
        limits = httpx.Limits(max_connections=slots, max_keepalive_connections=slots)
        self._client = httpx.AsyncClient(base_url=base_url, limits=limits, follow_redirects=False, trust_env=False)
        self._slots = asyncio.Semaphore(slots)
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=threshold, default_ttl=reset_s)

    async def post(
        self, path: str, *, content: bytes, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Response to a POST, whatever its status.

        Raises:
            PeerUnavailable: no complete answer within the deadline. The peer may have acted all the same.
        """
        try:
            async with asyncio.timeout(deadline_s), self._slots:
                breaker = await self._breakers.get_breaker(self.name)
                async with breaker:
                    return await self._client.post(path, content=content, headers=headers, timeout=deadline_s)
        except (TimeoutError, httpx.HTTPError, OpenedState) as error:
            raise PeerUnavailable from error

    async def post_json(
        self, path: str, body: Mapping[str, Any], *, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """As `post`, with a JSON body."""
        merged = {"content-type": "application/json", **(headers or {})}
        return await self.post(path, content=orjson.dumps(body), deadline_s=deadline_s, headers=merged)

    async def close(self) -> None:
        """Close its connections."""
        await self._client.aclose()
