"""What promotions give: sums exact, caps and scopes kept, stacking checked, each one funded by whom it says."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.promotions.rules import (
    BasketLine,
    VoucherNeedsMore,
    VoucherNotNow,
    VoucherNotTogether,
    VoucherUnknown,
    VoucherUsedByYou,
    VoucherUsedUp,
    check_voucher,
    funded_by_seller,
    may_enter,
    price_basket,
)

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SELLERS = [UUID(int=number) for number in range(1, 4)]


def voucher(**changes):
    return {
        "code": "V", "kind": "percent", "discount_bp": 1_000, "amount_poisha": 0, "max_discount_poisha": 5_000,
        "min_subtotal_poisha": 0, "limit_total": 10, "limit_per_buyer": 1, "redeemed": 0, "used": 0,
        "platform_bp": 10_000, "stack_group": "basket", "scope_seller_id": None, "scope_category": None,
        "starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=1), **changes,
    }  # fmt: skip


def line(number=1, *, seller=0, category="Grocery > Rice", quantity=1, subtotal=10_000):
    return BasketLine(UUID(int=1000 + number), SELLERS[seller], category, quantity, subtotal)


def price(lines, *vouchers, bundles=(), fee=7_000):
    shipping = dict.fromkeys({one.seller_id for one in lines}, fee)
    return price_basket(lines, bundles=bundles, vouchers=vouchers, shipping=shipping)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (None, VoucherUnknown), ({"ends_at": NOW}, VoucherNotNow), ({"starts_at": NOW + timedelta(seconds=1)}, VoucherNotNow),
        ({"redeemed": 10}, VoucherUsedUp), ({"used": 1}, VoucherUsedByYou),
    ],
)  # fmt: skip
def test_a_voucher_that_cannot_be_used_says_why(changes, error):
    with pytest.raises(error):
        check_voucher(None if changes is None else voucher(**changes), "V", now=NOW)


def test_percent_and_fixed_up_to_their_caps():
    assert price([line()], voucher())[0].amount_poisha == 1_000
    assert price([line(subtotal=1_000_000)], voucher())[0].amount_poisha == 5_000
    fixed = voucher(kind="fixed", amount_poisha=3_000)
    assert price([line()], fixed)[0].amount_poisha == 3_000
    assert price([line(subtotal=2_000)], fixed)[0].amount_poisha == 2_000


def test_scope_is_the_seller_or_the_category_with_all_below_it():
    lines = [line(1, seller=0, subtotal=10_000), line(2, seller=1, category="Grocery > Ricex", subtotal=20_000)]
    assert price(lines, voucher(scope_seller_id=SELLERS[1]))[0].by_line == (0, 2_000)
    assert price(lines, voucher(scope_category="Grocery > Rice"))[0].by_line == (1_000, 0)
    assert price(lines, voucher(scope_category="Grocery"))[0].by_line == (1_000, 2_000)
    with pytest.raises(VoucherNeedsMore):
        price(lines, voucher(scope_category="Toys"))
    with pytest.raises(VoucherNeedsMore):
        price(lines, voucher(scope_seller_id=SELLERS[0], min_subtotal_poisha=10_001))


def test_vouchers_of_one_group_do_not_combine_and_others_work_on_what_is_left():
    with pytest.raises(VoucherNotTogether):
        price([line()], voucher(), voucher(code="W"))
    first, second = price([line()], voucher(), voucher(code="W", stack_group="seller", platform_bp=0))
    assert (first.amount_poisha, second.amount_poisha) == (1_000, 900)
    assert funded_by_seller([first, second], 0) == 900


def test_free_delivery_for_the_sellers_meant_up_to_the_cap():
    lines = [line(1, seller=0), line(2, seller=1)]
    free = voucher(kind="free_shipping", max_discount_poisha=10_000)
    assert sorted(price(lines, free)[0].by_shipping.values()) == [5_000, 5_000]
    own = voucher(kind="free_shipping", max_discount_poisha=10_000, scope_seller_id=SELLERS[1])
    assert price(lines, own)[0].by_shipping == {SELLERS[1]: 7_000}


def test_a_bundle_counts_complete_sets_only():
    lines = [line(1, quantity=5, subtotal=5_000), line(2, quantity=2, subtotal=4_000)]
    bundle = {
        "code": "B", "discount_bp": 1_000, "platform_bp": 0,
        "items": {str(lines[0].offer_id): 2, str(lines[1].offer_id): 1},
    }  # fmt: skip
    assert price(lines, bundles=[bundle])[0].by_line == (400, 400)
    assert price(lines[:1], bundles=[bundle]) == []


baskets = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 9), st.integers(1, 1_000_000)), min_size=1, max_size=8
).map(lambda rows: [line(n, seller=s, quantity=q, subtotal=q * p) for n, (s, q, p) in enumerate(rows)])
offers = st.lists(
    st.builds(
        voucher,
        kind=st.sampled_from(["percent", "fixed", "free_shipping"]),
        discount_bp=st.integers(0, 10_000),
        amount_poisha=st.integers(0, 2_000_000),
        max_discount_poisha=st.integers(0, 3_000_000),
        platform_bp=st.integers(0, 10_000),
    ),
    max_size=4,
)


@given(baskets, offers)
def test_nothing_costs_less_than_nothing_and_every_poisha_has_a_funder(lines, vouchers):
    vouchers = [one | {"code": f"V{n}", "stack_group": f"g{n}"} for n, one in enumerate(vouchers)]
    given_all = price(lines, *vouchers)

    for number, one in enumerate(lines):
        total = sum(offered.by_line[number] for offered in given_all)
        assert 0 <= total <= one.subtotal_poisha
        assert 0 <= funded_by_seller(given_all, number) <= total
    waived = {seller: sum(o.by_shipping.get(seller, 0) for o in given_all) for seller in SELLERS}
    assert all(0 <= amount <= 7_000 for amount in waived.values())
    assert all(o.amount_poisha <= v["max_discount_poisha"] for o, v in zip(given_all, vouchers, strict=True))


def test_the_queue_admits_a_crowd_at_once_and_then_so_many_a_second():
    assert may_enter(50, at_once=50, per_second=10, open_seconds=0) == 0
    assert may_enter(70, at_once=50, per_second=10, open_seconds=0) == 2
    assert may_enter(70, at_once=50, per_second=10, open_seconds=2) == 0
