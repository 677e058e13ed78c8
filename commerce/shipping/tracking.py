"""Use cases of following parcels: webhooks and queries move a parcel, and its order with it. Late news changes nothing.

Every sighting is kept once by its id; it moves a parcel only forward in the courier's own order of states.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.orders.fulfil import lock_order, move_locked
from commerce.shipping.booking import move
from commerce.shipping.parcels import SQL
from commerce.shipping.ports import CourierRefused, CourierSilent, Sighting
from commerce.shipping.rules import order_steps, path_to
from foundation.database import Connection, execute, fetch_one
from foundation.errors import InvalidInput, NotFound
from foundation.logging import get_logger

LOOK_AFTER = timedelta(hours=6)
_log = get_logger(component="shipping")


class NotAnEvent(InvalidInput):
    code = "not-an-event"
    message = "This is not an event of the courier as its protocol describes it."


async def receive(commerce: Commerce, courier: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
    """A courier calls. The same call may come twice, late, and in any order.

    Raises:
        NotFound: no such courier.
        BadSignature, NotAnEvent.
    """
    known = commerce.couriers.get(courier)
    if known is None:
        raise NotFound
    known.verify(headers)
    try:
        sighting = known.read_webhook(body)
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnEvent from error
    if sighting is not None:
        async with commerce.database.transaction() as connection:
            await note(commerce, connection, courier, sighting)


async def note(commerce: Commerce, connection: Connection, courier: str, sighting: Sighting) -> bool:
    """Keep a sighting and move its parcel and order; whether it moved anything."""
    found = await fetch_one(
        connection,
        SQL["find_sighted"],
        courier=courier,
        consignment_id=sighting.consignment_id,
        reference=sighting.reference,
    )
    if found is None:
        _log.warning("a parcel that is not ours", courier=courier, consignment_id=sighting.consignment_id)
        await _keep(commerce, connection, courier, sighting, shipment_id=None, is_applied=False)
        return False
    # Always the order first, then its parcel: two webhooks of one parcel take turns.
    order = await lock_order(connection, found["order_id"])
    parcel = await fetch_one(connection, SQL["lock_shipment"], id=found["id"])
    if parcel is None or await fetch_one(connection, SQL["knows_event"], courier=courier, event_id=sighting.event_id):
        return False
    is_applied = await _apply(commerce, connection, order, parcel=parcel, sighting=sighting)
    await _keep(commerce, connection, courier, sighting, shipment_id=parcel["id"], is_applied=is_applied)
    return is_applied


async def _apply(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    *,
    parcel: Mapping[str, Any],
    sighting: Sighting,
) -> bool:
    if parcel["consignment_id"] not in {None, sighting.consignment_id}:
        # A second consignment under our reference: booked twice by hand. People have to look at it.
        _log.error("two consignments of one parcel", shipment_id=str(parcel["id"]), second=sighting.consignment_id)
        return False
    way = path_to(parcel["state"], sighting.state) if sighting.state else None
    if way is None:
        return False
    state = parcel["state"]
    for following in way:
        row = {**parcel, "state": state}
        await move(
            commerce, connection, row, following, consignment_id=sighting.consignment_id,
            delivery_fee_poisha=sighting.delivery_fee_poisha,
            collected_poisha=sighting.collected_poisha if following == "delivered" else None,
        )  # fmt: skip
        state = following
    await _bring(commerce, connection, order, state=state, sighting=sighting, courier=parcel["courier"])
    return True


async def _bring(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    *,
    state: str,
    sighting: Sighting,
    courier: str,
) -> None:
    """The order follows its parcel, step by step."""
    status = order["status"]
    for following in order_steps(state, status):
        reason = "lost" if state == "lost" else sighting.reason
        await move_locked(
            commerce, connection, {**order, "status": status, "courier": courier}, following, actor_id=None,
            reason=reason, courier=courier,
        )  # fmt: skip
        status = following


async def _keep(
    commerce: Commerce,
    connection: Connection,
    courier: str,
    sighting: Sighting,
    *,
    shipment_id: UUID | None,
    is_applied: bool,
) -> None:
    await execute(
        connection, SQL["keep_event"], courier=courier, event_id=sighting.event_id, shipment_id=shipment_id,
        raw_event=sighting.raw_event[:100], state=sighting.state, reason=sighting.reason, is_applied=is_applied,
        occurred_at=sighting.occurred_at, received_at=commerce.clock(),
    )  # fmt: skip


async def look_after_one(commerce: Commerce) -> bool:
    """Ask the courier about one parcel that nothing was heard of for long; False when there is none."""
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        due = await fetch_one(connection, SQL["claim_to_track"], now=now, before=now - LOOK_AFTER)
    if due is None:
        return False
    try:
        sighting = await commerce.couriers[due["courier"]].track(due["consignment_id"])
    except (CourierSilent, CourierRefused) as error:
        _log.warning("tracking failed", shipment_id=str(due["id"]), error=str(error))
        return False
    async with commerce.database.transaction() as connection:
        await note(commerce, connection, due["courier"], sighting)
    return True
