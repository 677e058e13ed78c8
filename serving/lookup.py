"""Where a decision gets its features from: Valkey, else PostgreSQL, and which of them it was. Not here: storage, folding."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from foundation.errors import Unavailable
from foundation.logging import get_logger
from models.features.online import State
from serving.states import StateTable, StoreUnavailable
from serving.store import OnlineStore

#: A Valkey that failed is left alone that long: one decision pays its deadline, not all.
PAUSE_S = 1.0
#: For both places together: commerce waits 80 ms for the whole decision.
DEADLINE_S = 0.065
Place = Literal["valkey", "postgresql", "nowhere"]
_log = get_logger(component="features")


@dataclass
class FeatureLookup:
    """Reads states; `reads` counts by place, for the metrics."""

    store: OnlineStore
    table: StateTable
    monotonic: Callable[[], float] = time.monotonic
    deadline_s: float = DEADLINE_S
    reads: Counter[Place] = field(default_factory=Counter)
    _resumes_at: float = 0.0

    async def read(self, keys: Mapping[str, str]) -> tuple[dict[str, State], Place]:
        """States of a decision's entities, an empty one for one never seen, and where they were found.

        Raises:
            StoreUnavailable: neither place has them in time.
        """
        asked_at = self.monotonic()
        copied = await self._copied(keys)
        missing = {entity: key for entity, key in keys.items() if copied is None or copied[entity] is None}
        place: Place = "postgresql" if copied is None else "valkey"
        found = {entity: state for entity, state in (copied or {}).items() if state is not None}
        try:
            if missing or copied is None:
                found |= await self._stored(missing, self.deadline_s - (self.monotonic() - asked_at))
        except StoreUnavailable:
            self.reads["nowhere"] += 1
            raise
        self.reads[place] += 1
        return found, place

    async def _copied(self, keys: Mapping[str, str]) -> dict[str, State | None] | None:
        if self.monotonic() < self._resumes_at:
            return None
        try:
            return await self.store.read(keys)
        except StoreUnavailable as error:
            self._resumes_at = self.monotonic() + PAUSE_S
            _log.warning("features from PostgreSQL", error=str(error)[:200])
            return None

    async def _stored(self, keys: Mapping[str, str], seconds: float) -> dict[str, State]:
        try:
            async with asyncio.timeout(seconds):
                states = await self.table.read(keys.items())
        except (Unavailable, TimeoutError) as error:
            raise StoreUnavailable(str(error)) from error
        return {entity: state for (entity, _), state in states.items()}
