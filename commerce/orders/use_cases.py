"""Reads of orders: a buyer's list, one group, its invoice, worklists; ordering the same again. Placing is in `place`, what follows in `fulfil`."""

from datetime import datetime
from uuid import UUID

from commerce.cart import use_cases as cart
from commerce.context import Commerce
from commerce.orders.schemas import (
    GroupDetail,
    GroupPage,
    GroupSummary,
    Invoice,
    OpenOrder,
    OpenOrders,
    Reordered,
)
from foundation.database import fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__)


async def list_groups(commerce: Commerce, buyer_id: UUID, *, limit: int, cursor: str | None) -> GroupPage:
    """One page of a buyer's orders, newest first.

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
            connection, SQL["list_groups"], buyer_id=buyer_id, before_at=before_at, before_id=before_id, limit=limit + 1
        )
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor([last["placed_at"].isoformat(), last["group_id"]]) if last else None
    return GroupPage(items=[GroupSummary(**row) for row in rows[:limit]], next_cursor=next_cursor)


async def find_group(commerce: Commerce, group_id: UUID, *, buyer_id: UUID, sees_all: bool) -> GroupDetail:
    """One order group; only its buyer's, unless the caller may see all.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_group"], group_id=group_id, buyer_id=buyer_id, sees_all=sees_all)
    if row is None:
        raise NotFound
    return GroupDetail(**row)


async def open_orders(commerce: Commerce, *, status: str, limit: int) -> OpenOrders:
    """Orders in a state, oldest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["open_orders"], status=status, limit=limit)
    return OpenOrders(items=[OpenOrder(**row) for row in rows])


async def invoice(commerce: Commerce, group_id: UUID, *, buyer_id: UUID, sees_all: bool, locale: str) -> Invoice:
    """Invoice of an order group, its goods named in the caller's language.

    Raises:
        NotFound: no such group, or somebody else's.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["invoice"], group_id=group_id, buyer_id=buyer_id, sees_all=sees_all)
    if row is None:
        raise NotFound
    for order in row["orders"]:
        for line in order["lines"]:
            line["title"] = line["title_bn"] if locale == "bn" and line["title_bn"] else line["title_en"]
    return Invoice(**row)


async def reorder(commerce: Commerce, group_id: UUID, buyer_id: UUID) -> Reordered:
    """Put the goods of an earlier order into the cart again.

    Raises:
        NotFound: no such group, or somebody else's.
    """
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["lines_of_group"], group_id=group_id, buyer_id=buyer_id)
        if not rows:
            raise NotFound
        wanted = {row["offer_id"]: min(1000, max(1, row["quantity"])) for row in rows}
        done = await cart.refill(connection, buyer_id, wanted)
    return Reordered(in_cart=sorted(done), not_sold=sorted(wanted.keys() - done))
