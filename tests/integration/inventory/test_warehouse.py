"""Warehouse work over HTTP and in the database: routing, transfers, purchases; movements add up to what is on hand."""

import asyncio
from uuid import uuid4

import pytest

from commerce.context import Commerce
from commerce.inventory import stock_keeping
from commerce.inventory.set_asides import close, left, open_set_aside, take
from foundation.ids import uuid7

SUMS = """
select s.offer_id, s.hub_id from inventory.stock s
left join (select offer_id, hub_id, sum(quantity) as moved from inventory.movements group by 1, 2) m
    using (offer_id, hub_id)
where s.on_hand <> coalesce(m.moved, 0)
"""
RESERVED = """
select s.offer_id from inventory.stock s
where s.reserved <> coalesce((select sum(quantity) from inventory.holds h
        where h.offer_id = s.offer_id and h.hub_id = s.hub_id and h.state = 'reserved'), 0)
    + coalesce((select sum(b.quantity - b.taken) from inventory.set_asides a
        join inventory.set_aside_buckets b on b.set_aside_id = a.id
        where a.offer_id = s.offer_id and a.hub_id = s.hub_id and a.closed_at is null), 0)
"""
WAITING = """
select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()
"""


@pytest.fixture(scope="module")
def far_hub(shop):
    hub = uuid7()
    shop.sql("insert into inventory.hubs (id, code, name, district_code) values (%s, 'H2', 'Agrabad', 'BD-10')", hub)
    return hub


def stock_at(shop, offer, hub, quantity):
    shop.sql(
        "insert into inventory.stock (offer_id, hub_id, received, on_hand) values (%s, %s, %s, %s)",
        offer, hub, quantity, quantity,
    )  # fmt: skip


def holds(shop, offers):
    return shop.sql(
        "select h.offer_id, h.hub_id, h.quantity from inventory.holds h where h.offer_id = any(%s) order by 1, 2",
        offers,
    )


@pytest.fixture(autouse=True)
def books_close(shop):
    """After every test: shelves equal their movements, reserved equals holds and set-asides."""
    yield
    assert shop.sql(SUMS) == []
    assert shop.sql(RESERVED) == []


class TestRouting:
    def test_an_order_leaves_from_the_hub_that_has_all_of_it(self, run, open_api, settings, shop, far_hub):
        """The near hub has more of one line, but only the far one has both: one parcel beats two."""
        both, near_rich = shop.add_offer(stock=0), shop.add_offer(stock=50)
        stock_at(shop, both, far_hub, 5)
        stock_at(shop, near_rich, far_hub, 5)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                return await buyer.place({both: 1, near_rich: 1})

        assert run(story()).status_code == 201
        assert {hub for _, hub, _ in holds(shop, [both, near_rich])} == {far_hub}

    def test_of_two_able_hubs_the_near_one_serves(self, run, open_api, settings, shop, far_hub):
        offer = shop.add_offer(stock=5)
        stock_at(shop, offer, far_hub, 500)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                return await buyer.place({offer: 1})

        assert run(story()).status_code == 201
        assert holds(shop, [offer]) == [(offer, shop.hub_id, 1)]

    def test_a_line_that_no_hub_can_serve_alone_comes_from_several(self, run, open_api, settings, shop, far_hub):
        offer = shop.add_offer(stock=3)
        stock_at(shop, offer, far_hub, 4)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                too_many = await buyer.place({offer: 8})
                all_of_it = await buyer.place({offer: 7})
                order_id = all_of_it.json()["orders"][0]["order_id"]
                held = holds(shop, [offer])
                cancelled = await buyer.client.post(f"/v1/orders/{order_id}/cancel", json={})
                return [too_many.status_code, all_of_it.status_code, cancelled.status_code], held

        statuses, held = run(story())
        assert statuses == [409, 201, 200]
        assert {(hub, quantity) for _, hub, quantity in held} == {(shop.hub_id, 3), (far_hub, 4)}
        assert shop.sql("select sum(reserved) from inventory.stock where offer_id = %s", offer) == [(0,)]


