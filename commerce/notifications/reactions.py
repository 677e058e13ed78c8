"""What buyers and sellers are told when orders, payments, returns and disputes move. Runs in the relay, once per event (inbox). Not here: texts."""

from uuid import UUID

from commerce.context import Commerce
from commerce.identity.messages import take
from commerce.notifications.use_cases import SQL, notify, send_to
from commerce.orders.place import group_number
from commerce.sellers.membership import people_of
from foundation.database import Connection, fetch_one
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


async def tell_of_case(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Tell those whose turn it is of a return or a dispute: the seller's people of a new one, else the buyer."""
    payload = event.payload
    row = await fetch_one(connection, SQL["group_of_order"], order_id=payload["order_id"])
    if row is None:
        return
    users = [UUID(payload["buyer_id"])]
    if event.event_type in {"return.requested", "dispute.opened"}:
        users = await people_of(connection, UUID(payload["seller_id"]))
    params = {"number": group_number(row["group_id"]), "worth_poisha": payload["worth_poisha"]}
    for user_id in users:
        await notify(
            commerce, connection, user_id=user_id, event_id=event.event_id, template=event.event_type, params=params
        )


async def tell_shop(commerce: Commerce, connection: Connection, event: Event) -> None:
    """Tell everybody who works for a shop of its money."""
    params = {name: value for name, value in event.payload.items() if name == "amount_poisha"}
    for user_id in await people_of(connection, UUID(event.payload["seller_id"])):
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
REACTIONS |= dict.fromkeys(
    (
        "return.requested", "return.approved", "return.rejected", "return.refused", "return.refunded", "return.exchanged",
        "return.lapsed", "dispute.opened", "dispute.answered", "dispute.for_buyer", "dispute.for_seller",
    ),
    tell_of_case,
)  # fmt: skip
REACTIONS |= dict.fromkeys(
    ("payout.paid", "payout.failed", "payout.returned", "sellers.payout_account_changed"), tell_shop
)
REACTIONS["message.written"] = tell_of_answer
REACTIONS["identity.code_requested"] = send_what_waits
REACTIONS["sellers.invited"] = send_what_waits
