"""What other services ask of parcels inside their own transaction: call one off, know of one. Imports no other service.

Not here: booking and tracking (they move orders, so they stand above them).
"""

from datetime import datetime
from uuid import UUID

from foundation.database import Connection, execute, fetch_one
from foundation.errors import Conflict
from foundation.statements import load_statements

SQL = load_statements(__file__)


class ParcelUnderWay(Conflict):
    code = "parcel-under-way"
    message = "The parcel has been given to the courier already. Refuse it at the door, or send the goods back."


async def call_off(connection: Connection, order_id: UUID, now: datetime) -> None:
    """The order of a parcel ends before it was carried.

    Raises:
        ParcelUnderWay: the courier was asked to carry it; it has to answer, or to call it off, first.
    """
    if await execute(connection, SQL["call_off"], order_id=order_id, now=now):
        return
    if await fetch_one(connection, SQL["find_parcel"], order_id=order_id) is not None:
        raise ParcelUnderWay


async def check_not_booked(connection: Connection, order_id: UUID) -> None:
    """Allow a change of what is in the parcel: the courier was not told of it yet.

    Raises:
        ParcelUnderWay.
    """
    parcel = await fetch_one(connection, SQL["find_parcel"], order_id=order_id)
    if parcel is not None and parcel["state"] != "created":
        raise ParcelUnderWay
