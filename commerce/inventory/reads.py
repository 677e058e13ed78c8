"""Reads of inventory for its pages: hubs, movements, transfers, purchase orders, a seller's own stock. No writes."""

from uuid import UUID

from commerce.context import Commerce
from commerce.inventory.purchasing import SQL as PURCHASING
from commerce.inventory.schemas import (
    Hub,
    HubLevel,
    Hubs,
    Levels,
    Movement,
    Movements,
    PurchaseOrder,
    PurchaseOrders,
    Transfer,
    Transfers,
)
from commerce.inventory.use_cases import SQL, levels
from foundation.database import Connection, fetch_all
from foundation.errors import NotFound
from foundation.web.pages import BadCursor, cursor_id, decode_cursor, next_cursor


async def hubs(commerce: Commerce) -> Hubs:
    """Every warehouse."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_hubs"])
    return Hubs(items=[Hub(**row) for row in rows])


async def movements(commerce: Commerce, offer_id: UUID, *, limit: int, cursor: str | None) -> Movements:
    """A page of the movements of an offer, newest first.

    Raises:
        BadCursor.
    """
    values = decode_cursor(cursor, 1)
    if values is not None and not (values[0].isdecimal() and len(values[0]) < 19):
        raise BadCursor
    before = int(values[0]) if values else None
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["movements"], offer_id=offer_id, before_id=before, limit=limit)
    return Movements(
        items=[Movement(**row) for row in rows], next_cursor=next_cursor([row["id"] for row in rows], limit)
    )


async def transfers(commerce: Commerce, *, state: str | None, limit: int, cursor: str | None) -> Transfers:
    """A page of transfers, newest first.

    Raises:
        BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_transfers"], state=state, before_id=before, limit=limit)
    return Transfers(
        items=[Transfer(**row) for row in rows], next_cursor=next_cursor([row["id"] for row in rows], limit)
    )


async def purchase_orders(
    commerce: Commerce, *, seller_id: UUID | None, state: str | None, limit: int, cursor: str | None
) -> PurchaseOrders:
    """A page of purchase orders, newest first.

    Raises:
        BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, PURCHASING["list"], seller_id=seller_id, state=state, before_id=before, limit=limit
        )
    ids = [row["id"] for row in rows]
    return PurchaseOrders(items=[PurchaseOrder(**row) for row in rows], next_cursor=next_cursor(ids, limit))


async def check_own(connection: Connection, seller_id: UUID, offer_id: UUID) -> None:
    """The offer is the seller's.

    Raises:
        NotFound.
    """
    if not await fetch_all(connection, PURCHASING["own_offers"], offer_ids=[offer_id], seller_id=seller_id):
        raise NotFound


async def own_levels(commerce: Commerce, seller_id: UUID, offer_id: UUID) -> Levels:
    """Stock of a seller's own offer by hub.

    Raises:
        NotFound: it is not the seller's.
    """
    async with commerce.database.connection() as connection:
        await check_own(connection, seller_id, offer_id)
        rows = await levels(connection, offer_id)
    return Levels(items=[HubLevel.model_validate(row) for row in rows])
