"""Events that concern a seller become deliveries. Runs in the relay, once per event (inbox). Not here: delivering."""

from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.context import Commerce
from commerce.webhooks.rules import EVENT_TYPES, payloads_of
from commerce.webhooks.use_cases import SQL
from foundation.database import Connection, execute, fetch_one
from foundation.outbox import Event


async def queue_deliveries(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Queue an event for each endpoint of each seller it concerns."""
    for seller, data in payloads_of(event.event_type, event.payload).items():
        seller_id = UUID(seller) if seller else await _owner(connection, data["offer_id"])
        if seller_id is None:
            continue
        document = {"type": event.event_type, "timestamp": event.recorded_at.isoformat(), "data": data}
        await execute(
            connection, SQL["add_deliveries"], seller_id=seller_id, event_id=event.event_id,
            event_type=event.event_type, document=Jsonb(document), now=commerce.clock(),
        )  # fmt: skip


async def _owner(connection: Connection, offer_id: str) -> UUID | None:
    row = await fetch_one(connection, SQL["owners_of_offer"], offer_id=offer_id)
    return None if row is None else UUID(str(row["seller_id"]))


REACTIONS = dict.fromkeys(EVENT_TYPES, queue_deliveries)
