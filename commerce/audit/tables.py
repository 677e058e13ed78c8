"""Tables of the audit log: what staff did and what moved money. Append-only. Not here: events for other services (outbox)."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text, text
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
