"""What buyers are told when their orders and payments move. Runs in the relay, once per event (inbox). Not here: texts."""

from uuid import UUID

from commerce.context import Commerce
from commerce.identity.messages import take
from commerce.notifications.use_cases import notify, send_to
from commerce.orders.place import group_number
from foundation.database import Connection
from foundation.outbox import Event


async def tell_buyer(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Tell the buyer of an order's or a payment's event; the template has the event's name."""
    payload = event.payload
    params: dict[str, object] = {"number": group_number(UUID(payload["group_id"]))}
    for name in ("total_poisha", "amount_poisha"):
        if name in payload:
            params[name] = payload[name]
    user_id = UUID(payload["buyer_id"])
    await notify(
        commerce, connection, user_id=user_id, event_id=event.event_id, template=event.event_type, params=params
    )


async def tell_of_answer(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Tell a buyer that a shop has written."""
    payload = event.payload
    if payload["written_by"] == "seller":
        await notify(
            commerce, connection, user_id=UUID(payload["buyer_id"]), event_id=event.event_id, template=event.event_type,
            params={"shop": payload["seller_name"]},
        )  # fmt: skip


async def send_what_waits(commerce: Commerce, connection: Connection, event: Event) -> None:
    """A one-time code or an invitation that identity has handed over; the event carries only its number."""
    waiting = event.payload.get("challenge_id") or event.payload["invite_id"]
    message = await take(commerce, connection, UUID(waiting))
    if message is not None:
        await send_to(
            commerce, connection, message.recipient, template=message.template, params=message.params,
            locale=message.locale,
        )  # fmt: skip


REACTIONS = dict.fromkeys(
    (
        "order.placed", "order.shipped", "order.delivered", "order.cancelled", "order.refused", "payment.captured",
        "payment.declined",
    ),
    tell_buyer,
)  # fmt: skip
REACTIONS["message.written"] = tell_of_answer
REACTIONS["identity.code_requested"] = send_what_waits
REACTIONS["sellers.invited"] = send_what_waits
