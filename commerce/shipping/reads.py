"""Reads of shipping: a buyer's tracking, a seller's orders, finance's lists of couriers' payments. No writes."""

from datetime import datetime, timedelta
from uuid import UUID

from commerce.context import Commerce
from commerce.shipping.parcels import SQL
from commerce.shipping.ports import CourierRefused, CourierSilent
from commerce.shipping.schemas import (
    BreakPage,
    BreakRow,
    CourierPrice,
    OutstandingCash,
    OutstandingPage,
    RemittancePage,
    RemittanceRow,
    SellerOrderRow,
    SellerOrders,
    Step,
    Tracking,
)
from foundation.database import fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.web.pages import BadCursor, cursor_id, decode_cursor, encode_cursor, next_cursor


async def tracking(commerce: Commerce, order_id: UUID, *, buyer_id: UUID, sees_all: bool) -> Tracking:
    """Where an order is, by when it was promised, what was seen of its parcel.

    Raises:
        NotFound: no such order, or somebody else's.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(
            connection, SQL["find_tracked_order"], order_id=order_id, buyer_id=buyer_id, sees_all=sees_all
        )
        if row is None:
            raise NotFound
        steps = await fetch_all(connection, SQL["list_events"], shipment_id=row["shipment_id"])
    return Tracking(
        order_id=row["order_id"], status=row["status"], courier=row["courier"], consignment_id=row["consignment_id"],
        parcel_state=row["parcel_state"], promised_by=row["promised_by"], is_late=bool(row["is_late"]),
        steps=[Step(event=one["raw_event"], state=one["state"], reason=one["reason"], occurred_at=one["occurred_at"])
               for one in steps],
    )  # fmt: skip


async def seller_orders(
    commerce: Commerce, seller_id: UUID, *, status: str | None, limit: int, cursor: str | None
) -> SellerOrders:
    """A page of a seller's orders, newest first.

    Raises:
        BadCursor.
    """
    before = decode_cursor(cursor, 2)
    try:
        before_at = datetime.fromisoformat(before[0]) if before else None
        before_id = UUID(before[1]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["seller_orders"], seller_id=seller_id, status=status, before_at=before_at,
            before_id=before_id, limit=limit + 1,
        )  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    following = encode_cursor([last["placed_at"].isoformat(), last["order_id"]]) if last else None
    return SellerOrders(items=[SellerOrderRow(**row) for row in rows[:limit]], next_cursor=following)


async def price(commerce: Commerce, weight_grams: int) -> CourierPrice:
    """What the courier would take for a parcel.

    Raises:
        CourierSilent.
    """
    try:
        fee = await commerce.couriers["pathao"].price(weight_grams=weight_grams)
    except CourierRefused as error:
        raise CourierSilent from error
    return CourierPrice(courier="pathao", delivery_fee_poisha=fee)


async def remittances(commerce: Commerce, *, limit: int, cursor: str | None) -> RemittancePage:
    """A page of couriers' payments, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_remittances"], before_id=cursor_id(cursor), limit=limit)
    items = [RemittanceRow(**row) for row in rows]
    return RemittancePage(items=items, next_cursor=next_cursor([row.id for row in items], limit))


async def breaks(commerce: Commerce, *, state: str, limit: int, cursor: str | None) -> BreakPage:
    """A page of differences in couriers' payments, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_breaks"], state=state, before_id=cursor_id(cursor), limit=limit)
    items = [BreakRow(**row) for row in rows]
    return BreakPage(items=items, next_cursor=next_cursor([row.id for row in items], limit))


async def outstanding(commerce: Commerce, *, days: int, limit: int, cursor: str | None) -> OutstandingPage:
    """Cash that couriers collected more than so many days ago and have not paid."""
    before = commerce.clock() - timedelta(days=days)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["outstanding_cash"], before=before, after_id=cursor_id(cursor), limit=limit
        )
    items = [OutstandingCash(**row) for row in rows]
    return OutstandingPage(items=items, next_cursor=next_cursor([row.shipment_id for row in items], limit))
