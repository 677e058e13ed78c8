"""Use case: place an order. One commit writes stock, orders, decision, payment attempt, voucher, outbox, answer.

Before it: price the lines and ask for a fraud decision (deadline, rules as fallback). Not here: talking to a payment
provider; checkout depends on PostgreSQL alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from commerce.context import Commerce
from commerce.inventory import use_cases as inventory
from commerce.orders.quote import Quote, make_quote
from commerce.orders.rules import status_at_placement
from commerce.orders.schemas import Discount, OrderSummary, PaymentAnswer, PlacedOrder, PlaceOrderRequest
from commerce.payments import use_cases as payments
from commerce.promotions import flash
from commerce.promotions import use_cases as promotions
from commerce.risk import use_cases as risk
from commerce.risk.schemas import DecisionAnswer
from foundation.database import Connection, execute
from foundation.errors import Forbidden
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.security.tokens import Principal
from foundation.statements import load_statements
from foundation.web.idempotency import Claim, StoredAnswer, claim_key, find_answer, store_answer

SQL = load_statements(__file__)
CART = load_statements(__file__, "../cart/queries.sql")


class OrderDeclined(Forbidden):
    code = "order-declined"
    message = "We cannot accept this order. Write to support if you think that is wrong."


async def place_order(
    commerce: Commerce, buyer: Principal, request: PlaceOrderRequest, claim: Claim, *, locale: str
) -> StoredAnswer:
    """Place an order once; the answer is stored under the idempotency key.

    Raises:
        OutOfStock, OrderDeclined, KeyReused, StillRunning, and all that `make_quote` raises.
    """
    async with commerce.database.connection() as connection:
        stored = await find_answer(connection, claim)
        if stored is not None:
            return _told(stored)
        quote = await make_quote(commerce, connection, buyer.user_id, request)
        subject = await risk.describe_buyer(connection, buyer.user_id)
    footprint = risk.Footprint.of(commerce.cipher, request)
    decision = await risk.decide(commerce, quote, request, footprint=footprint, buyer=subject, locale=locale)
    async with commerce.database.batch() as connection:
        twin = await claim_key(connection, claim)
        if twin is not None:
            return _told(twin)
        answer = await _write(commerce, connection, buyer.user_id, request, Checkout(quote, footprint, decision))
        await store_answer(connection, claim, answer)
    return _told(answer)


def _told(answer: StoredAnswer) -> StoredAnswer:
    """The answer; a refusal is told as the same error each time it is asked for.

    Raises:
        OrderDeclined.
    """
    if answer.status_code == OrderDeclined.status:
        raise OrderDeclined(reasons=orjson.loads(answer.body))
    return answer


@dataclass(frozen=True)
class Checkout:
    """All that is known when the transaction starts."""

    quote: Quote
    footprint: "risk.Footprint"
    decision: DecisionAnswer


async def _write(
    commerce: Commerce, connection: Connection, buyer_id: UUID, request: PlaceOrderRequest, checkout: Checkout
) -> StoredAnswer:
    quote, decision = checkout.quote, checkout.decision
    if decision.action == "decline":
        await risk.keep_decision(connection, quote.group_id, decision, checkout.footprint.features)
        return StoredAnswer(OrderDeclined.status, orjson.dumps([reason.text for reason in decision.reasons]))
    status = status_at_placement(request.payment_method, decision.action)
    order_ids = [uuid7() for _ in quote.orders]
    expiry = timedelta(minutes=commerce.settings.payment_expiry_minutes)
    expires_at = quote.placed_at + expiry if status == "pending_payment" else None
    hubs = await _reserve(connection, request, quote, order_ids, expires_at=expires_at)
    hubs |= await _buy_flash(connection, buyer_id, quote, order_ids, expires_at=expires_at)
    for given in quote.given:
        if given.kind != "bundle":
            await promotions.redeem(
                connection, given.code, buyer_id=buyer_id, group_id=quote.group_id, discount_poisha=given.amount_poisha
            )
    await _insert_group(commerce, connection, buyer_id, request, Placing(checkout, order_ids, hubs, status))
    await risk.keep_decision(connection, quote.group_id, decision, checkout.footprint.features)
    payment = await _open_payment(commerce, connection, request, checkout, order_ids=order_ids)
    if request.lines is None:
        await execute(connection, CART["clear"], buyer_id=buyer_id)
    placed = _answer(quote, decision, order_ids, status=status, payment=payment)
    await record_events(connection, [_placed_event(buyer_id, request, checkout, order_ids)])
    return StoredAnswer(201, placed.model_dump_json().encode())


@dataclass(frozen=True)
class Placing:
    """A checkout whose goods are reserved."""

    checkout: Checkout
    order_ids: list[UUID]
    hubs: dict[UUID, UUID]
    status: str


async def _reserve(
    connection: Connection,
    request: PlaceOrderRequest,
    quote: Quote,
    order_ids: list[UUID],
    *,
    expires_at: datetime | None,
) -> dict[UUID, UUID]:
    lines = [
        inventory.Wanted(order_id, split.line.offer_id, split.line.quantity)
        for order_id, order in zip(order_ids, quote.orders, strict=True)
        for split in order.lines
        if split.line.offer_id not in quote.flash
    ]
    if not lines:
        return {}
    return await inventory.reserve(
        connection, lines, district_code=request.address.district_code, expires_at=expires_at
    )


async def _buy_flash(
    connection: Connection, buyer_id: UUID, quote: Quote, order_ids: list[UUID], *, expires_at: datetime | None
) -> dict[UUID, UUID]:
    """Lines at a flash price, in the order of their offers so that no two checkouts wait for each other in a ring."""
    bought = sorted(
        (split.line.offer_id, order_id, split.line.quantity)
        for order_id, order in zip(order_ids, quote.orders, strict=True)
        for split in order.lines
        if split.line.offer_id in quote.flash
    )
    return {
        offer_id: await flash.buy(
            connection, quote.flash[offer_id], buyer_id=buyer_id, group_id=quote.group_id, order_id=order_id,
            quantity=quantity, expires_at=expires_at,
        )
        for offer_id, order_id, quantity in bought
    }  # fmt: skip


async def _insert_group(
    commerce: Commerce, connection: Connection, buyer_id: UUID, request: PlaceOrderRequest, placing: Placing
) -> None:
    checkout, quote = placing.checkout, placing.checkout.quote
    address = f"{request.address.line}\n{request.address.phone}"
    await execute(
        connection,
        SQL["add_group"],
        id=quote.group_id,
        number=group_number(quote.group_id),
        buyer_id=buyer_id,
        channel=request.channel,
        payment_method=request.payment_method,
        district_code=request.address.district_code,
        address_encrypted=commerce.cipher.encrypt(address, "orders.order_groups.address").hex(),
        device_index=checkout.footprint.device_index,
        phone_index=checkout.footprint.phone_index,
        voucher_code=next(iter(request.codes), None),
        subtotal_poisha=quote.subtotal_poisha,
        discount_poisha=quote.discount_poisha,
        shipping_poisha=quote.shipping_poisha,
        total_poisha=quote.total_poisha,
        placed_at=quote.placed_at,
        status=placing.status,
        **_order_columns(quote, placing.order_ids, placing.hubs),
        **_line_columns(quote, placing.order_ids),
    )


def _order_columns(quote: Quote, order_ids: list[UUID], hubs: dict[UUID, UUID]) -> dict[str, list[Any]]:
    """Columns of the sellers' orders, one list a column."""
    return {
        "order_ids": order_ids,
        "seller_ids": [order.seller_id for order in quote.orders],
        "hub_ids": [hubs[order.lines[0].line.offer_id] for order in quote.orders],
        "subtotals": [order.subtotal_poisha for order in quote.orders],
        "discounts": [order.discount_poisha for order in quote.orders],
        "shippings": [order.shipping_poisha for order in quote.orders],
        "commissions": [order.commission_poisha for order in quote.orders],
        "vats": [order.vat_poisha for order in quote.orders],
        "seller_discounts": [order.seller_discount_poisha for order in quote.orders],
    }


