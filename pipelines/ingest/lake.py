"""Parquet in the lake: raw batches as they were extracted, and exports of marts for the models. Not here: PostgreSQL.

A file appears under its final name only when it is complete. A raw batch that the cursor never reached (a crash
between file and commit) is removed before the next one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from adbc_driver_postgresql import dbapi

from pipelines.ingest.extract import ClosedSet, select_batch
from pipelines.ingest.sources import SourceTable
from pipelines.stamps import stamp

READ_BYTES = 16 << 20


def batch_file(lake: Path, table: SourceTable, lo: int, hi: int) -> Path:
    """Where the batch [lo, hi) of a table lies."""
    return lake / "raw" / table.full_name / f"batch={lo}-{hi}.parquet"


def remove_orphans(lake: Path, table: SourceTable, cursor: int) -> None:
    """Delete files of batches that never became part of the warehouse."""
    for path in (lake / "raw" / table.full_name).glob("batch=*.parquet"):
        if int(path.stem.rpartition("-")[2]) > cursor:
            path.unlink()


@contextmanager
def snapshot_reader(url: str, source: ClosedSet) -> Iterator[dbapi.Cursor]:
    """An Arrow cursor on the same snapshot as the closed set."""
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("begin isolation level repeatable read read only")
        cursor.execute(f"set transaction snapshot '{source.snapshot}'")
        yield cursor
        cursor.execute("rollback")


def store_batch(reader: dbapi.Cursor, lake: Path, table: SourceTable, lo: int, hi: int, *, load_no: int = 0) -> int:
    """Write the rows of [lo, hi) as Parquet; number of rows. A batch already in the lake is left as it is."""
    path = batch_file(lake, table, lo, hi)
    if path.exists():
        return 0
    return write_parquet(reader, select_batch(table, lo, hi, load_no=load_no), path, stamp(load_no))


def write_parquet(reader: dbapi.Cursor, statement: str, path: Path, stamped: dict[str, str]) -> int:
    """Stream a query into a Parquet file, record batch by record batch, with a stamp in its metadata; number of rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    reader.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(READ_BYTES)})
    reader.execute(statement)
    rows = 0
    batches = reader.fetch_record_batch()
    with pq.ParquetWriter(partial, _schema(batches.schema), compression="zstd") as writer:
        writer.add_key_value_metadata(stamped)
        for batch in batches:
            writer.write_batch(_plain(batch))
            rows += batch.num_rows
    os.replace(partial, path)
    return rows


def _schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(field.name, _type(field)) for field in schema])


def _type(field: pa.Field) -> pa.DataType:
    """Types that Parquet readers know: numeric becomes decimal, jsonb becomes text."""
    kind = field.type
    if isinstance(kind, pa.OpaqueType) and kind.type_name == "numeric":
        return pa.decimal128(18, 4) if field.metadata is None else _decimal(field.metadata)
    if isinstance(kind, pa.JsonType):
        return pa.string()
    return kind


def _decimal(metadata: dict[bytes, bytes]) -> pa.DataType:
    """Precision and scale from PostgreSQL's type modifier; sums without one get room to spare."""
    modifier = int(metadata.get(b"POSTGRESQL:typmod", b"-1")) - 4
    return pa.decimal128(38, 6) if modifier < 0 else pa.decimal128(modifier >> 16 & 0xFFFF, modifier & 0x7FF)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    schema = _schema(batch.schema)
    columns = [
        column if column.type == field.type else column.storage.cast(field.type)
        for column, field in zip(batch.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
