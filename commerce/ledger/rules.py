"""Which entries each business fact makes. Pure: no I/O, no clock. Debit positive, credit negative; the sum is zero."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Entry:
    """One line of a transfer."""

    account: str
    amount_poisha: int
    order_id: UUID | None = None


@dataclass(frozen=True)
class OrderMoney:
    """Amounts of one seller's order that the ledger cares about."""

    order_id: UUID
    seller_id: UUID
    subtotal_poisha: int
    discount_poisha: int
    shipping_poisha: int
    commission_poisha: int
    vat_poisha: int
    seller_discount_poisha: int = 0

    @property
    def total_poisha(self) -> int:
        return self.subtotal_poisha - self.discount_poisha + self.shipping_poisha


def capture_entries(provider: str, shares: Mapping[UUID, int]) -> list[Entry]:
    """The provider holds the buyer's money; it is owed to escrow, order by order (order id → poisha)."""
    escrow = [Entry("escrow", -amount, order_id) for order_id, amount in shares.items()]
    return [Entry(f"provider_clearing:{provider}", sum(shares.values())), *escrow]


def delivery_entries(order: OrderMoney, source: str) -> list[Entry]:
    """Delivered: from escrow (prepaid) or from the courier's hands (cash) to seller, commission, VAT and shipping.

    Who funds a discount bears it: the seller gets the subtotal less the discounts of its own, commission and VAT on it.
    """
    due = order.subtotal_poisha - order.seller_discount_poisha - order.commission_poisha - order.vat_poisha
    entries = [
        Entry(source, order.total_poisha, order.order_id),
        Entry("promotion_expense", order.discount_poisha - order.seller_discount_poisha, order.order_id),
        Entry(f"seller_payable:{order.seller_id}", -due, order.order_id),
        Entry("commission", -order.commission_poisha, order.order_id),
        Entry("vat_payable", -order.vat_poisha, order.order_id),
        Entry("shipping_income", -order.shipping_poisha, order.order_id),
    ]
    return [entry for entry in entries if entry.amount_poisha != 0]


def refund_owed_entries(order: OrderMoney) -> list[Entry]:
    """A captured order is cancelled: its escrow is owed back to the buyer."""
    return [
        Entry("escrow", order.total_poisha, order.order_id),
        Entry("refund_clearing", -order.total_poisha, order.order_id),
    ]


def refund_paid_entries(provider: str, order_id: UUID, amount_poisha: int) -> list[Entry]:
    """The provider has returned the money."""
    return [
        Entry("refund_clearing", amount_poisha, order_id),
        Entry(f"provider_clearing:{provider}", -amount_poisha, order_id),
    ]
