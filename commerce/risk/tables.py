"""Tables of risk: the decision kept with each order, and the labels that arrive later. Not here: scoring (serving)."""

from sqlalchemy import Boolean, Column, Float, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

decisions = extracted(
    Table(
        "decisions",
        metadata,
        uuid_key(),
        reference("group_id"),
        word("action", "allow", "review", "decline"),
        Column("score", Float),
        Column("reasons", JSONB, nullable=False),
        # "model" or "rules:<why the model did not answer>".
        Column("source", Text, nullable=False),
        Column("model_version", Text, nullable=False),
        Column("latency_ms", Float, nullable=False),
        Column("features", JSONB, nullable=False),
        instant("decided_at", default_now=True),
        changed_xid(),
        UniqueConstraint("group_id"),
        schema="risk",
    )
)

labels = extracted(
    Table(
        "labels",
        metadata,
        uuid_key(),
        reference("group_id"),
        Column("is_fraud", Boolean, nullable=False),
        word("origin", "refused_parcel", "wallet_dispute", "analyst", "delivered"),
        # When it happened and when we learned of it: training may use a label only after `known_at`.
        instant("occurred_at"),
        instant("known_at", default_now=True),
        changed_xid(),
        UniqueConstraint("group_id", "origin"),
        schema="risk",
    )
)
Index("ix_labels_known_at", labels.c.known_at)
