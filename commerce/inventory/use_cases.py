"""Use cases of inventory inside other services' transactions: reserve, release, claim, take back, receive, levels.

Not here: what an order is (identifiers of orders are only keys of holds); transfers, purchases, set-asides (own files).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict
from foundation.statements import load_statements

SQL = load_statements(__file__)


class OutOfStock(Conflict):
    code = "out-of-stock"
    message = "Not enough in stock. Take fewer, or remove what is sold out from the cart."


@dataclass(frozen=True)
class Wanted:
    """What one order wants of one offer."""

    order_id: UUID
    offer_id: UUID
    quantity: int


async def reserve(
    connection: Connection, lines: Sequence[Wanted], *, district_code: str | None, expires_at: datetime | None
) -> dict[UUID, UUID]:
    """Reserve all lines or none and note the holds; the hub of each offer (the fullest of several).

    Each order is served from as few hubs as a greedy choice finds, those near the buyer first.

    Raises:
        OutOfStock: an offer has too little in all hubs together; `offer_ids` names them. The caller rolls back.
    """
    hubs: dict[UUID, UUID] = {}
    missing = {line.offer_id: line for line in sorted(lines, key=lambda line: line.offer_id)}
    # The second look fills from several hubs, and sees what was passed over because the first choice was emptied meanwhile.
    for statement in ("reserve", "reserve_spread"):
        rows = await fetch_all(
            connection, SQL[statement], order_ids=[line.order_id for line in missing.values()], offer_ids=list(missing),
            quantities=[line.quantity for line in missing.values()], district_code=district_code, expires_at=expires_at,
        )  # fmt: skip
        held: dict[UUID, int] = {}
        for row in sorted(rows, key=lambda row: -row["quantity"]):
            hubs.setdefault(row["offer_id"], row["hub_id"])
            held[row["offer_id"]] = held.get(row["offer_id"], 0) + row["quantity"]
        missing = {offer: line for offer, line in missing.items() if held.get(offer, 0) < line.quantity}
        if not missing:
            return hubs
    raise OutOfStock(offer_ids=[str(offer) for offer in missing])


async def release(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """Give the reserved goods of orders back to sale. Doing it twice changes nothing."""
    await execute(connection, SQL["release"], order_ids=list(order_ids))


async def claim(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """The goods of orders leave the hub."""
    await execute(connection, SQL["claim"], order_ids=list(order_ids))


async def take_back(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """Goods that left come back to the hub."""
    await execute(connection, SQL["take_back"], order_ids=list(order_ids))


async def release_part(connection: Connection, order_id: UUID, offer_id: UUID, quantity: int) -> int:
    """Give a part of an order's reserved goods back to sale; how many that were."""
    rows = await fetch_all(connection, SQL["release_part"], order_id=order_id, offer_id=offer_id, quantity=quantity)
    return sum(row["part"] for row in rows)


async def return_part(connection: Connection, order_id: UUID, offer_id: UUID, quantity: int, *, is_good: bool) -> int:
    """Goods of an order come back to the shelf or, spoilt, are written off; how many that were."""
    rows = await fetch_all(
        connection, SQL["return_part"], order_id=order_id, offer_id=offer_id, quantity=quantity, is_good=is_good
    )
    return sum(row["part"] for row in rows)


async def lose(connection: Connection, order_ids: Sequence[UUID]) -> None:
    """Goods that left are lost on the way."""
    await execute(connection, SQL["lose"], order_ids=list(order_ids))


async def receive(connection: Connection, offer_id: UUID, hub_id: UUID, quantity: int) -> dict[str, int]:
    """Goods arrive; the stock row afterwards."""
    row = await fetch_one(connection, SQL["receive"], offer_id=offer_id, hub_id=hub_id, quantity=quantity)
    return dict(row or {})


async def note_reference(connection: Connection, reference: str) -> None:
    """What the movements of this transaction are about, such as `purchase_order:…`; kept with each of them."""
    await execute(connection, SQL["note_reference"], reference=reference)


async def levels(connection: Connection, offer_id: UUID) -> list[Mapping[str, object]]:
    """Stock of an offer by hub."""
    return list(await fetch_all(connection, SQL["levels"], offer_id=offer_id))
