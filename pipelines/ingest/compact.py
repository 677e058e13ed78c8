"""The lake's tables: raw batches merged into the newest state of each row, one folder a business date (`day`). Not here: batches.

Read one with a single call, in DuckDB or polars:

    duckdb.sql(f"from read_parquet('{files(lake, 'orders.orders')}', hive_partitioning = true)")
    polars.scan_parquet(files(lake, "orders.orders"), hive_partitioning=True)

`python -m pipelines.ingest.compact` does all tables. A table is replaced at once when it is complete; batches that are in
it are deleted when they are older than `KEEP`. Memory is bounded: DuckDB spills to disk.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb

from foundation.clock import system_clock
from foundation.settings import load_settings
from pipelines.ingest.sources import HISTORY, SourceTable, source_tables

KEEP = timedelta(days=30)
MEMORY = "1GB"
# What places a row on a business date, the first that a table has; tables without one are a single folder.
DATES = ("business_on", "placed_at", "occurred_at", "decided_at", "posted_at", "created_at", "recorded_at", "added_at")
NO_DATE = "none"
DONE = "_merged"


def files(lake: Path, table: str) -> str:
    """Pattern of the files of a lake table, for any reader of hive-partitioned Parquet."""
    return f"{lake}/tables/{table}/day=*/*.parquet"


def compact(lake: Path, table: SourceTable) -> int:
    """Merge the batches of a table into its lake table; rows in it, 0 when there is nothing new."""
    folder = lake / "tables" / table.full_name
    partial, old = folder.with_name(f"{folder.name}.partial"), folder.with_name(f"{folder.name}.old")
    if old.exists() and not folder.exists():
        # A run died between the two renames below: what was there is still complete.
        os.replace(old, folder)
    batches, merged = _batches(lake, table), _merged(folder)
    if {_name(path) for path in batches} <= merged:
        return 0
    inputs = [str(path) for path in batches if path.parent.name == table.full_name]
    inputs += [files(lake, table.full_name)] if folder.exists() else []
    if not inputs:
        # The tombstones of others are no news of a table that never had a row.
        return 0
    shutil.rmtree(partial, ignore_errors=True)
    partial.parent.mkdir(parents=True, exist_ok=True)
    copy = (
        f"copy ({_newest(lake, table, inputs)}) to '{partial}' (format parquet, compression zstd, partition_by (day))"
    )
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(lake / "spill"), "threads": 2}) as duck:
        duck.execute("set preserve_insertion_order = false")
        row = duck.execute(copy).fetchone()
    (partial / DONE).write_text("\n".join(sorted(merged | {_name(path) for path in batches})))
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(partial, folder)
    shutil.rmtree(old, ignore_errors=True)
    return int(row[0]) if row else 0


def retire(lake: Path, table: SourceTable, *, keep: timedelta = KEEP) -> int:
    """Delete batches that the lake table holds and that are older than `keep`; number of files."""
    if table.full_name == HISTORY:
        # Tombstones are asked for at every merge of the tables that allow deletion.
        return 0
    limit = system_clock().timestamp() - keep.total_seconds()
    merged = _merged(lake / "tables" / table.full_name)
    batches = (lake / "raw" / table.full_name).glob("batch=*.parquet")
    old = [path for path in batches if _name(path) in merged and path.stat().st_mtime <= limit]
    for path in old:
        path.unlink()
    return len(old)


def _merged(folder: Path) -> set[str]:
    """Names of the batches that the lake table holds."""
    done = folder / DONE
    return set(done.read_text().split("\n")) if done.exists() else set()


def _name(batch: Path) -> str:
    """A batch among those of all tables: the row history has batches of the same bounds."""
    return f"{batch.parent.name}/{batch.name}"


def _batches(lake: Path, table: SourceTable) -> list[Path]:
    """Batches that the table is made of, tombstones included where rows may be deleted."""
    names = (table.full_name, HISTORY) if table.is_deletable else (table.full_name,)
    return sorted(path for name in names for path in (lake / "raw" / name).glob("batch=*.parquet"))


def _newest(lake: Path, table: SourceTable, inputs: list[str]) -> str:
    """SQL of the newest version of every row that commerce has not deleted since, with its business date."""
    key = ", ".join(f'"{name}"' for name in table.key)
    names = {column.name for column in table.columns}
    date = next((name for name in DATES if name in names), None)
    on = f"'{NO_DATE}'" if date is None else f'"{date}"::date::text'
    if date is not None and date.endswith("_at"):
        on = f"""(timezone('UTC', "{date}") + interval 6 hours)::date::text"""
    statement = f"select *, {on} as day from (select * from"
    listed = ", ".join(f"'{path}'" for path in inputs)
    statement += f" read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    statement += (
        f" qualify row_number() over (partition by {key} order by changed_xid desc, _load_no desc nulls last) = 1) as t"
    )
    dead = sorted((lake / "raw" / HISTORY).glob("batch=*.parquet"))
    if table.is_deletable and dead:
        told = ", ".join(f"'{path}'" for path in dead)
        same = " and ".join(f"""h.row_key ->> '{name}' = t."{name}"::text""" for name in table.key)
        statement += (
            f" where not exists (select 1 from read_parquet([{told}], union_by_name = true) as h where h.is_deleted"
            f" and h.table_name = '{table.full_name}' and h.changed_xid > t.changed_xid and {same})"
        )
    return statement


def compact_all(lake: Path) -> Iterator[tuple[str, int, int]]:
    """Compact every table, then delete its old batches; name, rows and deleted batches of each that had news."""
    for table in source_tables():
        rows = compact(lake, table)
        gone = retire(lake, table)
        if rows or gone:
            yield table.full_name, rows, gone


def main() -> int:
    """One line for each table that had news."""
    for name, rows, gone in compact_all(load_settings().folder("lake")):
        print(f"{name}: {rows} rows, {gone} batches deleted", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
