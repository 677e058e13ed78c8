"""Orders: the state machine has no way back, the split by seller sums to the checkout."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commerce.ledger.rules import (
    Entry,
    OrderMoney,
    capture_entries,
    delivery_entries,
    refund_owed_entries,
    refund_paid_entries,
)
from commerce.orders.rules import TRANSITIONS, IllegalTransition, PricedLine, check_transition, split_by_seller
from commerce.promotions.rules import Given
from foundation.ids import uuid7
from foundation.money import apportion

SELLERS = [UUID(int=number) for number in range(1, 5)]
lines = st.lists(
    st.builds(
        PricedLine,
        offer_id=st.builds(uuid7),
        product_id=st.builds(uuid7),
        seller_id=st.sampled_from(SELLERS),
        quantity=st.integers(1, 50),
        price_poisha=st.integers(1, 10_000_000),
        commission_bp=st.integers(0, 5_000),
    ),
    min_size=1,
    max_size=20,
)


def split(lines, discount, shipping):
    """A discount of which the platform bears 30 %, shared out over all lines."""
    offered = Given("V", "fixed", tuple(apportion(discount, [line.subtotal_poisha for line in lines])), 3_000)
    return split_by_seller(lines, given=[offered], shipping=dict.fromkeys({line.seller_id for line in lines}, shipping))


@given(lines, st.integers(0, 1_000_000), st.integers(0, 20_000))
def test_split_sums_to_the_checkout(lines, discount, shipping):
    subtotal = sum(line.subtotal_poisha for line in lines)
    discount = min(discount, subtotal)

    orders = split(lines, discount, shipping)

    assert sum(order.subtotal_poisha for order in orders) == subtotal
    assert sum(order.discount_poisha for order in orders) == discount
    assert sum(order.total_poisha for order in orders) == subtotal - discount + shipping * len(orders)
    assert [order.seller_id for order in orders] == sorted({line.seller_id for line in lines})
    assert all(order.commission_poisha <= order.subtotal_poisha for order in orders)


@given(lines, st.integers(0, 1_000_000), st.integers(0, 20_000))
def test_every_posting_sums_to_zero_and_escrow_empties(lines, discount, shipping):
    discount = min(discount, sum(line.subtotal_poisha for line in lines))
    orders = split(lines, discount, shipping)
    moneys = [
        OrderMoney(
            uuid7(),
            o.seller_id,
            o.subtotal_poisha,
            o.discount_poisha,
            o.shipping_poisha,
            o.commission_poisha,
            o.vat_poisha,
            o.seller_discount_poisha,
        )
        for o in orders
    ]
    captured = capture_entries("bkash", {money.order_id: money.total_poisha for money in moneys})
    everything: list[Entry] = list(captured)
    for number, money in enumerate(moneys):
        if number % 2:
            ends = [
                *refund_owed_entries(money.order_id, money.total_poisha),
                *refund_paid_entries("bkash", money.order_id, money.total_poisha),
            ]
        else:
            ends = delivery_entries(money, "escrow")
        assert sum(entry.amount_poisha for entry in ends) == 0
        everything += ends

    assert sum(entry.amount_poisha for entry in captured) == 0
    for money in moneys:
        held = sum(e.amount_poisha for e in everything if e.account == "escrow" and e.order_id == money.order_id)
        assert held == 0
    assert sum(e.amount_poisha for e in everything if e.account == "refund_clearing") == 0


def test_ended_orders_never_move_again():
    for ended in ("delivered", "refused", "cancelled"):
        for state in TRANSITIONS:
            with pytest.raises(IllegalTransition):
                check_transition(ended, state)


def test_nothing_is_delivered_that_was_not_shipped_and_paid():
    assert "delivered" not in TRANSITIONS["placed"]
    assert "shipped" not in TRANSITIONS["pending_payment"]
    check_transition("placed", "shipped")
