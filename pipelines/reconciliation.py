"""Commerce beside the warehouse by business date, and by account in the ledger: counts and sums. Not here: whole tables.

Sums over a table agree when an amount has moved to another day or account; these do not.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from pipelines.checks import copy_open_keys, measured_columns
from pipelines.ingest.land import read_cursor
from pipelines.ingest.sources import SourceTable

Connection = psycopg.Connection[Any]
Totals = dict[str, tuple[int, ...]]

# The instant or date that places a row of these tables on a business date.
DATED = {
    "inventory.movements": "occurred_at",
    "ledger.transfers": "business_on",
    "orders.order_groups": "placed_at",
    "orders.orders": "placed_at",
    "payments.attempts": "created_at",
    "payments.refunds": "created_at",
    "risk.decisions": "decided_at",
    "shipping.shipments": "created_at",
}
LEDGER = "ledger.entries"
BY_ACCOUNT = """
select transfer.business_on || ' ' || entry.account_code, count(*), sum(entry.amount_poisha)::bigint
from {entries} entry join {transfers} transfer on transfer.id = entry.transfer_id
where entry.changed_xid < '{horizon}'::{kind} group by 1
"""


def dated(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """The tables whose rows belong to a business date."""
    return [table for table in tables if table.full_name in DATED]


def compare_days(source: Connection, warehouse: Connection, table: SourceTable) -> list[str]:
    """Business dates on which rows or sums differ, as of the table's cursor; rows changed since are left out."""
    horizon = read_cursor(warehouse, table)
    key = ", ".join(f'"{name}"' for name in table.key)
    copy_open_keys(source, warehouse, table, horizon)
    same = " and ".join(f'o."{name}" = t."{name}"' for name in table.key)
    closed = f"{table.full_name} as t where t.changed_xid < '{horizon}'::xid8"
    landed = f"{table.raw_name} as t where not exists (select {key} from open_rows as o where {same})"
    there, here = (_by_day(source, table, closed), _by_day(warehouse, table, landed))
    warehouse.execute("drop table open_rows")
    return _differences(there, here)


def compare_ledger(source: Connection, warehouse: Connection) -> list[str]:
    """Dates and accounts of the ledger whose entries differ; its rows never change, so the horizon alone divides them."""
    row = warehouse.execute("select changed_xid from raw.extract_cursors where table_name = %s", [LEDGER]).fetchone()
    horizon = int(row[0]) if row else 0
    there = BY_ACCOUNT.format(entries=LEDGER, transfers="ledger.transfers", horizon=horizon, kind="xid8")
    here = BY_ACCOUNT.format(
        entries="raw.ledger__entries", transfers="raw.ledger__transfers", horizon=horizon, kind="bigint"
    )
    return _differences(_totals(source, there), _totals(warehouse, here))


def _by_day(connection: Connection, table: SourceTable, origin: str) -> Totals:
    column = DATED[table.full_name]
    day = f"({column} at time zone 'Asia/Dhaka')::date" if column.endswith("_at") else column
    sums = "".join(f', coalesce(sum("{name}" * 1000), 0)::bigint' for name in measured_columns(table))
    return _totals(connection, f"select {day}::text, count(*){sums} from {origin} group by 1")


def _totals(connection: Connection, statement: str) -> Totals:
    return {str(row[0]): tuple(map(int, row[1:])) for row in connection.execute(statement)}


def _differences(there: Totals, here: Totals) -> list[str]:
    return [
        f"{name}: commerce {there.get(name)}, warehouse {here.get(name)}"
        for name in sorted(there.keys() | here.keys())
        if there.get(name) != here.get(name)
    ]
