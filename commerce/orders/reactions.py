"""What orders do when payments resolve. Runs in the relay, once per event (inbox). Not here: the resolving."""

from uuid import UUID

from commerce.context import Commerce
from commerce.orders.fulfil import move_waiting
from commerce.risk import use_cases as risk
from foundation.database import Connection
from foundation.outbox import Event


async def on_payment_captured(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Paid: the orders may be packed, or wait for the fraud team."""
    group_id = UUID(event.payload["group_id"])
    action = await risk.action_of(connection, group_id)
    await move_waiting(commerce, connection, group_id, "on_hold" if action == "review" else "placed", reason="paid")


async def on_payment_declined(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Not paid: the goods go back to sale."""
    group_id = UUID(event.payload["group_id"])
    await move_waiting(commerce, connection, group_id, "cancelled", reason=event.payload.get("reason") or "not paid")


REACTIONS = {"payment.captured": on_payment_captured, "payment.declined": on_payment_declined}
