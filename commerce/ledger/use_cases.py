"""Use cases of the ledger: post a transfer once. Called inside the transaction of the fact it records."""

from collections.abc import Sequence
from datetime import date

from commerce.ledger.rules import Entry
from foundation.database import Connection, execute, fetch_all
from foundation.ids import uuid7
from foundation.statements import load_statements

SQL = load_statements(__file__)


async def post(
    connection: Connection, *, kind: str, reference: str, business_on: date, entries: Sequence[Entry]
) -> bool:
    """Post a transfer; False if this kind and reference was posted before (nothing is written then).

    Raises:
        psycopg.errors.CheckViolation: at commit, when the entries do not sum to zero.
    """
    written = await execute(
        connection,
        SQL["post"],
        id=uuid7(),
        kind=kind,
        reference=reference,
        business_on=business_on,
        accounts=[entry.account for entry in entries],
        order_ids=[entry.order_id for entry in entries],
        amounts=[entry.amount_poisha for entry in entries],
    )
    return written > 0


async def balances(connection: Connection) -> dict[str, int]:
    """Balance in poisha by kind of account."""
    return {row["kind"]: row["balance_poisha"] for row in await fetch_all(connection, SQL["balances"])}
