"""Placing an order over HTTP: one effect per key, stock conserved, the ledger in balance."""

import asyncio
from uuid import UUID

import pytest


@pytest.fixture(scope="module")
def offers(shop):
    return [
        shop.add_offer(stock=100, price_poisha=12_345, seller=0),
        shop.add_offer(stock=100, price_poisha=999, seller=1),
    ]


def entries_of(shop, order_id):
    """Poisha of an order by kind of account."""
    rows = shop.sql(
        "select split_part(account_code, ':', 1), sum(amount_poisha)::bigint from ledger.entries where order_id = %s group by 1",
        UUID(order_id),
    )
    return dict(rows)


class TestPlacing:
    def test_splits_by_seller_and_keeps_the_decision(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                return await buyer.place({offers[0]: 2, offers[1]: 3})

        answer = run(story())

        placed = answer.json()
        assert answer.status_code == 201
        assert len(placed["orders"]) == 2
        assert sum(order["total_poisha"] for order in placed["orders"]) == placed["total_poisha"]
        assert placed["subtotal_poisha"] == 2 * 12_345 + 3 * 999
        assert placed["decision"]["source"].startswith("rules:")
        kept = shop.sql("select action, source from risk.decisions where group_id = %s", UUID(placed["group_id"]))
        assert kept == [(placed["decision"]["action"], placed["decision"]["source"])]

    def test_same_key_same_bytes_also_in_parallel(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                twins = await asyncio.gather(*(buyer.place({offers[0]: 1}, key="twin") for _ in range(8)))
                late = await buyer.place({offers[0]: 1}, key="twin")
                other = await buyer.place({offers[0]: 2}, key="twin")
                return buyer, [*twins, late], other

        buyer, same, other = run(story())

        assert {answer.status_code for answer in same} == {201}
        assert len({answer.content for answer in same}) == 1
        assert other.status_code == 422
        groups = shop.sql("select count(*) from orders.order_groups where id = %s", UUID(same[0].json()["group_id"]))
        assert groups == [(1,)]
        assert shop.sql("select count(*) from orders.order_groups where buyer_id = %s", buyer.user_id) == [(1,)]

    def test_bad_input_says_what_to_do_in_the_callers_language(self, run, open_api, settings, offers):
        async def story():
            async with open_api(settings) as api:
                buyer = await api.buyer()
                no_key = await buyer.client.post("/v1/orders", json={"payment_method": "cod"})
                negative = await buyer.place({offers[0]: -1})
                too_many = await buyer.place({offers[1]: 101})
                buyer.client.headers["accept-language"] = "bn"
                bangla = await buyer.place({offers[1]: 101})
                return no_key, negative, too_many, bangla

        no_key, negative, too_many, bangla = run(story())

        assert no_key.status_code in {400, 422}
        assert negative.status_code == 422
        assert negative.headers["content-type"] == "application/problem+json"
        assert too_many.status_code == 409
        assert too_many.json()["code"] == "out-of-stock"
        assert bangla.headers["content-language"] == "bn"
        assert bangla.json()["detail"] != too_many.json()["detail"]


class TestLifeOfAnOrder:
    def test_a_delivered_cash_order_waits_and_then_pays_the_seller(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                buyer, courier = await api.buyer(), api.staff("courier")
                placed = (await buyer.place({offers[0]: 1})).json()
                order_id = placed["orders"][0]["order_id"]
                early = await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                for state in ("shipped", "delivered"):
                    moved = await courier.client.post(f"/v1/orders/{order_id}/transitions", json={"to": state})
                    assert moved.status_code == 200, moved.text
                again = await courier.client.post(f"/v1/orders/{order_id}/transitions", json={"to": "delivered"})
                stranger = await buyer.client.post(f"/v1/orders/{order_id}/transitions", json={"to": "shipped"})
                waiting = entries_of(shop, order_id)
                other = await (await api.buyer()).client.post(f"/v1/orders/{order_id}/confirm")
                confirmed = [await buyer.client.post(f"/v1/orders/{order_id}/confirm") for _ in range(2)]
                codes = [answer.status_code for answer in (early, again, stranger, other, *confirmed)]
                return order_id, codes, waiting

        order_id, codes, waiting = run(story())

        assert codes == [409, 409, 403, 404, 204, 204]
        assert waiting == {"courier_clearing": 12_345 + 7_000, "escrow": -12_345 - 7_000}
        entries = entries_of(shop, order_id)
        assert sum(entries.values()) == 0
        assert entries["escrow"] == 0
        assert entries["courier_clearing"] == 12_345 + 7_000
        assert entries["commission"] == -988
        assert entries["vat_payable"] == -148
        assert entries["seller_payable"] == -(12_345 - 988 - 148)
        assert shop.sql("select state from payments.attempts where order_id = %s", UUID(order_id)) == [("captured",)]

    def test_only_the_owner_sees_and_cancels(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                owner, other = await api.buyer(), await api.buyer()
                placed = (await owner.place({offers[1]: 4})).json()
                order_id = placed["orders"][0]["order_id"]
                peeked = await other.client.get(f"/v1/orders/{placed['group_id']}")
                stolen = await other.client.post(f"/v1/orders/{order_id}/cancel", json={})
                cancelled = await owner.client.post(f"/v1/orders/{order_id}/cancel", json={})
                return peeked, stolen, cancelled

        before = shop.sql("select reserved from inventory.stock where offer_id = %s", offers[1])
        peeked, stolen, cancelled = run(story())

        assert (peeked.status_code, stolen.status_code, cancelled.status_code) == (404, 404, 200)
        assert shop.sql("select reserved from inventory.stock where offer_id = %s", offers[1]) == before


def test_ledger_rows_are_immutable_and_transfers_balance(shop):
    import psycopg

    with pytest.raises(psycopg.errors.RestrictViolation):
        shop.sql("update ledger.entries set amount_poisha = amount_poisha + 1")
    with pytest.raises(psycopg.errors.CheckViolation):
        shop.sql(
            "with t as (insert into ledger.transfers (id, kind, reference, business_on) values "
            "(gen_random_uuid(), 'test', 'unbalanced', current_date) returning id) "
            "insert into ledger.entries (transfer_id, entry_no, account_code, amount_poisha) select id, 1, 'escrow', 5 from t"
        )
