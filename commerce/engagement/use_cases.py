"""Use cases of lists: wishlist, shops followed, products looked at. Not here: coins, talk with sellers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.engagement.rules import MOST_FOLLOWED, MOST_VIEWS, MOST_WISHES
from commerce.engagement.schemas import FollowedShop, FollowedShops, View, Views, Wish, Wishes
from foundation.database import execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__)


class ListFull(Conflict):
    code = "list-full"
    message = "This list is full: it holds {most}. Remove something first."


async def add_wish(commerce: Commerce, user_id: UUID, product_id: UUID) -> None:
    """Put a product on the wishlist; again changes nothing.

    Raises:
        NotFound: no such product. ListFull.
    """
    await _add(commerce, "add_wish", MOST_WISHES, user_id=user_id, product_id=product_id)


async def follow(commerce: Commerce, user_id: UUID, seller_id: UUID) -> None:
    """Follow a shop; again changes nothing.

    Raises:
        NotFound: no such shop. ListFull.
    """
    await _add(commerce, "follow", MOST_FOLLOWED, user_id=user_id, seller_id=seller_id)


async def _add(commerce: Commerce, statement: str, most: int, **params: object) -> None:
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL[statement], most=most, now=commerce.clock(), **params)
    if row is None:
        raise NotFound
    if row["is_full"]:
        raise ListFull(most=most)


async def drop_wish(commerce: Commerce, user_id: UUID, product_id: UUID) -> None:
    """Take a product off the wishlist, whether or not it was on it."""
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["drop_wish"], user_id=user_id, product_id=product_id)


async def unfollow(commerce: Commerce, user_id: UUID, seller_id: UUID) -> None:
    """Follow a shop no longer."""
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["unfollow"], user_id=user_id, seller_id=seller_id)


async def note_view(commerce: Commerce, user_id: UUID, product_id: UUID) -> None:
    """The person looked at a product; the latest hundred are kept.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection, SQL["note_view"], user_id=user_id, product_id=product_id, now=commerce.clock()
        )
        if row is None:
            raise NotFound
        await execute(connection, SQL["trim_views"], user_id=user_id, most=MOST_VIEWS)


async def forget_views(commerce: Commerce, user_id: UUID) -> None:
    """Forget what the person looked at."""
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["forget_views"], user_id=user_id)


async def list_wishes(commerce: Commerce, user_id: UUID, *, locale: str, limit: int, cursor: str | None) -> Wishes:
    """One page of the wishlist, newest first.

    Raises:
        BadCursor.
    """
    rows = await _page(commerce, "list_wishes", user_id, limit, cursor)
    items = [Wish(title=_title(row, locale), **_without_titles(row)) for row in rows]
    return Wishes(items=items, next_cursor=_next(rows, limit, "added_at", "product_id"))


async def list_followed(commerce: Commerce, user_id: UUID, *, limit: int, cursor: str | None) -> FollowedShops:
    """One page of the shops the person follows, newest first.

    Raises:
        BadCursor.
    """
    rows = await _page(commerce, "list_followed", user_id, limit, cursor)
    items = [FollowedShop(**row) for row in rows]
    return FollowedShops(items=items, next_cursor=_next(rows, limit, "followed_at", "seller_id"))


async def list_views(commerce: Commerce, user_id: UUID, *, locale: str, limit: int, cursor: str | None) -> Views:
    """One page of what the person looked at, latest first.

    Raises:
        BadCursor.
    """
    rows = await _page(commerce, "list_views", user_id, limit, cursor)
    items = [View(title=_title(row, locale), **_without_titles(row)) for row in rows]
    return Views(items=items, next_cursor=_next(rows, limit, "viewed_at", "product_id"))


async def _page(
    commerce: Commerce, statement: str, user_id: UUID, limit: int, cursor: str | None
) -> list[dict[str, Any]]:
    before = decode_cursor(cursor, 2)
    try:
        before_at = datetime.fromisoformat(before[0]) if before else None
        before_id = UUID(before[1]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        return await fetch_all(
            connection, SQL[statement], user_id=user_id, before_at=before_at, before_id=before_id, limit=limit
        )


def _next(rows: Sequence[Mapping[str, Any]], limit: int, at: str, key: str) -> str | None:
    return encode_cursor([rows[-1][at].isoformat(), rows[-1][key]]) if len(rows) == limit else None


def _title(row: Mapping[str, Any], locale: str) -> str:
    return str(row["title_bn"] if locale == "bn" and row["title_bn"] else row["title_en"])


def _without_titles(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in {"title_en", "title_bn"}}