def _line_columns(quote: Quote, order_ids: list[UUID]) -> dict[str, list[Any]]:
    """Columns of all lines, one list a column."""
    flat = [
        (order_id, number, split)
        for order_id, order in zip(order_ids, quote.orders, strict=True)
        for number, split in enumerate(order.lines, start=1)
    ]
    return {
        "line_order_ids": [order_id for order_id, _, _ in flat],
        "line_nos": [number for _, number, _ in flat],
        "line_offer_ids": [split.line.offer_id for _, _, split in flat],
        "line_product_ids": [split.line.product_id for _, _, split in flat],
        "line_quantities": [split.line.quantity for _, _, split in flat],
        "line_subtotals": [split.line.subtotal_poisha for _, _, split in flat],
        "line_discounts": [split.discount_poisha for _, _, split in flat],
    }


def group_number(group_id: UUID) -> str:
    """Number people read on the phone: G and 12 characters of the identifier's random part."""
    return f"G{group_id.hex[8:12]}{group_id.hex[-8:]}".upper()


async def _open_payment(
    commerce: Commerce,
    connection: Connection,
    request: PlaceOrderRequest,
    checkout: Checkout,
    *,
    order_ids: list[UUID],
) -> PaymentAnswer | None:
    quote = checkout.quote
    if request.payment_method == "cod":
        amounts = [order.total_poisha for order in quote.orders]
        await payments.open_cash_attempts(connection, quote.group_id, order_ids, amounts)
        return None
    shares = {order_id: order.total_poisha for order_id, order in zip(order_ids, quote.orders, strict=True)}
    attempt_id = await payments.open_attempt(
        connection, quote.group_id, request.payment_method, shares, payer_index=checkout.footprint.payer_index
    )
    url = f"{commerce.settings.gateway}/v1/payments/{attempt_id}/redirect"
    return PaymentAnswer(attempt_id=attempt_id, provider=request.payment_method, state="created", redirect_url=url)


