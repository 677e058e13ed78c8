"""Use cases of purchase orders: draft, approve, send, receive, cancel. Not here: proposals (serving), paying suppliers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.inventory.rules import check_purchase, state_after_receipt
from commerce.inventory.schemas import PurchaseOrder, PurchaseOrderRequest, ReceivedLines
from commerce.inventory.use_cases import note_reference, receive
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements

SQL = load_statements(__file__, "purchasing.sql")
ACTIONS = {"approve": "approved", "send": "sent", "cancel": "cancelled"}


class ForeignOffer(InvalidInput):
    code = "foreign-offer"
    message = "Every line must be an offer of the seller the goods are bought for, each once."


class OverReceipt(Conflict):
    code = "over-receipt"
    message = "More than was ordered. Count again, or order the rest in a new purchase order."


class FourEyes(Forbidden):
    code = "four-eyes"
    message = "Whoever wrote a purchase order cannot approve it. Ask a colleague."


async def draft(connection: Connection, actor_id: UUID, request: PurchaseOrderRequest) -> PurchaseOrder:
    """Write a purchase order.

    Raises:
        ForeignOffer: a line is not the seller's, or is there twice.
    """
    offers = [line.offer_id for line in request.lines]
    own = await fetch_all(connection, SQL["own_offers"], offer_ids=offers, seller_id=request.seller_id)
    if len(own) != len(offers):
        raise ForeignOffer
    order_id = uuid7()
    await execute(
        connection, SQL["add"], id=order_id, number=f"PO{order_id.hex[-10:].upper()}", seller_id=request.seller_id,
        hub_id=request.hub_id, supplier=request.supplier, expected_on=request.expected_on, created_by=actor_id,
        offer_ids=offers, quantities=[line.quantity for line in request.lines],
        unit_costs=[line.unit_cost_poisha for line in request.lines],
    )  # fmt: skip
    return await find(connection, order_id)


async def find(connection: Connection, order_id: UUID) -> PurchaseOrder:
    """A purchase order with its lines.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find"], id=order_id)
    if row is None:
        raise NotFound
    return PurchaseOrder(**row)


async def act(connection: Connection, actor_id: UUID, order_id: UUID, action: str) -> PurchaseOrder:
    """Approve, send or cancel.

    Raises:
        NotFound, IllegalPurchase: its state forbids it. FourEyes: the author approves.
    """
    order = await _lock(connection, order_id)
    to_state = ACTIONS[action]
    check_purchase(order["state"], to_state)
    if to_state == "approved" and order["created_by"] == actor_id:
        raise FourEyes
    approver = actor_id if to_state == "approved" else order["approved_by"]
    await execute(connection, SQL["move"], id=order_id, state=to_state, approved_by=approver)
    await audit.record(
        connection, actor_id=actor_id, action=f"purchase_order.{to_state}", subject=("purchase_order", order_id)
    )
    return await find(connection, order_id)


async def receive_goods(
    connection: Connection, actor_id: UUID, order_id: UUID, received: ReceivedLines
) -> PurchaseOrder:
    """Goods of a purchase order arrive: stock grows, the order closes when all of it is there.

    Raises:
        NotFound, IllegalPurchase; OverReceipt: more than was ordered, or an offer that was not.
    """
    order = await _lock(connection, order_id)
    check_purchase(order["state"], "received")
    await note_reference(connection, f"purchase_order:{order_id}")
    for line in sorted(received.lines, key=lambda line: line.offer_id):
        counted = await fetch_one(
            connection, SQL["count_receipt"], id=uuid7(), purchase_order_id=order_id, offer_id=line.offer_id,
            quantity=line.quantity, received_by=actor_id,
        )  # fmt: skip
        if counted is None:
            raise OverReceipt(offer_id=str(line.offer_id))
        await receive(connection, line.offer_id, order["hub_id"], line.quantity)
    rest = await fetch_one(connection, SQL["open_quantity"], id=order_id)
    state = state_after_receipt(int(rest["quantity"]) if rest else 0)
    await execute(connection, SQL["move"], id=order_id, state=state, approved_by=order["approved_by"])
    await record_events(connection, [_received(order_id, order, received, state)])
    return await find(connection, order_id)


def _received(order_id: UUID, order: Mapping[str, Any], received: ReceivedLines, state: str) -> NewEvent:
    lines = [{"offer_id": str(line.offer_id), "quantity": line.quantity} for line in received.lines]
    payload = {"seller_id": str(order["seller_id"]), "hub_id": str(order["hub_id"]), "state": state, "lines": lines}
    return NewEvent(topic="inventory", aggregate_id=order_id, event_type="inventory.purchase_received", payload=payload)


async def _lock(connection: Connection, order_id: UUID) -> Mapping[str, Any]:
    row = await fetch_one(connection, SQL["lock"], id=order_id)
    if row is None:
        raise NotFound
    return row
