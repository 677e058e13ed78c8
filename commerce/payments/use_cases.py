"""Use cases of payments that live inside another's transaction: open an attempt, collect cash, give money back.

Not here: talking to a provider (see `prepaid` and `refunds`).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import OrderMoney, refund_owed_entries
from commerce.payments.rules import PaymentInProgress
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)


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


async def collect_cash(commerce: Commerce, connection: Connection, order_id: UUID) -> None:
    """The courier has taken the cash of a parcel."""
    await execute(
        connection, SQL["settle_cash"], order_id=order_id, state="captured", decline_code=None, now=commerce.clock()
    )


async def abandon(connection: Connection, group_id: UUID, code: str) -> None:
    """Close the payment of a group that nobody has asked for yet.

    Raises:
        PaymentInProgress: the provider was asked; its answer decides.
    """
    if await fetch_all(connection, SQL["live_attempts"], group_id=group_id):
        raise PaymentInProgress
    await execute(connection, SQL["abandon"], group_id=group_id, code=code)


async def give_back(
    commerce: Commerce, connection: Connection, order: Mapping[str, Any], *, money: OrderMoney, reason: str
) -> None:
    """An order ended without delivery: owe the buyer what was captured for it, or close its cash attempt."""
    if order["payment_method"] == "cod":
        await execute(
            connection, SQL["settle_cash"], order_id=order["id"], state="declined", decline_code=reason[:64],
            now=commerce.clock(),
        )  # fmt: skip
        return
    attempt = await fetch_one(connection, SQL["captured_attempt"], group_id=order["group_id"])
    if attempt is None:
        return
    opened = await fetch_one(
        connection, SQL["open_refund"], id=uuid7(), attempt_id=attempt["id"], order_id=order["id"],
        amount_poisha=money.total_poisha, reason=reason,
    )  # fmt: skip
    if opened is not None:
        await ledger.post(
            connection, kind="refund.owed", reference=str(order["id"]), business_on=business_date(commerce.clock()),
            entries=refund_owed_entries(money),
        )  # fmt: skip
