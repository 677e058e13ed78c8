"""Use cases after placement: release from hold, ship, deliver, refuse, cancel. Each is one transaction.

Not here: placing (see `place`), the payment provider's side of a refund (see `commerce.payments`).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.inventory import use_cases as inventory
from commerce.ledger import escrow
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import OrderMoney, collected_entries
from commerce.orders.events import order_moved
from commerce.orders.rules import Reversed, check_transition, kept_money
from commerce.payments import use_cases as payments
from commerce.promotions import use_cases as promotions
from commerce.returns.windows import window_of
from commerce.shipping import parcels
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.outbox import record_events
from foundation.statements import load_statements

SQL = load_statements(__file__)
DEFAULT_COURIER = "pathao"
LOST = "lost"


async def kept(connection: Connection, order: Mapping[str, Any]) -> OrderMoney:
    """Amounts of an order for the ledger, without what was taken back of it since it was placed."""
    row = await fetch_one(connection, SQL["reversed_of_order"], order_id=order["id"])
    return kept_money(order, Reversed(**row) if row else Reversed())


async def lock_order(connection: Connection, order_id: UUID) -> Mapping[str, Any]:
    """An order with what its events carry, locked for the rest of the transaction.

    Raises:
        NotFound.
    """
    order = await fetch_one(connection, SQL["lock_order"], order_id=order_id)
    if order is None:
        raise NotFound
    return order


async def cash_due(connection: Connection, order: Mapping[str, Any]) -> int:
    """What the courier has to collect at the door, poisha; nothing for prepaid orders."""
    return await payments.cash_due(connection, order["id"]) if order["payment_method"] == "cod" else 0


async def move_order(
    commerce: Commerce,
    order_id: UUID,
    to_status: str,
    *,
    actor_id: UUID | None,
    reason: str | None = None,
    courier: str | None = None,
    owner_id: UUID | None = None,
) -> Mapping[str, Any]:
    """Move an order to a state with all that belongs to it; the order row as it was. With `owner_id`, only its buyer may.

    Raises:
        NotFound: no such order, or not the owner's.
        IllegalTransition: its state forbids it.
    """
    async with commerce.database.transaction() as connection:
        order = await fetch_one(connection, SQL["lock_order"], order_id=order_id)
        if order is None or owner_id not in {None, order["buyer_id"]}:
            raise NotFound
        await move_locked(commerce, connection, order, to_status, actor_id=actor_id, reason=reason, courier=courier)
        return order


async def move_locked(
    commerce: Commerce,
    connection: Connection,
    order: Mapping[str, Any],
    to_status: str,
    *,
    actor_id: UUID | None,
    reason: str | None = None,
    courier: str | None = None,
) -> None:
    """As `move_order`, on a row the caller has locked, in the caller's transaction."""
    check_transition(order["status"], to_status)
    now = commerce.clock()
    if to_status == "shipped":
        courier = courier or DEFAULT_COURIER
        await inventory.claim(connection, [order["id"]])
    await execute(
        connection, SQL["move_orders"], order_ids=[order["id"]], from_status=order["status"], to_status=to_status,
        reason=reason, actor_id=actor_id, at=now, courier=courier,
    )  # fmt: skip
    if to_status == "delivered":
        await _settle(commerce, connection, order)
    elif to_status == "refused":
        # Lost by the courier: for the buyer as if refused, for the stock gone.
        back = inventory.lose if reason == LOST else inventory.take_back
        await back(connection, [order["id"]])
        await _give_back(commerce, connection, order, reason=reason or "refused")
    elif to_status == "cancelled":
        await parcels.call_off(connection, order["id"], now)
        await inventory.release(connection, [order["id"]])
        await _give_back(commerce, connection, order, reason=reason or "cancelled")
        await _return_voucher(connection, order["group_id"])
    await record_events(connection, [order_moved(order, to_status, at=now, reason=reason)])


async def _settle(commerce: Commerce, connection: Connection, order: Mapping[str, Any]) -> None:
    """Delivered: the courier has the cash of a cash order; the money waits in escrow until the return window ends."""
    now = commerce.clock()
    if order["payment_method"] == "cod":
        collected = await payments.collect_cash(commerce, connection, order["id"])
        if collected:
            await ledger.post(
                connection, kind="cash.collected", reference=str(order["id"]), business_on=business_date(now),
                entries=collected_entries(order["courier"] or DEFAULT_COURIER, order["id"], collected),
            )  # fmt: skip
    window = await window_of(connection, order["id"])
    await escrow.hold(connection, order["id"], order["seller_id"], delivered_at=now, window=window)


async def _give_back(commerce: Commerce, connection: Connection, order: Mapping[str, Any], *, reason: str) -> None:
    owed = (await kept(connection, order)).total_poisha
    await payments.give_back(commerce, connection, order, amount_poisha=owed, reason=reason)


async def _return_voucher(connection: Connection, group_id: UUID) -> None:
    row = await fetch_one(connection, SQL["orders_open_elsewhere"], group_id=group_id)
    if row is not None and row["open"] == 0:
        await promotions.give_back(connection, group_id)


async def cancel_order(
    commerce: Commerce, order_id: UUID, *, actor_id: UUID, owner_id: UUID | None, reason: str
) -> Mapping[str, Any]:
    """Cancel an order; before it is paid, the whole group with it (its payment covers all of it).

    Raises:
        NotFound, IllegalTransition: as `move_order`.
        PaymentInProgress: the provider is being asked for the money at this moment.
    """
    async with commerce.database.transaction() as connection:
        order = await fetch_one(connection, SQL["lock_order"], order_id=order_id)
        if order is None or owner_id not in {None, order["buyer_id"]}:
            raise NotFound
        if order["status"] == "pending_payment":
            await payments.abandon(connection, order["group_id"], "cancelled")
            await move_waiting(commerce, connection, order["group_id"], "cancelled", reason=reason)
        else:
            await move_locked(commerce, connection, order, "cancelled", actor_id=actor_id, reason=reason)
        return order


async def move_waiting(
    commerce: Commerce, connection: Connection, group_id: UUID, to_status: str, *, reason: str | None
) -> None:
    """Move every order of a group that waits for its payment."""
    rows = await fetch_all(connection, SQL["lock_orders_of_group"], group_id=group_id)
    for order in rows:
        if order["status"] == "pending_payment":
            await move_locked(commerce, connection, order, to_status, actor_id=None, reason=reason)
