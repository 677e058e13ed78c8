"""Tables of the audit log: what staff did and what moved money, chained and signed. Append-only. Not here: events for other services (outbox)."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import Xid8, instant, metadata, reference, uuid_key

records = Table(
    "records",
    metadata,
    uuid_key(),
    Column("xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    Column("seq", BigInteger, Identity(), nullable=False),
    # None: the platform itself (a deadline that ran out, a provider's answer).
    reference("actor_id", nullable=True),
    Column("action", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    instant("recorded_at", default_now=True),
    schema="audit",
)
Index("ix_records_xid_seq", records.c.xid, records.c.seq)
Index("ix_records_subject", records.c.subject_kind, records.c.subject_id)

# The chain over the records: each link hashes the one before it and its record. Written by one duty of the relay, below
# the transaction horizon, so that the order of links is the order of commits and no deed waits for another's hash.
links = Table(
    "links",
    metadata,
    Column("link_no", BigInteger, primary_key=True),
    reference("record_id"),
    # Where the record stands in the order of commits: the next link begins after it.
    Column("xid", Xid8(), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", Text, nullable=False),
    instant("linked_at", default_now=True),
    UniqueConstraint("record_id"),
    schema="audit",
)

# Every so many links the last hash is signed: whoever rewrites the whole chain cannot sign it.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("link_no", BigInteger, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("signature", Text, nullable=False),
    instant("signed_at", default_now=True),
    schema="audit",
)
