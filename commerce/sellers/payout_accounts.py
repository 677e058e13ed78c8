"""Where sellers' money goes: for the service that sends it. A changed account waits, so that a thief gains nothing.

Not here: how an account is shown and checked (`verification`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from commerce.context import Commerce
from commerce.sellers.shops import SQL
from commerce.sellers.verification import NUMBER
from foundation.database import Connection, fetch_all

# A new account is told to everybody in the shop; so long they have to object before money goes there.
HOLD = timedelta(hours=48)


@dataclass(frozen=True)
class PayoutAccount:
    """A bank account or a wallet: its paper, its kind, its last digits, its state (accepted | pending), whether its shop sells."""

    id: UUID
    seller_id: UUID
    method: str
    tail: str
    state: str
    is_selling: bool
    held_until: datetime | None


async def accounts_of(connection: Connection, seller_ids: Sequence[UUID]) -> dict[UUID, PayoutAccount]:
    """The account of each seller that has shown one and was not refused."""
    rows = await fetch_all(connection, SQL["payout_accounts"], ids=list(seller_ids))
    return {
        row["seller_id"]: PayoutAccount(
            id=row["id"], seller_id=row["seller_id"], method=row["method"], tail=row["number_tail"], state=row["status"],
            is_selling=row["is_selling"],
            held_until=row["decided_at"] + HOLD if row["is_change"] and row["decided_at"] else None,
        )
        for row in rows
    }  # fmt: skip


async def number_of(commerce: Commerce, connection: Connection, account_id: UUID) -> str:
    """The account's number in clear: for the bank, and for nobody else."""
    (row,) = await fetch_all(connection, SQL["payout_number"], id=account_id)
    return commerce.cipher.decrypt(bytes(row["number_encrypted"]), NUMBER)