class TestWarehouse:
    def test_goods_sent_are_on_neither_shelf_until_they_arrive(self, run, open_api, settings, shop, far_hub):
        offer = shop.add_offer(stock=10)

        async def story():
            async with open_api(settings) as api:
                planner = api.staff("inventory").client
                body = {"offer_id": str(offer), "from_hub_id": str(shop.hub_id), "to_hub_id": str(far_hub)}
                headers = {"idempotency-key": "t1"}
                sent = await planner.post("/v1/inventory/transfers", json=body | {"quantity": 4}, headers=headers)
                again = await planner.post("/v1/inventory/transfers", json=body | {"quantity": 4}, headers=headers)
                on_way = (await planner.get(f"/v1/inventory/offers/{offer}")).json()["items"]
                path = f"/v1/inventory/transfers/{sent.json()['id']}/end"
                ended = await planner.post(path, json={"state": "received"})
                twice = await planner.post(path, json={"state": "returned"})
                too_many = await planner.post(
                    "/v1/inventory/transfers", json=body | {"quantity": 7}, headers={"idempotency-key": "t2"}
                )
                return sent, again, on_way, ended, twice, too_many

        sent, again, on_way, ended, twice, too_many = run(story())
        assert again.content == sent.content
        assert again.headers["idempotent-replayed"] == "true"
        assert [level["on_hand"] for level in on_way] == [6]
        assert (ended.status_code, twice.status_code, too_many.status_code) == (200, 409, 409)
        shelves = shop.sql("select hub_id, on_hand from inventory.stock where offer_id = %s", offer)
        assert set(shelves) == {(shop.hub_id, 6), (far_hub, 4)}

    def test_a_purchase_order_from_draft_to_the_last_receipt(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=0)

        async def story():
            async with open_api(settings) as api:
                author, chief = api.staff("inventory").client, api.staff("inventory").client
                base = "/v1/inventory/purchase-orders"
                body = {
                    "seller_id": str(shop.sellers[0]), "hub_id": str(shop.hub_id), "supplier": "Rupali Rice Mill",
                    "lines": [{"offer_id": str(offer), "quantity": 10, "unit_cost_poisha": 5_000}],
                }  # fmt: skip
                drafted = await author.post(base, json=body, headers={"idempotency-key": str(uuid4())})
                one = f"{base}/{drafted.json()['id']}"
                early = await receive(author, one, offer, 1)
                self_approved = await author.post(f"{one}/actions", json={"action": "approve"})
                await chief.post(f"{one}/actions", json={"action": "approve"})
                await chief.post(f"{one}/actions", json={"action": "send"})
                some = await receive(author, one, offer, 6)
                too_many = await receive(author, one, offer, 5)
                rest = await receive(author, one, offer, 4)
                return early, self_approved, some, too_many, rest

        early, self_approved, some, too_many, rest = run(story())
        assert [answer.status_code for answer in (early, self_approved, some, too_many, rest)] == [
            409,
            403,
            201,
            409,
            201,
        ]
        assert (some.json()["state"], rest.json()["state"]) == ("partly_received", "received")
        assert shop.sql("select on_hand from inventory.stock where offer_id = %s", offer) == [(10,)]
        references = shop.sql(
            "select distinct split_part(reference, ':', 1) from inventory.movements where offer_id = %s and quantity > 0",
            offer,
        )
        assert references == [("purchase_order",)]

    def test_low_stock_is_told_once_and_recovery_too(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=5)

        async def story():
            commerce = Commerce.build(settings)
            await commerce.open()
            async with open_api(settings) as api:
                buyer, planner = await api.buyer(), api.staff("inventory").client
                await planner.put(f"/v1/inventory/offers/{offer}/watch", json={"threshold": 4})
                before = await stock_keeping.tell_low_stock(commerce)
                placed = await buyer.place({offer: 2})
                low = [await stock_keeping.tell_low_stock(commerce) for _ in range(2)]
                await buyer.client.post(f"/v1/orders/{placed.json()['orders'][0]['order_id']}/cancel", json={})
                recovered = await stock_keeping.tell_low_stock(commerce)
            await commerce.close()
            return before, low, recovered

        assert run(story()) == (False, [True, False], True)
        events = shop.sql("select event_type from platform.outbox where aggregate_id = %s order by seq", str(offer))
        assert events == [("inventory.stock_low",), ("inventory.stock_recovered",)]

    def test_a_stranger_does_not_touch_stock(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=5)

        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                body = {"hub_id": str(shop.hub_id), "quantity": 1}
                headers = {"idempotency-key": "x"}
                as_planner = await buyer.client.post(
                    f"/v1/inventory/offers/{offer}/receipts", json=body, headers=headers
                )
                as_seller = await buyer.client.post(f"/v1/seller/stock/{offer}/receipts", json=body, headers=headers)
                other = uuid7()
                shop.sql("insert into sellers.sellers (id, code, name) values (%s, %s, 'Other')", other, str(other))
                shop.sql(
                    "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
                    other,
                    buyer.user_id,
                )
                rival = api._as(api.token_for(buyer.user_id, "shop", "sell"), buyer.user_id, "")
                not_own = await rival.client.post(f"/v1/seller/stock/{offer}/receipts", json=body, headers=headers)
                return as_planner.status_code, as_seller.status_code, not_own.status_code

        assert run(story()) == (403, 403, 404)


