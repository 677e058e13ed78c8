"""Tables of the platform: outbox, inbox, consumer cursors, idempotency keys, import runs. Not here: tables of a shop."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import Xid8, instant, metadata, reference, uuid_key, word

outbox = Table(
    "outbox",
    metadata,
    uuid_key(),
    Column("xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("seq", BigInteger, Identity(), nullable=False),
    Column("topic", Text, nullable=False),
    Column("aggregate_type", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("traceparent", Text),
    Column("payload", JSONB, nullable=False),
    Column("recorded_at", instant("x").type, nullable=False, server_default=text("clock_timestamp()")),
    schema="platform",
)
Index("ix_outbox_xid_seq", outbox.c.xid, outbox.c.seq)

consumer_cursors = Table(
    "consumer_cursors",
    metadata,
    Column("consumer", Text, primary_key=True),
    Column("xid", Xid8(), nullable=False),
    Column("seq", BigInteger, nullable=False),
    instant("updated_at", default_now=True),
    schema="platform",
)

inbox = Table(
    "inbox",
    metadata,
    Column("consumer", Text, nullable=False),
    reference("event_id"),
    instant("processed_at", default_now=True),
    PrimaryKeyConstraint("consumer", "event_id"),
    schema="platform",
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("principal_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("request_sha256", Text, nullable=False),
    word("state", "started", "done", default="started"),
    Column("status_code", Integer),
    Column("body", LargeBinary),
    instant("locked_until"),
    instant("created_at", default_now=True),
    PrimaryKeyConstraint("principal_id", "key"),
    schema="platform",
)
