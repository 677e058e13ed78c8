"""Five hundred buyers, the last fifty units: exactly fifty are sold. The naive twin oversells, so the test can fail."""

import asyncio
from collections import Counter
from uuid import uuid4

import psycopg
import pytest

from foundation.ids import uuid7

BUYERS, UNITS = 500, 50


async def _race(api, shop, offers_of):
    buyers = api.buyers(shop, BUYERS)
    answers = await asyncio.gather(*(buyer.place(offers_of(number)) for number, buyer in enumerate(buyers)))
    for buyer in buyers:
        await buyer.client.aclose()
    return Counter(answer.status_code for answer in answers)


def test_last_units_are_sold_exactly_once(run, open_api, settings, shop):
    offer = shop.add_offer(stock=UNITS)

    async def story():
        async with open_api(settings) as api:
            return await _race(api, shop, lambda _: {offer: 1})

    statuses = run(story())

    assert statuses == {201: UNITS, 409: BUYERS - UNITS}
    row = shop.sql("select received, on_hand, reserved, shipped from inventory.stock where offer_id = %s", offer)
    assert row == [(UNITS, UNITS, UNITS, 0)]


def test_carts_in_hostile_order_neither_deadlock_nor_oversell(run, open_api, settings, shop):
    offers = [shop.add_offer(stock=UNITS) for _ in range(4)]

    def cart(number):
        turned = offers[number % 4 :] + offers[: number % 4]
        return dict.fromkeys(turned if number % 2 else reversed(turned), 1)

    async def story():
        async with open_api(settings) as api:
            return await _race(api, shop, cart)

    statuses = run(story())

    assert statuses == {201: UNITS, 409: BUYERS - UNITS}
    assert shop.sql("select distinct reserved from inventory.stock where offer_id = any(%s)", offers) == [(UNITS,)]


def test_the_naive_twin_oversells(run, settings, shop):
    """Negative control: read the stock, decide in Python, write it back. Without CHECK and condition it must oversell."""
    shop.sql("create table if not exists inventory.naive_stock (offer_id uuid primary key, left_over int)")
    offer = uuid7()
    shop.sql("insert into inventory.naive_stock values (%s, %s)", offer, UNITS)

    async def buy(pool_url, start):
        async with await psycopg.AsyncConnection.connect(pool_url) as connection:
            await start.wait()
            cursor = await connection.execute(
                "select left_over from inventory.naive_stock where offer_id = %s", (offer,)
            )
            left = (await cursor.fetchone())[0]
            if left < 1:
                return 0
            await connection.execute(
                "update inventory.naive_stock set left_over = %s where offer_id = %s", (left - 1, offer)
            )
            return 1

    async def story():
        sold, start = 0, asyncio.Event()
        start.set()
        for _ in range(0, 200, 40):
            sold += sum(await asyncio.gather(*(buy(settings.postgres("getit"), start) for _ in range(40))))
        return sold

    assert run(story()) > UNITS


def test_the_database_itself_refuses_to_oversell(shop):
    offer = shop.add_offer(stock=1)
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.sql("update inventory.stock set reserved = 2 where offer_id = %s", offer)
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.sql("update inventory.stock set on_hand = on_hand - 1 where offer_id = %s", offer)


def test_voucher_limit_holds_against_parallel_use(run, open_api, settings, shop):
    offer = shop.add_offer(stock=1000, price_poisha=100_000)
    code = f"RACE{uuid4().hex[:6].upper()}"
    shop.sql(
        "insert into promotions.vouchers (code, discount_bp, max_discount_poisha, limit_total, limit_per_buyer, starts_at, ends_at)"
        " values (%s, 1000, 5000, 20, 1, now() - interval '1 day', now() + interval '1 day')",
        code,
    )

    async def story():
        async with open_api(settings) as api:
            buyers = api.buyers(shop, 60)
            many = await asyncio.gather(*(buyer.place({offer: 1}, voucher_code=code) for buyer in buyers))
            one = await asyncio.gather(*(buyers[0].place({offer: 1}, voucher_code=code) for _ in range(10)))
            return Counter(answer.status_code for answer in many), Counter(answer.status_code for answer in one)

    many, one = run(story())

    assert many[201] == 20
    assert many[201] + many[409] == 60
    assert one[201] == 0
    assert shop.sql("select redeemed from promotions.vouchers where code = %s", code) == [(20,)]
