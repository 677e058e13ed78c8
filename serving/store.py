"""The online features in Valkey: one small state an entity, written by the feeder alone, read by every score.

States and the feeder's place in the stream of events are written in one transaction, so an event counts once. Not here:
what a state holds (`models.features.online`).
"""

import asyncio
from collections.abc import Iterable, Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.outbox import Cursor
from models.features.catalogue import CHECKOUT
from models.features.online import State, decode, empty_state, encode, entity_plans

#: Longer than the longest window: what nobody touches that long says nothing any more.
TIME_TO_LIVE_S = 70 * 86_400
READ_DEADLINE_S = 0.03
PLANS = entity_plans(CHECKOUT)
# A changed declaration gets keys of its own: states of another shape are never read.
PREFIX = f"features:{CHECKOUT.fingerprint}"


class StoreUnavailable(Exception):
    """Valkey is away, late, empty or holds something else: decide without features and say so."""


Key = tuple[str, str]


class OnlineStore:
    """States by entity and key."""

    def __init__(self, url: str, *, timeout_s: float = 2.0) -> None:
        self._redis = Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)

    async def read(self, keys: Mapping[str, str]) -> dict[str, State]:
        """States of a decision's entities; an entity never seen has an empty one.

        Raises:
            StoreUnavailable.
        """
        names = [f"{PREFIX}:ready", *(_name(entity, key) for entity, key in keys.items())]
        try:
            async with asyncio.timeout(READ_DEADLINE_S):
                ready, *blobs = await self._redis.mget(names)
            if ready is None:
                raise StoreUnavailable("the online features are not built yet")
            return {
                entity: decode(_bytes(blob), PLANS[entity]) if blob else empty_state(PLANS[entity])
                for entity, blob in zip(keys, blobs, strict=True)
            }
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            raise StoreUnavailable(str(error)) from error

    async def load(self, keys: Iterable[Key]) -> dict[Key, State]:
        """States to be changed by the feeder."""
        wanted = list(keys)
        blobs = await self._redis.mget([_name(*key) for key in wanted]) if wanted else []
        return {
            key: decode(_bytes(blob), PLANS[key[0]]) if blob else empty_state(PLANS[key[0]])
            for key, blob in zip(wanted, blobs, strict=True)
        }

    async def save(self, states: Mapping[Key, State], cursor: Cursor) -> None:
        """Write states and the place in the stream, all or nothing."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            for key, state in states.items():
                pipeline.set(_name(*key), encode(state, PLANS[key[0]]), ex=TIME_TO_LIVE_S)
            pipeline.set(f"{PREFIX}:ready", str(cursor))
            await pipeline.execute()

    async def fill(self, states: Mapping[Key, State]) -> None:
        """Write many states; they count only once `save` names the cursor."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            for number, (key, state) in enumerate(states.items(), start=1):
                pipeline.set(_name(*key), encode(state, PLANS[key[0]]), ex=TIME_TO_LIVE_S)
                if number % 2_000 == 0:
                    await pipeline.execute()
            await pipeline.execute()

    async def cursor(self) -> Cursor | None:
        """Where the feeder stands; None if the store was never filled."""
        text = await self._redis.get(f"{PREFIX}:ready")
        return Cursor.parse(_bytes(text).decode()) if text else None

    async def ping(self) -> None:
        """Answer, and be filled.

        Raises:
            StoreUnavailable, RedisError.
        """
        if await self._redis.get(f"{PREFIX}:ready") is None:
            raise StoreUnavailable("not built yet")

    async def close(self) -> None:
        """Close its connections."""
        await self._redis.aclose()


def _name(entity: str, key: str) -> str:
    return f"{PREFIX}:{entity}:{key}"


def _bytes(value: bytes | str) -> bytes:
    """What the client returns without a decoder is bytes; its types allow both."""
    return value if isinstance(value, bytes) else value.encode()
