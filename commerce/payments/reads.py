"""Reads of payments for their owner."""

from uuid import UUID

from commerce.context import Commerce
from commerce.payments.schemas import AttemptAnswer, RefundPage, RefundRow
from foundation.database import fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.statements import load_statements
from foundation.web.pages import cursor_id, next_cursor

SQL = load_statements(__file__)


async def refunds_of(commerce: Commerce, buyer_id: UUID, *, limit: int, cursor: str | None) -> RefundPage:
    """A page of a buyer's refunds, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["refunds_of_buyer"], buyer_id=buyer_id, before_id=cursor_id(cursor), limit=limit
        )
    items = [RefundRow(**row) for row in rows]
    return RefundPage(items=items, next_cursor=next_cursor([row.id for row in items], limit))


async def find_attempt(commerce: Commerce, attempt_id: UUID, *, buyer_id: UUID) -> AttemptAnswer:
    """An attempt of this buyer.

    Raises:
        NotFound: none, or somebody else's.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_attempt"], id=attempt_id)
    if row is None or row["buyer_id"] != buyer_id:
        raise NotFound
    return AttemptAnswer(
        attempt_id=row["id"], group_id=row["group_id"], provider=row["provider"], state=row["state"],
        amount_poisha=row["amount_poisha"],
    )  # fmt: skip
