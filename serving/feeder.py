"""The feeder process: builds the online features from the shop's history once, then follows the outbox. One writer.

Start: `python -m serving.feeder`; `getit features rebuild` has it build them anew from history. The cut between history
and stream is exact: history holds rows of transactions below the snapshot's horizon, the stream starts there. States are
written to PostgreSQL with the place in the stream, then copied to Valkey: without Valkey the stream is followed all the
same, and a copy that missed something is begun anew.
"""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable

import psycopg
from psycopg.rows import dict_row
from redis.exceptions import RedisError

from foundation.database import Database
from foundation.errors import Unavailable
from foundation.logging import configure_logging, get_logger
from foundation.outbox import Cursor, Event, read_events
from foundation.settings import Settings, load_settings
from foundation.statements import load_statements
from models.features.events import from_outbox, from_row
from models.features.online import FeatureEvent, State, empty_state, fold, touched
from serving.states import PLANS, Key, StateTable, TakenOver, replace_states
from serving.store import OnlineStore

SQL = load_statements(__file__)
KINDS = ("placed", "refused", "unpaid", "labelled")
BATCH = 500
_log = get_logger(component="features")


def take(states: dict[Key, State], event: FeatureEvent) -> None:
    """Fold an event into the states of every entity it touches."""
    for key in touched(PLANS, event):
        state = states.get(key)
        if state is None:
            state = states[key] = empty_state(PLANS[key[0]])
        fold(state, PLANS[key[0]], event)


def build_states(settings: Settings) -> tuple[dict[Key, State], Cursor]:
    """States from all history below the horizon of one snapshot, and where the stream goes on."""
    states: dict[Key, State] = {}
    with psycopg.connect(settings.postgres("getit", role="getit_serving"), row_factory=dict_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        row = connection.execute("select platform.horizon()::text as xmin").fetchone()
        xmin = str(row["xmin"]) if row else "0"
        for kind in KINDS:
            with connection.cursor(name=f"history_{kind}") as cursor:
                cursor.itersize = 20_000
                for found in cursor.execute(SQL[f"history_{kind}"], {"xid": xmin}):
                    take(states, from_row(kind, found))
    return states, Cursor(int(xmin), 0)


class Feeder:
    """Keeps states and their copy up to date with the outbox."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = OnlineStore(settings.valkey)
        self.database = Database(settings.postgres("getit", role="getit_serving"), size=2, name="features")
        self.table = StateTable(self.database)
        self.stopping = asyncio.Event()
        self._is_copy_whole = False

    async def run(self) -> None:
        """Build if needed, then follow until stopped; waits out a database or store that is away."""
        await self.database.open()
        try:
            while not self.stopping.is_set():
                try:
                    is_idle = await self.step()
                except TakenOver:
                    is_idle = False
                except (Unavailable, psycopg.Error, OSError) as error:
                    _log.warning("waiting for PostgreSQL", error=type(error).__name__)
                    await self._pause(0.5)
                    is_idle = False
                if is_idle:
                    await self._pause(self.settings.live_poll_ms / 1000)
        finally:
            await self.database.close()
            await self.store.close()

    async def build(self) -> Cursor:
        """All states anew from history."""
        states, cursor = await asyncio.to_thread(build_states, self.settings)
        url = self.settings.postgres("getit", role="getit_serving")
        await asyncio.to_thread(replace_states, url, states, cursor)
        await self._copy(self.store.fill(states, cursor))
        _log.info("online features built", entities=len(states))
        return cursor

    async def step(self, *, limit: int = BATCH) -> bool:
        """Take the next events; whether there were none.

        Raises:
            TakenOver: another feeder took them; nothing was written.
            Unavailable: PostgreSQL cannot be reached.
        """
        standing = await self.table.standing()
        if standing is None or standing.is_rebuild_asked:
            await self.build()
            return False
        if not self._is_copy_whole:
            await self._copy(self.store.follow(standing.cursor))
        async with self.database.connection() as connection:
            events = await read_events(connection, after=standing.cursor, limit=limit)
        if events:
            await self._take(events, standing.cursor)
        return not events

    async def _take(self, events: list[Event], old: Cursor) -> None:
        facts = [fact for event in events if (fact := from_outbox(event.event_type, event.payload)) is not None]
        states = await self.table.read({key for fact in facts for key in touched(PLANS, fact)})
        for fact in facts:
            take(states, fact)
        new = events[-1].cursor
        # Should the process die between these two, the copy stands elsewhere than the truth and is begun anew.
        await self.table.save(states, old=old, new=new)
        if self._is_copy_whole:
            await self._copy(self.store.save(states, new))

    async def _copy(self, writing: Awaitable[object]) -> None:
        """Write to Valkey; a copy that missed a batch counts as lost, and the stream goes on without it."""
        try:
            await writing
        except (RedisError, OSError) as error:
            if self._is_copy_whole:
                _log.warning("going on without Valkey", error=type(error).__name__)
            self._is_copy_whole = False
        else:
            self._is_copy_whole = True

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


async def serve(settings: Settings) -> None:
    """Run a feeder until SIGTERM or SIGINT."""
    feeder = Feeder(settings)
    stop: Callable[[], None] = feeder.stopping.set
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await feeder.run()


async def ask_rebuild(settings: Settings) -> bool:
    """Have the running feeder build the states anew; False if it will do so by itself, because they never were."""
    database = Database(settings.postgres("getit", role="getit_serving"), size=1, name="features")
    await database.open()
    try:
        return await StateTable(database).ask_rebuild()
    finally:
        await database.close()


def main() -> None:
    """Entry point of the process."""
    settings = load_settings()
    configure_logging("features", settings.log_level)
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
