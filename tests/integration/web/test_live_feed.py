"""The live feed tells everything that happened since a listener began, whoever reads first."""

import asyncio

import pytest

from commerce.live import LiveFeed
from foundation.outbox import Cursor, NewEvent, record_events


class Slow(LiveFeed):
    """Something happens, and is no longer recent, between what was missed and the first look of the reader."""

    def __init__(self, commerce):
        super().__init__(commerce)
        self.has_missed = asyncio.Event()

    async def _missed(self, position):
        async for event in super()._missed(position):
            yield event
        for _ in range(3):
            event = NewEvent(topic="message", aggregate_id="thread", event_type="message.written", payload={})
            async with self._commerce.database.transaction() as connection:
                await record_events(connection, [event])
        self.has_missed.set()


class LateReader(Slow):
    """The broken twin: the reader takes its place when it first gets to run."""

    async def _ensure_reader(self):
        self._reader = asyncio.create_task(self._begin_late())

    async def _begin_late(self):
        await self.has_missed.wait()
        await self._read(Cursor((await self.now()).xid - 1, 0))


async def heard(feed, *, within_s):
    events = feed.follow(await feed.now())
    try:
        return [await asyncio.wait_for(anext(events), within_s) for _ in range(3)]
    finally:
        await feed.close()


def test_nothing_is_lost_between_what_was_missed_and_what_comes(run, open_api, settings):
    async def story():
        async with open_api(settings) as api:
            commerce = api.app.state.commerce
            assert len(await heard(Slow(commerce), within_s=10)) == 3
            with pytest.raises(TimeoutError):
                await heard(LateReader(commerce), within_s=1)

    run(story())
