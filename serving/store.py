"""The copy of the online features in Valkey: small, fast, bounded, and dispensable. Written by the feeder, read by scores.

Whatever is missing here is asked of PostgreSQL: memory is bounded by Valkey's own limit and by a time to live, and
nothing is lost with a key. All keys carry a generation: a copy that missed a batch is left behind whole, by naming
another. Not here: the truth (`states`), what a state holds (`models.features.online`).
"""

import asyncio
import secrets
from collections.abc import Mapping

from redis.asyncio import Redis
from redis.exceptions import RedisError

from foundation.outbox import Cursor
from models.features.online import State, decode, encode
from serving.states import DECLARED, PLANS, Key, StoreUnavailable

#: What nobody orders with for that long is asked of PostgreSQL when it comes back.
TIME_TO_LIVE_S = 14 * 86_400
READ_DEADLINE_S = 0.03
# A changed declaration gets keys of its own: states of another shape are never read.
PREFIX = f"features:{DECLARED}"
READY = f"{PREFIX}:ready"


class OnlineStore:
    """States by entity and key, and which generation of them is whole up to which place in the stream."""

    def __init__(self, url: str, *, timeout_s: float = 2.0, deadline_s: float = READ_DEADLINE_S) -> None:
        self._deadline_s = deadline_s
        self._redis = Redis.from_url(url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s)
        self._generation = ""

    async def read(self, keys: Mapping[str, str]) -> dict[str, State | None]:
        """States of a decision's entities; None where the copy has none: PostgreSQL knows.

        Raises:
            StoreUnavailable.
        """
        try:
            async with asyncio.timeout(self._deadline_s):
                blobs = await self._blobs(keys)
            return {
                entity: decode(_bytes(blob), PLANS[entity]) if blob else None
                for entity, blob in zip(keys, blobs, strict=True)
            }
        except (RedisError, OSError, TimeoutError, ValueError) as error:
            raise StoreUnavailable(str(error)) from error

    async def _blobs(self, keys: Mapping[str, str]) -> list[bytes | str | None]:
        """The generation is asked with the states: a changed one costs a second look, once."""
        while True:
            names = [_name(self._generation, entity, key) for entity, key in keys.items()]
            ready, *blobs = await self._redis.mget([READY, *names])
            _, generation = _parse(ready)
            if generation == self._generation:
                return blobs
            self._generation = generation

    async def save(self, states: Mapping[Key, State], cursor: Cursor) -> None:
        """Write states and the place in the stream, all or nothing."""
        async with self._redis.pipeline(transaction=True) as pipeline:
            for (entity, key), state in states.items():
                pipeline.set(_name(self._generation, entity, key), encode(state, PLANS[entity]), ex=TIME_TO_LIVE_S)
            pipeline.set(READY, f"{cursor} {self._generation}")
            await pipeline.execute()

    async def follow(self, cursor: Cursor) -> bool:
        """Go on with the copy if it is whole up to the cursor, else with an empty one; whether it was whole."""
        try:
            stands, generation = _parse(await self._redis.get(READY))
        except StoreUnavailable:
            stands, generation = None, ""
        is_whole = stands == cursor
        self._generation = generation if is_whole else secrets.token_hex(4)
        if not is_whole:
            await self.save({}, cursor)
        return is_whole

    async def fill(self, states: Mapping[Key, State], cursor: Cursor) -> None:
        """A new copy of all states; it counts once it is complete."""
        self._generation = secrets.token_hex(4)
        async with self._redis.pipeline(transaction=False) as pipeline:
            for number, ((entity, key), state) in enumerate(states.items(), start=1):
                pipeline.set(_name(self._generation, entity, key), encode(state, PLANS[entity]), ex=TIME_TO_LIVE_S)
                if number % 2_000 == 0:
                    await pipeline.execute()
            await pipeline.execute()
        await self.save({}, cursor)

    async def ping(self) -> None:
        """Answer, and be filled.

        Raises:
            StoreUnavailable, RedisError.
        """
        _parse(await self._redis.get(READY))

    async def close(self) -> None:
        """Close its connections."""
        await self._redis.aclose()


def _parse(ready: bytes | str | None) -> tuple[Cursor, str]:
    if ready is None:
        raise StoreUnavailable("the online features are not in Valkey")
    cursor, _, generation = _bytes(ready).decode().partition(" ")
    return Cursor.parse(cursor), generation


def _name(generation: str, entity: str, key: str) -> str:
    return f"{PREFIX}:{generation}:{entity}:{key}"


def _bytes(value: bytes | str) -> bytes:
    """What the client returns without a decoder is bytes; its types allow both."""
    return value if isinstance(value, bytes) else value.encode()
