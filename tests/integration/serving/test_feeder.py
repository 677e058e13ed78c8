"""The online features follow the outbox: what was fed event by event equals what is built anew from history."""

import uuid
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from redis.asyncio import Redis

from models.features.online import decode
from serving.feeder import Feeder, ask_rebuild
from serving.states import DECLARED, PLANS, StateTable, TakenOver
from serving.store import PREFIX, READY


def states(settings) -> dict[str, object]:
    """Every state, decoded: equal states may be encoded in another order of events of one instant."""
    with psycopg.connect(settings.postgres("getit")) as connection:
        rows = connection.execute(
            "select entity, key, state from scoring.feature_states where declared = %s", (DECLARED,)
        ).fetchall()
    return {f"{entity}:{key}": decode(state, PLANS[entity]) for entity, key, state in rows}


async def copies(url: str) -> dict[str, object]:
    """Every state of the present generation in Valkey."""
    redis = Redis.from_url(url)
    ready = await redis.get(READY)
    generation = ready.decode().split(" ")[1]
    found = {}
    async for name in redis.scan_iter(f"{PREFIX}:{generation}:*"):
        entity, _, key = name.decode().removeprefix(f"{PREFIX}:{generation}:").partition(":")
        assert 0 < await redis.ttl(name) < 15 * 86_400
        found[f"{entity}:{key}"] = decode(await redis.get(name), PLANS[entity])
    await redis.aclose()
    return found


@pytest.fixture
def place(settings, valkey, tmp_path):
    """A store of its own: another database of the same Valkey."""
    return settings.model_copy(update={"valkey_url": f"{valkey.rsplit('/', 1)[0]}/9"})


async def follow(feeder: Feeder) -> None:
    """Take events until there are none."""
    while not await feeder.step():
        pass


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


async def fed_and_built(shop, place, open_api, feed: Callable[[Feeder], Awaitable[None]]):
    """States after a day of orders: as `feed` leaves them, and as they are built anew from history; copy equals truth."""
    feeder = Feeder(place)
    await feeder.database.open()
    try:
        await feeder.build()
        async with open_api(place) as api:
            await orders_of_a_day(shop, api)
        await feed(feeder)
        fed = states(place)
        copied = await copies(place.valkey)
        assert copied == {key: fed[key] for key in copied}
        assert await ask_rebuild(place)
        await feeder.step()
        assert await copies(place.valkey) == states(place)
        return fed, states(place)
    finally:
        await feeder.store.close()
        await feeder.database.close()


def test_fed_event_by_event_equals_built_from_history(shop, place, open_api, run):
    fed, built = run(fed_and_built(shop, place, open_api, follow))

    assert len(fed) > 10
    assert fed.keys() == built.keys()
    assert [key for key in fed if fed[key] != built[key]] == []


def test_an_event_read_twice_by_a_crashed_feeder_counts_once(shop, place, open_api, run, monkeypatch):
    """A feeder that dies between reading and writing has written nothing: its successor reads the event again."""

    async def dies(*_, **__):
        raise ConnectionError("died before writing")

    async def crash_and_go_on(feeder):
        before = await feeder.table.standing()
        with monkeypatch.context() as patched:
            patched.setattr(StateTable, "save", dies)
            with pytest.raises(ConnectionError):
                await feeder.step()
        assert await feeder.table.standing() == before
        await follow(feeder)

    fed, built = run(fed_and_built(shop, place, open_api, crash_and_go_on))
    assert fed == built


def test_of_two_feeders_one_writes(shop, place, open_api, run, monkeypatch):
    """Both read the same events; the second finds the stream moved on and writes nothing."""

    async def race(feeder):
        other = Feeder(place)
        await other.database.open()
        stale = await feeder.table.standing()
        assert not await feeder.step()
        with monkeypatch.context() as patched:

            async def stands(_):
                return stale

            patched.setattr(StateTable, "standing", stands)
            with pytest.raises(TakenOver):
                await other.step()
        await other.store.close()
        await other.database.close()
        feeder._is_copy_whole = False
        await follow(feeder)

    fed, built = run(fed_and_built(shop, place, open_api, race))
    assert fed == built


def test_feeding_twice_is_seen(shop, place, open_api, run):
    """The broken twin: a feeder whose place in the stream is not kept with the states counts events twice."""

    async def twice(feeder):
        before = await feeder.table.standing()
        await follow(feeder)
        with psycopg.connect(place.postgres("getit")) as connection:
            connection.execute(
                "update scoring.feature_cursors set xid = %s::xid8, seq = %s",
                (str(before.cursor.xid), before.cursor.seq),
            )
        feeder._is_copy_whole = False
        await follow(feeder)

    fed, built = run(fed_and_built(shop, place, open_api, twice))
    assert fed != built
