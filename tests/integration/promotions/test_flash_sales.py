"""Flash sales over HTTP: stock set aside, sold to the last unit and not one more, caps against one greedy buyer, the queue."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from commerce.context import Commerce
from commerce.promotions import flash
from foundation.ids import uuid7


@pytest.fixture
def seller(shop, run, open_api, settings):
    """A seller's token and an offer of 1,000 units at 100 taka."""
    offer, user = shop.add_offer(stock=1_000, price_poisha=10_000), uuid7()
    shop.sql(
        "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')", shop.sellers[0], user
    )
    return offer, user


async def open_slot(api, settings, user, offer, **more):
    """Plan a slot over HTTP and let its time come."""
    now = datetime.now(UTC)
    body = {
        "offer_id": str(offer), "price_poisha": 5_000, "quantity": 100, "per_buyer": 1,
        "starts_at": (now - timedelta(seconds=1)).isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat(), **more,
    }  # fmt: skip
    client = api._as(api.token_for(user, "shop", "sell"), user, "").client
    answer = await client.post(
        "/v1/seller/promotions/flash-slots", json=body, headers={"idempotency-key": str(uuid4())}
    )
    assert answer.status_code == 201, answer.text
    await turn(settings)
    return UUID(answer.json()["id"])


async def turn(settings):
    commerce = Commerce.build(settings)
    await commerce.open()
    while await flash.turn_slots(commerce):
        pass
    await commerce.close()


def test_five_hundred_buyers_for_a_hundred_units(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            slot = await open_slot(api, settings, user, offer)
            buyers = api.buyers(shop, 500)
            answers = await asyncio.gather(*(buyer.place({offer: 1}) for buyer in buyers))
            return slot, answers

    slot, answers = run(story())

    assert Counter(answer.status_code for answer in answers) == {201: 100, 409: 400}
    assert {answer.json()["subtotal_poisha"] for answer in answers if answer.status_code == 201} == {5_000}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"flash-sold-out"}
    taken = shop.sql("select sum(taken), sum(quantity) from inventory.set_aside_buckets where set_aside_id = %s", slot)
    assert taken == [(100, 100)]
    assert shop.sql("select reserved from inventory.stock where offer_id = %s", offer) == [(100,)]


def test_the_cap_holds_against_a_hundred_requests_of_one_buyer(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            slot = await open_slot(api, settings, user, offer, per_buyer=2)
            buyer = api.buyers(shop, 1)[0]
            answers = await asyncio.gather(*(buyer.place({offer: 1}) for _ in range(100)))
            placed = [answer.json() for answer in answers if answer.status_code == 201]
            one = placed[0]["orders"][0]["order_id"]
            cancelled = await buyer.client.post(f"/v1/orders/{one}/cancel", json={})
            after = [await buyer.place({offer: 1}) for _ in range(2)]
            return slot, answers, cancelled, after

    slot, answers, cancelled, after = run(story())

    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 98}
    assert cancelled.status_code == 200
    assert [answer.status_code for answer in after] == [201, 409], "a cancelled order frees its place, once"
    assert after[1].json()["code"] == "flash-cap"
    assert shop.sql("select quantity from promotions.flash_purchases where slot_id = %s", slot) == [(2,)]


def test_a_naive_cap_is_broken_by_parallel_requests(run, settings, shop):
    """Negative control: count, then insert."""
    shop.sql("create table promotions.naive_purchases (buyer uuid)")
    buyer = uuid7()

    async def story():
        commerce = Commerce.build(settings)
        await commerce.open()
        all_have_counted = asyncio.Barrier(5)

        async def buy():
            async with commerce.database.transaction() as connection:
                row = await (
                    await connection.execute("select count(*) as n from promotions.naive_purchases")
                ).fetchone()
                await all_have_counted.wait()
                if row["n"] < 2:
                    await connection.execute("insert into promotions.naive_purchases values (%s)", [buyer])

        shop.sql("grant all on promotions.naive_purchases to getit_app")
        await asyncio.gather(*(buy() for _ in range(5)))
        await commerce.close()

    run(story())
    assert shop.sql("select count(*) from promotions.naive_purchases")[0][0] > 2


