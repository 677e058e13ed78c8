"""Use cases of inventory: reserve, release, claim, take back, receive. Called inside the caller's transaction.

Not here: what an order is; identifiers of orders are only keys of holds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict
from foundation.statements import load_statements

SQL = load_statements(__file__)


class OutOfStock(Conflict):
    code = "out-of-stock"
    message = "Not enough in stock. Take fewer, or remove what is sold out from the cart."


async def reserve(connection: Connection, quantities: Mapping[UUID, int]) -> dict[UUID, UUID]:
    """Reserve all offers or none; the hub chosen for each offer.

    Raises:
        OutOfStock: an offer has too little in every hub; `offer_ids` names them. The caller rolls back.
    """
    chosen: dict[UUID, UUID] = {}
    missing = sorted(quantities)
    # The second look sees hubs that were passed over because the fullest one was emptied meanwhile.
    for _ in range(2):
        rows = await fetch_all(
            connection, SQL["reserve"], offer_ids=missing, quantities=[quantities[offer] for offer in missing]
        )
        chosen.update({row["offer_id"]: row["hub_id"] for row in rows})
        missing = [offer for offer in missing if offer not in chosen]
        if not missing:
            return chosen
    raise OutOfStock(offer_ids=[str(offer) for offer in missing])


async def add_holds(
    connection: Connection, holds: Sequence[tuple[UUID, UUID, UUID, int]], *, expires_at: datetime | None
) -> None:
    """Note holds (order, offer, hub, quantity)."""
    orders, offers, hubs, quantities = (list(column) for column in zip(*holds, strict=True))
    await execute(
        connection, SQL["add_holds"], order_ids=orders, offer_ids=offers, hub_ids=hubs, quantities=quantities,
        expires_at=expires_at,
    )  # fmt: skip


async def release(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """Give the reserved goods of orders back to sale. Doing it twice changes nothing."""
    await execute(connection, SQL["release"], order_ids=list(order_ids))


async def claim(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """The goods of orders leave the hub."""
    await execute(connection, SQL["claim"], order_ids=list(order_ids))


async def take_back(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """Goods that left come back to the hub."""
    await execute(connection, SQL["take_back"], order_ids=list(order_ids))


async def receive(connection: Connection, offer_id: UUID, hub_id: UUID, quantity: int) -> dict[str, int]:
    """Goods arrive; the stock row afterwards."""
    row = await fetch_one(connection, SQL["receive"], offer_id=offer_id, hub_id=hub_id, quantity=quantity)
    return dict(row or {})


async def levels(connection: Connection, offer_id: UUID) -> list[dict[str, object]]:
    """Stock of an offer by hub."""
    return list(await fetch_all(connection, SQL["levels"], offer_id=offer_id))
