"""What engagement does when orders arrive. Runs in the relay, once per event (inbox). Not here: the rule of how many."""

from uuid import UUID

from commerce.context import Commerce
from commerce.engagement import coins
from foundation.database import Connection
from foundation.outbox import Event


async def on_order_delivered(commerce: Commerce, connection: Connection, event: Event) -> None:
    """The buyer earns coins."""
    payload = event.payload
    await coins.earn(
        commerce, connection, UUID(payload["buyer_id"]), order_id=payload["order_id"], total_poisha=payload["total_poisha"]
    )  # fmt: skip


REACTIONS = {"order.delivered": on_order_delivered}
