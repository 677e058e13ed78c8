"""Use cases of flash sales: plan, open, close, the queue, buying within the cap. Stock set aside lives in inventory.

Not here: vouchers and bundles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.inventory import set_asides
from commerce.inventory.use_cases import OutOfStock
from commerce.promotions.rules import may_enter
from commerce.promotions.schemas import FlashSlot, FlashSlotRequest, FlashSlots, QueueTicket
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound, TooManyRequests
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "flash.sql")
BUCKETS = 8


class FlashSoldOut(Conflict):
    code = "flash-sold-out"
    message = (
        "The flash sale is sold out. Look at the order again: it can be had at the usual price while there is stock."
    )


class FlashCapReached(Conflict):
    code = "flash-cap"
    message = "At most {per_buyer} for each person at the flash price, and you have bought {bought}. Take fewer."


class NotYourTurn(TooManyRequests):
    code = "not-your-turn"
    message = "Many are buying. Draw a ticket if you have none; yours is admitted in {retry_after} seconds."


class SlotClash(Conflict):
    code = "slot-clash"
    message = "This offer has a flash sale at that time already. Choose another time."


class DearerThanUsual(Conflict):
    code = "dearer-than-usual"
    message = "A flash price must be below the usual price of {price_poisha} poisha."


@dataclass(frozen=True)
class Slot:
    """An open slot as one buyer sees it."""

    slot_id: UUID
    price_poisha: int
    per_buyer: int
    bought: int
    starts_at: datetime
    admit_at_once: int
    admit_per_second: int | None
    ticket_no: int | None


def slot_of(row: Mapping[str, Any]) -> Slot:
    """A slot out of JSON."""
    fields = {name: row[name] for name in Slot.__dataclass_fields__}
    return Slot(**fields | {"slot_id": UUID(row["slot_id"]), "starts_at": datetime.fromisoformat(row["starts_at"])})


def check_turn(slot: Slot, quantity: int, *, now: datetime) -> None:
    """The buyer may buy this many of a slot now.

    Raises:
        FlashCapReached, NotYourTurn.
    """
    if slot.bought + quantity > slot.per_buyer:
        raise FlashCapReached(per_buyer=slot.per_buyer, bought=slot.bought)
    if slot.admit_per_second is None:
        return
    if slot.ticket_no is None:
        raise NotYourTurn(retry_after=1, slot_id=str(slot.slot_id))
    wait = may_enter(
        slot.ticket_no, at_once=slot.admit_at_once, per_second=slot.admit_per_second,
        open_seconds=(now - slot.starts_at).total_seconds(),
    )  # fmt: skip
    if wait > 0:
        raise NotYourTurn(retry_after=ceil(wait), slot_id=str(slot.slot_id))


async def buy(
    connection: Connection,
    slot: Slot,
    *,
    buyer_id: UUID,
    group_id: UUID,
    order_id: UUID,
    quantity: int,
    expires_at: datetime | None,
) -> UUID:
    """Take of a slot's stock within the buyer's cap, in the order's transaction; the hub.

    Raises:
        FlashCapReached, FlashSoldOut.
    """
    counted = await fetch_one(
        connection, SQL["count_purchase"], slot_id=slot.slot_id, buyer_id=buyer_id, quantity=quantity
    )
    if counted is None:
        raise FlashCapReached(per_buyer=slot.per_buyer, bought=slot.bought)
    hub = await set_asides.take(connection, slot.slot_id, order_id, quantity, expires_at=expires_at)
    if hub is None:
        raise FlashSoldOut
    await execute(
        connection, SQL["note_use"], group_id=group_id, slot_id=slot.slot_id, buyer_id=buyer_id, quantity=quantity
    )
    return hub


async def give_back(connection: Connection, group_id: UUID) -> None:
    """A cancelled group no longer counts against its buyer's cap."""
    await execute(connection, SQL["give_back"], group_id=group_id)


