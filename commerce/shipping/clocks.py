"""Use cases of promised days: clocks start when an order is placed or paid, stop when it is kept, and tell when not.

Reactions run in the relay, once per event. Not here: how many days (see `rules`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from commerce.context import Commerce
from commerce.shipping import rules
from commerce.shipping.events import promise_breached
from commerce.shipping.parcels import SQL
from foundation.database import Connection, execute, fetch_all
from foundation.outbox import Event, record_events


async def _start(connection: Connection, group_id: UUID, started_at: datetime, *, is_legal: bool) -> None:
    await execute(
        connection, SQL["start_clocks"], group_id=group_id, started_at=started_at, is_legal=is_legal,
        handover=rules.HANDOVER, same_city=rules.DELIVERY_SAME_CITY, elsewhere=rules.DELIVERY_ELSEWHERE,
    )  # fmt: skip


async def _stop(connection: Connection, event: Event, kinds: Sequence[str]) -> None:
    at = datetime.fromisoformat(event.payload["occurred_at"])
    await execute(connection, SQL["stop_clocks"], order_id=UUID(event.payload["order_id"]), kinds=list(kinds), at=at)


async def on_order_placed(_: Commerce, connection: Connection, event: Event) -> None:
    """Cash on delivery: the promise starts with the order."""
    if event.payload["payment_method"] == "cod":
        placed_at = datetime.fromisoformat(event.payload["placed_at"])
        await _start(connection, UUID(event.payload["group_id"]), placed_at, is_legal=False)


async def on_payment_captured(_: Commerce, connection: Connection, event: Event) -> None:
    """Paid in advance: the legal days start."""
    paid_at = datetime.fromisoformat(event.payload["occurred_at"])
    await _start(connection, UUID(event.payload["group_id"]), paid_at, is_legal=True)


async def on_order_shipped(_: Commerce, connection: Connection, event: Event) -> None:
    """Handed over."""
    await _stop(connection, event, ["handover"])


async def on_order_ended(_: Commerce, connection: Connection, event: Event) -> None:
    """Delivered, refused or cancelled: nothing is owed any more."""
    await _stop(connection, event, ["handover", "delivery"])


REACTIONS = {
    "order.placed": on_order_placed,
    "payment.captured": on_payment_captured,
    "order.shipped": on_order_shipped,
    "order.delivered": on_order_ended,
    "order.refused": on_order_ended,
    "order.cancelled": on_order_ended,
}


async def breach_overdue(commerce: Commerce) -> bool:
    """Tell of promises that were not kept, each once; True if there were any."""
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["breach_clocks"], now=commerce.clock())
        await record_events(connection, [promise_breached(row) for row in rows])
    return len(rows) > 0
