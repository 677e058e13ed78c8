"""One ingest run: every extracted table brought to the same horizon, in one warehouse transaction. Not here: the steps."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from foundation.settings import Settings
from pipelines.ingest import lake as parquet
from pipelines.ingest import land
from pipelines.ingest.extract import ClosedSet, closed_set
from pipelines.ingest.reference import land_districts
from pipelines.ingest.sources import SourceTable, source_tables

# One ingest at a time: two would race for the same cursors.
INGEST_LOCK = 7_300_001


@dataclass(frozen=True)
class TableLoad:
    """What one table contributed to a batch."""

    table: SourceTable
    lo: int
    hi: int
    rows: int
    seconds: float


def ingest(settings: Settings, tables: Sequence[SourceTable] | None = None) -> list[TableLoad]:
    """Extract all that closed since the last run into warehouse and lake; every table ends at the same horizon."""
    warehouse_url = settings.postgres("getit_warehouse", role="getit_pipelines")
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        land_districts(warehouse)
    return ingest_between(
        settings.postgres("getit", role="getit_pipelines"),
        warehouse_url,
        settings.folder("lake"),
        tables if tables is not None else source_tables(),
    )


def ingest_between(source_url: str, warehouse_url: str, lake: Path, tables: Sequence[SourceTable]) -> list[TableLoad]:
    """The same between two databases given by their URLs."""
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        warehouse.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        warehouse.execute("set local maintenance_work_mem = '256MB'")
        land.ensure_cursors(warehouse)
        # The snapshot is taken after the lock: an ingest that waited must not read an older horizon.
        with closed_set(source_url) as source, parquet.snapshot_reader(source_url, source) as reader:
            return [_load(source, reader, warehouse, lake, table) for table in tables]


def _load(
    source: ClosedSet, reader: Any, warehouse: psycopg.Connection[Any], lake: Path, table: SourceTable
) -> TableLoad:
    started = time.perf_counter()
    land.ensure_raw_table(warehouse, table)
    lo, hi = land.read_cursor(warehouse, table), source.horizon
    parquet.remove_orphans(lake, table, lo)
    rows = land.land_batch(source, warehouse, table, lo, hi, is_open=True)
    if rows:
        parquet.store_batch(reader, lake, table, lo, hi)
    land.move_cursor(warehouse, table, hi, rows)
    return TableLoad(table, lo, hi, rows, time.perf_counter() - started)


def replay(source_url: str, warehouse_url: str, lake: Path, table: SourceTable, *, lo: int, hi: int) -> int:
    """Run a past batch again (after a restore, or in doubt); rows that were missing or different."""
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        warehouse.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        with closed_set(source_url) as source, parquet.snapshot_reader(source_url, source) as reader:
            rows = land.land_batch(source, warehouse, table, lo, hi)
            parquet.store_batch(reader, lake, table, lo, hi)
            return rows
