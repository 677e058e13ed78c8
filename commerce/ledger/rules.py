"""Which entries each business fact makes. Pure: no I/O, no clock. Debit positive, credit negative; the sum is zero."""

from collections import defaultdict
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


def collected_entries(courier: str, order_id: UUID, amount_poisha: int) -> list[Entry]:
    """The courier has the buyer's cash; it is owed to escrow, as money paid in advance is."""
    return [Entry(f"courier_clearing:{courier}", amount_poisha, order_id), Entry("escrow", -amount_poisha, order_id)]


def due_to_seller(order: OrderMoney) -> int:
    """What the seller earns by an order: who funds a discount bears it, commission and VAT on it are the platform's."""
    return order.subtotal_poisha - order.seller_discount_poisha - order.commission_poisha - order.vat_poisha


def delivery_entries(order: OrderMoney, source: str, *, reserve_poisha: int = 0) -> list[Entry]:
    """Released: from escrow to seller (a part of it in reserve), commission, VAT and shipping."""
    due = due_to_seller(order) - reserve_poisha
    entries = [
        Entry(source, order.total_poisha, order.order_id),
        Entry("promotion_expense", order.discount_poisha - order.seller_discount_poisha, order.order_id),
        Entry(f"seller_payable:{order.seller_id}", -due, order.order_id),
        Entry(f"seller_reserve:{order.seller_id}", -reserve_poisha, order.order_id),
        Entry("commission", -order.commission_poisha, order.order_id),
        Entry("vat_payable", -order.vat_poisha, order.order_id),
        Entry("shipping_income", -order.shipping_poisha, order.order_id),
    ]
    return [entry for entry in entries if entry.amount_poisha != 0]


def clawback_entries(before: OrderMoney, after: OrderMoney) -> list[Entry]:
    """A part of a released order is given back: what was paid out for it returns to escrow, also from the seller."""
    change: dict[str, int] = defaultdict(int)
    for entry in delivery_entries(after, "escrow"):
        change[entry.account] += entry.amount_poisha
    for entry in delivery_entries(before, "escrow"):
        change[entry.account] -= entry.amount_poisha
    return [Entry(account, amount, before.order_id) for account, amount in sorted(change.items()) if amount != 0]


def refund_owed_entries(order_id: UUID, amount_poisha: int, *, is_cash: bool = False) -> list[Entry]:
    """Money in escrow is owed back to the buyer: through the provider that took it, or, for cash, by a transfer."""
    owed_on = "buyer_refund_payable" if is_cash else "refund_clearing"
    return [Entry("escrow", amount_poisha, order_id), Entry(owed_on, -amount_poisha, order_id)]


def reserve_entries(seller_id: UUID, order_id: UUID, amount_poisha: int) -> list[Entry]:
    """The time of a reserve is over: it is the seller's."""
    return [
        Entry(f"seller_reserve:{seller_id}", amount_poisha, order_id),
        Entry(f"seller_payable:{seller_id}", -amount_poisha, order_id),
    ]


def refund_paid_entries(provider: str, order_id: UUID, amount_poisha: int) -> list[Entry]:
    """The provider has returned the money, or our bank has sent it to a buyer who had paid cash."""
    if provider == "cod":
        return [Entry("buyer_refund_payable", amount_poisha, order_id), Entry("bank", -amount_poisha, order_id)]
    return [
        Entry("refund_clearing", amount_poisha, order_id),
        Entry(f"provider_clearing:{provider}", -amount_poisha, order_id),
    ]


def payout_entries(seller_id: UUID, amount_poisha: int, *, source: str, target: str) -> list[Entry]:
    """A seller's money on its way: from payable to clearing, to the bank, or back."""
    names = {"seller_payable": f"seller_payable:{seller_id}"}
    return [
        Entry(names.get(source, source), amount_poisha),
        Entry(names.get(target, target), -amount_poisha),
    ]
