"""Pure decisions about orders: states, totals, the split by seller. No I/O, no clock, no database."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from commerce.ledger.rules import OrderMoney
from commerce.promotions.rules import Given, funded_by_seller
from foundation.errors import Conflict
from foundation.money import share

# From a state to those it may change to. Anything else is an error.
TRANSITIONS: Mapping[str, frozenset[str]] = {
    "pending_payment": frozenset({"placed", "on_hold", "cancelled"}),
    "on_hold": frozenset({"placed", "cancelled"}),
    "placed": frozenset({"shipped", "cancelled"}),
    "shipped": frozenset({"delivered", "refused"}),
    "delivered": frozenset(),
    "refused": frozenset(),
    "cancelled": frozenset(),
}
# VAT on the platform's commission, a service: standard rate of the VAT and Supplementary Duty Act 2012.
VAT_BP = 1500
# Delivery fee of one seller's parcel: inside Dhaka, elsewhere (Pathao's public tariff of 2023 for half a kilogram).
SHIPPING_POISHA = {"dhaka": 7_000, "elsewhere": 12_000}
DHAKA_DISTRICT = "BD-13"


class IllegalTransition(Conflict):
    code = "illegal-transition"
    message = "An order that is {from_status} cannot become {to_status}."


@dataclass(frozen=True)
class PricedLine:
    """One line of a checkout with the price of now."""

    offer_id: UUID
    product_id: UUID
    seller_id: UUID
    quantity: int
    price_poisha: int
    commission_bp: int
    seller_name: str = ""

    @property
    def subtotal_poisha(self) -> int:
        return self.quantity * self.price_poisha

    def at_price(self, price_poisha: int) -> "PricedLine":
        """The same line at a flash price."""
        return replace(self, price_poisha=price_poisha)


@dataclass(frozen=True)
class SplitLine:
    """A line of a seller's order with its share of the discounts and the part of it that the seller bears."""

    line: PricedLine
    discount_poisha: int
    seller_discount_poisha: int = 0

    @property
    def total_poisha(self) -> int:
        return self.line.subtotal_poisha - self.discount_poisha


@dataclass(frozen=True)
class SellerOrder:
    """What one seller fulfils of a checkout. Commission and its VAT are frozen here."""

    seller_id: UUID
    lines: tuple[SplitLine, ...]
    shipping_poisha: int

    @property
    def seller_name(self) -> str:
        return self.lines[0].line.seller_name

    @property
    def subtotal_poisha(self) -> int:
        return sum(split.line.subtotal_poisha for split in self.lines)

    @property
    def discount_poisha(self) -> int:
        return sum(split.discount_poisha for split in self.lines)

    @property
    def total_poisha(self) -> int:
        return self.subtotal_poisha - self.discount_poisha + self.shipping_poisha

    @property
    def seller_discount_poisha(self) -> int:
        return sum(split.seller_discount_poisha for split in self.lines)

    @property
    def commission_poisha(self) -> int:
        """On what the goods bring the seller: discounts that the platform bears do not lower it."""
        return sum(
            share(split.line.subtotal_poisha - split.seller_discount_poisha, split.line.commission_bp)
            for split in self.lines
        )

    @property
    def vat_poisha(self) -> int:
        return share(self.commission_poisha, VAT_BP)


def check_transition(from_status: str, to_status: str) -> None:
    """Allow a change of state.

    Raises:
        IllegalTransition: the state machine has no such arrow.
    """
    if to_status not in TRANSITIONS[from_status]:
        raise IllegalTransition(from_status=from_status, to_status=to_status)


def split_by_seller(
    lines: Sequence[PricedLine], *, given: Sequence[Given], shipping: Mapping[UUID, int]
) -> list[SellerOrder]:
    """Seller orders of a checkout, in order of seller id: its discounts by line, its delivery fee less what is waived."""
    by_seller: dict[UUID, list[SplitLine]] = defaultdict(list)
    for number, line in enumerate(lines):
        discount = sum(one.by_line[number] for one in given)
        by_seller[line.seller_id].append(SplitLine(line, discount, funded_by_seller(given, number)))
    return [
        SellerOrder(seller, tuple(by_seller[seller]), fee - sum(one.by_shipping.get(seller, 0) for one in given))
        for seller, fee in sorted(shipping.items())
    ]


def shipping_fee(district_code: str | None) -> int:
    """Delivery fee in poisha for one parcel to a district."""
    return SHIPPING_POISHA["dhaka" if district_code == DHAKA_DISTRICT else "elsewhere"]


def status_at_placement(payment_method: str, action: str) -> str:
    """State a new order starts in: prepaid waits for the money, a doubtful one for the fraud team."""
    if payment_method != "cod":
        return "pending_payment"
    return "on_hold" if action == "review" else "placed"


class NothingLeft(Conflict):
    code = "nothing-left"
    message = "Of line {line_no} there is not so much left. Look at the order again."


@dataclass(frozen=True)
class Reversed:
    """Amounts that were taken back of an order."""

    subtotal_poisha: int = 0
    discount_poisha: int = 0
    shipping_poisha: int = 0

    @property
    def total_poisha(self) -> int:
        return self.subtotal_poisha - self.discount_poisha + self.shipping_poisha


def first_parts(amount_poisha: int, pieces: int, taken: int) -> int:
    """Worth of the first `taken` of equal pieces, shared by largest remainder: all of them are worth the amount exactly."""
    whole, rest = divmod(amount_poisha, pieces)
    return taken * whole + min(taken, rest)


def part_of_line(line: Mapping[str, Any], quantity: int) -> Reversed:
    """Worth of the next `quantity` pieces of a line of which some were taken back before.

    Raises:
        NothingLeft: more than is left, or nothing.
    """
    pieces, taken = line["quantity"], line["taken_quantity"]
    if not 0 < quantity <= pieces - taken:
        raise NothingLeft(line_no=line["line_no"])

    def next_parts(amount_poisha: int) -> int:
        return first_parts(amount_poisha, pieces, taken + quantity) - first_parts(amount_poisha, pieces, taken)

    total = next_parts(line["subtotal_poisha"] - line["discount_poisha"])
    subtotal = next_parts(line["subtotal_poisha"])
    return Reversed(subtotal, subtotal - total)


def kept_money(order: Mapping[str, Any], reversed_: Reversed) -> OrderMoney:
    """Amounts of an order without what was taken back: the seller's discount, commission and VAT shrink in proportion.

    The proportions are of the order as it was placed, so that the parts given back one by one sum to the whole.
    """

    def shrunk(amount: int, part: int, whole: int) -> int:
        return amount - (amount * part // whole if whole else 0)

    subtotal, discount = order["subtotal_poisha"], order["discount_poisha"]
    commission = shrunk(order["commission_poisha"], reversed_.subtotal_poisha, subtotal)
    return OrderMoney(
        order_id=order["id"],
        seller_id=order["seller_id"],
        subtotal_poisha=subtotal - reversed_.subtotal_poisha,
        discount_poisha=discount - reversed_.discount_poisha,
        shipping_poisha=order["shipping_poisha"] - reversed_.shipping_poisha,
        commission_poisha=commission,
        vat_poisha=shrunk(order["vat_poisha"], order["commission_poisha"] - commission, order["commission_poisha"]),
        seller_discount_poisha=shrunk(order["seller_discount_poisha"], reversed_.discount_poisha, discount),
    )
