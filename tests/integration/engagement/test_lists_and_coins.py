"""Wishlist, followed shops, recently viewed and coins: bounded lists, coins that are never spent twice and end in time."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.context import Commerce
from commerce.engagement import coins, use_cases
from commerce.engagement.coins import TooFewCoins
from commerce.engagement.rules import COIN_LIFE, coins_for, coins_to_expire
from commerce.relay import Relay
from foundation.ids import uuid7

START = datetime(2026, 1, 1, tzinfo=UTC)


class Time:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def opened(settings) -> tuple[Commerce, Time]:
    time = Time()
    commerce = Commerce.build(settings, clock=time)
    await commerce.open()
    return commerce, time


async def earn(commerce, user, taka: int, reference: str | None = None) -> None:
    async with commerce.database.transaction() as connection:
        await coins.earn(commerce, connection, user, order_id=reference or str(uuid7()), total_poisha=taka * 100)


async def spend(commerce, user, number: int, reference: str | None = None) -> bool:
    try:
        async with commerce.database.transaction() as connection:
            await coins.spend(commerce, connection, user, coins=number, reference=reference or str(uuid7()))
    except TooFewCoins:
        return False
    return True


def state(shop, user) -> tuple[int, int]:
    balance = shop.sql("select balance from engagement.coin_accounts where user_id = %s", user)[0][0]
    return balance, int(shop.sql("select sum(coins) from engagement.coin_entries where user_id = %s", user)[0][0])


@given(st.integers(0, 10**9))
def test_one_coin_for_each_full_hundred_taka(total_poisha):
    assert coins_for(total_poisha) * 10_000 <= total_poisha < (coins_for(total_poisha) + 1) * 10_000


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_no_more_end_than_were_left(over, used):
    assert 0 <= coins_to_expire(over, used) <= over


def test_a_delivered_order_earns_once(run, open_api, settings, shop):
    offer = shop.add_offer(stock=5, price_poisha=25_000)

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            placed = (await buyer.place({offer: 2})).json()
            order, courier = placed["orders"][0], api.staff("courier")
            for to in ("shipped", "delivered"):
                path = f"/v1/orders/{order['order_id']}/transitions"
                assert (await courier.client.post(path, json={"to": to})).status_code == 200
            commerce, _ = await opened(settings)
            while await Relay(commerce).react_once():
                pass
            await earn(commerce, buyer.user_id, 99_999, order["order_id"])
            await commerce.close()
            return order, (await buyer.client.get("/v1/me/coins")).json()

    order, answer = run(story())
    assert answer["balance"] == order["total_poisha"] // 10_000 > 0
    assert [(entry["kind"], entry["reference"]) for entry in answer["items"]] == [("earned", order["order_id"])]


def test_coins_are_not_spent_twice_however_many_try(run, settings, shop):
    user = uuid7()

    async def story():
        commerce, _ = await opened(settings)
        await earn(commerce, user, 1000)
        done = await asyncio.gather(*(spend(commerce, user, 3) for _ in range(12)))
        repeated = [await spend(commerce, user, 1, "same") for _ in range(3)]
        await commerce.close()
        return sum(done), repeated

    assert run(story()) == (3, [True, True, True])
    assert state(shop, user) == (0, 0)


def test_a_naive_spender_goes_below_nothing(run, settings, shop):
    """The broken twin: look at the sum, then write. The entries alone would let it; the account's CHECK would not."""
    user = uuid7()

    async def naive(commerce) -> None:
        async with commerce.database.transaction() as connection:
            cursor = await connection.execute(
                "select sum(coins) as coins from engagement.coin_entries where user_id = %s", (user,)
            )
            row = await cursor.fetchone()
            await asyncio.sleep(0.05)
            if row["coins"] >= 3:
                await connection.execute(
                    "insert into engagement.coin_entries (id, user_id, kind, coins, reference, recorded_at) "
                    "values (%s, %s, 'spent', -3, %s, now())", (uuid7(), user, str(uuid7())),
                )  # fmt: skip

    async def story():
        commerce, _ = await opened(settings)
        await earn(commerce, user, 500)
        await asyncio.gather(*(naive(commerce) for _ in range(4)))
        await commerce.close()

    run(story())
    assert state(shop, user)[1] < 0
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.sql("update engagement.coin_accounts set balance = balance - 100 where user_id = %s", user)
    shop.sql("delete from engagement.coin_entries where user_id = %s", user)
    shop.sql("delete from engagement.coin_accounts where user_id = %s", user)


