"""Use cases of payments that live inside another's transaction: open an attempt, collect cash, give money back.

Not here: talking to a provider (see `prepaid` and `refunds`).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import refund_owed_entries
from commerce.payments.rules import PaymentInProgress, RefundTooMuch
from foundation.bangladesh.phones import normalise_phone
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)
ADDRESS = "orders.order_groups.address"
DESTINATION = "payments.refund_destinations.account"


async def open_attempt(
    connection: Connection, group_id: UUID, provider: str, shares: Mapping[UUID, int], *, payer_index: str | None
) -> UUID:
    """Attempt to take the money of a group from a provider; shares: order id → poisha."""
    attempt_id = uuid7()
    await execute(
        connection,
        SQL["open_attempt"],
        id=attempt_id,
        group_id=group_id,
        provider=provider,
        amount_poisha=sum(shares.values()),
        merchant_reference=f"GI{attempt_id.hex.upper()}",
        payer_index=payer_index,
        shares=Jsonb([{"order_id": str(order), "amount_poisha": amount} for order, amount in shares.items()]),
    )
    return attempt_id


async def open_cash_attempts(
    connection: Connection, group_id: UUID, order_ids: Sequence[UUID], amounts: Sequence[int]
) -> None:
    """Cash to be collected at the door, parcel by parcel."""
    await execute(
        connection, SQL["open_cash_attempts"], group_id=group_id, ids=[uuid7() for _ in order_ids],
        order_ids=list(order_ids), amounts=list(amounts),
    )  # fmt: skip


async def cash_due(connection: Connection, order_id: UUID) -> int:
    """Cash that is still to be collected for a parcel, poisha."""
    row = await fetch_one(connection, SQL["cash_due"], order_id=order_id)
    return row["amount_poisha"] if row else 0


async def collect_cash(commerce: Commerce, connection: Connection, order_id: UUID) -> int:
    """The courier has taken the cash of a parcel; how much, poisha."""
    row = await fetch_one(
        connection, SQL["settle_cash"], order_id=order_id, state="captured", decline_code=None, now=commerce.clock()
    )
    return row["amount_poisha"] if row else 0


async def abandon(connection: Connection, group_id: UUID, code: str) -> None:
    """Close the payment of a group that nobody has asked for yet.

    Raises:
        PaymentInProgress: the provider was asked; its answer decides.
    """
    if await fetch_all(connection, SQL["live_attempts"], group_id=group_id):
        raise PaymentInProgress
    await execute(connection, SQL["abandon"], group_id=group_id, code=code)


async def give_back(
    commerce: Commerce, connection: Connection, order: Mapping[str, Any], *, amount_poisha: int, reason: str
) -> None:
    """An order ended without delivery: owe the buyer what was captured for it, or close its cash attempt."""
    if order["payment_method"] == "cod":
        await _close_cash(commerce, connection, order, reason)
        return
    if amount_poisha and await _captured(connection, order) is not None:
        await owe(commerce, connection, order, amount_poisha=amount_poisha, cause_key=str(order["id"]), reason=reason)


async def reduce(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    *,
    amount_poisha: int,
    cause_key: str,
    reason: str,
) -> None:
    """A part of an order will not be sent: owe what was captured for it, or collect less at the door."""
    if order["payment_method"] != "cod":
        if amount_poisha:
            await owe(commerce, connection, order, amount_poisha=amount_poisha, cause_key=cause_key, reason=reason)
        return
    lowered = await execute(connection, SQL["lower_cash"], order_id=order["id"], amount_poisha=amount_poisha)
    if not lowered:
        await _close_cash(commerce, connection, order, "nothing due")


async def owe(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    *,
    amount_poisha: int,
    cause_key: str,
    reason: str,
    destination: str | None = None,
) -> UUID | None:
    """Owe a buyer money of a locked order whose money is in escrow; the refund, None if this cause was owed before.

    Money that was paid in cash goes to `destination`, or to the phone number of the order.

    Raises:
        RefundTooMuch: more than was captured, less what was refunded before. A bug of the caller.
    """
    attempt = await _captured(connection, order)
    if attempt is None:
        raise RefundTooMuch
    if await fetch_one(connection, SQL["find_cause"], cause_key=cause_key) is not None:
        return None
    refund_id = uuid7()
    opened = await fetch_one(
        connection, SQL["open_refund"], id=refund_id, attempt_id=attempt["id"], order_id=order["id"],
        amount_poisha=amount_poisha, cause_key=cause_key, reason=reason[:300],
    )  # fmt: skip
    if opened is None:
        raise RefundTooMuch
    is_cash = attempt["provider"] == "cod"
    if is_cash:
        await set_destination(commerce, connection, refund_id, destination or await _phone(commerce, connection, order))
    await ledger.post(
        connection, kind="refund.owed", reference=cause_key, business_on=business_date(commerce.clock()),
        entries=refund_owed_entries(order["id"], amount_poisha, is_cash=is_cash),
    )  # fmt: skip
    return refund_id


async def set_destination(commerce: Commerce, connection: Connection, refund_id: UUID, account: str) -> None:
    """Where a refund of cash is sent."""
    blob = commerce.cipher.encrypt(account, DESTINATION)
    await execute(connection, SQL["set_destination"], refund_id=refund_id, account_encrypted=blob)


async def _captured(connection: Connection, order: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What paid an order: its group's attempt, or its own cash."""
    return await fetch_one(connection, SQL["captured_attempt"], group_id=order["group_id"], order_id=order["id"])


async def _close_cash(commerce: Commerce, connection: Connection, order: Mapping[str, Any], reason: str) -> None:
    await execute(
        connection, SQL["settle_cash"], order_id=order["id"], state="declined", decline_code=reason[:64],
        now=commerce.clock(),
    )  # fmt: skip


async def _phone(commerce: Commerce, connection: Connection, order: Mapping[str, Any]) -> str:
    row = await fetch_one(connection, SQL["find_address"], group_id=order["group_id"])
    text = commerce.cipher.decrypt(bytes.fromhex(row["address_encrypted"]), ADDRESS) if row else ""
    phone = text.rpartition("\n")[2]
    return normalise_phone(phone) or phone