async def receive(client, one, offer, quantity):
    return await client.post(
        f"{one}/receipts",
        json={"lines": [{"offer_id": str(offer), "quantity": quantity}]},
        headers={"idempotency-key": str(uuid4())},
    )


class TestSetAsides:
    def test_five_hundred_take_exactly_what_was_set_aside(self, run, settings, shop):
        """Buckets together sell to the last unit, also in pairs that no single bucket holds any more."""
        offer, aside = shop.add_offer(stock=300), uuid7()

        async def story():
            commerce = Commerce.build(settings)
            await commerce.open()
            async with commerce.database.transaction() as connection:
                await open_set_aside(connection, aside, offer, quantity=101, buckets=8)

            # As many at once as there are connections: who waits for one longer than some seconds is told to come back.
            at_once = asyncio.Semaphore(settings.pool_size)

            async def buy():
                async with at_once, commerce.database.transaction() as connection:
                    return await take(connection, aside, uuid7(), 2, expires_at=None)

            sold = await asyncio.gather(*(buy() for _ in range(200)))
            async with commerce.database.transaction() as connection:
                rest = await left(connection, [aside])
                given_back = [await close(connection, aside), await close(connection, aside)]
                after = await take(connection, aside, uuid7(), 1, expires_at=None)
            await commerce.close()
            return sum(hub is not None for hub in sold), rest, given_back, after

        sold, rest, given_back, after = run(story())
        assert (sold, rest, given_back, after) == (50, {aside: 1}, [1, 0], None)
        assert shop.sql("select reserved from inventory.stock where offer_id = %s", offer) == [(100,)]

    def test_a_take_that_waited_for_the_close_gets_nothing(self, run, settings, shop):
        offer, aside = shop.add_offer(stock=10), uuid7()

        async def story():
            commerce = Commerce.build(settings)
            await commerce.open()
            async with commerce.database.transaction() as connection:
                await open_set_aside(connection, aside, offer, quantity=5, buckets=1)

            async def late():
                async with commerce.database.transaction() as connection:
                    return await take(connection, aside, uuid7(), 1, expires_at=None)

            async with commerce.database.transaction() as connection:
                await close(connection, aside)
                waiting = asyncio.create_task(late())
                async with asyncio.timeout(10):
                    while shop.sql(WAITING) == [(0,)]:
                        await asyncio.sleep(0.01)
            hub = await waiting
            await commerce.close()
            return hub

        assert run(story()) is None

    def test_a_shelf_changed_behind_the_trigger_is_seen(self, shop):
        """The broken twin of the movements' law: a change that leaves no trace."""
        offer = shop.add_offer(stock=5)
        shop.sql("alter table inventory.stock disable trigger log_change")
        shop.sql("update inventory.stock set received = 6, on_hand = 6 where offer_id = %s", offer)
        shop.sql("alter table inventory.stock enable trigger log_change")
        assert shop.sql(SUMS) == [(offer, shop.hub_id)]
        shop.sql("update inventory.stock set received = 5, on_hand = 5 where offer_id = %s", offer)
        shop.sql("delete from inventory.movements where offer_id = %s and quantity < 0", offer)
