"""A seller's statement: opening balance, every entry, closing balance, of any days past. Always from the entries.

Not here: balances kept anywhere; there are none.
"""

import csv
import io
from datetime import date, timedelta
from uuid import UUID

from commerce.context import Commerce
from commerce.ledger.schemas import Statement, StatementLine
from foundation.database import Connection, fetch_all, fetch_one
from foundation.errors import InvalidInput
from foundation.money import to_taka
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, decode_cursor, encode_cursor

SQL = load_statements(__file__, "statements.sql")
LONGEST = timedelta(days=366)
AT_ONCE = 1000


class BadPeriod(InvalidInput):
    code = "bad-period"
    message = "Give a first and a last day, at most a year apart."


async def balance_on(connection: Connection, account: str, on: date) -> int:
    """Balance of an account at the beginning of a day, poisha; what we owe its owner is positive."""
    row = await fetch_one(connection, SQL["balance_before"], account=account, on=on)
    return int(row["balance_poisha"]) if row else 0


async def statement(
    commerce: Commerce, seller_id: UUID, *, from_on: date, to_on: date, limit: int, cursor: str | None
) -> Statement:
    """One page of a seller's account.

    Raises:
        BadPeriod, BadCursor.
    """
    # The last day of the calendar has none after it.
    if not timedelta() <= to_on - from_on <= LONGEST or to_on == date.max:
        raise BadPeriod
    account = f"seller_payable:{seller_id}"
    async with commerce.database.connection() as connection:
        opening = await balance_on(connection, account, from_on)
        closing = await balance_on(connection, account, to_on + timedelta(days=1))
        reserve = await balance_on(connection, f"seller_reserve:{seller_id}", to_on + timedelta(days=1))
        lines = await _lines(connection, account, from_on, to_on, after=_after(cursor), limit=limit + 1)
    last = lines[limit - 1] if len(lines) > limit else None
    following = encode_cursor([last.business_on, last.transfer_id, last.entry_no]) if last else None
    return Statement(
        seller_id=seller_id, from_on=from_on, to_on=to_on, opening_poisha=opening, closing_poisha=closing,
        reserve_poisha=reserve, lines=lines[:limit], next_cursor=following,
    )  # fmt: skip


Position = tuple[date | None, UUID | None, int | None]


def _after(cursor: str | None) -> Position:
    values = decode_cursor(cursor, 3)
    if values is None:
        return None, None, None
    try:
        return date.fromisoformat(values[0]), UUID(values[1]), int(values[2])
    except ValueError as error:
        raise BadCursor from error


async def _lines(
    connection: Connection, account: str, from_on: date, to_on: date, *, after: Position, limit: int
) -> list[StatementLine]:
    after_on, after_id, after_no = after
    rows = await fetch_all(
        connection, SQL["statement_lines"], account=account, from_on=from_on, to_on=to_on, after_on=after_on,
        after_id=after_id, after_no=after_no, limit=limit,
    )  # fmt: skip
    return [StatementLine(**row) for row in rows]


async def statement_csv(commerce: Commerce, seller_id: UUID, *, from_on: date, to_on: date) -> str:
    """The whole statement as a table: taka with two decimals, running balance.

    Raises:
        BadPeriod.
    """
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["date", "kind", "reference", "order_id", "amount_taka", "balance_taka"])
    cursor: str | None = None
    balance: int | None = None
    while True:
        page = await statement(commerce, seller_id, from_on=from_on, to_on=to_on, limit=AT_ONCE, cursor=cursor)
        if balance is None:
            balance = page.opening_poisha
            sheet.writerow([from_on, "opening", "", "", "", to_taka(balance)])
        for line in page.lines:
            balance += line.amount_poisha
            sheet.writerow([
                line.business_on, line.kind, line.reference, line.order_id or "", to_taka(line.amount_poisha), to_taka(balance),
            ])  # fmt: skip
        cursor = page.next_cursor
        if cursor is None:
            sheet.writerow([to_on, "closing", "", "", "", to_taka(page.closing_poisha)])
            return text.getvalue()