def _answer(
    quote: Quote,
    decision: DecisionAnswer,
    order_ids: list[UUID],
    *,
    status: str,
    payment: PaymentAnswer | None,
) -> PlacedOrder:
    return PlacedOrder(
        group_id=quote.group_id,
        number=group_number(quote.group_id),
        status=status,
        placed_at=quote.placed_at,
        subtotal_poisha=quote.subtotal_poisha,
        discount_poisha=quote.discount_poisha,
        shipping_poisha=quote.shipping_poisha,
        total_poisha=quote.total_poisha,
        discounts=[Discount(code=one.code, kind=one.kind, amount_poisha=one.amount_poisha) for one in quote.given],
        orders=[
            OrderSummary(
                order_id=order_id,
                seller_id=order.seller_id,
                seller_name=order.seller_name,
                status=status,
                total_poisha=order.total_poisha,
            )
            for order_id, order in zip(order_ids, quote.orders, strict=True)
        ],
        decision=decision,
        payment=payment,
    )


def _placed_event(buyer_id: UUID, request: PlaceOrderRequest, checkout: Checkout, order_ids: list[UUID]) -> NewEvent:
    quote, decision, footprint = checkout.quote, checkout.decision, checkout.footprint
    return NewEvent(
        topic="order_group",
        aggregate_id=quote.group_id,
        event_type="order.placed",
        payload={
            "group_id": str(quote.group_id),
            "number": group_number(quote.group_id),
            "buyer_id": str(buyer_id),
            "channel": request.channel,
            "payment_method": request.payment_method,
            "district_code": request.address.district_code,
            "device_index": footprint.device_index,
            "phone_index": footprint.phone_index,
            "payer_index": footprint.payer_index,
            "voucher_code": next(iter(request.codes), None),
            "subtotal_poisha": quote.subtotal_poisha,
            "discount_poisha": quote.discount_poisha,
            "shipping_poisha": quote.shipping_poisha,
            "total_poisha": quote.total_poisha,
            "item_count": sum(line.quantity for line in quote.lines),
            "seller_count": len(quote.orders),
            "max_line_poisha": max(line.subtotal_poisha for line in quote.lines),
            "placed_at": quote.placed_at.isoformat(),
            "decision": decision.model_dump(include={"action", "score", "source", "model_version"}),
            "orders": [
                {"order_id": str(order_id), "seller_id": str(order.seller_id), "total_poisha": order.total_poisha}
                for order_id, order in zip(order_ids, quote.orders, strict=True)
            ],
        },
    )
