"""Tables of payments: attempts to take money and refunds. Not here: balances (ledger) or the order's own state.

An attempt and its merchant reference are committed before the provider is called; a time-out is `unknown`.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

attempts = extracted(
    Table(
        "attempts",
        metadata,
        uuid_key(),
        reference("group_id"),
        # Set when the attempt pays one seller's order (cash at the door); empty when it pays the whole group.
        reference("order_id", nullable=True),
        word("provider", "cod", "bkash"),
        word("state", "created", "submitted", "captured", "declined", "unknown", default="created"),
        poisha("amount_poisha"),
        Column("merchant_reference", Text, nullable=False, unique=True),
        Column("provider_payment_id", Text, unique=True),
        Column("provider_transaction_id", Text),
        Column("payer_index", Text),
        # What each seller's order gets of the money: [{"order_id", "amount_poisha"}], summing to the amount.
        Column("shares", JSONB, nullable=False, server_default=text("'[]'")),
        Column("redirect_url", Text),
        Column("decline_code", Text),
        # A worker that dies leaves its lease behind; whoever comes after it resumes by asking the provider.
        instant("locked_until", nullable=True),
        instant("created_at", default_now=True),
        instant("resolved_at", nullable=True),
        changed_xid(),
        CheckConstraint("amount_poisha > 0", name="amount"),
        schema="payments",
    )
)
# The last guard against charging twice: at most one live or captured attempt for what is to be paid.
Index(
    "uq_attempts_one_live",
    func.coalesce(attempts.c.order_id, attempts.c.group_id),
    unique=True,
    postgresql_where=text("state in ('created', 'submitted', 'unknown', 'captured')"),
)
Index("ix_attempts_group_id", attempts.c.group_id)
Index(
    "ix_attempts_open",
    attempts.c.created_at,
    postgresql_where=text("state in ('created', 'submitted', 'unknown')"),
)

refunds = extracted(
    Table(
        "refunds",
        metadata,
        uuid_key(),
        reference("attempt_id"),
        reference("order_id"),
        poisha("amount_poisha"),
        word("state", "created", "submitted", "refunded", "failed", "unknown", default="created"),
        Column("provider_refund_id", Text),
        Column("reason", Text, nullable=False),
        instant("locked_until", nullable=True),
        instant("created_at", default_now=True),
        instant("resolved_at", nullable=True),
        changed_xid(),
        # Why it is owed, once: the order as a whole (its id), one of its lines, a return, a dispute.
        Column("cause_key", Text, unique=True),
        CheckConstraint("amount_poisha > 0", name="amount"),
        schema="payments",
    )
)
Index("ix_refunds_order_id", refunds.c.order_id)

# Where money goes that was paid in cash: the buyer's wallet. Apart from the refund: the warehouse does not read it.
refund_destinations = Table(
    "refund_destinations",
    metadata,
    Column("refund_id", Uuid(as_uuid=True), primary_key=True),
    Column("account_encrypted", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    schema="payments",
)

attempt_transitions = extracted(
    Table(
        "attempt_transitions",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        reference("attempt_id"),
        Column("from_state", Text, nullable=False),
        Column("to_state", Text, nullable=False),
        Column("detail", Text),
        instant("occurred_at", default_now=True),
        changed_xid(),
        schema="payments",
    ),
    private=("detail",),
)
