"""Tables of returns: windows by category, requests with their lines, disputes, the history of both.

Not here: money (ledger, payments), stock (inventory). What people write is encrypted: they write phone numbers.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
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

from commerce.returns.rules import DISPUTE_TRANSITIONS, REASONS, RETURN_TRANSITIONS
from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

windows = Table(
    "windows",
    metadata,
    Column("category_path", Text, primary_key=True),
    # 0: not to be sent back (underwear, food); a dispute remains possible.
    Column("days", Integer, nullable=False),
    CheckConstraint("days between 0 and 60", name="days"),
    schema="returns",
)

requests = extracted(
    Table(
        "requests",
        metadata,
        uuid_key(),
        reference("order_id"),
        reference("buyer_id"),
        reference("seller_id"),
        word("state", *RETURN_TRANSITIONS, default="requested"),
        word("reason", *REASONS),
        word("wish", "refund", "exchange"),
        Column("note_encrypted", LargeBinary),
        Column("answer_encrypted", LargeBinary),
        Column("photos", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        # Where cash is given back to, if not to the order's phone number.
        Column("wallet_encrypted", LargeBinary),
        Column("pickup_reference", Text),
        # What happens next by itself, and when.
        instant("due_at", nullable=True),
        instant("created_at"),
        instant("closed_at", nullable=True),
        changed_xid(),
        schema="returns",
    ),
    private=("photos", "pickup_reference"),
)
Index("ix_requests_buyer_id", requests.c.buyer_id, requests.c.id)
Index("ix_requests_seller_id", requests.c.seller_id, requests.c.id)
Index("ix_requests_order_id", requests.c.order_id)
Index("ix_requests_due_at", requests.c.due_at, postgresql_where=text("due_at is not null"))

request_lines = extracted(
    Table(
        "request_lines",
        metadata,
        reference("request_id"),
        Column("line_no", Integer, nullable=False),
        Column("quantity", Integer, nullable=False),
        Column("accepted", Integer),
        Column("good", Integer),
        changed_xid(),
        PrimaryKeyConstraint("request_id", "line_no"),
        CheckConstraint("quantity > 0 and 0 <= good and good <= accepted and accepted <= quantity", name="quantity"),
        schema="returns",
    )
)

disputes = extracted(
    Table(
        "disputes",
        metadata,
        uuid_key(),
        reference("order_id"),
        reference("request_id", nullable=True),
        reference("buyer_id"),
        reference("seller_id"),
        word("kind", "not_received", "return_rejected", "return_refused"),
        word("state", *DISPUTE_TRANSITIONS, default="opened"),
        word("decided_by", "seller", "deadline", "support", nullable=True),
        Column("note_encrypted", LargeBinary),
        Column("answer_encrypted", LargeBinary),
        Column("decision_encrypted", LargeBinary),
        Column("photos", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        Column("wallet_encrypted", LargeBinary),
        instant("due_at", nullable=True),
        instant("created_at"),
        instant("closed_at", nullable=True),
        changed_xid(),
        schema="returns",
    ),
    private=("photos",),
)
Index(
    "uq_disputes_one_open", disputes.c.order_id, unique=True, postgresql_where=text("state in ('opened', 'answered')")
)
Index("ix_disputes_buyer_id", disputes.c.buyer_id, disputes.c.id)
Index("ix_disputes_seller_id", disputes.c.seller_id, disputes.c.id)
Index("ix_disputes_due_at", disputes.c.due_at, postgresql_where=text("due_at is not null"))

dispute_lines = Table(
    "dispute_lines",
    metadata,
    reference("dispute_id"),
    # 0: the delivery fee.
    Column("line_no", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("dispute_id", "line_no"),
    CheckConstraint("quantity > 0", name="quantity"),
    schema="returns",
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    word("subject", "return", "dispute"),
    reference("subject_id"),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    reference("actor_id", nullable=True),
    instant("occurred_at"),
    schema="returns",
)
Index("ix_transitions_subject_id", transitions.c.subject_id)
