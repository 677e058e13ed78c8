"""Use cases of handing parcels over: a seller accepts and readies an order, the relay books it with the courier.

The rule of it all: a parcel is `submitted` and marked as called, and committed, before the courier is asked; silence makes
it `unknown`; only the courier's own word or a person settles it. Not here: what is seen later (see `tracking`).
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.orders.fulfil import cash_due, lock_order
from commerce.shipping.events import shipment_moved
from commerce.shipping.parcels import SQL
from commerce.shipping.ports import Booking, CourierRefused, CourierSilent, Parcel
from commerce.shipping.rules import IllegalParcelMove, check_move, collect_taka
from commerce.shipping.schemas import ParcelAnswer, ReadyRequest, SettleRequest
from foundation import crashpoints
from foundation.bangladesh.phones import normalise_phone
from foundation.bangladesh.places import districts
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.logging import get_logger
from foundation.outbox import record_events

ADDRESS = "orders.order_groups.address"
LONGEST_ADDRESS, SHORTEST_ADDRESS, LONGEST_NAME = 220, 10, 100
_log = get_logger(component="shipping")


class NotToPack(Conflict):
    code = "not-to-pack"
    message = "This order is {status}: only placed orders are packed."


class NotThatParcel(Conflict):
    code = "not-that-parcel"
    message = "The courier says that this consignment is another parcel."


async def accept(commerce: Commerce, connection: Connection, seller_id: UUID, order_id: UUID) -> ParcelAnswer:
    """The seller will pack the order: it has a parcel from now on. Doing it twice changes nothing.

    Raises:
        NotFound: no such order of this seller.
        NotToPack: it is not placed.
    """
    return _answer(await _accepted(commerce, connection, seller_id, order_id))


async def _accepted(commerce: Commerce, connection: Connection, seller_id: UUID, order_id: UUID) -> Mapping[str, Any]:
    order = await lock_order(connection, order_id)
    if order["seller_id"] != seller_id:
        raise NotFound
    parcel = await fetch_one(connection, SQL["find_parcel"], order_id=order_id)
    if parcel is not None:
        return parcel
    if order["status"] != "placed":
        raise NotToPack(status=order["status"])
    due = await cash_due(connection, order)
    shipment_id = uuid7()
    await execute(
        connection, SQL["open_shipment"], id=shipment_id, order_id=order_id, seller_id=seller_id, courier="pathao",
        merchant_reference=f"GS{shipment_id.hex.upper()}", cod_poisha=due, collect_taka=collect_taka(due),
        now=commerce.clock(),
    )  # fmt: skip
    return await _find(connection, shipment_id)


async def ready(
    commerce: Commerce, connection: Connection, seller_id: UUID, *, order_id: UUID, request: ReadyRequest
) -> ParcelAnswer:
    """The parcel is packed: it will be booked with the courier.

    Raises:
        NotFound, NotToPack: as `accept`.
        IllegalParcelMove: it is on its way already.
    """
    parcel = await _accepted(commerce, connection, seller_id, order_id)
    order = await lock_order(connection, order_id)
    if order["status"] != "placed":
        raise NotToPack(status=order["status"])
    due = await cash_due(connection, order)
    # Lines may have been cancelled since it was accepted: what is asked for at the door is what is due now.
    await move(
        commerce, connection, parcel, "submitted", weight_grams=request.weight_grams, cod_poisha=due,
        collect_taka=collect_taka(due),
    )  # fmt: skip
    return _answer(await _find(connection, parcel["id"]))


async def move(
    commerce: Commerce,
    connection: Connection,
    parcel: Mapping[str, Any],
    to_state: str,
    *,
    actor_id: UUID | None = None,
    **columns: object,
) -> bool:
    """Change the state of a parcel, with what became known; False if somebody was faster.

    Raises:
        IllegalParcelMove.
    """
    check_move(parcel["state"], to_state)
    now = commerce.clock()
    given = dict.fromkeys(
        (
            "consignment_id",
            "delivery_fee_poisha",
            "collected_poisha",
            "weight_grams",
            "cod_poisha",
            "collect_taka",
            "refusal",
        )
    )
    moved = await execute(
        connection, SQL["move_shipment"], id=parcel["id"], from_state=parcel["state"], to_state=to_state, at=now,
        actor_id=actor_id, **(given | columns),
    )  # fmt: skip
    if moved:
        await record_events(connection, [shipment_moved(parcel, to_state, at=now)])
    return moved > 0


async def book_one(commerce: Commerce) -> bool:
    """Book one parcel that is packed; False when there is none."""
    await _give_up_silent(commerce)
    async with commerce.database.transaction() as connection:
        claimed = await fetch_one(connection, SQL["claim_booking"], now=commerce.clock())
        told = await fetch_one(connection, SQL["describe_parcel"], id=claimed["id"]) if claimed else None
    if told is None:
        return False
    crashpoints.reach("booking.submitted")
    try:
        booking = await commerce.couriers[told["courier"]].book(_parcel(commerce, told))
    except CourierSilent:
        await _resolve(commerce, told, "unknown")
    except CourierRefused as error:
        _log.warning("booking refused", shipment_id=str(told["id"]), code=error.code)
        await _resolve(commerce, told, "created", refusal=f"{error.code}: {error.message}"[:300])
    else:
        crashpoints.reach("booking.made")
        await _resolve(commerce, told, "booked", booking=booking)
    return True


async def _give_up_silent(commerce: Commerce) -> None:
    """Callers that died: whether the courier acted is unknown."""
    before = commerce.clock() - timedelta(seconds=commerce.settings.provider_timeout_s * 3 + 5)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["claim_silent"], before=before)
    for row in rows:
        await _resolve(commerce, row, "unknown")


async def _resolve(
    commerce: Commerce,
    told: Mapping[str, Any],
    state: str,
    *,
    booking: Booking | None = None,
    refusal: str | None = None,
) -> None:
    """Note what came of a booking, unless a webhook was faster."""
    async with commerce.database.transaction() as connection:
        parcel = await fetch_one(connection, SQL["lock_shipment"], id=told["id"])
        if parcel is None or parcel["state"] != "submitted":
            return
        await move(
            commerce, connection, parcel, state, refusal=refusal,
            consignment_id=booking.consignment_id if booking else None,
            delivery_fee_poisha=booking.delivery_fee_poisha if booking else None,
        )  # fmt: skip


def _parcel(commerce: Commerce, told: Mapping[str, Any]) -> Parcel:
    """What the courier is told: the only place where an address leaves the house."""
    text = commerce.cipher.decrypt(bytes.fromhex(told["address_encrypted"]), ADDRESS)
    line, _, phone = text.rpartition("\n")
    canonical = normalise_phone(phone)
    district = next((one.name_en for one in districts() if one.code == told["district_code"]), "Bangladesh")
    address = f"{line}, {district}"
    return Parcel(
        reference=told["merchant_reference"],
        recipient_name=f"{told['full_name']:<3}"[:LONGEST_NAME],
        recipient_phone="0" + canonical[3:] if canonical else phone[:11],
        address=f"{address:<{SHORTEST_ADDRESS}}"[-LONGEST_ADDRESS:],
        collect_taka=told["collect_taka"],
        quantity=max(1, told["quantity"] or 1),
        weight_grams=told["weight_grams"],
        description=f"Order {told['number']}",
    )


async def settle(commerce: Commerce, actor_id: UUID, *, shipment_id: UUID, request: SettleRequest) -> ParcelAnswer:
    """A person has found out what a silent courier did: booked it under a number, or did nothing (it may be booked again).

    Raises:
        NotFound, IllegalParcelMove; NotThatParcel, CourierSilent: the number was checked with the courier.
    """
    async with commerce.database.connection() as connection:
        parcel = await _find(connection, shipment_id)
    if request.consignment_id is not None:
        await _check_consignment(commerce, parcel, request.consignment_id)
    state = "booked" if request.consignment_id else "created"
    async with commerce.database.transaction() as connection:
        locked = await fetch_one(connection, SQL["lock_shipment"], id=shipment_id)
        if parcel["state"] != "unknown" or locked is None:
            raise IllegalParcelMove(from_state=parcel["state"], to_state=state)
        await move(commerce, connection, locked, state, actor_id=actor_id, consignment_id=request.consignment_id)
        await audit.record(
            connection, actor_id=actor_id, action=f"shipment.settled_{state}", subject=("shipment", shipment_id)
        )
        return _answer(await _find(connection, shipment_id))


async def _check_consignment(commerce: Commerce, parcel: Mapping[str, Any], consignment_id: str) -> None:
    try:
        seen = await commerce.couriers[parcel["courier"]].track(consignment_id)
    except CourierRefused as error:
        raise NotThatParcel from error
    if seen.reference != parcel["merchant_reference"]:
        raise NotThatParcel


async def _find(connection: Connection, shipment_id: UUID) -> Mapping[str, Any]:
    row = await fetch_one(connection, SQL["find_shipment"], id=shipment_id)
    if row is None:
        raise NotFound
    return row


def _answer(parcel: Mapping[str, Any]) -> ParcelAnswer:
    return ParcelAnswer(
        shipment_id=parcel["id"], order_id=parcel["order_id"], courier=parcel["courier"], state=parcel["state"],
        consignment_id=parcel["consignment_id"], collect_taka=parcel["collect_taka"], refusal=parcel["refusal"],
    )  # fmt: skip
