"""Reads of payouts: batches, items, who got nothing; a seller's own payouts and account. No writes."""

from uuid import UUID

from commerce.context import Commerce
from commerce.payouts import rules, use_cases
from commerce.payouts.schemas import BatchPage, Payout, PayoutAccountState, PayoutPage, Skipped, SkippedPage
from commerce.payouts.use_cases import SQL
from commerce.sellers.payout_accounts import accounts_of
from foundation.clock import business_date
from foundation.database import fetch_all
from foundation.web.pages import cursor_id, next_cursor


async def list_batches(commerce: Commerce, *, state: str | None, limit: int, cursor: str | None) -> BatchPage:
    """A page of batches, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_batches"], state=state, before_id=cursor_id(cursor), limit=limit)
        items = [await use_cases.find(connection, row["id"]) for row in rows]
    return BatchPage(items=items, next_cursor=next_cursor([one.id for one in items], limit))


async def list_items(
    commerce: Commerce,
    *,
    batch_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: str | None,
    limit: int,
    cursor: str | None,
) -> PayoutPage:
    """A page of the items of a batch or of a seller, newest first.

    Raises:
        NotFound: no such batch.
    """
    async with commerce.database.connection() as connection:
        if batch_id is not None:
            await use_cases.find(connection, batch_id)
        rows = await fetch_all(
            connection, SQL["list_items"], batch_id=batch_id, seller_id=seller_id, state=state,
            before_id=cursor_id(cursor), limit=limit,
        )  # fmt: skip
    items = [Payout(**row) for row in rows]
    return PayoutPage(items=items, next_cursor=next_cursor([one.id for one in items], limit))


async def list_skipped(commerce: Commerce, batch_id: UUID, *, limit: int, cursor: str | None) -> SkippedPage:
    """A page of sellers who got nothing in a batch, with the reason.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        await use_cases.find(connection, batch_id)
        rows = await fetch_all(
            connection, SQL["list_skipped"], batch_id=batch_id, after_id=cursor_id(cursor), limit=limit
        )
    items = [Skipped(**row) for row in rows]
    return SkippedPage(items=items, next_cursor=next_cursor([one.seller_id for one in items], limit))


async def account_state(commerce: Commerce, seller_id: UUID) -> PayoutAccountState:
    """Where a seller's money goes, and what is owed to it now."""
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        account = (await accounts_of(connection, [seller_id])).get(seller_id)
        due = next(iter(await use_cases.dues(connection, business_date(now), [seller_id])), None)
    return PayoutAccountState(
        method=account.method if account else None,
        account_tail=account.tail if account else None,
        is_in_review=account is not None and account.state != "accepted",
        held_until=account.held_until if account and account.held_until and account.held_until > now else None,
        balance_poisha=due.candidate.balance_poisha if due else 0,
        due_poisha=max(0, rules.due(due.candidate)) if due else 0,
    )
