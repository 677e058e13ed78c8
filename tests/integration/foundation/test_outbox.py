"""The outbox loses nothing under concurrent writers of random length; a cursor on the id (the naive twin) does."""

import asyncio
import random

import psycopg

from foundation.database import Database
from foundation.outbox import Cursor, NewEvent, read_events, record_events

WRITERS, SECONDS = 12, 3.0


async def _write(database: Database, number: int, until: float) -> int:
    chooser, written = random.Random(number), 0
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        async with database.transaction() as connection:
            events = [
                NewEvent(topic="t", aggregate_id=str(number), event_type="t.done", payload={"n": written + i})
                for i in range(2)
            ]
            await record_events(connection, events)
            # The transaction stays open a while after its rows got their numbers: that is what a naive cursor misses.
            await asyncio.sleep(chooser.random() * 0.02)
        written += 2
    return written


async def _read_by_horizon(database: Database, writers: asyncio.Task) -> list:
    seen, cursor = [], Cursor()
    while True:
        is_over = writers.done()
        async with database.connection() as connection:
            events = await read_events(connection, after=cursor)
        seen += [event.event_id for event in events]
        cursor = events[-1].cursor if events else cursor
        if is_over and not events:
            return seen
        await asyncio.sleep(0.01)


async def _read_by_id(url: str, writers: asyncio.Task) -> set:
    seen, last = set(), 0
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        while True:
            is_over = writers.done()
            cursor = await connection.execute(
                "select id, seq from platform.outbox where seq > %s order by seq", (last,)
            )
            rows = await cursor.fetchall()
            seen |= {row[0] for row in rows}
            last = rows[-1][1] if rows else last
            if is_over and not rows:
                return seen
            await asyncio.sleep(0.01)


def test_nothing_is_lost_or_doubled_and_the_naive_cursor_loses(run, settings):
    async def story():
        database = Database(settings.postgres("getit", role="getit_app"), size=WRITERS + 2, name="test")
        await database.open()
        until = asyncio.get_running_loop().time() + SECONDS
        writers = asyncio.create_task(_all_writers(database, until))
        by_horizon, by_id = await asyncio.gather(
            _read_by_horizon(database, writers), _read_by_id(settings.postgres("getit"), writers)
        )
        await database.close()
        return writers.result(), by_horizon, by_id

    written, by_horizon, by_id = run(story())

    assert written > 500
    assert len(by_horizon) == written
    assert len(set(by_horizon)) == written
    assert len(by_id) < written, "the naive twin lost nothing: this test would not notice a broken outbox"


async def _all_writers(database: Database, until: float) -> int:
    return sum(await asyncio.gather(*(_write(database, number, until) for number in range(WRITERS))))
