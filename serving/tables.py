"""Tables of scoring: every decision with its features and answer. Not here: the order it was asked for (commerce)."""

from sqlalchemy import Column, Float, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

decisions = extracted(
    Table(
        "decisions",
        metadata,
        uuid_key(),
        reference("event_id"),
        # Hash of the question: the same event asked with another body is refused.
        Column("request_sha256", Text, nullable=False),
        Column("request", JSONB, nullable=False),
        Column("answer", JSONB, nullable=False),
        Column("features", JSONB, nullable=False),
        Column("score", Float),
        word("action", "allow", "review", "decline"),
        Column("source", Text, nullable=False),
        Column("model_version", Text, nullable=False),
        Column("latency_ms", Float, nullable=False),
        instant("decided_at", default_now=True),
        changed_xid(),
        UniqueConstraint("event_id"),
        schema="scoring",
    )
)
