"""Tables of scoring, schema `scoring`: every decision, durable before its answer, and the states behind the features.

Not here: risk's own copy of decisions (commerce); what a state holds (`models.features.online`).
"""

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import Xid8, changed_xid, extracted, instant, metadata, reference, uuid_key, word

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

# The states behind the online features. Valkey holds a copy that may be lost at any time; these are never served late:
# the feeder writes a batch of states and its place in the stream of events in one transaction, here first.
feature_states = Table(
    "feature_states",
    metadata,
    # Fingerprint of the declarations: a changed declaration has states of its own, built anew from history.
    Column("declared", Text, primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    schema="scoring",
)
feature_cursors = Table(
    "feature_cursors",
    metadata,
    Column("declared", Text, primary_key=True),
    Column("xid", Xid8(), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("is_rebuild_asked", Boolean, nullable=False, server_default=text("false")),
    instant("built_at", default_now=True),
    instant("updated_at", default_now=True),
    schema="scoring",
)
