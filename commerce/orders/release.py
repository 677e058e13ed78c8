"""Use cases of letting an order's money go: the buyer confirms, or the return window ends. Not here: escrow itself (ledger)."""

from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.ledger import escrow
from commerce.orders.events import escrow_released
from commerce.orders.fulfil import kept, lock_order
from foundation.database import Connection
from foundation.errors import Conflict, NotFound
from foundation.logging import get_logger
from foundation.outbox import record_events

_log = get_logger(component="escrow")


async def confirm(commerce: Commerce, order_id: UUID, buyer_id: UUID) -> None:
    """The buyer has all and is content: the seller need not wait for the window's end. Twice changes nothing.

    Raises:
        NotFound: no such order of this buyer.
        NotHeld, EscrowFrozen.
    """
    async with commerce.database.transaction() as connection:
        order = await lock_order(connection, order_id)
        if order["buyer_id"] != buyer_id:
            raise NotFound
        await let_go(commerce, connection, order_id, by="buyer")


async def release_due(commerce: Commerce) -> bool:
    """Let the money of one batch of orders go whose window has ended; True if there were any."""
    async with commerce.database.connection() as connection:
        due = await escrow.due(connection, commerce.clock())
    count = 0
    for order_id in due:
        try:
            async with commerce.database.transaction() as connection:
                await lock_order(connection, order_id)
                count += await _let_go_if_free(commerce, connection, order_id)
        except Conflict as error:
            _log.warning("escrow could not be released", order_id=str(order_id), error=str(error))
    return count > 0


async def _let_go_if_free(commerce: Commerce, connection: Connection, order_id: UUID) -> bool:
    """A return may have been asked for in the moment since the list was read."""
    held = await escrow.find_hold(connection, order_id)
    if held is None or held["is_frozen"] or held["state"] == "released":
        return False
    return await let_go(commerce, connection, order_id, by="window")


async def let_go(commerce: Commerce, connection: Connection, order_id: UUID, *, by: str) -> bool:
    """Pay out what is left of a locked order; False if that was done before.

    Raises:
        NotHeld, EscrowFrozen.
    """
    order = await lock_order(connection, order_id)
    money, now = await kept(connection, order), commerce.clock()
    if not await escrow.release(connection, order_id, money, by=by, now=now):
        return False
    await record_events(connection, [escrow_released(order, by, total_poisha=money.total_poisha, at=now)])
    await audit.record(
        connection, actor_id=order["buyer_id"] if by == "buyer" else None, action="escrow.released",
        subject=("order", order_id), detail={"by": by, "total_poisha": money.total_poisha},
    )  # fmt: skip
    return True
