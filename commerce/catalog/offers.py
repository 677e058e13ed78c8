"""Use cases of sellers' offers: make, change, list, prices over time; how well sellers served. One transaction each.

Not here: products (see `changes`), stock.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.catalog.events import offer_changed
from commerce.catalog.rules import OFFER_STATES
from commerce.catalog.seller_schemas import NewOffer, OfferChange, OfferPage, OwnOffer, PastPrice, PastPrices
from commerce.catalog.versions import Stale
from commerce.context import Commerce
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.outbox import record_events
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "offers.sql")
STANDINGS_EVERY = timedelta(hours=6)
STANDINGS_WINDOW = timedelta(days=90)


class OfferExists(Conflict):
    code = "offer-exists"
    message = "You offer this already, or the SKU is another offer's. Change that offer instead."


class WhichVariant(InvalidInput):
    code = "which-variant"
    message = "This product has variants. Name the variant_id that you sell."


class BadListPrice(InvalidInput):
    code = "bad-list-price"
    message = "The list price must be above the price: it is the price that is crossed out."


class OfferWithdrawn(Conflict):
    code = "offer-withdrawn"
    message = "An offer that is {from_status} cannot become {to_status}."


async def create_offer(
    commerce: Commerce, seller_id: UUID, user_id: UUID, request: NewOffer, *, locale: str
) -> OwnOffer:
    """A new offer on an existing product.

    Raises:
        NotFound: no such product. WhichVariant, BadListPrice, OfferExists.
    """
    async with commerce.database.transaction() as connection:
        offer_id = await add_offer(connection, seller_id, user_id, request, at=commerce.clock())
        return await _own(connection, seller_id, offer_id, locale)


async def add_offer(connection: Connection, seller_id: UUID, user_id: UUID, request: NewOffer, *, at: datetime) -> UUID:
    """As `create_offer`, in the caller's transaction; the offer's id."""
    _check_list_price(request.price_poisha, request.list_price_poisha)
    product = await fetch_one(
        connection, SQL["sellable_product"], product_id=request.product_id, seller_id=seller_id,
        variant_id=request.variant_id,
    )  # fmt: skip
    if product is None or (request.variant_id is not None and not product["chosen"]):
        raise NotFound
    if request.variant_id is None and product["variants"]:
        raise WhichVariant
    row = await fetch_one(connection, SQL["add_offer"], id=uuid7(), seller_id=seller_id, at=at, **request.model_dump())
    if row is None:
        raise OfferExists
    offer_id: UUID = row["id"]
    await _note_price(connection, offer_id, old=None, new=request.price_poisha, by=user_id, at=at, created_at=at)
    event = offer_changed(
        offer_id, product_id=request.product_id, seller_id=seller_id, old_poisha=None, new_poisha=request.price_poisha,
        status="active",
    )  # fmt: skip
    await record_events(connection, [event])
    return offer_id


async def change_offer(
    commerce: Commerce, seller_id: UUID, user_id: UUID, offer_id: UUID, change: OfferChange, *, seen: int, locale: str
) -> OwnOffer:
    """Change an offer's terms if it is still at the version seen.

    Raises:
        NotFound: not the seller's. Stale, BadListPrice, OfferWithdrawn, OfferExists.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_offer"], offer_id=offer_id, seller_id=seller_id)
        if row is None:
            raise NotFound
        if row["version"] != seen:
            raise Stale(version=row["version"])
        await apply_change(connection, row, change.model_dump(exclude_unset=True), user_id, at=commerce.clock())
        return await _own(connection, seller_id, offer_id, locale)


