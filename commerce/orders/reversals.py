"""Use cases of taking a part of an order back: cancel a line before it is shipped; give back after delivery.

An order stays as it was placed; what was taken back stands in `orders.reversals`, and the rest is what counts for money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.inventory import use_cases as inventory
from commerce.ledger import escrow
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import clawback_entries
from commerce.orders.events import line_cancelled
from commerce.orders.fulfil import SQL, kept, lock_order, move_locked
from commerce.orders.rules import NothingLeft, Reversed, part_of_line
from commerce.orders.schemas import CancelledLine, CancelLineRequest
from commerce.payments import use_cases as payments
from commerce.shipping import parcels
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.outbox import record_events


class PayOrCancel(Conflict):
    code = "pay-or-cancel"
    message = "This order waits for its payment: pay it, or cancel all of it and order again."


class TooLateToCancel(Conflict):
    code = "too-late-to-cancel"
    message = "The order is {status}: nothing of it can be cancelled any more."


@dataclass(frozen=True)
class Piece:
    """So many of one line, or with line 0 the delivery fee."""

    line_no: int
    quantity: int


async def take_back(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    pieces: Sequence[Piece],
    *,
    cause: str,
    cause_key: str,
) -> int:
    """Note that pieces of a locked order are taken back; what that is worth to the buyer, poisha.

    Raises:
        NothingLeft: more than is left of a line.
    """
    rows = await fetch_all(connection, SQL["lines_left"], order_id=order["id"])
    lines = {row["line_no"]: row for row in rows}
    worth = 0
    for piece in pieces:
        if piece.line_no == 0:
            left = await kept(connection, order)
            part = Reversed(shipping_poisha=left.shipping_poisha)
        elif piece.line_no in lines:
            part = part_of_line(lines[piece.line_no], piece.quantity)
        else:
            raise NothingLeft(line_no=piece.line_no)
        if part.total_poisha == 0 and piece.line_no == 0:
            continue
        await execute(
            connection, SQL["add_reversal"], id=uuid7(), order_id=order["id"], line_no=piece.line_no, quantity=piece.quantity,
            subtotal_poisha=part.subtotal_poisha, discount_poisha=part.discount_poisha, shipping_poisha=part.shipping_poisha,
            total_poisha=part.total_poisha, cause=cause, cause_key=cause_key, now=commerce.clock(),
        )  # fmt: skip
        worth += part.total_poisha
    return worth


async def give_back(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    pieces: Sequence[Piece],
    *,
    cause: str,
    cause_key: str,
    destination: str | None = None,
) -> int:
    """Take pieces of a delivered order back and owe the buyer their worth, from escrow or, once paid out, from the seller.

    Raises:
        NothingLeft.
    """
    before = await kept(connection, order)
    worth = await take_back(commerce, connection, order, pieces, cause=cause, cause_key=cause_key)
    if worth == 0:
        return 0
    held = await escrow.find_hold(connection, order["id"])
    if held is not None and held["state"] == "released":
        after = await kept(connection, order)
        await ledger.post(
            connection, kind="order.clawback", reference=cause_key, business_on=business_date(commerce.clock()),
            entries=clawback_entries(before, after),
        )  # fmt: skip
    await payments.owe(
        commerce, connection, order, amount_poisha=worth, cause_key=cause_key, reason=cause, destination=destination
    )
    return worth


async def cancel_line(
    commerce: Commerce, connection: Connection, order_id: UUID, line_no: int, *, actor_id: UUID, owner_id: UUID | None,
    request: CancelLineRequest,
) -> CancelledLine:  # fmt: skip
    """Cancel a line, or a part of it, of an order that is not with the courier; the last one cancels the order.

    Raises:
        NotFound: no such line, or not the owner's.
        PayOrCancel, TooLateToCancel, NothingLeft, ParcelUnderWay.
    """
    order = await lock_order(connection, order_id)
    if owner_id not in {None, order["buyer_id"]}:
        raise NotFound
    if order["status"] == "pending_payment":
        raise PayOrCancel
    if order["status"] not in {"placed", "on_hold"}:
        raise TooLateToCancel(status=order["status"])
    lines = {row["line_no"]: row for row in await fetch_all(connection, SQL["lines_left"], order_id=order_id)}
    if line_no not in lines:
        raise NotFound
    line = lines[line_no]
    quantity = request.quantity or line["left_quantity"]
    is_last = quantity == line["left_quantity"] and all(
        row["left_quantity"] == 0 for number, row in lines.items() if number != line_no
    )
    if is_last and quantity > 0:
        owed = (await kept(connection, order)).total_poisha
        await move_locked(commerce, connection, order, "cancelled", actor_id=actor_id, reason=request.reason)
        return CancelledLine(
            order_id=order_id, line_no=line_no, quantity=quantity, worth_poisha=owed, status="cancelled"
        )
    await parcels.check_not_booked(connection, order_id)
    key = f"line:{order_id}:{line_no}:{line['taken_quantity']}"
    piece = Piece(line_no, quantity)
    worth = await take_back(commerce, connection, order, [piece], cause="line_cancelled", cause_key=key)
    await inventory.release_part(connection, order_id, line["offer_id"], quantity)
    await payments.reduce(commerce, connection, order, amount_poisha=worth, cause_key=key, reason=request.reason)
    at = commerce.clock()
    await record_events(connection, [line_cancelled(order, line_no, quantity=quantity, worth_poisha=worth, at=at)])
    return CancelledLine(
        order_id=order_id, line_no=line_no, quantity=quantity, worth_poisha=worth, status=order["status"]
    )
