"""Parcels end to end over HTTP: packed, booked once, followed by webhooks in any order, paid for by the courier."""

import asyncio
import time
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from commerce.shipping import booking, clocks, remittances, tracking
from commerce.shipping.rules import path_to
from foundation.clock import system_clock


@pytest.fixture(scope="module")
def offer(shop):
    return shop.add_offer(stock=1_000, price_poisha=12_345)


async def packed(api, commerce, offer, user, *, calls=1):
    """An order that its seller has readied, booked by the relay; (buyer, order id, shipment)."""
    buyer = await api.buyer()
    placed = (await buyer.place({offer: 2})).json()
    order_id = placed["orders"][0]["order_id"]
    seller = api._as(api.token_for(user, "sell"), user, "")
    accepted = await seller.client.post(f"/v1/seller/orders/{order_id}/accept")
    assert accepted.status_code == 200, accepted.text
    headers = {"idempotency-key": str(uuid4())}
    answers = [
        await seller.client.post(f"/v1/seller/orders/{order_id}/ready", json={"weight_grams": 700}, headers=headers)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].text
    assert answers[0].content == answers[1].content
    for _ in range(calls):
        await booking.book_one(commerce)
    return buyer, order_id, answers[0].json()


def parcel_of(shop, order_id):
    return dict(
        zip(
            ("id", "state", "consignment_id", "merchant_reference", "cod_poisha", "collect_taka"),
            shop.sql(
                "select id, state, consignment_id, merchant_reference, cod_poisha, collect_taka from shipping.shipments "
                "where order_id = %s and state <> 'cancelled'", UUID(order_id),
            )[0],
            strict=True,
        )
    )  # fmt: skip


def status_of(shop, order_id):
    return shop.sql("select status from orders.orders where id = %s", UUID(order_id))[0][0]


