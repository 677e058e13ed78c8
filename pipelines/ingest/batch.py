"""One ingest run: every extracted table brought to the same horizon, in one warehouse transaction. Not here: the steps."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from foundation.errors import GetItError
from foundation.settings import Settings
from pipelines.ingest import lake as parquet
from pipelines.ingest import land
from pipelines.ingest.extract import ClosedSet, closed_set
from pipelines.ingest.reference import land_districts
from pipelines.ingest.schema import check_sources
from pipelines.ingest.sources import HISTORY, SourceTable, source_tables

# One ingest at a time: two would race for the same cursors.
INGEST_LOCK = 7_300_001
Reached = Callable[[str], None]


class SourceWentBack(GetItError):
    """Commerce was restored or moved: its transaction ids are below those that the warehouse has seen."""

    code = "source-went-back"
    message = (
        "Commerce's horizon {horizon} is below what was loaded of {table} ({cursor}): it was restored from a dump. Drop the "
        "raw tables (`python -m pipelines.ingest.accept --all`), then everything is read again."
    )


@dataclass(frozen=True)
class TableLoad:
    """What one table contributed to a batch."""

    table: SourceTable
    lo: int
    hi: int
    rows: int
    seconds: float
    load_no: int = 0
    gone: int = 0


@dataclass(frozen=True)
class _Run:
    """What the steps of a run share."""

    source: ClosedSet
    reader: Any
    warehouse: psycopg.Connection[Any]
    lake: Path
    load_no: int
    reached: Reached


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


def ingest_between(
    source_url: str,
    warehouse_url: str,
    lake: Path,
    tables: Sequence[SourceTable],
    *,
    reached: Reached = lambda _: None,
) -> list[TableLoad]:
    """The same between two databases given by their URLs, which may be on different servers.

    `reached` is told the name of each point of the run, for tests that end it there.

    Raises:
        IncompatibleSource: commerce's tables are not the declared ones; nothing was loaded.
        SourceWentBack: commerce was restored from a dump.
    """
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        warehouse.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        warehouse.execute("set local maintenance_work_mem = '256MB'")
        land.ensure_books(warehouse)
        # The snapshot is taken after the lock: an ingest that waited must not read an older horizon.
        with closed_set(source_url) as source, parquet.snapshot_reader(source_url, source) as reader:
            check_sources(source.connection, warehouse, tables)
            reached("checked")
            load_no = land.open_load(warehouse, source.horizon)
            run = _Run(source, reader, warehouse, lake, load_no, reached)
            loads = _buried(run, [_load(run, table) for table in tables])
            reached("complete")
    reached("committed")
    return loads


def _load(run: _Run, table: SourceTable) -> TableLoad:
    started = time.perf_counter()
    land.ensure_raw_table(run.warehouse, table)
    lo, hi = land.read_cursor(run.warehouse, table), run.source.horizon
    if hi < lo:
        raise SourceWentBack(horizon=hi, table=table.full_name, cursor=lo)
    parquet.remove_orphans(run.lake, table, lo)
    rows = land.land_batch(run.source, run.warehouse, table, lo, hi, load_no=run.load_no, is_open=True)
    run.reached(f"landed {table.full_name}")
    if rows:
        parquet.store_batch(run.reader, run.lake, table, lo, hi, load_no=run.load_no)
        run.reached(f"stored {table.full_name}")
    land.move_cursor(run.warehouse, table, hi, rows)
    run.reached(f"moved {table.full_name}")
    return TableLoad(table, lo, hi, rows, time.perf_counter() - started, run.load_no)


def _buried(run: _Run, loads: list[TableLoad]) -> list[TableLoad]:
    """The loads, after rows that commerce has deleted are taken out of the tables that allow it."""
    history = next((load.table for load in loads if load.table.full_name == HISTORY), None)
    if history is None:
        return loads
    buried = []
    for load in loads:
        gone = land.bury(run.warehouse, load.table, history, load.lo) if load.table.is_deletable else 0
        buried.append(replace(load, gone=gone))
    run.reached("buried")
    return buried


def replay(source_url: str, warehouse_url: str, lake: Path, table: SourceTable, *, lo: int, hi: int) -> int:
    """Run a past batch again (after a restore, or in doubt); rows that were missing or different."""
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        warehouse.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        with closed_set(source_url) as source, parquet.snapshot_reader(source_url, source) as reader:
            load_no = land.open_load(warehouse, source.horizon)
            rows = land.land_batch(source, warehouse, table, lo, hi, load_no=load_no)
            parquet.store_batch(reader, lake, table, lo, hi, load_no=load_no)
            return rows
