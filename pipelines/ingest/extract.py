"""Read commerce as of one snapshot: rows whose last change lies in [lo, horizon). Not here: where they are put.

Every transaction below the horizon (`xmin` of the snapshot) has ended, so the set is closed: nothing can appear in it
later. A cursor on an id or a time-stamp loses the rows of transactions that commit out of order (a quarter of them
under concurrent writers); this one loses none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from pipelines.ingest.sources import SourceTable

Connection = psycopg.Connection[Any]


@dataclass(frozen=True)
class ClosedSet:
    """An open read-only snapshot of commerce and its horizon."""

    connection: Connection
    snapshot: str
    horizon: int


@contextmanager
def closed_set(url: str) -> Iterator[ClosedSet]:
    """Open a snapshot in one REPEATABLE READ READ ONLY transaction; closed at the end of the block."""
    with psycopg.connect(url, autocommit=True, application_name="getit-extract") as connection:
        connection.execute("begin isolation level repeatable read read only")
        row = connection.execute("select pg_export_snapshot(), platform.horizon()::text::bigint").fetchone()
        assert row is not None
        yield ClosedSet(connection, row[0], row[1])
        connection.execute("rollback")


def select_batch(
    table: SourceTable,
    lo: int,
    hi: int,
    *,
    load_no: int = 0,
    is_open: bool = False,
    blocks: tuple[int, int] | None = None,
) -> str:
    """SQL of the rows of a table that belong to the batch [lo, hi), with the batch stamped on each.

    `is_open` adds what the snapshot sees above the horizon, which the next batch reads again: without it a row that was
    changed a moment ago is missing beside the rows that belong to it, and the tables do not fit together. `blocks` are
    pages of the table, from the first to before the second: slices of one snapshot that hold every row once.
    """
    upper = "" if is_open else f" and changed_xid < '{hi}'::xid8"
    pages = "" if blocks is None else f" and ctid >= '({blocks[0]},0)'::tid and ctid < '({blocks[1]},0)'::tid"
    expressions = ", ".join(column.expression for column in table.columns)
    return (
        f"select {expressions}, {lo}::bigint as _batch_lo, {hi}::bigint as _batch_hi,"
        f" {load_no}::bigint as _load_no, now() as _loaded_at"
        f" from {table.full_name}"
        f" where changed_xid >= '{lo}'::xid8{upper}{pages}"
    )
