"""Use cases of the cart: put, remove, show, empty. Each is one statement and one read. Not here: ordering."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.cart.schemas import Cart, CartLine
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def put_line(commerce: Commerce, buyer_id: UUID, offer_id: UUID, quantity: int, *, locale: str) -> Cart:
    """Set the quantity of an offer; the cart afterwards.

    Raises:
        NotFound: the offer is not sold.
    """
    async with commerce.database.connection() as connection:
        done = await fetch_one(connection, SQL["put_line"], buyer_id=buyer_id, offer_id=offer_id, quantity=quantity)
        if done is None:
            raise NotFound
        return await _show(connection, buyer_id, locale)


async def remove_line(commerce: Commerce, buyer_id: UUID, offer_id: UUID, *, locale: str) -> Cart:
    """Take an offer out; the cart afterwards."""
    async with commerce.database.connection() as connection:
        await execute(connection, SQL["remove_line"], buyer_id=buyer_id, offer_id=offer_id)
        return await _show(connection, buyer_id, locale)


async def clear(commerce: Commerce, buyer_id: UUID) -> None:
    """Empty the cart."""
    async with commerce.database.connection() as connection:
        await execute(connection, SQL["clear"], buyer_id=buyer_id)


async def show(commerce: Commerce, buyer_id: UUID, *, locale: str) -> Cart:
    """The cart with today's prices."""
    async with commerce.database.connection() as connection:
        return await _show(connection, buyer_id, locale)


async def _show(connection: Connection, buyer_id: UUID, locale: str) -> Cart:
    rows = await fetch_all(connection, SQL["show"], buyer_id=buyer_id)
    lines = [_line(row, locale) for row in rows]
    return Cart(lines=lines, subtotal_poisha=sum(line.total_poisha for line in lines))


def _line(row: Mapping[str, Any], locale: str) -> CartLine:
    return CartLine(
        offer_id=row["offer_id"],
        product_id=row["product_id"],
        title=row["title_bn"] if locale == "bn" and row["title_bn"] else row["title_en"],
        seller_id=row["seller_id"],
        seller_name=row["seller_name"],
        quantity=row["quantity"],
        price_poisha=row["price_poisha"],
        total_poisha=row["price_poisha"] * row["quantity"],
        seen_price_poisha=row["seen_price_poisha"],
        is_available=bool(row["is_sold"]) and row["available"] >= row["quantity"],
    )
