"""Use cases of promotions: quote and redeem a voucher, give it back. Called inside the checkout's transaction."""

from datetime import datetime
from uuid import UUID

import psycopg

from commerce.promotions.rules import VoucherRefused, discount_of
from foundation.database import Connection, execute, fetch_one
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def quote(connection: Connection, code: str, *, buyer_id: UUID, subtotal_poisha: int, now: datetime) -> int:
    """Discount in poisha the code would give.

    Raises:
        VoucherRefused: it would give none; the error says why.
    """
    voucher = await fetch_one(connection, SQL["find_voucher"], code=code, buyer_id=buyer_id)
    return discount_of(voucher, subtotal_poisha=subtotal_poisha, used=voucher["used"] if voucher else 0, now=now)


async def redeem(connection: Connection, code: str, *, buyer_id: UUID, group_id: UUID, discount_poisha: int) -> None:
    """Use a voucher once, in the order's transaction.

    Raises:
        VoucherRefused: someone was faster.
    """
    try:
        done = await fetch_one(
            connection, SQL["redeem"], code=code, buyer_id=buyer_id, group_id=group_id,
            discount_poisha=discount_poisha,
        )  # fmt: skip
    except psycopg.errors.UniqueViolation as error:
        raise VoucherRefused(why="you have used it already") from error
    if done is None:
        raise VoucherRefused(why="all of them have been used")


async def give_back(connection: Connection, group_id: UUID) -> None:
    """Return the voucher of a group that was cancelled whole."""
    await execute(connection, SQL["give_back"], group_id=group_id)
