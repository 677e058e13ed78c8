"""Escrow over HTTP: money waits, is let go once, comes back from the seller if it must; statements of any days past."""

import asyncio
import csv
from contextlib import nullcontext
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from commerce.context import Commerce
from commerce.ledger import escrow
from commerce.orders import release
from commerce.orders.fulfil import lock_order
from commerce.orders.reversals import Piece, give_back
from foundation.clock import business_date, system_clock
from foundation.ids import uuid7


@pytest.fixture(scope="module")
def offers(shop):
    return [shop.add_offer(stock=500, price_poisha=10_001), shop.add_offer(stock=500, price_poisha=333)]


def key():
    return {"idempotency-key": str(uuid4())}


async def delivered(api, lines, **more):
    buyer, courier = await api.buyer(), api.staff("courier")
    answer = await buyer.place(lines, **more)
    assert answer.status_code == 201, answer.text
    order_id = answer.json()["orders"][0]["order_id"]
    for state in ("shipped", "delivered"):
        moved = await courier.client.post(f"/v1/orders/{order_id}/transitions", json={"to": state})
        assert moved.status_code == 200, moved.text
    return buyer, order_id


def law(shop):
    """Orders whose escrow does not add up, and the ledger's sum."""
    broken = shop.sql(escrow.SQL["escrow_law"].replace("%(since)s", "'-infinity'").replace("%(limit)s", "100"))
    return broken, shop.ledger_sum()


def payable(shop, seller=0):
    return shop.sql(
        "select coalesce(-sum(amount_poisha), 0)::bigint from ledger.entries where account_code = %s",
        f"seller_payable:{shop.sellers[seller]}",
    )[0][0]