def until(check, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


class TestBooking:
    def test_a_parcel_lives_to_its_end_and_its_cash_arrives(self, run, opened, shop, desk, offer, staffed):
        async def story():
            async with opened() as (api, commerce):
                buyer, order_id, _ = await packed(api, commerce, offer, staffed())
                parcel = parcel_of(shop, order_id)
                assert parcel["state"] == "booked"
                assert (parcel["cod_poisha"], parcel["collect_taka"]) == (2 * 12_345 + 7_000, 316)
                desk.move(parcel["consignment_id"], "Picked", "In_Transit", "Delivered")
                await asyncio.to_thread(until, lambda: status_of(shop, order_id) == "delivered")
                seen = await buyer.client.get(f"/v1/orders/{order_id}/tracking")
                other = await (await api.buyer()).client.get(f"/v1/orders/{order_id}/tracking")
                desk.invoice()
                assert await remittances.import_new(commerce)
                assert not await remittances.import_new(commerce)
                return order_id, seen, other

        order_id, seen, other = run(story())

        assert [step["state"] for step in seen.json()["steps"]][-1] == "delivered"
        assert seen.json()["parcel_state"] == "delivered"
        assert other.status_code == 404
        cleared = shop.sql(
            "select sum(amount_poisha) from ledger.entries where account_code = 'courier_clearing:pathao' and order_id = %s",
            UUID(order_id),
        )
        assert cleared == [(0,)]
        assert (
            shop.sql("select sum(amount_poisha) from ledger.entries where account_code = 'cash_rounding'")[0][0] == 90
        )
        assert shop.sql("select count(*) from shipping.reconciliation_breaks") == [(0,)]
        assert shop.ledger_sum() == 0

    def test_a_silent_courier_is_not_asked_twice(self, run, opened, shop, desk, offer, staffed):
        """It acted and did not say so: the webhook settles it, and there is one parcel."""

        async def story():
            async with opened() as (api, commerce):
                desk.faults(orders={"act_then_503": 1.0})
                _, order_id, _ = await packed(api, commerce, offer, staffed(), calls=3)
                return order_id

        order_id = run(story())

        until(lambda: parcel_of(shop, order_id)["state"] == "booked")
        parcel = parcel_of(shop, order_id)
        assert [one["consignment_id"] for one in desk.parcels(parcel["merchant_reference"])] == [
            parcel["consignment_id"]
        ]
        events = shop.sql(
            "select to_state from shipping.shipment_transitions where shipment_id = %s order by id", parcel["id"]
        )
        assert [state for (state,) in events] in (["submitted", "unknown", "booked"], ["submitted", "booked"])

    def test_the_naive_twin_books_twice(self, run, opened, desk):
        """Negative control: repeat a booking that got no answer."""
        from commerce.shipping.ports import CourierSilent, Parcel

        async def story():
            async with opened() as (_, commerce):
                desk.faults(orders={"act_then_503": 1.0})
                parcel = Parcel("naive", "Rahima Begum", "01712345678", "House 7, Mirpur 10, Dhaka", 100, 1, 500, "x")
                for _ in range(2):
                    with pytest.raises(CourierSilent):
                        await commerce.couriers["pathao"].book(parcel)

        run(story())

        assert len(desk.parcels("naive")) == 2

    def test_a_caller_that_died_leaves_an_unknown_parcel_that_a_person_settles(
        self, run, opened, shop, desk, offer, staffed
    ):
        async def story():
            async with opened() as (api, commerce):
                _, order_id, _ = await packed(api, commerce, offer, staffed(), calls=0)
                parcel = parcel_of(shop, order_id)
                shop.sql(
                    "update shipping.shipments set called_at = now() - interval '1 hour' where id = %s", parcel["id"]
                )
                await booking.book_one(commerce)
                unknown = parcel_of(shop, order_id)["state"]
                support = api.staff("support")
                path = f"/v1/shipping/parcels/{parcel['id']}/settle"
                wrong = await support.client.post(path, json={"consignment_id": "DL000000XXXXXX"})
                settled = await support.client.post(path, json={})
                again = await support.client.post(path, json={})
                return unknown, wrong, settled, again

        unknown, wrong, settled, again = run(story())

        assert unknown == "unknown"
        assert (wrong.status_code, wrong.json()["code"]) == (409, "not-that-parcel")
        assert (settled.status_code, settled.json()["state"]) == (200, "created")
        assert again.status_code == 409

    def test_an_order_with_a_booked_parcel_cannot_be_cancelled(self, run, opened, shop, desk, offer, staffed):
        async def story():
            async with opened() as (api, commerce):
                buyer, order_id, _ = await packed(api, commerce, offer, staffed())
                booked = await buyer.client.post(f"/v1/orders/{order_id}/cancel", json={})
                buyer, other, _ = await packed(api, commerce, offer, staffed(), calls=0)
                free = await buyer.client.post(f"/v1/orders/{other}/cancel", json={})
                await booking.book_one(commerce)
                return booked, free, other

        booked, free, other = run(story())

        assert (booked.status_code, booked.json()["code"]) == (409, "parcel-under-way")
        assert free.status_code == 200
        assert shop.sql("select state from shipping.shipments where order_id = %s", UUID(other)) == [("cancelled",)]

    def test_sellers_see_and_pack_their_own_orders_only(self, run, opened, shop, offer, staffed):
        shop.add_offer(stock=5, seller=1)

        async def story():
            async with opened() as (api, _):
                buyer = await api.buyer()
                order_id = (await buyer.place({offer: 1})).json()["orders"][0]["order_id"]
                own, strange = staffed(0), staffed(1)
                mine = api._as(api.token_for(own, "sell"), own, "")
                theirs = api._as(api.token_for(strange, "sell"), strange, "")
                path = f"/v1/seller/orders/{order_id}/accept"
                listed = await mine.client.get("/v1/seller/orders", params={"status": "placed", "limit": 2})
                more = await mine.client.get(
                    "/v1/seller/orders",
                    params={"cursor": listed.json()["next_cursor"]} if listed.json()["next_cursor"] else {},
                )
                return order_id, listed, more, await theirs.client.post(path), await buyer.client.post(path)

        order_id, listed, more, stranger, shopper = run(story())

        assert listed.json()["items"][0]["order_id"] == order_id
        assert listed.json()["items"][0]["lines"][0]["quantity"] == 1
        assert more.status_code == 200
        assert (stranger.status_code, shopper.status_code) == (404, 403)


class TestWebhooks:
    def hook(self, parcel, event, minute, **more):
        return {
            "event": event, "consignment_id": parcel["consignment_id"], "merchant_order_id": parcel["merchant_reference"],
            "store_id": 1, "updated_at": "2026-01-01 10:00:00", "timestamp": f"2026-01-01T10:{minute:02d}:00+06:00", **more,
        }  # fmt: skip

    def test_late_double_and_disordered_news_changes_nothing(self, run, opened, shop, world, offer, staffed):
        signed = {"x-pathao-signature": world.pathao_webhook_secret}

        async def story():
            async with opened() as (api, commerce):
                _, order_id, _ = await packed(api, commerce, offer, staffed())
                parcel = parcel_of(shop, order_id)
                path = "/v1/shipping/webhooks/pathao"
                news = [
                    self.hook(parcel, "order.delivered", 50, collected_amount=316),
                    self.hook(parcel, "order.delivered", 50, collected_amount=316),
                    self.hook(parcel, "order.picked", 10),
                    self.hook(parcel, "order.in-transit", 20),
                    self.hook(parcel, "order.delivery-failed", 45),
                ]
                answers = await asyncio.gather(*(api.client.post(path, json=body, headers=signed) for body in news))
                forged = await api.client.post(path, json=news[0], headers={"x-pathao-signature": "guess"})
                greeted = await api.client.post(path, json={"event": "webhook_integration"}, headers=signed)
                nonsense = await api.client.post(
                    path, json={"event": "order.picked", "consignment_id": "X"}, headers=signed
                )
                return order_id, answers, forged, greeted, nonsense

        order_id, answers, forged, greeted, nonsense = run(story())

        assert {answer.status_code for answer in answers} == {202}
        assert forged.status_code == 403
        assert greeted.status_code == 202
        assert greeted.headers["x-pathao-merchant-webhook-integration-secret"].startswith("f3992ecc")
        assert nonsense.status_code == 422
        # Delivered or refused, whichever came first; never both, and the ledger has it once.
        assert status_of(shop, order_id) in {"delivered", "refused"}
        ends = shop.sql(
            "select count(*) from orders.order_transitions where order_id = %s and to_status in ('delivered', 'refused')",
            UUID(order_id),
        )
        assert ends == [(1,)]
        assert shop.ledger_sum() == 0

    def test_a_refused_parcel_comes_back_and_a_lost_one_does_not(self, run, opened, shop, desk, staffed):
        offer = shop.add_offer(stock=10)

        async def story():
            async with opened() as (api, commerce):
                ids = []
                for way in (("Picked", "Delivery_Failed", "Return"), ("Picked", "In_Transit", "Lost")):
                    _, order_id, _ = await packed(api, commerce, offer, staffed())
                    desk.move(parcel_of(shop, order_id)["consignment_id"], *way)
                    ids.append(order_id)
                await asyncio.to_thread(until, lambda: parcel_of(shop, ids[0])["state"] == "returned")
                await asyncio.to_thread(until, lambda: parcel_of(shop, ids[1])["state"] == "lost")
                return ids

        ids = run(story())

        assert [status_of(shop, order_id) for order_id in ids] == ["refused", "refused"]
        assert shop.sql(
            "select received, on_hand, reserved, shipped, written_off from inventory.stock where offer_id = %s", offer
        ) == [(10, 8, 0, 0, 2)]

    def test_a_courier_that_tells_nothing_is_asked(self, run, opened, shop, desk, offer, staffed):
        async def story():
            async with opened() as (api, commerce):
                _, order_id, _ = await packed(api, commerce, offer, staffed())
                parcel = parcel_of(shop, order_id)
                shop.sql(
                    "update shipping.shipments set merchant_reference = merchant_reference || '-x' where id = %s",
                    parcel["id"],
                )
                shop.sql(
                    "update shipping.shipments set looked_at = case when id = %s then null else now() end, "
                    "booked_at = case when id = %s then now() - interval '1 day' else booked_at end", parcel["id"], parcel["id"],
                )  # fmt: skip
                desk.move(parcel["consignment_id"], "Picked")
                assert await tracking.look_after_one(commerce)
                return order_id

        assert status_of(shop, run(story())) == "shipped"


class TestRemittances:
    @pytest.mark.parametrize(
        "wrong",
        [("short", "short"), ("double_fee", "fee"), ("twice", "paid_twice"), ("stranger", "unknown_parcel")],
    )
    def test_what_does_not_fit_becomes_a_break(self, run, opened, shop, desk, staffed, wrong):
        mismatch, kind = wrong
        offer = shop.add_offer(stock=10, price_poisha=12_345)

        async def story():
            async with opened() as (api, commerce):
                desk.invoice()
                await remittances.import_new(commerce)
                _, order_id, _ = await packed(api, commerce, offer, staffed())
                desk.move(parcel_of(shop, order_id)["consignment_id"], "Picked", "Delivered")
                await asyncio.to_thread(until, lambda: status_of(shop, order_id) == "delivered")
                desk.invoice(mismatch)
                assert await remittances.import_new(commerce)
                finance, support = api.staff("finance"), api.staff("support")
                listed = (await finance.client.get("/v1/shipping/breaks")).json()["items"]
                fresh = [one for one in listed if one["found_at"] >= listed[0]["found_at"]]
                path = f"/v1/shipping/breaks/{listed[0]['id']}/resolve"
                body = {"resolution": "rang them up", "is_written_off": True}
                stranger = await support.client.post(path, json=body, headers={"idempotency-key": "x"})
                done = await finance.client.post(path, json=body, headers={"idempotency-key": str(uuid4())})
                again = await finance.client.post(path, json=body, headers={"idempotency-key": str(uuid4())})
                return order_id, fresh, stranger, done, again

        order_id, fresh, stranger, done, again = run(story())

        assert [one["kind"] for one in fresh] == [kind]
        assert (stranger.status_code, done.status_code, again.status_code) == (403, 200, 409)
        assert shop.ledger_sum() == 0
        left = shop.sql(
            "select account_code, sum(amount_poisha) from ledger.entries where account_code = 'unmatched_receipts' or "
            "(account_code = 'courier_clearing:pathao' and order_id = %s) group by 1 having sum(amount_poisha) <> 0",
            UUID(order_id),
        )
        assert left == []

    def test_a_missing_parcel_is_outstanding(self, run, opened, shop, desk, offer, staffed):
        async def story():
            async with opened() as (api, commerce):
                desk.invoice()
                _, order_id, _ = await packed(api, commerce, offer, staffed())
                consignment = parcel_of(shop, order_id)["consignment_id"]
                desk.move(consignment, "Picked", "Delivered")
                await asyncio.to_thread(until, lambda: status_of(shop, order_id) == "delivered")
                desk.invoice("missing")
                await remittances.import_new(commerce)
                shown = await api.staff("finance").client.get("/v1/shipping/outstanding-cash", params={"days": 0})
                return consignment, shown

        consignment, shown = run(story())

        assert consignment in {one["consignment_id"] for one in shown.json()["items"]}


class TestPromises:
    def test_a_promise_that_is_not_kept_is_told_once(self, run, opened, shop, offer):
        async def story():
            async with opened() as (api, commerce):
                buyer = await api.buyer()
                placed = (await buyer.place({offer: 1})).json()
                group_id, order_id = UUID(placed["group_id"]), UUID(placed["orders"][0]["order_id"])
                async with commerce.database.transaction() as connection:
                    await clocks._start(connection, group_id, system_clock() - timedelta(days=30), is_legal=True)
                assert await clocks.breach_overdue(commerce)
                assert not await clocks.breach_overdue(commerce)
                seen = await buyer.client.get(f"/v1/orders/{order_id}/tracking")
                return order_id, seen

        order_id, seen = run(story())

        assert seen.json()["is_late"]
        told = shop.sql(
            "select payload ->> 'kind' from platform.outbox where event_type = 'order.promise_breached' "
            "and aggregate_id = %s order by 1", str(order_id),
        )  # fmt: skip
        assert told == [("delivery",), ("handover",)]


def test_a_path_never_leads_back():
    assert path_to("booked", "delivered") == ["picked_up", "in_transit", "delivered"]
    assert path_to("unknown", "picked_up") == ["booked", "picked_up"]
    assert path_to("delivered", "picked_up") is None
    assert path_to("refused", "delivered") is None
    assert path_to("refused", "returned") == ["returned"]
