"""Exports of marts to the lake, for the models: one Parquet file a mart, replaced when complete. Not here: the marts."""

from pathlib import Path

from adbc_driver_postgresql import dbapi

from foundation.settings import Settings
from pipelines.ingest.lake import write_parquet
from pipelines.stamps import stamp

# Identifiers as text and decimals as floating point: what frames of every library read alike.
CASTS = {"uuid": "text", "numeric": "double precision"}


def export_marts(settings: Settings, marts: tuple[str, ...]) -> dict[str, int]:
    """Write every mart as `<lake>/marts/<mart>.parquet`, all as of one moment; number of rows of each."""
    folder = settings.folder("lake", "marts")
    url = settings.postgres("getit_warehouse", role="getit_pipelines")
    with dbapi.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("begin isolation level repeatable read read only")
        stamped = stamp(_load_no(cursor))
        counts = {mart: _export(cursor, mart, folder, stamped) for mart in marts}
        cursor.execute("rollback")
        return counts


def _load_no(cursor: dbapi.Cursor) -> int:
    cursor.execute("select coalesce(max(load_no), 0) from quality.warehouse_builds")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _export(cursor: dbapi.Cursor, mart: str, folder: Path, stamped: dict[str, str]) -> int:
    cursor.execute(
        "select column_name, data_type from information_schema.columns"
        f" where table_schema = 'marts' and table_name = '{mart}' order by ordinal_position"
    )
    columns = cursor.fetchall()
    if not columns:
        raise LookupError(f"There is no mart {mart!r}: build the warehouse, or correct the name in the model family.")
    chosen = ", ".join(
        f'"{name}"::{CASTS[kind]} as "{name}"' if kind in CASTS else f'"{name}"' for name, kind in columns
    )
    return write_parquet(cursor, f'select {chosen} from marts."{mart}"', folder / f"{mart}.parquet", stamped)
