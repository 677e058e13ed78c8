"""The outbox: events written in the same transaction as the change, read in commit-safe order below the xid horizon.

A cursor on an id or a timestamp loses rows whose transaction commits late; the horizon, the first transaction that may
still be open in this database, does not: everything below it is decided. No trigger, no NOTIFY: both serialise commits.

Not here: what events mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.tracing import current

SQL = load_statements(__file__, "outbox.sql")


@dataclass(frozen=True, order=True)
class Cursor:
    """Place in the stream of events: transaction id, then sequence number."""

    xid: int = 0
    seq: int = 0

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Cursor from its text form "xid:seq" (the id of a server-sent event).

        Raises:
            ValueError: not of that form.
        """
        xid, _, seq = text.partition(":")
        return cls(int(xid), int(seq))

    def __str__(self) -> str:
        return f"{self.xid}:{self.seq}"


@dataclass(frozen=True, kw_only=True)
class NewEvent:
    """An event about to be recorded. `event_type` is past tense, such as "order.placed"."""

    topic: str
    aggregate_id: UUID | str
    event_type: str
    payload: dict[str, Any]
    version: int = 1
    traceparent: str | None = None
    event_id: UUID = field(default_factory=uuid7)


@dataclass(frozen=True)
class Event:
    """A recorded event."""

    event_id: UUID
    cursor: Cursor
    topic: str
    aggregate_id: str
    event_type: str
    version: int
    payload: dict[str, Any]
    recorded_at: datetime
    traceparent: str | None = None


async def record_events(connection: Connection, events: Sequence[NewEvent]) -> None:
    """Write events in the caller's transaction: they exist exactly if it commits."""
    if not events:
        return
    await execute(
        connection,
        SQL["record_events"],
        ids=[event.event_id for event in events],
        topics=[event.topic for event in events],
        aggregate_ids=[str(event.aggregate_id) for event in events],
        event_types=[event.event_type for event in events],
        versions=[event.version for event in events],
        traceparents=[event.traceparent or current() for event in events],
        payloads=[Jsonb(event.payload) for event in events],
    )


def event_from_row(row: dict[str, Any]) -> Event:
    """Event from a row of the statement `read_events`."""
    return Event(
        event_id=row["id"],
        cursor=Cursor(int(row["xid"]), row["seq"]),
        topic=row["topic"],
        aggregate_id=row["aggregate_id"],
        event_type=row["event_type"],
        version=row["version"],
        payload=row["payload"],
        recorded_at=row["recorded_at"],
        traceparent=row["traceparent"],
    )


async def read_events(connection: Connection, *, after: Cursor, limit: int = 500) -> list[Event]:
    """Next events below the horizon, in order of (xid, seq)."""
    rows = await fetch_all(connection, SQL["read_events"], xid=str(after.xid), seq=after.seq, limit=limit)
    return [event_from_row(row) for row in rows]


async def horizon(connection: Connection) -> Cursor:
    """Cursor that stands before every event not yet readable: a consumer that starts here misses nothing later."""
    row = await fetch_one(connection, SQL["horizon"])
    if row is None:
        raise psycopg.DataError("the database gave no snapshot horizon")
    return Cursor(int(row["xmin"]), 0)


async def load_cursor(connection: Connection, consumer: str) -> Cursor | None:
    """Where a consumer stands, locking its row: two processes of one consumer take turns. None if it never ran."""
    row = await fetch_one(connection, SQL["load_cursor"], consumer=consumer)
    return None if row is None else Cursor(int(row["xid"]), row["seq"])


async def save_cursor(connection: Connection, consumer: str, cursor: Cursor) -> None:
    """Remember where a consumer stands, in the transaction of its effects."""
    await execute(connection, SQL["save_cursor"], consumer=consumer, xid=str(cursor.xid), seq=cursor.seq)


async def is_first_delivery(connection: Connection, consumer: str, event_id: UUID) -> bool:
    """Whether the consumer sees this event for the first time; remembered in the caller's transaction (inbox)."""
    return await execute(connection, SQL["enter_inbox"], consumer=consumer, event_id=event_id) == 1
