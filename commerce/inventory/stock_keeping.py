"""Use cases of warehouse staff and planners: hubs, transfers, write-offs, low-stock watches, the log of movements.

Not here: what checkout does with stock (`use_cases`), purchases (`purchasing`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.inventory.schemas import HubRequest, Shelf, Transfer, TransferRequest, WriteOffRequest
from commerce.inventory.use_cases import SQL, OutOfStock, note_reference, receive
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events


class HubExists(Conflict):
    code = "hub-exists"
    message = "There is a warehouse with this code. Take another code."


class TransferEnded(Conflict):
    code = "transfer-ended"
    message = "This transfer has ended already: it is {state}."


async def add_hub(connection: Connection, actor_id: UUID, request: HubRequest) -> UUID:
    """Open a warehouse.

    Raises:
        HubExists.
    """
    row = await fetch_one(connection, SQL["add_hub"], id=uuid7(), **request.model_dump())
    if row is None:
        raise HubExists
    await audit.record(connection, actor_id=actor_id, action="hub.opened", subject=("hub", row["id"]))
    return UUID(str(row["id"]))


async def write_off(connection: Connection, actor_id: UUID, offer_id: UUID, request: WriteOffRequest) -> Shelf:
    """Take broken or lost goods off the books.

    Raises:
        OutOfStock: fewer are there that nobody has reserved.
    """
    await note_reference(connection, f"write_off:{request.reason}")
    row = await fetch_one(
        connection, SQL["write_off"], offer_id=offer_id, hub_id=request.hub_id, quantity=request.quantity
    )
    if row is None:
        raise OutOfStock(offer_ids=[str(offer_id)])
    detail = {"hub_id": str(request.hub_id), "quantity": request.quantity, "reason": request.reason}
    await audit.record(
        connection, actor_id=actor_id, action="stock.written_off", subject=("offer", offer_id), detail=detail
    )
    return Shelf(**row)


async def send_transfer(commerce: Commerce, connection: Connection, request: TransferRequest) -> Transfer:
    """Send goods from hub to hub; they are on neither shelf until they arrive.

    Raises:
        OutOfStock: the hub has too few that nobody has reserved.
    """
    transfer_id = uuid7()
    await note_reference(connection, f"transfer:{transfer_id}")
    sent = await fetch_one(
        connection, SQL["send_away"], offer_id=request.offer_id, hub_id=request.from_hub_id, quantity=request.quantity
    )
    if sent is None:
        raise OutOfStock(offer_ids=[str(request.offer_id)])
    await execute(connection, SQL["add_transfer"], id=transfer_id, now=commerce.clock(), **request.model_dump())
    return await _find(connection, transfer_id)


async def end_transfer(commerce: Commerce, connection: Connection, transfer_id: UUID, state: str) -> Transfer:
    """The goods have arrived (`received`) or have come back (`returned`).

    Raises:
        NotFound, TransferEnded.
    """
    row = await fetch_one(connection, SQL["end_transfer"], id=transfer_id, state=state, now=commerce.clock())
    if row is None:
        raise TransferEnded(state=(await _find(connection, transfer_id)).state)
    await note_reference(connection, f"transfer:{transfer_id}")
    hub_id = row["to_hub_id"] if state == "received" else row["from_hub_id"]
    await receive(connection, row["offer_id"], hub_id, row["quantity"])
    return await _find(connection, transfer_id)


async def _find(connection: Connection, transfer_id: UUID) -> Transfer:
    row = await fetch_one(connection, SQL["find_transfer"], id=transfer_id)
    if row is None:
        raise NotFound
    return Transfer(**row)


async def watch(connection: Connection, offer_id: UUID, threshold: int) -> None:
    """Tell when less than `threshold` of an offer is available."""
    await execute(connection, SQL["watch"], offer_id=offer_id, threshold=threshold)


async def tell_low_stock(commerce: Commerce) -> bool:
    """Events for watched offers that became low or recovered; True if more may be due."""
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["turn_low"], now=commerce.clock())
        await record_events(connection, [_turned(row) for row in rows])
    return len(rows) > 0


def _turned(row: Mapping[str, Any]) -> NewEvent:
    return NewEvent(
        topic="inventory",
        aggregate_id=row["offer_id"],
        event_type="inventory.stock_low" if row["is_low"] else "inventory.stock_recovered",
        payload={
            "offer_id": str(row["offer_id"]),
            "available": row["available"],
            "threshold": row["threshold"],
        },
    )
