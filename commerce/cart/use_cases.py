"""Use cases of the cart: put, remove, show, empty. Each is one statement and one read. Not here: ordering."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from commerce.cart.rules import TEXTS, LineFacts, notices_of
from commerce.cart.schemas import Cart, CartLine, Notice, PutLineRequest
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.i18n import digits, taka, translate
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def put_line(commerce: Commerce, buyer_id: UUID, offer_id: UUID, request: PutLineRequest, *, locale: str) -> Cart:
    """Set the quantity of an offer, or save it for later; the cart afterwards.

    Raises:
        NotFound: the offer is not sold.
    """
    async with commerce.database.connection() as connection:
        done = await fetch_one(
            connection, SQL["put_line"], buyer_id=buyer_id, offer_id=offer_id, **request.model_dump()
        )
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


async def accept_prices(commerce: Commerce, buyer_id: UUID, *, locale: str) -> Cart:
    """The shopper has seen today's prices: notices of them end."""
    async with commerce.database.connection() as connection:
        await execute(connection, SQL["accept_prices"], buyer_id=buyer_id)
        return await _show(connection, buyer_id, locale)


async def merge(commerce: Commerce, buyer_id: UUID, guest_token: str, *, locale: str) -> Cart:
    """Move the cart of a guest into the caller's: of an offer in both, the larger quantity. Twice changes nothing.

    Raises:
        Unauthenticated: the guest's token is not valid.
    """
    guest_id = commerce.tokens.verify(guest_token).user_id
    async with commerce.database.connection() as connection:
        if guest_id != buyer_id:
            await execute(connection, SQL["merge"], guest_id=guest_id, buyer_id=buyer_id)
        return await _show(connection, buyer_id, locale)


async def refill(connection: Connection, buyer_id: UUID, quantities: Mapping[UUID, int]) -> set[UUID]:
    """Put what was ordered earlier into the cart; the offers that could be."""
    rows = await fetch_all(
        connection, SQL["refill"], buyer_id=buyer_id, offer_ids=list(quantities), quantities=list(quantities.values())
    )
    return {row["offer_id"] for row in rows}


async def _show(connection: Connection, buyer_id: UUID, locale: str) -> Cart:
    rows = await fetch_all(connection, SQL["show"], buyer_id=buyer_id)
    lines = [_line(row, locale) for row in rows if not row["is_saved"]]
    saved = [_line(row, locale) for row in rows if row["is_saved"]]
    return Cart(lines=lines, saved=saved, subtotal_poisha=sum(line.total_poisha for line in lines))


def _notices(row: Mapping[str, Any], locale: str) -> list[Notice]:
    facts = LineFacts(**{name: row[name] for name in LineFacts.__dataclass_fields__})
    words = {
        "available": digits(str(facts.available), locale),
        "seen": taka(facts.seen_price_poisha, locale, with_poisha=True),
        "price": taka(facts.price_poisha, locale, with_poisha=True),
    }
    return [Notice(code=code, text=translate(TEXTS[code], locale, **words)) for code in notices_of(facts)]


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
        notices=_notices(row, locale),
    )
