"""Tables of webhooks: endpoints with their secrets (encrypted), deliveries, each try of them. Not here: events (the outbox)."""

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from commerce.webhooks.rules import STATES
from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

endpoints = extracted(
    Table(
        "endpoints",
        metadata,
        uuid_key(),
        reference("seller_id"),
        Column("url", Text, nullable=False),
        Column("description", Text, nullable=False, server_default=""),
        Column("event_types", ARRAY(Text), nullable=False),
        word("state", "active", "disabled", default="active"),
        Column("disabled_reason", Text),
        Column("secret_encrypted", LargeBinary, nullable=False),
        # After a change of secrets both sign until then.
        Column("old_secret_encrypted", LargeBinary),
        instant("old_secret_until_at", nullable=True),
        Column("failures", Integer, nullable=False, server_default=text("0")),
        instant("created_at"),
        changed_xid(),
        CheckConstraint("failures >= 0", name="failures"),
        CheckConstraint("(old_secret_encrypted is null) = (old_secret_until_at is null)", name="old_secret"),
        schema="webhooks",
    ),
    private=("url", "description", "disabled_reason", "old_secret_until_at"),
)
Index("ix_endpoints_seller_id", endpoints.c.seller_id)

deliveries = extracted(
    Table(
        "deliveries",
        metadata,
        uuid_key(),
        reference("endpoint_id"),
        reference("event_id"),
        # 0 for the first time; a replay is a new delivery of the same event.
        Column("replay_no", Integer, nullable=False, server_default=text("0")),
        Column("event_type", Text, nullable=False),
        Column("document", JSONB, nullable=False),
        word("state", *STATES, default="pending"),
        Column("tries", Integer, nullable=False, server_default=text("0")),
        instant("next_try_at"),
        instant("created_at"),
        instant("closed_at", nullable=True),
        changed_xid(),
        UniqueConstraint("endpoint_id", "event_id", "replay_no"),
        CheckConstraint("(state = 'pending') = (closed_at is null)", name="closed"),
        schema="webhooks",
    ),
    private=("document",),
)
Index("ix_deliveries_endpoint_id_id", deliveries.c.endpoint_id, deliveries.c.id)
Index("ix_deliveries_due", deliveries.c.next_try_at, postgresql_where=text("state = 'pending'"))

attempts = extracted(
    Table(
        "attempts",
        metadata,
        reference("delivery_id"),
        Column("try_no", Integer, nullable=False),
        Column("status_code", Integer),
        Column("reason", Text),
        Column("duration_ms", Integer, nullable=False),
        instant("attempted_at"),
        changed_xid(),
        PrimaryKeyConstraint("delivery_id", "try_no"),
        schema="webhooks",
    ),
    private=("reason",),
)
