"""Valkey is killed under a running shop: decisions and the stream go on from PostgreSQL, and Valkey's return is noticed.

It comes back empty and behind: what it holds then must never be read as if it were whole.
"""

import asyncio
import subprocess
from datetime import UTC, datetime
from typing import Self

import psycopg
import pytest
from conftest import free_port, wait_for_port

from foundation.database import Database
from foundation.outbox import NewEvent, record_events
from getit.engines import engine_environment, valkey_command
from getit.privileges import before_exec
from models.features.online import read, to_us
from serving.feeder import Feeder
from serving.lookup import PAUSE_S, FeatureLookup
from serving.states import PLANS, StateTable
from serving.store import OnlineStore

KEYS = {"buyer": "b-1", "device": "d-1"}


class Engine:
    """A Valkey of this test's own."""

    def __init__(self, settings) -> None:
        self.settings = settings

    def start(self) -> None:
        command, environment = valkey_command(self.settings), engine_environment()
        self.process = subprocess.Popen(command, env=environment, preexec_fn=before_exec())
        wait_for_port(self.settings.valkey_port)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def engine_of_its_own(settings, tmp_path):
    engine = Engine(settings.model_copy(update={"home": tmp_path, "valkey_port": free_port(), "valkey_url": None}))
    engine.start()
    yield engine
    engine.kill()


class Story:
    """A feeder, a scorer's lookup, and orders that come in."""

    def __init__(self, settings) -> None:
        self.feeder = Feeder(settings)
        self.database = Database(settings.postgres("getit"), size=2, name="story")
        self.now = 0.0
        self.lookup = FeatureLookup(
            OnlineStore(settings.valkey, timeout_s=0.5), StateTable(self.database), monotonic=lambda: self.now
        )

    async def __aenter__(self) -> Self:
        await self.feeder.database.open()
        await self.database.open()
        await self.feeder.build()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.feeder.store.close()
        await self.feeder.database.close()
        await self.lookup.store.close()
        await self.database.close()

    async def order(self) -> None:
        """One more order of the buyer, taken by the feeder."""
        payload = {
            "placed_at": datetime.now(UTC).isoformat(), "total_poisha": 100, "buyer_id": "b-1", "device_index": "d-1",
        }  # fmt: skip
        async with self.database.transaction() as connection:
            event = NewEvent(topic="orders", aggregate_id="o", event_type="order.placed", payload=payload)
            await record_events(connection, [event])
        while not await self.feeder.step():
            pass

    async def seen(self) -> tuple[int, str]:
        """Orders of the last day as a decision sees them, and from where."""
        self.now += PAUSE_S + 0.1
        states, place = await self.lookup.read(KEYS)
        at_us = to_us(datetime.now(UTC))
        return int(read(states["buyer"], PLANS["buyer"], at_us)["buyer_placed_count_24h"]), place


def test_valkey_is_killed_and_comes_back(engine_of_its_own, run):
    async def story():
        seen = []
        async with Story(engine_of_its_own.settings) as shop:
            await shop.order()
            seen.append(await shop.seen())
            engine_of_its_own.kill()
            await shop.order()
            seen.append(await shop.seen())
            engine_of_its_own.start()
            # Its file brought back what it held when it died: one order, and two have been placed.
            seen.append(await shop.seen())
            await shop.order()
            seen.append(await shop.seen())
        return seen

    seen = run(story())
    assert seen[0] == (1, "valkey")
    assert seen[1] == (2, "postgresql")
    # Between its return and the feeder's next look, a scorer may see the moment before the fall, as with any lag.
    assert seen[2][0] in {1, 2}
    assert seen[3] == (3, "valkey")


def test_a_failing_valkey_is_left_alone_for_a_moment(engine_of_its_own, run):
    """Its deadline is paid once, not by every decision."""

    async def story():
        async with Story(engine_of_its_own.settings) as shop:
            await shop.order()
            engine_of_its_own.process.send_signal(19)  # stopped, not dead: it takes connections and never answers
            shop.now = 10.0
            took = []
            for _ in range(5):
                started = asyncio.get_running_loop().time()
                _, place = await shop.lookup.read(KEYS)
                took.append(asyncio.get_running_loop().time() - started)
                assert place == "postgresql"
            engine_of_its_own.process.send_signal(18)
            return took

    took = run(story())
    assert took[0] < 0.08
    assert max(took[1:]) < 0.03


def test_a_lost_key_is_asked_of_postgresql(engine_of_its_own, run):
    """Memory is bounded: what Valkey evicts or lets expire is no new buyer."""

    async def story():
        async with Story(engine_of_its_own.settings) as shop:
            await shop.order()
            redis = shop.feeder.store._redis
            names = [name async for name in redis.scan_iter("features:*:buyer:b-1")]
            assert names
            await redis.delete(*names)
            first = await shop.seen()
            await shop.order()
            config = await redis.config_get("maxmemory*")
            return first, await shop.seen(), config

    first, second, config = run(story())
    assert first[0] >= 1
    assert second[0] == first[0] + 1
    assert first[1] == second[1] == "valkey"
    assert int(config["maxmemory"]) > 0
    assert config["maxmemory-policy"] == "volatile-ttl"


def test_without_the_fallback_a_lost_key_is_a_new_buyer(engine_of_its_own, run):
    """The broken twin: a store that takes a missing key for an empty history."""

    async def story():
        async with Story(engine_of_its_own.settings) as shop:
            await shop.order()
            await shop.feeder.store._redis.flushdb()
            await shop.feeder.store.save({}, (await shop.feeder.table.standing()).cursor)
            found = await shop.lookup.store.read(KEYS)
            return found["buyer"], await shop.seen()

    copied, seen = run(story())
    assert copied is None
    assert seen[0] >= 1


@pytest.fixture(autouse=True)
def forget(settings):
    """Each test begins without states and without events."""
    with psycopg.connect(settings.postgres("getit")) as connection:
        connection.execute("truncate scoring.feature_states, scoring.feature_cursors, platform.outbox")
