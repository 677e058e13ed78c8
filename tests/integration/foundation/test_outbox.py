"""The outbox loses nothing under concurrent writers of random length; a cursor on the id (the naive twin) does."""

import asyncio
import random
import uuid

import psycopg
import pytest
from psycopg.rows import dict_row

from foundation.database import Database, fetch_all
from foundation.ids import uuid7
from foundation.outbox import SQL, Cursor, NewEvent, event_from_row, read_events, record_events

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


XIDS = (8, 9, 10, 99, 100, 101)


async def _page_through(settings, sort: str | None) -> list[int]:
    """Transaction ids in the order in which pages of two bring them; `sort` makes a twin of the statement."""
    statement = SQL["read_events"]
    if sort is not None:
        assert "outbox.xid, outbox.seq" in statement
        statement = statement.replace("outbox.xid, outbox.seq", sort)
    seen, cursor = [], Cursor()
    async with await psycopg.AsyncConnection.connect(settings.postgres("getit"), row_factory=dict_row) as connection:
        while len(seen) < 4 * len(XIDS):
            rows = await fetch_all(connection, statement, xid=str(cursor.xid), seq=cursor.seq, limit=2)
            if not rows:
                break
            seen += [int(row["xid"]) for row in rows]
            cursor = event_from_row(rows[-1]).cursor
    return seen


class TestOrder:
    """Ids of transactions are numbers: readers must not stumble where a digit is added."""

    @pytest.fixture(autouse=True)
    def events(self, settings):
        with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
            connection.execute("delete from platform.outbox")
            for xid in XIDS:
                connection.execute(
                    "insert into platform.outbox (id, xid, topic, aggregate_type, aggregate_id, event_type, version, payload)"
                    " values (%s, %s::text::xid8, 't', 't', '1', 't.done', 1, '{}')",
                    (uuid7(), str(xid)),
                )

    def test_pages_follow_the_numbers(self, run, settings):
        assert run(_page_through(settings, None)) == list(XIDS)

    def test_a_twin_that_sorts_by_text_is_seen(self, run, settings):
        assert run(_page_through(settings, "xid, seq")) != list(XIDS)


class TestHorizon:
    """What is open in this database holds events back; what another database of the same server does is no matter."""

    NAIVE = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

    @staticmethod
    def _seen(settings, event: uuid.UUID) -> bool:
        with psycopg.connect(settings.postgres("getit", role="getit_app"), row_factory=dict_row) as connection:
            rows = connection.execute(SQL["read_events"], {"xid": "0", "seq": 0, "limit": 100_000}).fetchall()
        return event in {row["id"] for row in rows}

    @staticmethod
    def _record(connection: psycopg.Connection) -> tuple[uuid.UUID, int]:
        event = uuid7()
        row = connection.execute(
            "insert into platform.outbox (id, topic, aggregate_type, aggregate_id, event_type, version, payload)"
            " values (%s, 't', 't', '1', 't.done', 1, '{}') returning xid::text::bigint",
            (event,),
        ).fetchone()
        return event, row[0]

    def test_a_long_build_of_the_warehouse_holds_nothing_back(self, settings):
        with (
            psycopg.connect(settings.postgres("getit_warehouse")) as build,
            psycopg.connect(settings.postgres("getit"), autocommit=True) as shop,
        ):
            build.execute("select pg_current_xact_id()")
            event, xid = self._record(shop)
            assert self._seen(settings, event)
            assert shop.execute(self.NAIVE).fetchone()[0] < xid, "the twin is not held back: the test shows nothing"

    def test_an_open_transaction_here_does(self, settings):
        with (
            psycopg.connect(settings.postgres("getit")) as other,
            psycopg.connect(settings.postgres("getit"), autocommit=True) as shop,
        ):
            other.execute("select pg_current_xact_id()")
            event, _ = self._record(shop)
            assert not self._seen(settings, event)
            other.rollback()
            assert self._seen(settings, event)

    def test_what_the_reader_itself_wrote_is_not_decided_yet(self, settings):
        with psycopg.connect(settings.postgres("getit"), row_factory=dict_row) as connection:
            connection.execute("insert into platform.inbox (consumer, event_id) values ('t', %s)", (uuid7(),))
            rows = connection.execute(
                "select pg_current_xact_id() = platform.horizon() as is_limit, platform.horizon()"
            ).fetchall()
        assert rows[0]["is_limit"]