def test_sold_out_means_the_usual_price_for_whom_expects_it(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            await open_slot(api, settings, user, offer, quantity=1)
            first, second = api.buyers(shop, 2)
            await first.place({offer: 1})
            blind = await second.place({offer: 1})
            wrong = await second.place({offer: 1}, expected_total_poisha=5_000 + 7_000)
            right = await second.place({offer: 1}, expected_total_poisha=10_000 + 7_000)
            return blind, wrong, right

    blind, wrong, right = run(story())
    assert [answer.status_code for answer in (blind, wrong, right)] == [409, 409, 201]
    assert (blind.json()["code"], wrong.json()["code"]) == ("flash-sold-out", "total-changed")


def test_the_end_of_a_sale_gives_the_rest_back(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            slot = await open_slot(api, settings, user, offer, quantity=40)
            buyer = api.buyers(shop, 1)[0]
            placed = await buyer.place({offer: 1})
            shop.sql(
                "update promotions.flash_slots set ends_at = now() - interval '1 second', starts_at = now() - interval '1 hour' where id = %s",
                slot,
            )
            await turn(settings)
            late = await buyer.place({offer: 1})
            shown = await buyer.client.get(f"/v1/promotions/flash-slots/{slot}")
            return placed, late, shown

    placed, late, shown = run(story())
    assert placed.json()["subtotal_poisha"] == 5_000
    assert late.json()["subtotal_poisha"] == 10_000
    assert (shown.json()["state"], shown.json()["left_over"]) == ("closed", 0)
    assert shop.sql("select reserved from inventory.stock where offer_id = %s", offer) == [(2,)]


def test_without_the_goods_there_is_no_sale(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            slot = await open_slot(api, settings, user, offer, quantity=1_001)
            return (await api.client.get(f"/v1/promotions/flash-slots/{slot}")).json()

    assert run(story())["state"] == "cancelled"


def test_the_queue_lets_buyers_in_by_ticket(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            slot = await open_slot(api, settings, user, offer, admit_at_once=2, admit_per_second=1)
            shop.sql(
                "update promotions.flash_slots set starts_at = now() - interval '1 millisecond' where id = %s", slot
            )
            buyers = api.buyers(shop, 40)
            without = await buyers[0].place({offer: 1})
            path = f"/v1/promotions/flash-slots/{slot}/ticket"
            tickets = await asyncio.gather(*(buyer.client.post(path) for buyer in buyers))
            again = await buyers[0].client.post(path)
            by_number = sorted(
                zip((t.json()["ticket_no"] for t in tickets), buyers, strict=True), key=lambda pair: pair[0]
            )
            first = await by_number[0][1].place({offer: 1})
            last = await by_number[-1][1].place({offer: 1})
            return without, [number for number, _ in by_number], (tickets[0].json(), again.json()), first, last

    without, numbers, (ticket, again), first, last = run(story())
    assert without.status_code == 429
    assert numbers == list(range(1, 41))
    assert ticket["ticket_no"] == again["ticket_no"]
    assert (first.status_code, last.status_code) == (201, 429)
    assert 30 <= int(last.headers["retry-after"]) <= 38


def test_prices_and_clashes_are_checked_when_it_is_planned(run, open_api, settings, shop, seller):
    offer, user = seller

    async def story():
        async with open_api(settings) as api:
            await open_slot(api, settings, user, offer)
            client = api._as(api.token_for(user, "shop", "sell"), user, "").client
            now = datetime.now(UTC)
            body = {
                "offer_id": str(offer), "price_poisha": 5_000, "quantity": 1,
                "starts_at": now.isoformat(), "ends_at": (now + timedelta(minutes=5)).isoformat(),
            }  # fmt: skip
            path, found = "/v1/seller/promotions/flash-slots", []
            for change in ({}, {"price_poisha": 10_000}, {"offer_id": str(uuid4())}, {"ends_at": now.isoformat()}):
                answer = await client.post(path, json=body | change, headers={"idempotency-key": str(uuid4())})
                found.append((answer.status_code, answer.json()["code"]))
            return found

    assert run(story()) == [
        (409, "slot-clash"), (409, "dearer-than-usual"), (404, "not-found"), (422, "invalid-input"),
    ]  # fmt: skip
