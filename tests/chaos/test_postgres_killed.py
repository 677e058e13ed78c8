"""PostgreSQL and the API's processes are killed under load: nothing acknowledged is lost, nothing happens twice.

Every shopper repeats a request that got no answer under the same key at the other process until it is acknowledged.
"""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import psycopg
import pytest

KILLS, SHOPPERS = 10, 12


@dataclass
class Load:
    """What the shoppers were told."""

    acknowledged: dict[str, bytes] = field(default_factory=dict)
    asked: dict[str, tuple[str, list]] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    stopping: bool = False


def body_of(offers) -> dict:
    return {
        "lines": [{"offer_id": str(offer), "quantity": 1} for offer in offers],
        "payment_method": "cod",
        "address": {"district_code": "BD-13", "line": "House 7, Mirpur 10", "phone": "01712345678"},
    }


async def shop_on(client, load, servers, token, offers, number):
    while not load.stopping:
        key = str(uuid4())
        load.asked[key] = (token, offers)
        for attempt in range(2000):
            try:
                answer = await client.post(
                    f"{servers.url(number + attempt)}/v1/orders", json=body_of(offers),
                    headers={"authorization": f"Bearer {token}", "idempotency-key": key},
                )  # fmt: skip
            except httpx.HTTPError:
                load.statuses[0] += 1
                await asyncio.sleep(0.01)
                continue
            load.statuses[answer.status_code] += 1
            if answer.status_code == 201:
                load.acknowledged[key] = answer.content
                load.times.append(time.monotonic())
                break
            assert answer.status_code in {409, 503}, answer.text
            await asyncio.sleep(0.01)


async def until(condition, seconds=30):
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


async def under_load(api, shop, servers, story):
    """Run a story of kills while shoppers buy; what they were told, and who they are."""
    offers = [shop.add_offer(stock=100_000, seller=number % 3) for number in range(6)]
    buyers, load = api.buyers(shop, SHOPPERS), Load()
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        tasks = [
            asyncio.create_task(
                shop_on(
                    client, load, servers, api.token_for(buyer.user_id, "shop"), [offers[n % 6], offers[(n + 1) % 6]], n
                )
            )
            for n, buyer in enumerate(buyers)
        ]
        await story(load)
        load.stopping = True
        await asyncio.gather(*tasks)
        # Some are asked for once more, at either process: the same bytes, and nothing new.
        for number, key in enumerate(list(load.acknowledged)[:: max(1, len(load.acknowledged) // 50)]):
            token, bought = load.asked[key]
            headers = {"authorization": f"Bearer {token}", "idempotency-key": key}
            # Connections that died with the server are noticed one by one, each with a 503.
            for attempt in range(20):
                url = f"{servers.url(number + attempt)}/v1/orders"
                again = await client.post(url, json=body_of(bought), headers=headers)
                if again.status_code != 503:
                    break
            assert again.content == load.acknowledged[key], again.text
    return load


@pytest.mark.slow
def test_ten_kills_of_postgresql_and_ten_of_the_api_lose_nothing(run, open_api, settings, shop, engine, servers):
    recoveries: list[float] = []

    async def kills(load):
        for number in range(KILLS):
            await until(lambda wanted=len(load.acknowledged) + 80: len(load.acknowledged) >= wanted)
            servers.kill(number % 2)
            servers.start(number % 2)
            await asyncio.to_thread(servers.wait_ready, number % 2)
            await asyncio.to_thread(engine.kill)
            await asyncio.to_thread(engine.start)
            restarted = time.monotonic()
            await until(lambda at=restarted: load.times[-1] > at)
            recoveries.append(load.times[next(i for i, t in enumerate(load.times) if t > restarted)] - restarted)

    async def story():
        async with open_api(settings) as api:
            return await under_load(api, shop, servers, kills)

    load = run(story())

    kept = {str(row[0]) for row in shop.sql("select id from orders.order_groups")}
    told = {httpx.Response(200, content=body).json()["group_id"] for body in load.acknowledged.values()}
    assert told - kept == set()
    assert kept == told, "an order exists that nobody was told of, though every request was repeated to its end"
    assert len(told) == len(load.acknowledged)
    assert max(recoveries) < 2.0, recoveries
    held = shop.sql("select coalesce(sum(quantity), 0) from inventory.holds where state = 'reserved'")[0][0]
    assert shop.sql("select sum(reserved) from inventory.stock")[0][0] == held == 2 * len(kept)
    assert shop.ledger_sum() == 0
    print(f"{len(kept)} orders, {dict(load.statuses)}, slowest recovery {max(recoveries):.2f} s")


@pytest.mark.slow
def test_commits_that_do_not_reach_the_disk_lose_orders(run, open_api, settings, shop, engine, servers):
    """The broken twin: acknowledged before it is safe."""
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'alter database "{name}" set synchronous_commit = off')
    for number in (0, 1):
        servers.kill(number)
        servers.start(number)
        servers.wait_ready(number)

    async def kill_once(load):
        for _ in range(3):
            await until(lambda wanted=len(load.acknowledged) + 40: len(load.acknowledged) >= wanted)
            await asyncio.to_thread(engine.kill)
            await asyncio.to_thread(engine.start)
            restarted = time.monotonic()
            await until(lambda at=restarted: load.times[-1] > at)

    async def story():
        load = Load()
        offers = [shop.add_offer(stock=100_000) for _ in range(2)]
        async with open_api(settings) as api, httpx.AsyncClient(trust_env=False, timeout=5) as client:
            tokens = [api.token_for(buyer.user_id, "shop") for buyer in api.buyers(shop, SHOPPERS)]
            tasks = [
                asyncio.create_task(shop_on(client, load, servers, token, offers, n)) for n, token in enumerate(tokens)
            ]
            await kill_once(load)
            load.stopping = True
            await asyncio.gather(*tasks)
        return load

    load = run(story())
    kept = {str(row[0]) for row in shop.sql("select id from orders.order_groups")}
    told = {httpx.Response(200, content=body).json()["group_id"] for body in load.acknowledged.values()}
    assert told - kept != set()
