"""PostgreSQL is killed under load: nothing acknowledged is lost, stock and ledger hold, service returns within seconds."""

import asyncio
import time
from uuid import UUID

import pytest

KILLS, BUYERS = 3, 12


@pytest.mark.slow
def test_acknowledged_orders_survive_kills(run, open_api, settings, shop, engine):
    offers = [shop.add_offer(stock=100_000, seller=number % 3) for number in range(6)]
    acknowledged: list[str] = []
    statuses: dict[int, int] = {}
    recoveries: list[float] = []
    stop = asyncio.Event()

    async def shopping(buyer, number):
        while not stop.is_set():
            answer = await buyer.place({offers[number % 6]: 1, offers[(number + 1) % 6]: 1})
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            if answer.status_code == 201:
                acknowledged.append(answer.json()["group_id"])
            else:
                await asyncio.sleep(0.02)

    async def until_more_than(count):
        while len(acknowledged) <= count:
            await asyncio.sleep(0.01)

    async def story():
        async with open_api(settings) as api:
            buyers = api.buyers(shop, BUYERS)
            tasks = [asyncio.create_task(shopping(buyer, number)) for number, buyer in enumerate(buyers)]
            for _ in range(KILLS):
                await asyncio.wait_for(until_more_than(len(acknowledged) + 60), 30)
                await asyncio.to_thread(engine.kill)
                await asyncio.to_thread(engine.start)
                restarted = time.monotonic()
                await asyncio.wait_for(until_more_than(len(acknowledged)), 30)
                recoveries.append(time.monotonic() - restarted)
            stop.set()
            await asyncio.gather(*tasks)

    run(story())

    kept = {row[0] for row in shop.sql("select id from orders.order_groups")}
    lost = [group for group in acknowledged if UUID(group) not in kept]
    assert lost == []
    assert set(statuses) <= {201, 409, 503}, statuses
    assert max(recoveries) < 5.0, recoveries
    held = shop.sql("select coalesce(sum(quantity), 0) from inventory.holds where state = 'reserved'")[0][0]
    assert shop.sql("select sum(reserved) from inventory.stock")[0][0] == held
    assert held == 2 * len(kept)
    assert shop.ledger_sum() == 0
