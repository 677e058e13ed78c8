"""The online features follow the outbox: what was fed event by event equals what is built anew from history."""

import uuid
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from foundation.outbox import Cursor
from models.features.online import decode
from serving.feeder import Feeder
from serving.store import PLANS, PREFIX, OnlineStore


async def states(url: str) -> dict[str, object]:
    """Every state in the store, decoded: equal states may be encoded in another order of events of one instant."""
    redis = Redis.from_url(url)
    found = {}
    async for name in redis.scan_iter(f"{PREFIX}:*"):
        entity, _, key = name.decode().removeprefix(f"{PREFIX}:").partition(":")
        if entity in PLANS:
            found[f"{entity}:{key}"] = decode(await redis.get(name), PLANS[entity])
    await redis.aclose()
    return found


@pytest.fixture
def place(settings, valkey, tmp_path):
    """A store of its own: another database of the same Valkey."""
    return settings.model_copy(update={"valkey_url": f"{valkey.rsplit('/', 1)[0]}/9"})


async def follow(feeder: Feeder, cursor):
    """Take events until there are none."""
    is_idle = False
    while not is_idle:
        cursor, is_idle = await feeder.step(cursor)
    return cursor


async def orders_of_a_day(shop, api) -> None:
    offer = shop.add_offer(stock=500)
    buyers = [await api.buyer() for _ in range(6)]
    analyst = api.staff("risk")
    placed = []
    for number in range(24):
        buyer = buyers[number % 6]
        body = {
            "device_id": f"device-{number % 4}-0123456789", "lines": [{"offer_id": str(offer), "quantity": 1 + number % 3}], "payment_method": "cod",
            "address": {"district_code": "BD-13", "line": "House 7, Mirpur 10", "phone": buyer.phone},
        }  # fmt: skip
        answer = await buyer.client.post("/v1/orders", json=body, headers={"idempotency-key": str(uuid.uuid4())})
        placed.append(answer.raise_for_status().json())
    for order in placed[::5]:
        label = {
            "group_id": order["group_id"],
            "is_fraud": True,
            "origin": "analyst",
            "occurred_at": "2026-01-05T10:00:00+06:00",
        }
        answer = await analyst.client.post("/v1/risk/labels", json=label)
        assert answer.status_code in {200, 201, 202, 204}, answer.text


async def fed_and_built(shop, place, open_api, feed: Callable[[Feeder, Cursor], Awaitable[None]]):
    """States after a day of orders: as `feed` leaves them, and as they are built anew from history."""
    feeder = Feeder(place)
    await feeder.database.open()
    redis = Redis.from_url(place.valkey)
    try:
        await redis.flushdb()
        cursor = await feeder.build()
        async with open_api(place) as api:
            await orders_of_a_day(shop, api)
        await feed(feeder, cursor)
        fed = await states(place.valkey)
        await redis.flushdb()
        await feeder.build()
        return fed, await states(place.valkey)
    finally:
        await redis.aclose()
        await feeder.store.close()
        await feeder.database.close()


def test_fed_event_by_event_equals_built_from_history(shop, place, open_api, run):
    fed, built = run(fed_and_built(shop, place, open_api, follow))

    assert len(fed) > 10
    assert fed.keys() == built.keys()
    assert [key for key in fed if fed[key] != built[key]] == []


def test_an_event_read_twice_by_a_crashed_feeder_counts_once(shop, place, open_api, run, monkeypatch):
    """A feeder that dies between reading and writing has written nothing: its successor reads the event again."""

    async def dies(*_):
        raise ConnectionError("died before writing")

    async def crash_and_go_on(feeder, cursor):
        with monkeypatch.context() as patched:
            patched.setattr(OnlineStore, "save", dies)
            with pytest.raises(ConnectionError):
                await feeder.step(cursor)
        assert await feeder.store.cursor() == cursor
        await follow(feeder, await feeder.store.cursor())

    fed, built = run(fed_and_built(shop, place, open_api, crash_and_go_on))
    assert fed == built


def test_feeding_twice_is_seen(shop, place, open_api, run):
    """The broken twin: a feeder whose place in the stream is not kept with the states counts events twice."""

    async def twice(feeder, cursor):
        await follow(feeder, cursor)
        await follow(feeder, cursor)

    fed, built = run(fed_and_built(shop, place, open_api, twice))
    assert fed != built