class TestRelease:
    def test_the_window_ends_and_the_seller_is_paid_once(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                commerce = api.app.state.commerce
                _, order_id = await delivered(api, {offers[0]: 2})
                early = await release.release_due(commerce)
                late = Commerce.build(settings, clock=lambda: system_clock() + timedelta(days=8))
                await late.open()
                both = await asyncio.gather(release.release_due(late), release.release_due(late))
                await late.close()
                return order_id, early, both

        before = payable(shop)
        order_id, early, both = run(story())

        assert early is False
        assert any(both)
        assert payable(shop) - before == 20_002 - 1_600 - 240
        assert shop.sql(
            "select count(*) from ledger.transfers where kind = 'order.released' and reference = %s", order_id
        ) == [(1,)]
        assert law(shop) == ([], 0)

    def test_what_is_frozen_waits(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                commerce = api.app.state.commerce
                buyer, order_id = await delivered(api, {offers[0]: 1})
                async with commerce.database.transaction() as connection:
                    await escrow.freeze(connection, UUID(order_id), "return:1", system_clock())
                frozen = await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                async with commerce.database.transaction() as connection:
                    await escrow.thaw(connection, UUID(order_id), "return:1", system_clock())
                free = await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                return frozen, free

        frozen, free = run(story())

        assert (frozen.status_code, frozen.json()["code"], free.status_code) == (409, "escrow-frozen", 204)

    def test_a_reserve_is_held_back_and_paid_later(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=5, price_poisha=100_000, seller=2)
        seller = shop.sellers[2]

        async def story():
            async with open_api(settings) as api:
                finance, support = api.staff("finance"), api.staff("support")
                path, body = f"/v1/ledger/sellers/{seller}/reserve", {"reserve_bp": 1_000, "hold_days": 30}
                denied = await support.client.put(path, json=body)
                unknown = await finance.client.put(f"/v1/ledger/sellers/{uuid7()}/reserve", json=body)
                done = await finance.client.put(path, json=body)
                buyer, order_id = await delivered(api, {offer: 1})
                await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                now = payable(shop, 2)
                late = Commerce.build(settings, clock=lambda: system_clock() + timedelta(days=31))
                await late.open()
                assert await escrow.release_reserves(late)
                assert not await escrow.release_reserves(late)
                await late.close()
                return denied, unknown, done, now

        denied, unknown, done, now = run(story())

        due = 100_000 - 8_000 - 1_200
        assert (denied.status_code, unknown.status_code, done.status_code) == (403, 404, 200)
        assert now == due - due // 10
        assert payable(shop, 2) == due
        assert law(shop) == ([], 0)


class TestGivingBack:
    @pytest.mark.parametrize("is_paid_out", [False, True])
    def test_piece_by_piece_it_is_exactly_the_whole(self, run, open_api, settings, shop, offers, is_paid_out):
        """Commission and VAT come back too; once paid out, from the seller's account."""

        async def story():
            async with open_api(settings) as api:
                commerce = api.app.state.commerce
                buyer, order_id = await delivered(api, {offers[0]: 3, offers[1]: 7})
                if is_paid_out:
                    await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                worths = []
                for number, piece in enumerate([(1, 1), (2, 3), (1, 1), (2, 4), (1, 1), (0, 1)]):
                    async with commerce.database.transaction() as connection:
                        order = await lock_order(connection, UUID(order_id))
                        worths.append(await give_back(
                            commerce, connection, order, [Piece(*piece)], cause="returned", cause_key=f"{order_id}:{number}",
                        ))  # fmt: skip
                if not is_paid_out:
                    await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                return order_id, worths

        before = payable(shop)
        order_id, worths = run(story())

        assert sum(worths) == 3 * 10_001 + 7 * 333 + 7_000
        assert payable(shop) == before
        rows = shop.sql(
            "select split_part(account_code, ':', 1), sum(amount_poisha)::bigint from ledger.entries where order_id = %s "
            "group by 1 having sum(amount_poisha) <> 0 order by 1", UUID(order_id),
        )  # fmt: skip
        assert rows == [("buyer_refund_payable", -sum(worths)), ("courier_clearing", sum(worths))]
        assert law(shop) == ([], 0)

    def test_the_same_cause_counts_once_and_more_than_all_is_refused(self, run, open_api, settings, shop, offers):
        from psycopg.errors import UniqueViolation

        from commerce.orders.rules import NothingLeft

        async def story():
            async with open_api(settings) as api:
                commerce = api.app.state.commerce
                _, order_id = await delivered(api, {offers[0]: 2})
                for pieces, expected in (
                    ([Piece(1, 1)], nullcontext()),
                    ([Piece(1, 1)], pytest.raises(UniqueViolation)),
                    ([Piece(1, 2)], pytest.raises(NothingLeft)),
                ):
                    with expected:
                        async with commerce.database.transaction() as connection:
                            order = await lock_order(connection, UUID(order_id))
                            await give_back(
                                commerce, connection, order, pieces, cause="returned", cause_key=f"{order_id}:x"
                            )
                return order_id

        order_id = run(story())

        assert shop.sql("select sum(amount_poisha) from payments.refunds where order_id = %s", UUID(order_id)) == [
            (10_001,)
        ]
        assert law(shop) == ([], 0)

    def test_a_law_breaking_twin_is_seen(self, run, open_api, settings, shop, offers):
        """Negative control: a refund that is noted but not taken out of escrow."""

        async def story():
            async with open_api(settings) as api:
                return (await delivered(api, {offers[0]: 1}))[1]

        order_id = run(story())
        refund = uuid7()
        shop.sql(
            "insert into payments.refunds (id, attempt_id, order_id, amount_poisha, reason) select %s, id, order_id, 5, 'x' "
            "from payments.attempts where order_id = %s", refund, UUID(order_id),
        )  # fmt: skip
        assert [row[0] for row in law(shop)[0]] == [UUID(order_id)]
        shop.sql("delete from payments.refunds where id = %s", refund)
        assert law(shop)[0] == []


class TestLines:
    def test_a_cancelled_line_frees_its_goods_and_lowers_what_is_due(self, run, open_api, settings, shop, offers):
        async def story():
            async with open_api(settings) as api:
                buyer, other = await api.buyer(), await api.buyer()
                placed = (await buyer.place({offers[0]: 2, offers[1]: 3})).json()
                order_id = placed["orders"][0]["order_id"]
                path = f"/v1/orders/{order_id}/lines"
                stolen = await other.client.post(f"{path}/1/cancel", json={}, headers=key())
                header = key()
                twins = [
                    await buyer.client.post(f"{path}/1/cancel", json={"quantity": 1}, headers=header) for _ in range(2)
                ]
                too_many = await buyer.client.post(f"{path}/1/cancel", json={"quantity": 2}, headers=key())
                none = await buyer.client.post(f"{path}/9/cancel", json={}, headers=key())
                middle = shop.sql("select amount_poisha from payments.attempts where order_id = %s", UUID(order_id))
                rest = await buyer.client.post(f"{path}/2/cancel", json={}, headers=key())
                last = await buyer.client.post(f"{path}/1/cancel", json={}, headers=key())
                late = await buyer.client.post(f"{path}/1/cancel", json={}, headers=key())
                codes = [answer.status_code for answer in (stolen, *twins, too_many, none, rest, last, late)]
                return placed, twins, codes, middle, last

        before = shop.sql("select offer_id, reserved from inventory.stock order by 1")
        placed, twins, codes, middle, last = run(story())

        assert codes == [404, 200, 200, 409, 404, 200, 200, 409]
        assert twins[0].content == twins[1].content
        first = min(offers)
        price = {offers[0]: 10_001, offers[1]: 333}[first]
        assert middle == [(placed["total_poisha"] - price,)]
        assert last.json()["status"] == "cancelled"
        assert shop.sql("select offer_id, reserved from inventory.stock order by 1") == before
        assert law(shop) == ([], 0)


class TestStatements:
    def test_a_statement_is_the_entries_and_nothing_else(self, run, open_api, settings, shop):
        offer = shop.add_offer(stock=50, price_poisha=7_777, seller=3)
        user = uuid7()
        shop.sql(
            "insert into sellers.members (seller_id, user_id, role) values (%s, %s, 'seller_owner')",
            shop.sellers[3],
            user,
        )
        today = business_date(system_clock())

        async def story():
            async with open_api(settings) as api:
                for _ in range(4):
                    buyer, order_id = await delivered(api, {offer: 1})
                    await buyer.client.post(f"/v1/orders/{order_id}/confirm")
                seller = api._as(api.token_for(user, "sell"), user, "")
                ask = {"from_on": str(today), "to_on": str(today)}
                pages, cursor = [], None
                while True:
                    page = await seller.client.get(
                        "/v1/seller/statement", params={**ask, "limit": 3} | ({"cursor": cursor} if cursor else {})
                    )
                    pages.append(page.json())
                    cursor = pages[-1]["next_cursor"]
                    if cursor is None:
                        break
                sheet = await seller.client.get("/v1/seller/statement", params={**ask, "format": "csv"})
                tomorrow = {"from_on": str(today + timedelta(days=1)), "to_on": str(today + timedelta(days=1))}
                following = await seller.client.get("/v1/seller/statement", params=tomorrow)
                backwards = await seller.client.get(
                    "/v1/seller/statement", params={"from_on": str(today), "to_on": "2020-01-01"}
                )
                return pages, sheet, following.json(), backwards

        pages, sheet, following, backwards = run(story())

        lines = [line for page in pages for line in page["lines"]]
        assert [len(page["lines"]) for page in pages] == [3, 1]
        assert pages[0]["opening_poisha"] == 0
        assert sum(line["amount_poisha"] for line in lines) == pages[0]["closing_poisha"] == payable(shop, 3)
        assert following["opening_poisha"] == pages[0]["closing_poisha"]
        assert backwards.status_code == 422
        rows = list(csv.DictReader(sheet.text.splitlines()))
        assert rows[-1]["kind"] == "closing"
        assert rows[-1]["balance_taka"] == rows[-2]["balance_taka"]
