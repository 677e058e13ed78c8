"""What the sandbox courier remembers, in SQLite: parcels, webhooks to send, invoices. A restart forgets nothing. Not here: HTTP."""

import json
import secrets
import sqlite3
import string
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists parcels (
    consignment_id text primary key, merchant_order_id text, status text not null, collect_taka integer not null,
    collected_taka integer, delivery_fee_taka integer not null, invoice_id text, ends_as text not null,
    created_ms integer not null, updated_ms integer not null
);
create table if not exists webhooks (
    id integer primary key, body text not null, tries integer not null default 0, next_ms integer not null, sent_ms integer
);
create table if not exists invoices (id text primary key, created_ms integer not null, document text not null);
create table if not exists faults (id integer primary key check (id = 1), document text not null);
"""
ALPHABET = string.ascii_uppercase + string.digits
LARGEST_TRIES = 8
Row = dict[str, Any]


class Store:
    """The courier's books. Every method is one committed transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"pragma journal_mode = wal; {TABLES}")

    def add_parcel(
        self, *, reference: str, collect_taka: int, fee_taka: int, ends_as: str, day: str, now_ms: int
    ) -> Row:
        """A parcel is booked. The same reference twice makes two parcels, as the real one does."""
        consignment = f"DL{day}{''.join(secrets.choice(ALPHABET) for _ in range(6))}"
        self._connection.execute(
            "insert into parcels values (?, ?, 'Pending', ?, null, ?, null, ?, ?, ?)",
            (consignment, reference, collect_taka, fee_taka, ends_as, now_ms, now_ms),
        )
        return self.parcel(consignment) or {}

    def parcel(self, consignment_id: str) -> Row | None:
        """A parcel."""
        return self._one("select * from parcels where consignment_id = ?", consignment_id)

    def parcels(self) -> list[Row]:
        """Every parcel, newest last."""
        return self._all("select * from parcels order by created_ms")

    def due_parcels(self, before_ms: int) -> list[Row]:
        """Parcels that have stood still since before an instant and have a way to go."""
        return self._all(
            "select * from parcels where updated_ms <= ? and status not in ('Delivered', 'Return', 'Pickup_Cancelled', 'Lost')"
            " order by updated_ms limit 100",
            before_ms,
        )

    def move(self, consignment_id: str, status: str, *, collected_taka: int | None, now_ms: int) -> None:
        """A parcel has a new status."""
        self._connection.execute(
            "update parcels set status = ?, collected_taka = coalesce(?, collected_taka), updated_ms = ? where consignment_id = ?",
            (status, collected_taka, now_ms, consignment_id),
        )

    def to_invoice(self) -> list[Row]:
        """Parcels that came to their end and are on no invoice."""
        return self._all(
            "select * from parcels where status in ('Delivered', 'Return') and invoice_id is null order by created_ms"
        )

    def add_invoice(self, document: Row, consignments: list[str], now_ms: int) -> None:
        """Cash that was collected is paid out, less fees."""
        self._connection.execute(
            "insert into invoices values (?, ?, ?)", (document["invoice_id"], now_ms, json.dumps(document))
        )
        self._connection.executemany(
            "update parcels set invoice_id = ? where consignment_id = ?",
            [(document["invoice_id"], consignment) for consignment in consignments],
        )

    def invoices(self, after_ms: int) -> list[Row]:
        """Invoices made after an instant, oldest first."""
        rows = self._all("select document from invoices where created_ms > ? order by created_ms limit 50", after_ms)
        return [dict(json.loads(row["document"])) for row in rows]

    def queue_webhook(self, body: Row, now_ms: int) -> None:
        """Tell the merchant, as soon as it listens."""
        self._connection.execute("insert into webhooks (body, next_ms) values (?, ?)", (json.dumps(body), now_ms))

    def due_webhooks(self, now_ms: int) -> list[Row]:
        """Webhooks to send now, in no promised order."""
        return self._all(
            "select * from webhooks where sent_ms is null and next_ms <= ? and tries < ? order by id limit 50",
            now_ms, LARGEST_TRIES,
        )  # fmt: skip

    def note_webhook(self, number: int, *, is_sent: bool, now_ms: int) -> None:
        """A webhook was taken, or is to be tried again, later each time."""
        if is_sent:
            self._connection.execute("update webhooks set sent_ms = ? where id = ?", (now_ms, number))
            return
        self._connection.execute(
            "update webhooks set tries = tries + 1, next_ms = ? + 1000 * (1 << tries) where id = ?", (now_ms, number)
        )

    def webhooks(self) -> list[Row]:
        """Every webhook made."""
        return [dict(json.loads(row["body"])) for row in self._all("select body from webhooks order by id")]

    def faults(self) -> Row:
        """The fault script in force."""
        row = self._one("select document from faults where id = 1")
        return dict(json.loads(row["document"])) if row else {}

    def set_faults(self, document: Row) -> None:
        """Replace the fault script."""
        self._connection.execute("insert or replace into faults values (1, ?)", (json.dumps(document),))

    def close(self) -> None:
        """Close the books."""
        self._connection.close()

    def _one(self, statement: str, *values: object) -> Row | None:
        row = self._connection.execute(statement, values).fetchone()
        return dict(row) if row else None

    def _all(self, statement: str, *values: object) -> list[Row]:
        return [dict(row) for row in self._connection.execute(statement, values)]
