"""Moves DuckDB tables into the shop's, by COPY through a pipe, within the transaction of the caller.

Entities go by way of a temporary table: those that exist already are kept as they are. Not here: what the rows mean.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql

from commerce.imports.mapping import Mapping
from foundation.security.fields import FieldCipher
from foundation.statements import load_statements

Connection = psycopg.Connection[Any]
SQL = load_statements(__file__)
CHUNK_BYTES = 1 << 20
Loaded = Callable[[str], None]


@dataclass(frozen=True)
class Copy:
    """One table to fill: its columns, where they come from, and what to do about rows that exist."""

    table: str
    columns: tuple[str, ...]
    query: str
    # Empty: rows are new by construction and a clash is an error. Else the tail of the INSERT.
    on_conflict: str = ""


def pull_known(connection: Connection, duck: duckdb.DuckDBPyConnection, mapping: Mapping) -> None:
    """Bring what the shop has already into DuckDB: codes with their ids, and the orders of this source."""
    for name in ("sellers", "products", "categories", "hubs", "offers", "stock"):
        _pull(connection, duck, f"known_{name}", SQL[f"known_{name}"])
    _pull(connection, duck, "imported_orders", SQL["imported_orders"], source=mapping.source)


def _pull(connection: Connection, duck: duckdb.DuckDBPyConnection, name: str, query: str, **params: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows = cursor.fetchall()
        names = [column.name for column in cursor.description or ()]
    integers = {"commission_bp", "price_poisha"}
    kinds = [pa.int64() if column in integers else pa.string() for column in names]
    values = list(zip(*rows, strict=True)) or [()] * len(names)
    table = pa.table([pa.array(list(column), kind) for column, kind in zip(values, kinds, strict=True)], names=names)
    casts = ", ".join(
        f"cast({column} as uuid) as {column}" if column == "id" or column.endswith("_id") else column
        for column in names
    )
    duck.register("pulled", table)
    duck.execute(f"create table {name} as select {casts} from pulled")
    duck.unregister("pulled")


def encrypt_phones(duck: duckdb.DuckDBPyConnection, cipher: FieldCipher) -> None:
    """Make `secrets`: encrypted phone and its blind index of each customer whose number is one; a number counts once."""
    from foundation.bangladesh.phones import normalise_phone

    found: dict[str, str] = {}
    for customer, phone in duck.execute(
        "select id::varchar, phone from customers where phone is not null order by customer_ref"
    ).fetchall():
        normal = normalise_phone(phone)
        if normal is not None:
            found.setdefault(normal, customer)
    columns = {
        "customer_id": list(found.values()),
        "phone_hex": [r"\x" + cipher.encrypt(phone, "identity.users.phone").hex() for phone in found],
        "phone_key": [cipher.index(phone, "phone") for phone in found],
    }
    duck.register("encrypted", pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}))
    duck.execute("create table secrets as select * replace (customer_id::uuid as customer_id) from encrypted")
    duck.unregister("encrypted")


def copy_table(connection: Connection, duck: duckdb.DuckDBPyConnection, copy: Copy) -> int:
    """Fill a table; the number of rows it got."""
    target = sql.SQL(".").join(map(sql.Identifier, copy.table.split(".")))
    columns = sql.SQL(", ").join(map(sql.Identifier, copy.columns))
    if not copy.on_conflict:
        return _stream(connection, duck, copy.query, target, columns)
    incoming = sql.Identifier("incoming_" + copy.table.replace(".", "_"))
    connection.execute(
        sql.SQL("create temporary table {} on commit drop as select {} from {} with no data").format(
            incoming, columns, target
        )
    )
    _stream(connection, duck, copy.query, incoming, columns)
    done = connection.execute(
        sql.SQL("insert into {} ({}) select {} from {} ").format(target, columns, columns, incoming)
        + sql.SQL(copy.on_conflict)
    )
    return done.rowcount


def _stream(
    connection: Connection, duck: duckdb.DuckDBPyConnection, query: str, target: sql.Composable, columns: sql.Composable
) -> int:
    statement = sql.SQL("copy {} ({}) from stdin (format csv)").format(target, columns)
    with connection.cursor() as cursor:
        with cursor.copy(statement) as copying, csv_of(duck, query) as chunks:
            for chunk in chunks:
                copying.write(chunk)
        return cursor.rowcount


@contextmanager
def csv_of(duck: duckdb.DuckDBPyConnection, query: str) -> Iterator[Iterator[bytes]]:
    """A query's result as CSV, in chunks, written by DuckDB in a thread while the reader is busy: nothing on disk."""
    read_end, write_end = os.pipe()
    failures: list[Exception] = []

    def write() -> None:
        try:
            # Not a cursor of its own: settings and variables belong to the connection.
            duck.execute(f"copy ({query}) to '/dev/fd/{write_end}' (format csv, header false)")
        except Exception as error:
            failures.append(error)
        finally:
            os.close(write_end)

    writer = threading.Thread(target=write, daemon=True)
    with os.fdopen(read_end, "rb", buffering=0) as stream:
        writer.start()
        yield iter(lambda: stream.read(CHUNK_BYTES), b"")
    # Its end of the pipe is closed now: a writer that was still at it fails and ends.
    writer.join()
    if failures:
        raise failures[0]