def test_old_coins_end_and_the_oldest_are_spent_first(run, settings, shop):
    user = uuid7()

    async def story():
        commerce, time = await opened(settings)
        await earn(commerce, user, 1000)
        time.now += timedelta(days=100)
        await earn(commerce, user, 500)
        await spend(commerce, user, 4)
        seen = []
        for at in (
            START + COIN_LIFE - timedelta(seconds=1),
            START + COIN_LIFE,
            START + COIN_LIFE + timedelta(days=101),
        ):
            time.now = at
            while await coins.expire_coins(commerce):
                pass
            seen.append(state(shop, user))
        await commerce.close()
        return seen

    assert run(story()) == [(11, 11), (5, 5), (0, 0)]


def test_entries_cannot_be_changed_by_the_application(settings):
    with psycopg.connect(settings.postgres("getit", role="getit_app")) as connection:
        for statement in ("update engagement.coin_entries set coins = 1", "delete from engagement.coin_entries"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement)


def test_lists_are_kept_paged_and_bounded(run, open_api, settings, shop, monkeypatch):
    monkeypatch.setattr(use_cases, "MOST_WISHES", 3)
    monkeypatch.setattr(use_cases, "MOST_VIEWS", 2)
    offers = [shop.add_offer(stock=1, price_poisha=10_000 + number) for number in range(4)]
    products = [shop.sql("select product_id from catalog.offers where id = %s", offer)[0][0] for offer in offers]

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            put = [(await buyer.client.put(f"/v1/me/wishlist/{one}")).status_code for one in [products[0], *products]]
            unknown = (await buyer.client.put(f"/v1/me/wishlist/{uuid7()}")).status_code
            shop.sql("update catalog.offers set price_poisha = 1 where id = %s", offers[0])
            first = (await buyer.client.get("/v1/me/wishlist?limit=2")).json()
            second = (await buyer.client.get(f"/v1/me/wishlist?limit=2&cursor={first['next_cursor']}")).json()
            await buyer.client.delete(f"/v1/me/wishlist/{products[0]}")
            left = (await buyer.client.get("/v1/me/wishlist")).json()
            for one in (*products, products[2]):
                await buyer.client.post("/v1/me/recently-viewed", json={"product_id": str(one)})
            seen = (await buyer.client.get("/v1/me/recently-viewed")).json()
            seller = shop.sellers[0]
            await buyer.client.put(f"/v1/me/following/{seller}")
            followed = (await buyer.client.get("/v1/me/following")).json()
            await buyer.client.delete(f"/v1/me/following/{seller}")
            none = (await buyer.client.get("/v1/me/following")).json()
            return put, unknown, first, second, left, seen, followed, none

    put, unknown, first, second, left, seen, followed, none = run(story())
    assert (put, unknown) == ([204, 204, 204, 204, 409], 404)
    assert [item["product_id"] for item in first["items"]] == [str(products[2]), str(products[1])]
    assert [(item["price_then_poisha"], item["price_poisha"]) for item in second["items"]] == [(10_000, 1)]
    assert len(left["items"]) == 2
    assert [item["product_id"] for item in seen["items"]] == [str(products[2]), str(products[3])]
    assert [item["followers"] for item in followed["items"]] == [1]
    assert none["items"] == []
