"""Comparisons of the warehouse with commerce that prove the extract complete. Not here: tests of marts (dbt), Dagster."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg

from pipelines.ingest.extract import Connection, closed_set
from pipelines.ingest.land import read_cursor
from pipelines.ingest.sources import HISTORY, SourceTable

# An extract that runs every hour is late when what it has is older than this.
FRESH_WITHIN = timedelta(hours=3)


@dataclass(frozen=True)
class TableComparison:
    """Rows and sums of one table on both sides, as of the horizon of the last batch."""

    table: SourceTable
    commerce: dict[str, int]
    warehouse: dict[str, int]

    @property
    def is_equal(self) -> bool:
        return self.commerce == self.warehouse

    @property
    def detail(self) -> str:
        """The numbers, differing ones first."""
        if self.is_equal:
            return f"{self.commerce['rows']} rows, {len(self.commerce) - 1} sums equal"
        pairs = [(name, value, self.warehouse[name]) for name, value in self.commerce.items()]
        return "; ".join(f"{name}: commerce {a}, warehouse {b}" for name, a, b in pairs if a != b)


def compare_tables(source_url: str, warehouse_url: str, tables: Sequence[SourceTable]) -> list[TableComparison]:
    """Compare every table as of its cursor: exact at any time, however much commerce has changed since.

    Rows that commerce has changed after the horizon are left out on both sides; they belong to the next batch.
    """
    with closed_set(source_url) as source, psycopg.connect(warehouse_url) as warehouse:
        return [_compare(source.connection, warehouse, table) for table in tables]


def _compare(source: Connection, warehouse: Connection, table: SourceTable) -> TableComparison:
    horizon = read_cursor(warehouse, table)
    key = ", ".join(f'"{name}"' for name in table.key)
    copy_open_keys(source, warehouse, table, horizon)
    closed = f"from {table.full_name} where changed_xid < '{horizon}'::xid8"
    same = " and ".join(f'o."{name}" = t."{name}"' for name in table.key)
    landed = f"from {table.raw_name} as t where not exists (select {key} from open_rows as o where {same})"
    result = TableComparison(table, _totals(source, table, closed), _totals(warehouse, table, landed))
    warehouse.execute("drop table open_rows")
    return result


def copy_open_keys(source: Connection, warehouse: Connection, table: SourceTable, horizon: int) -> None:
    """Put the keys of rows that commerce has changed or deleted since the horizon into the temporary `open_rows`."""
    key = ", ".join(f'"{name}"' for name in table.key)
    warehouse.execute(f"create temp table open_rows as select {key} from {table.raw_name} limit 0")
    statement = f"select {key} from {table.full_name} where changed_xid >= '{horizon}'::xid8"
    if table.is_deletable:
        statement += f" union {_deleted_keys(table, horizon)}"
    with (
        source.cursor().copy(f"copy ({statement}) to stdout (format binary)") as rows,
        warehouse.cursor().copy("copy open_rows from stdin (format binary)") as landing,
    ):
        for row in rows:
            landing.write(row)
    warehouse.execute("analyze open_rows")


def _deleted_keys(table: SourceTable, horizon: int) -> str:
    """SQL of the keys that commerce has deleted since the horizon."""
    types = {column.name: column.type for column in table.columns}
    key = ", ".join(f"(row_key ->> '{name}')::{types[name]}" for name in table.key)
    return (
        f"select {key} from {HISTORY} where table_name = '{table.full_name}' and is_deleted"
        f" and changed_xid >= '{horizon}'::xid8"
    )


def measured_columns(table: SourceTable) -> list[str]:
    """Amounts and quantities: what is summed to compare."""
    return [column.name for column in table.columns if column.name.endswith("_poisha") or column.name == "quantity"]


def _totals(connection: Connection, table: SourceTable, origin: str) -> dict[str, int]:
    """Number of rows, and the sum of every amount and quantity in thousandths."""
    measured = measured_columns(table)
    sums = "".join(f', coalesce(sum("{name}" * 1000), 0)::bigint' for name in measured)
    row: Any = connection.execute(f"select count(*){sums} {origin}").fetchone()
    return dict(zip(["rows", *measured], row, strict=True))


@dataclass(frozen=True)
class Lag:
    """How far the warehouse is behind commerce."""

    behind: timedelta

    @property
    def is_fresh(self) -> bool:
        return self.behind <= FRESH_WITHIN


def measure_lag(source_url: str, warehouse_url: str) -> Lag:
    """Age of the oldest checkout that the warehouse lacks; zero when it lacks none."""
    with psycopg.connect(warehouse_url) as warehouse:
        newest = warehouse.execute("select max(placed_at) from raw.orders__order_groups").fetchone()
    with psycopg.connect(source_url) as source:
        row = source.execute(
            "select coalesce(now() - min(placed_at), interval '0') from orders.order_groups"
            " where placed_at > coalesce(%s, '-infinity'::timestamptz) and placed_at <= now()",
            [newest[0] if newest else None],
        ).fetchone()
    return Lag(row[0] if row else timedelta(0))
