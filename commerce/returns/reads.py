"""Reads of returns: pages of returns, disputes and windows, one case for those it concerns. No writes."""

from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.returns import disputes, use_cases
from commerce.returns.schemas import (
    DisputeDetail,
    DisputePage,
    DisputeSummary,
    ReturnDetail,
    ReturnPage,
    ReturnSummary,
    WindowPage,
    WindowRequest,
)
from commerce.returns.use_cases import SQL
from foundation.database import Connection, execute, fetch_all
from foundation.errors import NotFound
from foundation.security.tokens import Principal
from foundation.web.pages import cursor_id, decode_cursor, next_cursor


async def find_return(commerce: Commerce, caller: Principal, request_id: UUID) -> ReturnDetail:
    """A return, for its buyer and for support.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await use_cases.find(connection, request_id)
        if row["buyer_id"] != caller.user_id and not caller.may("support"):
            raise NotFound
        return await use_cases.detail(commerce, connection, request_id)


async def find_own_return(commerce: Commerce, seller_id: UUID, request_id: UUID) -> ReturnDetail:
    """A return, for its seller.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        if (await use_cases.find(connection, request_id))["seller_id"] != seller_id:
            raise NotFound
        return await use_cases.detail(commerce, connection, request_id)


async def find_dispute(commerce: Commerce, caller: Principal, dispute_id: UUID) -> DisputeDetail:
    """A dispute, for its buyer and for support.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await disputes.find(connection, dispute_id)
        if row["buyer_id"] != caller.user_id and not caller.may("support"):
            raise NotFound
        return await disputes.detail(commerce, connection, dispute_id)


async def find_own_dispute(commerce: Commerce, seller_id: UUID, dispute_id: UUID) -> DisputeDetail:
    """A dispute, for its seller.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        if (await disputes.find(connection, dispute_id))["seller_id"] != seller_id:
            raise NotFound
        return await disputes.detail(commerce, connection, dispute_id)


async def list_returns(
    commerce: Commerce,
    *,
    buyer_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: str | None,
    limit: int,
    cursor: str | None,
) -> ReturnPage:
    """A page of returns, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_requests"], buyer_id=buyer_id, seller_id=seller_id, state=state,
            before_id=cursor_id(cursor), limit=limit,
        )  # fmt: skip
    items = [ReturnSummary(**row) for row in rows]
    return ReturnPage(items=items, next_cursor=next_cursor([row.id for row in items], limit))


async def list_disputes(
    commerce: Commerce,
    *,
    buyer_id: UUID | None = None,
    seller_id: UUID | None = None,
    state: str | None,
    limit: int,
    cursor: str | None,
) -> DisputePage:
    """A page of disputes, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_disputes"], buyer_id=buyer_id, seller_id=seller_id, state=state,
            before_id=cursor_id(cursor), limit=limit,
        )  # fmt: skip
    items = [DisputeSummary(**row) for row in rows]
    return DisputePage(items=items, next_cursor=next_cursor([row.id for row in items], limit))


async def list_windows(commerce: Commerce, *, limit: int, cursor: str | None) -> WindowPage:
    """A page of the categories with a return window of their own."""
    after = decode_cursor(cursor, 1)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_windows"], after=after[0] if after else None, limit=limit)
    items = [WindowRequest(**row) for row in rows]
    return WindowPage(items=items, next_cursor=next_cursor([row.category_path for row in items], limit))


async def set_window(connection: Connection, actor_id: UUID, window: WindowRequest) -> WindowRequest:
    """For how many days goods of a category may be sent back, from the next delivery on."""
    given = window.model_dump()
    await execute(connection, SQL["set_window"], **given)
    await audit.record(
        connection, actor_id=actor_id, action="window.set", subject=("category", window.category_path), detail=given
    )
    return window
