"""Use cases of escrow inside others' transactions: hold a delivered order's money, freeze it, let it go; the escrow law.

The law, for every order: captured = in escrow + released + refunded. Not here: what an order is worth (orders).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.ledger import use_cases as ledger
from commerce.ledger.rules import OrderMoney, delivery_entries, due_to_seller, reserve_entries
from commerce.ledger.schemas import EscrowRow, EscrowViolations, ReservePolicy
from foundation.clock import business_date
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.money import share
from foundation.statements import load_statements

SQL = load_statements(__file__, "escrow.sql")


class NotHeld(Conflict):
    code = "not-held"
    message = "The money of this order is not waiting any more."


class EscrowFrozen(Conflict):
    code = "escrow-frozen"
    message = "A return or a dispute of this order is open. End it first."


async def hold(
    connection: Connection, order_id: UUID, seller_id: UUID, *, delivered_at: datetime, window: timedelta
) -> None:
    """The order is delivered: its money waits until the return window ends."""
    await execute(
        connection, SQL["hold"], order_id=order_id, seller_id=seller_id, delivered_at=delivered_at,
        release_at=delivered_at + window,
    )  # fmt: skip


async def find_hold(connection: Connection, order_id: UUID) -> Mapping[str, Any] | None:
    """The hold of an order, locked; None before delivery."""
    return await fetch_one(connection, SQL["lock_hold"], order_id=order_id)


async def due(connection: Connection, now: datetime) -> list[UUID]:
    """Orders whose money may be let go."""
    return [row["order_id"] for row in await fetch_all(connection, SQL["due_holds"], now=now)]


async def release(
    connection: Connection, order_id: UUID, money: OrderMoney, *, by: str, now: datetime, ignores_freeze: bool = False
) -> bool:
    """Pay an order's escrow out to its seller, less commission, VAT and reserve; False if that was done before.

    Raises:
        NotHeld: it is not delivered.
        EscrowFrozen: a return or a dispute is open.
    """
    held = await find_hold(connection, order_id)
    if held is None:
        raise NotHeld
    if held["state"] == "released":
        return False
    if held["is_frozen"] and not ignores_freeze:
        raise EscrowFrozen
    policy = await fetch_one(connection, SQL["find_policy"], seller_id=held["seller_id"])
    reserve = max(0, share(due_to_seller(money), policy["reserve_bp"])) if policy else 0
    until = now + timedelta(days=policy["hold_days"]) if policy and reserve else None
    await execute(
        connection,
        SQL["release"],
        order_id=order_id,
        now=now,
        released_by=by,
        reserve_poisha=reserve,
        reserve_until=until,
    )
    entries = delivery_entries(money, "escrow", reserve_poisha=reserve)
    if entries:
        await ledger.post(
            connection, kind="order.released", reference=str(order_id), business_on=business_date(now), entries=entries
        )
    return True


async def freeze(connection: Connection, order_id: UUID, cause: str, now: datetime) -> None:
    """Keep an order's money in escrow because of something open, such as `return:…`."""
    # The hold's row lock puts this before or after a release, never beside it.
    await find_hold(connection, order_id)
    await execute(connection, SQL["freeze"], order_id=order_id, cause=cause, now=now)


async def thaw(connection: Connection, order_id: UUID, cause: str, now: datetime) -> None:
    """What kept the money is over."""
    await execute(connection, SQL["thaw"], order_id=order_id, cause=cause, now=now)


async def release_reserves(commerce: Commerce) -> bool:
    """Pay out reserves whose time is over; True if there were any."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["claim_reserve"], now=now)
        for row in rows:
            await ledger.post(
                connection, kind="reserve.released", reference=str(row["order_id"]), business_on=business_date(now),
                entries=reserve_entries(row["seller_id"], row["order_id"], row["reserve_poisha"]),
            )  # fmt: skip
    return len(rows) > 0


async def set_policy(
    commerce: Commerce, connection: Connection, actor_id: UUID, *, seller_id: UUID, policy: ReservePolicy
) -> ReservePolicy:
    """Hold back a share of a seller's orders from now on.

    Raises:
        NotFound: no such seller.
    """
    given = policy.model_dump()
    row = await fetch_one(
        connection, SQL["set_policy"], seller_id=seller_id, set_by=actor_id, now=commerce.clock(), **given
    )
    if row is None:
        raise NotFound
    await audit.record(connection, actor_id=actor_id, action="reserve.set", subject=("seller", seller_id), detail=given)
    return policy


async def violations(connection: Connection, *, since: datetime, limit: int = 100) -> EscrowViolations:
    """Orders placed since an instant for which the escrow law does not hold."""
    rows = await fetch_all(connection, SQL["escrow_law"], since=since, limit=limit)
    return EscrowViolations(items=[EscrowRow(**row) for row in rows])
