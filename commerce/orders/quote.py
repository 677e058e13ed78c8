"""What a checkout costs now: lines at today's prices, flash prices, bundles, vouchers, delivery, split by seller.

Not here: writing anything (see `place`); what promotions give (`commerce.promotions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.context import Commerce
from commerce.orders.rules import PricedLine, SellerOrder, shipping_fee, split_by_seller
from commerce.orders.schemas import BasketRequest, Discount, QuoteAnswer, QuotedLine, QuotedOrder
from commerce.promotions import use_cases as promotions
from commerce.promotions.flash import FlashSoldOut, Slot, check_turn
from commerce.promotions.rules import BasketLine, Given
from foundation.database import Connection, fetch_all
from foundation.errors import Conflict, InvalidInput
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)
CART = load_statements(__file__, "../cart/queries.sql")
FLASH = load_statements(__file__, "../promotions/flash.sql")


class OfferGone(Conflict):
    code = "offer-gone"
    message = "Something in the order is no longer sold. Look at the cart again."


class CartEmpty(InvalidInput):
    code = "cart-empty"
    message = "There is nothing to order: put something in the cart or send lines."


class TotalChanged(Conflict):
    code = "total-changed"
    message = "The total is now {total_poisha} poisha: prices have changed. Look at the order again and confirm."


@dataclass(frozen=True)
class Quote:
    """A checkout with today's prices."""

    group_id: UUID
    placed_at: datetime
    orders: tuple[SellerOrder, ...]
    lines: tuple[PricedLine, ...]
    given: tuple[Given, ...]
    #: Lines bought at a flash price: offer → slot.
    flash: Mapping[UUID, Slot]

    @property
    def subtotal_poisha(self) -> int:
        return sum(line.subtotal_poisha for line in self.lines)

    @property
    def discount_poisha(self) -> int:
        return sum(order.discount_poisha for order in self.orders)

    @property
    def shipping_poisha(self) -> int:
        return sum(order.shipping_poisha for order in self.orders)

    @property
    def total_poisha(self) -> int:
        return self.subtotal_poisha - self.discount_poisha + self.shipping_poisha


async def make_quote(commerce: Commerce, connection: Connection, buyer_id: UUID, request: BasketRequest) -> Quote:
    """Price what is in the request, or in the buyer's cart.

    Raises:
        CartEmpty, OfferGone, VoucherRefused, FlashCapReached, NotYourTurn, FlashSoldOut;
        TotalChanged: the total is not the one expected.
    """
    wanted = await _wanted(connection, buyer_id, request)
    rows = await fetch_all(connection, SQL["price_lines"], offer_ids=list(wanted), quantities=list(wanted.values()))
    lines = [PricedLine(**row) for row in rows]
    if len(lines) != len(wanted):
        found = {line.offer_id for line in lines}
        raise OfferGone(offer_ids=[str(offer) for offer in wanted if offer not in found])
    now = commerce.clock()
    offered = await promotions.look(connection, buyer_id=buyer_id, offer_ids=list(wanted), codes=request.codes, now=now)
    flash = await _flash(connection, lines, offered.slots, request, now=now)
    lines = [line.at_price(flash[line.offer_id].price_poisha) if line.offer_id in flash else line for line in lines]
    fee = shipping_fee(request.address.district_code)
    basket = [BasketLine(line.offer_id, line.seller_id, "", line.quantity, line.subtotal_poisha) for line in lines]
    fees = dict.fromkeys({line.seller_id for line in lines}, fee)
    given = await promotions.price(connection, offered, basket, shipping=fees)
    orders = split_by_seller(lines, given=given, shipping=fees)
    quote = Quote(uuid7(), now, tuple(orders), tuple(lines), tuple(given), flash)
    if request.expected_total_poisha not in {None, quote.total_poisha}:
        raise TotalChanged(total_poisha=quote.total_poisha)
    return quote


async def _wanted(connection: Connection, buyer_id: UUID, request: BasketRequest) -> dict[UUID, int]:
    wanted: dict[UUID, int] = {}
    if request.lines is None:
        rows = await fetch_all(connection, CART["cart_quantities"], buyer_id=buyer_id)
        wanted = {row["offer_id"]: row["quantity"] for row in rows}
    else:
        for line in request.lines:
            wanted[line.offer_id] = wanted.get(line.offer_id, 0) + line.quantity
    if not wanted:
        raise CartEmpty
    return wanted


async def _flash(
    connection: Connection,
    lines: list[PricedLine],
    slots: Mapping[UUID, Slot],
    request: BasketRequest,
    *,
    now: datetime,
) -> dict[UUID, Slot]:
    """Slots that the lines are bought from. A slot that is sold out gives the usual price, to whom expects that total."""
    if not slots:
        return {}
    rows = await fetch_all(connection, FLASH["left_of"], ids=[slot.slot_id for slot in slots.values()])
    left = {row["id"]: row["quantity"] for row in rows}
    bought: dict[UUID, Slot] = {}
    for line in lines:
        slot = slots.get(line.offer_id)
        if slot is None:
            continue
        if left.get(slot.slot_id, 0) >= line.quantity:
            check_turn(slot, line.quantity, now=now)
            bought[line.offer_id] = slot
        elif request.expected_total_poisha is None:
            raise FlashSoldOut
    return bought


async def quote(commerce: Commerce, buyer_id: UUID, request: BasketRequest) -> QuoteAnswer:
    """What an order would cost now; nothing is written.

    Raises:
        As `make_quote`.
    """
    async with commerce.database.connection() as connection:
        made = await make_quote(commerce, connection, buyer_id, request)
    return QuoteAnswer(
        subtotal_poisha=made.subtotal_poisha,
        discount_poisha=made.discount_poisha,
        shipping_poisha=made.shipping_poisha,
        total_poisha=made.total_poisha,
        discounts=[Discount(code=one.code, kind=one.kind, amount_poisha=one.amount_poisha) for one in made.given],
        orders=[_quoted(order, made) for order in made.orders],
    )


def _quoted(order: SellerOrder, made: Quote) -> QuotedOrder:
    return QuotedOrder(
        seller_id=order.seller_id,
        seller_name=order.seller_name,
        shipping_poisha=order.shipping_poisha,
        total_poisha=order.total_poisha,
        lines=[
            QuotedLine(
                offer_id=split.line.offer_id,
                quantity=split.line.quantity,
                price_poisha=split.line.price_poisha,
                discount_poisha=split.discount_poisha,
                total_poisha=split.total_poisha,
                is_flash=split.line.offer_id in made.flash,
            )
            for split in order.lines
        ],
    )