async def plan(connection: Connection, seller_id: UUID, actor_id: UUID, request: FlashSlotRequest) -> FlashSlot:
    """Plan a slot for a seller's own offer.

    Raises:
        NotFound: not the seller's offer. DearerThanUsual, SlotClash.
    """
    offer = await fetch_one(connection, SQL["own_offer"], offer_id=request.offer_id, seller_id=seller_id)
    if offer is None:
        raise NotFound
    if request.price_poisha >= offer["price_poisha"]:
        raise DearerThanUsual(price_poisha=offer["price_poisha"])
    times = {"starts_at": request.starts_at, "ends_at": request.ends_at}
    if await fetch_one(connection, SQL["overlapping"], offer_id=request.offer_id, **times):
        raise SlotClash
    slot_id = uuid7()
    await execute(connection, SQL["add_slot"], id=slot_id, seller_id=seller_id, **request.model_dump())
    await audit.record(connection, actor_id=actor_id, action="flash_slot.planned", subject=("flash_slot", slot_id))
    return await find(connection, slot_id)


async def find(connection: Connection, slot_id: UUID) -> FlashSlot:
    """A slot.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find_slot"], id=slot_id)
    if row is None:
        raise NotFound
    return FlashSlot(**row, has_queue=row["admit_per_second"] is not None)


async def list_slots(commerce: Commerce, *, seller_id: UUID | None, limit: int, cursor: str | None) -> FlashSlots:
    """Slots that run or are to come, or a seller's own.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 2)
    try:
        after_at = datetime.fromisoformat(values[0]) if values else None
        after_id = UUID(values[1]) if values else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_slots"], seller_id=seller_id, now=commerce.clock(), after_at=after_at,
            after_id=after_id, limit=limit,
        )  # fmt: skip
    last = encode_cursor([rows[-1]["starts_at"].isoformat(), rows[-1]["id"]]) if len(rows) == limit else None
    return FlashSlots(items=[FlashSlot(**row) for row in rows], next_cursor=last)


async def draw_ticket(commerce: Commerce, slot_id: UUID, buyer_id: UUID) -> QueueTicket:
    """A place in the queue of a slot; the same one when asked again.

    Raises:
        NotFound: no such slot, or it has no queue.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["find_slot"], id=slot_id)
        if row is None or row["admit_per_second"] is None or row["state"] not in {"planned", "open"}:
            raise NotFound
        ticket = await fetch_one(connection, SQL["draw_ticket"], slot_id=slot_id, buyer_id=buyer_id)
        if ticket is None:
            # A twin request drew it in the same moment.
            ticket = await fetch_one(connection, SQL["draw_ticket"], slot_id=slot_id, buyer_id=buyer_id)
    number = int(ticket["ticket_no"]) if ticket else 0
    wait = may_enter(
        number, at_once=row["admit_at_once"], per_second=row["admit_per_second"],
        open_seconds=(commerce.clock() - row["starts_at"]).total_seconds(),
    )  # fmt: skip
    return QueueTicket(slot_id=slot_id, ticket_no=number, admitted_in_seconds=ceil(wait))


async def turn_slots(commerce: Commerce) -> bool:
    """Open one slot whose time has come and close one whose time is over; True if either was done."""
    async with commerce.database.transaction() as connection:
        opened = await fetch_one(connection, SQL["due_to_open"], now=commerce.clock())
        if opened is not None:
            await _open(connection, opened)
    async with commerce.database.transaction() as connection:
        over = await fetch_one(connection, SQL["due_to_close"], now=commerce.clock())
        if over is not None:
            await set_asides.close(connection, over["id"])
            await execute(connection, SQL["set_state"], id=over["id"], state="closed")
            await record_events(connection, [_turned(over, "closed")])
    return opened is not None or over is not None


async def _open(connection: Connection, slot: Mapping[str, Any]) -> None:
    try:
        await set_asides.open_set_aside(
            connection, slot["id"], slot["offer_id"], quantity=slot["quantity"], buckets=BUCKETS
        )
        state = "open"
    except OutOfStock:
        # The goods are not there: better no sale than one that cannot be kept.
        state = "cancelled"
    await execute(connection, SQL["set_state"], id=slot["id"], state=state)
    await record_events(connection, [_turned(slot, "opened" if state == "open" else "cancelled")])


def _turned(slot: Mapping[str, Any], what: str) -> NewEvent:
    payload = {"slot_id": str(slot["id"]), "offer_id": str(slot["offer_id"]), "quantity": slot["quantity"]}
    return NewEvent(topic="promotions", aggregate_id=slot["id"], event_type=f"flash_slot.{what}", payload=payload)
