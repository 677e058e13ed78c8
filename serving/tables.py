"""Tables of scoring, schema `scoring`: every decision, durable before its answer. Not here: risk's own copy (commerce)."""

from sqlalchemy import Column, Float, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

decisions = extracted(
    Table(
        "decisions",
        metadata,
        uuid_key(),
        Column("event_id", reference("event_id").type, nullable=False, unique=True),
        # The same event asked again gets the stored answer; the same event with another question is refused.
        Column("request_sha256", Text, nullable=False),
        Column("request", JSONB, nullable=False),
        Column("answer", JSONB, nullable=False),
        Column("features", JSONB, nullable=False),
        Column("score", Float, nullable=False),
        word("action", "allow", "review", "decline"),
        Column("source", Text, nullable=False),
        Column("model_version", Text, nullable=False),
        Column("latency_ms", Float, nullable=False),
        instant("decided_at", default_now=True),
        changed_xid(),
        schema="scoring",
    )
)
Index("ix_decisions_decided_at", decisions.c.decided_at)
