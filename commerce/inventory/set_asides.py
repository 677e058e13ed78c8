"""Stock set aside for a flash sale, in buckets so that many buyers of one item do not wait for one row.

Opening reserves the quantity in `stock`; a sale takes from a bucket and notes an ordinary hold, so the hot row itself is not
touched; closing gives the rest back. Σ holds + Σ rest of open set-asides = reserved. Not here: prices, who may buy.
"""

from datetime import datetime
from uuid import UUID

from commerce.inventory.use_cases import OutOfStock
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.money import apportion
from foundation.statements import load_statements

SQL = load_statements(__file__, "set_asides.sql")


async def open_set_aside(
    connection: Connection, set_aside_id: UUID, offer_id: UUID, *, quantity: int, buckets: int
) -> UUID:
    """Set stock of one hub aside; the hub.

    Raises:
        OutOfStock: no hub has that much available.
    """
    row = await fetch_one(connection, SQL["reserve_for"], offer_id=offer_id, quantity=quantity)
    if row is None:
        raise OutOfStock(offer_ids=[str(offer_id)])
    parts = apportion(quantity, [1] * min(buckets, quantity))
    await execute(
        connection, SQL["open"], id=set_aside_id, offer_id=offer_id, hub_id=row["hub_id"], quantity=quantity,
        quantities=parts,
    )  # fmt: skip
    return UUID(str(row["hub_id"]))


async def take(
    connection: Connection, set_aside_id: UUID, order_id: UUID, quantity: int, *, expires_at: datetime | None
) -> UUID | None:
    """Take from any bucket for an order and note its hold; the hub, or None when too little is left."""
    # First a bucket nobody holds; then all of them, in order, waiting: exact to the last unit.
    for statement in ("take_free", "take_any"):
        row = await fetch_one(
            connection, SQL[statement], set_aside_id=set_aside_id, order_id=order_id, quantity=quantity,
            expires_at=expires_at,
        )  # fmt: skip
        if row is not None:
            return UUID(str(row["hub_id"]))
    return None


async def left(connection: Connection, set_aside_ids: list[UUID]) -> dict[UUID, int]:
    """What is left of open set-asides."""
    rows = await fetch_all(connection, SQL["left"], ids=set_aside_ids)
    return {row["id"]: row["quantity"] for row in rows}


async def close(connection: Connection, set_aside_id: UUID) -> int:
    """Give the rest back to sale; how much that was. Doing it twice changes nothing."""
    row = await fetch_one(connection, SQL["close"], id=set_aside_id)
    return int(row["quantity"]) if row else 0
