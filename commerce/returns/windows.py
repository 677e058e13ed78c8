"""For how many days goods of a category may be sent back: data, in a table. Imports no other service.

Not here: returns themselves.
"""

from datetime import timedelta
from uuid import UUID

from foundation.database import Connection, fetch_one
from foundation.statements import load_statements

SQL = load_statements(__file__, "windows.sql")
DEFAULT_DAYS = 7


async def window_of(connection: Connection, order_id: UUID) -> timedelta:
    """Longest window of the goods in an order: until it ends, their money waits in escrow."""
    row = await fetch_one(connection, SQL["window_of_order"], order_id=order_id, default_days=DEFAULT_DAYS)
    return timedelta(days=row["days"] if row else DEFAULT_DAYS)


async def window_of_line(connection: Connection, order_id: UUID, line_no: int) -> timedelta:
    """Window of one line."""
    row = await fetch_one(
        connection, SQL["window_of_line"], order_id=order_id, line_no=line_no, default_days=DEFAULT_DAYS
    )
    return timedelta(days=row["days"] if row else DEFAULT_DAYS)
