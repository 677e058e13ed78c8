"""Vouchers over HTTP: limits hold, a cancelled order gives its use back, and the warehouse can see that it did."""

from uuid import UUID

import pytest

VOUCHER = """
insert into promotions.vouchers
    (code, discount_bp, max_discount_poisha, limit_total, limit_per_buyer, starts_at, ends_at)
values (%s, 1000, 100000, 50, %s, now() - interval '1 day', now() + interval '1 day')
"""


@pytest.fixture(scope="module")
def offer(shop):
    return shop.add_offer(stock=1000, price_poisha=100_000)


@pytest.fixture
def voucher(shop, request):
    code = f"V{abs(hash(request.node.name)) % 10**8}"
    shop.sql(VOUCHER, code, 2)
    return code


def test_a_use_given_back_frees_its_number_and_stays_as_a_row(run, open_api, settings, shop, offer, voucher):
    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            first = await buyer.place({offer: 1}, voucher_code=voucher)
            second = await buyer.place({offer: 1}, voucher_code=voucher)
            third = await buyer.place({offer: 1}, voucher_code=voucher)
            order_id = first.json()["orders"][0]["order_id"]
            cancelled = await buyer.client.post(f"/v1/orders/{order_id}/cancel", json={})
            again = await buyer.place({offer: 1}, voucher_code=voucher)
            return first, [second.status_code, third.status_code, cancelled.status_code, again.status_code]

    first, statuses = run(story())

    assert first.json()["total_poisha"] == 90_000 + 7_000
    assert statuses == [201, 409, 200, 201]
    rows = shop.sql(
        "select use_no, given_back_at is null from promotions.redemptions where code = %s order by redeemed_at", voucher
    )
    assert rows == [(1, False), (2, True), (1, True)]
    assert shop.sql("select redeemed from promotions.vouchers where code = %s", voucher) == [(2,)]


def test_giving_back_marks_the_row_as_changed(run, open_api, settings, shop, offer, voucher):
    """What the extract needs: the row is there, and its change marker has moved."""

    async def story():
        async with open_api(settings) as api:
            buyer = await api.buyer()
            placed = (await buyer.place({offer: 1}, voucher_code=voucher)).json()
            group_id = UUID(placed["group_id"])
            before = shop.sql("select changed_xid::text from promotions.redemptions where group_id = %s", group_id)
            await buyer.client.post(f"/v1/orders/{placed['orders'][0]['order_id']}/cancel", json={})
            return group_id, before

    group_id, before = run(story())

    after = shop.sql("select changed_xid::text from promotions.redemptions where group_id = %s", group_id)
    assert len(after) == 1
    assert int(after[0][0]) > int(before[0][0])
