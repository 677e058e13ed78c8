"""The feeder process: builds the online features from the shop's history once, then follows the outbox. One writer.

Start: `python -m serving.feeder` (`--rebuild` forgets the store first, for example after a bulk import). The cut between
history and stream is exact: history holds rows of transactions below the snapshot's horizon, the stream starts there.
"""

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Callable

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
from serving.store import PLANS, Key, OnlineStore

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
        row = connection.execute("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin").fetchone()
        xmin = str(row["xmin"]) if row else "0"
        for kind in KINDS:
            with connection.cursor(name=f"history_{kind}") as cursor:
                cursor.itersize = 20_000
                for found in cursor.execute(SQL[f"history_{kind}"], {"xid": xmin}):
                    take(states, from_row(kind, found))
    return states, Cursor(int(xmin), 0)


class Feeder:
    """Keeps the store up to date with the outbox."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = OnlineStore(settings.valkey)
        self.database = Database(settings.postgres("getit", role="getit_serving"), size=2, name="features")
        self.stopping = asyncio.Event()

    async def run(self, *, rebuild: bool = False) -> None:
        """Build if needed, then follow until stopped; both wait out a database or store that is away."""
        await self.database.open()
        try:
            cursor = None
            while not self.stopping.is_set():
                try:
                    cursor = cursor or await self._start(rebuild=rebuild)
                    cursor, is_idle = await self.step(cursor)
                except (RedisError, Unavailable, psycopg.Error, OSError) as error:
                    _log.warning("waiting for an engine", error=type(error).__name__)
                    cursor, is_idle = None, True
                    await self._pause(0.5)
                rebuild = rebuild and cursor is None
                if is_idle:
                    await self._pause(self.settings.live_poll_ms / 1000)
        finally:
            await self.database.close()
            await self.store.close()

    async def _start(self, *, rebuild: bool) -> Cursor:
        cursor = None if rebuild else await self.store.cursor()
        return cursor if cursor is not None else await self.build()

    async def build(self) -> Cursor:
        """Fill the store from history."""
        states, cursor = await asyncio.to_thread(build_states, self.settings)
        await self.store.fill(states)
        await self.store.save({}, cursor)
        _log.info("online features built", entities=len(states))
        return cursor

    async def step(self, cursor: Cursor) -> tuple[Cursor, bool]:
        """Take the next events; where the stream stands then, and whether there were none."""
        async with self.database.connection() as connection:
            events = await read_events(connection, after=cursor, limit=BATCH)
        if not events:
            return cursor, True
        await self._take(events)
        return events[-1].cursor, False

    async def _take(self, events: list[Event]) -> None:
        facts = [fact for event in events if (fact := from_outbox(event.event_type, event.payload)) is not None]
        states = await self.store.load({key for fact in facts for key in touched(PLANS, fact)})
        for fact in facts:
            take(states, fact)
        await self.store.save(states, events[-1].cursor)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)


async def serve(settings: Settings, *, rebuild: bool) -> None:
    """Run a feeder until SIGTERM or SIGINT."""
    feeder = Feeder(settings)
    stop: Callable[[], None] = feeder.stopping.set
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    await feeder.run(rebuild=rebuild)


def main() -> None:
    """Entry point of the process."""
    parser = argparse.ArgumentParser(description="Keep the online features up to date.")
    parser.add_argument("--rebuild", action="store_true", help="forget the store and build it anew from history")
    settings = load_settings()
    configure_logging("features", settings.log_level)
    asyncio.run(serve(settings, rebuild=parser.parse_args().rebuild))


if __name__ == "__main__":
    main()
