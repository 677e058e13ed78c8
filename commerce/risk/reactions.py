"""What risk learns from how orders end. Runs in the relay, once per event (inbox)."""

from datetime import datetime
from uuid import UUID

from commerce.context import Commerce
from commerce.risk.use_cases import add_label
from foundation.database import Connection
from foundation.outbox import Event


async def _label(commerce: Commerce, connection: Connection, event: Event, *, is_fraud: bool, origin: str) -> None:
    await add_label(
        connection,
        UUID(event.payload["group_id"]),
        is_fraud=is_fraud,
        origin=origin,
        occurred_at=datetime.fromisoformat(event.payload["occurred_at"]),
        known_at=commerce.clock(),
    )


async def on_order_refused(commerce: Commerce, connection: Connection, event: Event) -> None:
    """A parcel refused at the door is the loss itself, whatever the reason given; one that the courier lost is not."""
    if event.payload["reason"] == "lost":
        return
    await _label(commerce, connection, event, is_fraud=True, origin="refused_parcel")


async def on_order_delivered(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Delivered and, so far, undisputed."""
    await _label(commerce, connection, event, is_fraud=False, origin="delivered")


REACTIONS = {"order.refused": on_order_refused, "order.delivered": on_order_delivered}
