"""What the sandbox messengers took, in SQLite: a restart forgets nothing. Not here: HTTP."""

import json
import sqlite3
from pathlib import Path
from typing import Any

TABLES = """
create table if not exists messages (
    id text primary key, channel text not null, recipient text not null, title text not null, body text not null,
    reference text not null, taken_ms integer not null, unique (channel, reference, recipient)
);
create table if not exists faults (id integer primary key check (id = 1), document text not null);
"""


class Duplicate(Exception):
    """The sender used this reference before."""


class Store:
    """The messengers' books. Every method is one committed transaction."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"pragma journal_mode = wal; {TABLES}")

    def take(self, message: dict[str, Any]) -> None:
        """Keep a message with the columns of the table.

        Raises:
            Duplicate: its channel took the reference for this recipient before.
        """
        try:
            self._connection.execute(
                "insert into messages values (:id, :channel, :recipient, :title, :body, :reference, :taken_ms)", message
            )
        except sqlite3.IntegrityError as error:
            raise Duplicate from error

    def find(self, channel: str, reference: str) -> dict[str, Any] | None:
        """A message by the sender's reference."""
        row = self._connection.execute(
            "select * from messages where channel = ? and reference = ?", (channel, reference)
        ).fetchone()
        return dict(row) if row else None

    def messages(self) -> list[dict[str, Any]]:
        """All messages taken, oldest first."""
        return [dict(row) for row in self._connection.execute("select * from messages order by taken_ms, id")]

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
