"""Use cases of coins: earn, spend, end. Each entry and the balance are one transaction under the account's lock."""

from datetime import datetime, timedelta
from uuid import UUID

from commerce.context import Commerce
from commerce.engagement.rules import COIN_LIFE, coins_for, coins_to_expire
from commerce.engagement.schemas import CoinEntry, Coins
from commerce.engagement.use_cases import SQL
from foundation.database import Connection, fetch_all, fetch_one
from foundation.errors import Conflict
from foundation.ids import uuid7
from foundation.web.pages import cursor_id, next_cursor

SOON = timedelta(days=30)


class TooFewCoins(Conflict):
    code = "too-few-coins"
    message = "You have too few coins for this."


async def earn(commerce: Commerce, connection: Connection, user_id: UUID, *, order_id: str, total_poisha: int) -> int:
    """Coins for a delivered order, once an order; their number."""
    coins = coins_for(total_poisha)
    if coins == 0:
        return 0
    ends = commerce.clock() + COIN_LIFE
    await _book(commerce, connection, user_id, kind="earned", coins=coins, reference=order_id, expires_at=ends)
    return coins


async def spend(commerce: Commerce, connection: Connection, user_id: UUID, *, coins: int, reference: str) -> None:
    """Use coins, once a reference.

    Raises:
        TooFewCoins.
    """
    if coins <= 0:
        raise TooFewCoins
    await _book(commerce, connection, user_id, kind="spent", coins=-coins, reference=reference, expires_at=None)


async def _book(
    commerce: Commerce,
    connection: Connection,
    user_id: UUID,
    *,
    kind: str,
    coins: int,
    reference: str,
    expires_at: datetime | None,
) -> None:
    await fetch_one(connection, SQL["lock_account"], user_id=user_id)
    entry = await fetch_one(
        connection, SQL["add_entry"], id=uuid7(), user_id=user_id, kind=kind, coins=coins, reference=reference,
        expires_at=expires_at, now=commerce.clock(),
    )  # fmt: skip
    if entry is None:
        return
    if await fetch_one(connection, SQL["move_balance"], user_id=user_id, coins=coins) is None:
        raise TooFewCoins


async def expire_coins(commerce: Commerce) -> bool:
    """End one person's coins whose time is over (duty of the relay); False if nobody has any."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        due = await fetch_one(connection, SQL["due_to_expire"], now=now)
        if due is None:
            return False
        user_id = due["user_id"]
        await fetch_one(connection, SQL["lock_account"], user_id=user_id)
        # Again, now that nobody else can change them.
        sums = await fetch_one(connection, SQL["sums_of"], user_id=user_id, now=now)
        coins = coins_to_expire(sums["over"], sums["used"]) if sums else 0
        if coins:
            reference = f"{user_id}:{now.isoformat()}"
            await _book(
                commerce, connection, user_id, kind="expired", coins=-coins, reference=reference, expires_at=None
            )
    return True


async def coins_of(commerce: Commerce, user_id: UUID, *, limit: int, cursor: str | None) -> Coins:
    """Balance, what ends soon, and one page of entries, newest first.

    Raises:
        BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        sums = await fetch_one(connection, SQL["coins_of"], user_id=user_id, soon=commerce.clock() + SOON)
        rows = await fetch_all(connection, SQL["list_entries"], user_id=user_id, before=before, limit=limit)
    return Coins(
        balance=sums["balance"] if sums else 0,
        ending_soon=max(sums["ending_soon"], 0) if sums else 0,
        items=[CoinEntry(**row) for row in rows],
        next_cursor=next_cursor([row["id"] for row in rows], limit),
    )