async def apply_change(
    connection: Connection, row: Mapping[str, Any], changes: Mapping[str, Any], user_id: UUID, *, at: datetime
) -> bool:
    """Write new terms on a locked offer; False when they are the old ones.

    Raises:
        BadListPrice, OfferWithdrawn.
    """
    terms = ("sku", "price_poisha", "list_price_poisha", "condition", "handling_days", "status")
    before = {name: row[name] for name in terms}
    after = {**before, **changes}
    if after == before:
        return False
    _check_list_price(after["price_poisha"], after["list_price_poisha"])
    if after["status"] != before["status"] and after["status"] not in OFFER_STATES[before["status"]]:
        raise OfferWithdrawn(from_status=before["status"], to_status=after["status"])
    await execute(connection, SQL["change_offer"], id=row["id"], at=at, **after)
    old, new = before["price_poisha"], after["price_poisha"]
    if old != new:
        await _note_price(connection, row["id"], old=old, new=new, by=user_id, at=at, created_at=row["created_at"])
    event = offer_changed(
        row["id"], product_id=row["product_id"], seller_id=row["seller_id"], old_poisha=old, new_poisha=new,
        status=after["status"],
    )  # fmt: skip
    await record_events(connection, [event])
    return True


def _check_list_price(price_poisha: int, list_price_poisha: int | None) -> None:
    if list_price_poisha is not None and list_price_poisha <= price_poisha:
        raise BadListPrice


async def _note_price(
    connection: Connection, offer_id: UUID, *, old: int | None, new: int, by: UUID, at: datetime, created_at: datetime
) -> None:
    await execute(
        connection, SQL["note_price"], offer_id=offer_id, first_id=uuid7(), old_price=old, created_at=created_at, id=uuid7(),
        new_price=new, at=at, changed_by=by,
    )  # fmt: skip


async def own_offer(commerce: Commerce, seller_id: UUID, offer_id: UUID, *, locale: str) -> OwnOffer:
    """One of the seller's offers.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        return await _own(connection, seller_id, offer_id, locale)


async def _own(connection: Connection, seller_id: UUID, offer_id: UUID, locale: str) -> OwnOffer:
    row = await fetch_one(connection, SQL["find_offer"], offer_id=offer_id, seller_id=seller_id)
    if row is None:
        raise NotFound
    return _offer(row, locale)


def _offer(row: Mapping[str, Any], locale: str) -> OwnOffer:
    title = row["title_bn"] if locale == "bn" and row["title_bn"] else row["title_en"]
    return OwnOffer(title=title, **{key: row[key] for key in OwnOffer.model_fields if key != "title"})


async def list_offers(
    commerce: Commerce, seller_id: UUID, *, status: str | None, limit: int, cursor: str | None, locale: str
) -> OfferPage:
    """A page of the seller's offers, newest first.

    Raises:
        BadCursor.
    """
    before = decode_cursor(cursor, 1)
    try:
        before_id = UUID(before[0]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_offers"], seller_id=seller_id, status=status, before_id=before_id, limit=limit + 1
        )
    next_cursor = encode_cursor([rows[limit - 1]["offer_id"]]) if len(rows) > limit else None
    return OfferPage(items=[_offer(row, locale) for row in rows[:limit]], next_cursor=next_cursor)


async def list_prices(
    commerce: Commerce, seller_id: UUID, offer_id: UUID, *, limit: int, cursor: str | None
) -> PastPrices:
    """What the seller's offer cost, newest first.

    Raises:
        NotFound, BadCursor.
    """
    before = decode_cursor(cursor, 1)
    try:
        before_at = datetime.fromisoformat(before[0]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        await _own(connection, seller_id, offer_id, "en")
        rows = await fetch_all(connection, SQL["list_prices"], offer_id=offer_id, before_at=before_at, limit=limit + 1)
    next_cursor = encode_cursor([rows[limit - 1]["from_at"].isoformat()]) if len(rows) > limit else None
    return PastPrices(items=[PastPrice.model_validate(row) for row in rows[:limit]], next_cursor=next_cursor)


async def count_standings(commerce: Commerce) -> bool:
    """Duty of the relay: how well sellers served lately, counted anew every few hours; False: nothing more is due."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["standings_age"])
        if row and row["counted_at"] and now - row["counted_at"] < STANDINGS_EVERY:
            return False
        await execute(connection, SQL["count_standings"], at=now, since=now - STANDINGS_WINDOW)
    return False
