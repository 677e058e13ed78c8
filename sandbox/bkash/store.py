"""What the sandbox provider remembers, in SQLite: payments, refunds. A restart forgets nothing. Not here: HTTP."""

import json
import secrets
import sqlite3
import string
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists payments (
    payment_id text primary key, invoice text not null unique, amount_poisha integer not null, callback_url text not null,
    payer_reference text not null, status text not null, wallet text, is_verified integer not null default 0,
    trx_id text unique, created_ms integer not null, executed_ms integer, executes integer not null default 0
);
create table if not exists refunds (
    refund_id text primary key, payment_id text not null, amount_poisha integer not null, sku text not null,
    reason text not null, completed_ms integer not null
);
create table if not exists faults (id integer primary key check (id = 1), document text not null);
"""
ALPHABET = string.ascii_uppercase + string.digits


class Duplicate(Exception):
    """The invoice number was used before."""


def transaction_id() -> str:
    """Ten upper-case letters and digits, as bKash prints them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


class Store:
    """The provider's books. Every method is one committed transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"pragma journal_mode = wal; pragma synchronous = full; {TABLES}")

    def create(self, *, invoice: str, amount_poisha: int, callback_url: str, payer_reference: str, now_ms: int) -> str:
        """New payment; its id.

        Raises:
            Duplicate: the merchant used this invoice number before.
        """
        payment_id = f"TR0011{transaction_id()[:6]}{now_ms}"
        try:
            self._connection.execute(
                "insert into payments (payment_id, invoice, amount_poisha, callback_url, payer_reference, status, created_ms) "
                "values (?, ?, ?, ?, ?, 'Initiated', ?)",
                (payment_id, invoice, amount_poisha, callback_url, payer_reference, now_ms),
            )
        except sqlite3.IntegrityError as error:
            raise Duplicate from error
        return payment_id

    def find(self, payment_id: str) -> dict[str, Any] | None:
        """A payment by its id."""
        row = self._connection.execute("select * from payments where payment_id = ?", (payment_id,)).fetchone()
        return dict(row) if row else None

    def find_transaction(self, trx_id: str) -> dict[str, Any] | None:
        """A payment by its transaction id."""
        row = self._connection.execute("select * from payments where trx_id = ?", (trx_id,)).fetchone()
        return dict(row) if row else None

    def set_wallet(self, payment_id: str, wallet: str) -> None:
        """The customer typed a number."""
        self._connection.execute("update payments set wallet = ? where payment_id = ?", (wallet, payment_id))

    def verify(self, payment_id: str) -> None:
        """The customer has authorised: wallet, code and PIN were right."""
        self._connection.execute("update payments set is_verified = 1 where payment_id = ?", (payment_id,))

    def cancel(self, payment_id: str) -> None:
        """The customer gave up."""
        self._connection.execute(
            "update payments set status = 'Cancelled' where payment_id = ? and status = 'Initiated'", (payment_id,)
        )

    def execute(self, payment_id: str, now_ms: int) -> str | None:
        """Take the money, once; the transaction id, or None if it was taken before."""
        trx_id = transaction_id()
        done = self._connection.execute(
            "update payments set status = 'Completed', trx_id = ?, executed_ms = ?, executes = executes + 1 "
            "where payment_id = ? and status = 'Initiated' and is_verified = 1",
            (trx_id, now_ms, payment_id),
        )
        return trx_id if done.rowcount == 1 else None

    def refunded_poisha(self, payment_id: str) -> int:
        """What has been returned of a payment."""
        row = self._connection.execute(
            "select coalesce(sum(amount_poisha), 0) from refunds where payment_id = ?", (payment_id,)
        ).fetchone()
        return int(row[0])

    def refund(self, payment_id: str, *, amount_poisha: int, sku: str, reason: str, now_ms: int) -> str:
        """Return money; the refund's id. The caller has checked what is left."""
        refund_id = transaction_id()
        self._connection.execute(
            "insert into refunds values (?, ?, ?, ?, ?, ?)", (refund_id, payment_id, amount_poisha, sku, reason, now_ms)
        )
        return refund_id

    def refunds(self, payment_id: str) -> list[dict[str, Any]]:
        """Refunds of a payment."""
        rows = self._connection.execute(
            "select * from refunds where payment_id = ? order by completed_ms", (payment_id,)
        )
        return [dict(row) for row in rows]

    def captures(self) -> list[dict[str, Any]]:
        """Every payment whose money was taken: what a merchant's statement shows."""
        rows = self._connection.execute(
            "select invoice, payer_reference, amount_poisha, trx_id, executes, "
            "(select coalesce(sum(r.amount_poisha), 0) from refunds r where r.payment_id = payments.payment_id) as refunded_poisha "
            "from payments where status = 'Completed'"
        )
        return [dict(row) for row in rows]

    def faults(self) -> dict[str, Any]:
        """The fault script in force."""
        row = self._connection.execute("select document from faults where id = 1").fetchone()
        return dict(json.loads(row[0])) if row else {}

    def set_faults(self, document: dict[str, Any]) -> None:
        """Replace the fault script."""
        self._connection.execute("insert or replace into faults values (1, ?)", (json.dumps(document),))

    def close(self) -> None:
        """Close the books."""
        self._connection.close()
