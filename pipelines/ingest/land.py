"""Put a batch into the warehouse: `raw` tables, their keys, and the cursor that says how far we are. Not here: reading.

Rows are replaced by primary key and only by newer ones, whatever the order batches come in; a row that is there
unchanged is left alone: replaying a batch changes nothing.
"""

from typing import Any

import psycopg

from pipelines.ingest.extract import ClosedSet, select_batch
from pipelines.ingest.pace import Pace
from pipelines.ingest.sources import SourceTable
from pipelines.stamps import run_id

Connection = psycopg.Connection[Any]

STAMPS = (("_batch_lo", "bigint"), ("_batch_hi", "bigint"), ("_load_no", "bigint"), ("_loaded_at", "timestamptz"))
ANALYZE_FROM_ROWS = 1_000


BOOKS = (
    # For each raw table, up to which transaction it is complete.
    "create table if not exists raw.extract_cursors ("
    "table_name text primary key, changed_xid bigint not null, batch_rows bigint not null,"
    " loaded_at timestamptz not null)",
    # Every run that committed; what came after a build is what has a greater number. A horizon cannot say that: while a
    # long transaction holds it back, several runs end at the same one.
    "create table if not exists raw.loads ("
    "load_no bigint generated always as identity primary key, horizon bigint not null,"
    " loaded_at timestamptz not null default now())",
    "alter table raw.loads add column if not exists run_id text",
)


def ensure_books(warehouse: Connection) -> None:
    """Make the tables in which ingest keeps its own books."""
    for statement in BOOKS:
        warehouse.execute(statement)


def open_load(warehouse: Connection, horizon: int) -> int:
    """Number of this run; it is gone again when the run does not commit."""
    row = warehouse.execute(
        "insert into raw.loads (horizon, run_id) values (%s, %s) returning load_no", [horizon, run_id()]
    ).fetchone()
    assert row is not None
    return int(row[0])


def read_cursor(warehouse: Connection, table: SourceTable) -> int:
    """Transaction up to which the raw table is complete; 0 before the first batch."""
    row = warehouse.execute(
        "select changed_xid from raw.extract_cursors where table_name = %s", [table.full_name]
    ).fetchone()
    return int(row[0]) if row else 0


def move_cursor(warehouse: Connection, table: SourceTable, hi: int, rows: int) -> None:
    """Record that the raw table is complete up to `hi`; never moves back."""
    warehouse.execute(
        "insert into raw.extract_cursors as c values (%s, %s, %s, now())"
        " on conflict (table_name) do update set changed_xid = excluded.changed_xid,"
        " batch_rows = excluded.batch_rows, loaded_at = excluded.loaded_at where c.changed_xid <= excluded.changed_xid",
        [table.full_name, hi, rows],
    )


def ensure_raw_table(warehouse: Connection, table: SourceTable) -> None:
    """Make the raw table, or bring it to today's columns; with new columns it is emptied, to be read again in full."""
    wanted = [(column.name, column.type) for column in table.columns] + list(STAMPS)
    declared = ", ".join(f'"{name}" {kind}' for name, kind in wanted)
    warehouse.execute(f"create table if not exists {table.raw_name} ({declared})")
    rows = warehouse.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
        [table.raw_name],
    )
    present = {row[0] for row in rows}
    missing = [(name, kind) for name, kind in wanted if name not in present]
    for name, kind in missing:
        warehouse.execute(f'alter table {table.raw_name} add column "{name}" {kind}')
    if missing:
        warehouse.execute(f"truncate {table.raw_name}")
        warehouse.execute("delete from raw.extract_cursors where table_name = %s", [table.full_name])


def land_batch(
    source: ClosedSet,
    warehouse: Connection,
    table: SourceTable,
    lo: int,
    hi: int,
    *,
    load_no: int,
    is_open: bool = False,
) -> int:
    """Copy the rows of [lo, hi) from the snapshot into the raw table; number of rows that were new or changed.

    `is_open`: and what the snapshot sees above `hi`, so that all tables show one state of commerce.
    """
    is_first = warehouse.execute(f"select not exists (select 1 from {table.raw_name})").fetchone()
    if is_first and is_first[0]:
        rows = 0
        for blocks in Pace().slices(source.connection, table):
            part = select_batch(table, lo, hi, load_no=load_no, is_open=is_open, blocks=blocks)
            rows += _copy(source, warehouse, part, f"{table.raw_name} ({_columns(table)})")
        _index(warehouse, table)
    else:
        warehouse.execute(f"create temp table batch (like {table.raw_name}) on commit drop")
        statement = select_batch(table, lo, hi, load_no=load_no, is_open=is_open)
        staged = _copy(source, warehouse, statement, f"batch ({_columns(table)})")
        rows = _merge(warehouse, table) if staged else 0
        warehouse.execute("drop table batch")
    if rows >= ANALYZE_FROM_ROWS:
        warehouse.execute(f"analyze {table.raw_name}")
    return rows


def _copy(source: ClosedSet, warehouse: Connection, statement: str, target: str) -> int:
    """Pass PostgreSQL's own binary rows through: exact types, no parsing, bounded memory."""
    with source.connection.cursor() as reader, warehouse.cursor() as writer:
        with (
            reader.copy(f"copy ({statement}) to stdout (format binary)") as rows,
            writer.copy(f"copy {target} from stdin (format binary)") as landing,
        ):
            for row in rows:
                landing.write(row)
        return writer.rowcount


def _columns(table: SourceTable) -> str:
    """Columns in the order of the extract: a raw table that has grown holds them in another."""
    names = [column.name for column in table.columns] + [name for name, _ in STAMPS]
    return ", ".join(f'"{name}"' for name in names)


def bury(warehouse: Connection, table: SourceTable, history: SourceTable, lo: int) -> int:
    """Take rows that commerce has deleted since `lo` out of the raw table; number of them.

    A row of the same transaction as its tombstone was written after it: the older one is gone, this one is there.
    """
    types = {column.name: column.type for column in table.columns}
    same_key = " and ".join(f"""r."{name}" = (h.row_key ->> '{name}')::{types[name]}""" for name in table.key)
    gone = warehouse.execute(
        f"delete from {table.raw_name} r using {history.raw_name} h where h.table_name = %s and h.is_deleted"
        f" and h.changed_xid >= %s and {same_key} and r.changed_xid < h.changed_xid",
        [table.full_name, lo],
    )
    return gone.rowcount


def _merge(warehouse: Connection, table: SourceTable) -> int:
    same_key = " and ".join(f'r."{name}" = b."{name}"' for name in table.key)
    warehouse.execute("analyze batch")
    warehouse.execute(
        f"delete from {table.raw_name} r using batch b where {same_key} and r.changed_xid < b.changed_xid"
    )
    names = _columns(table)
    inserted = warehouse.execute(
        f"insert into {table.raw_name} ({names}) select {names} from batch b"
        f" where not exists (select 1 from {table.raw_name} r where {same_key})"
    )
    return inserted.rowcount


def _index(warehouse: Connection, table: SourceTable) -> None:
    base = f"{table.schema}__{table.name}"
    key = ", ".join(f'"{name}"' for name in table.key)
    warehouse.execute(f"create unique index if not exists uq_{base} on {table.raw_name} ({key})")
    warehouse.execute(f"create index if not exists ix_{base}_load_no on {table.raw_name} (_load_no)")
