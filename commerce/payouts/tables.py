"""Tables of payouts: batches that two people decide, their items, those who got nothing and why, the history of items.

Not here: account numbers (sellers keep them encrypted), balances (only the ledger's entries know them).
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from commerce.payouts.rules import BATCH_TRANSITIONS, ITEM_TRANSITIONS, SKIPPED
from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

batches = extracted(
    Table(
        "batches",
        metadata,
        uuid_key(),
        word("state", *BATCH_TRANSITIONS, default="proposed"),
        # Earned until the end of this day, less the days that the seller's tier waits.
        Column("until_on", Date, nullable=False),
        poisha("minimum_poisha"),
        reference("proposed_by"),
        instant("proposed_at"),
        reference("decided_by", nullable=True),
        instant("decided_at", nullable=True),
        Column("note", Text),
        instant("closed_at", nullable=True),
        changed_xid(),
        CheckConstraint("decided_by is null or decided_by <> proposed_by", name="four_eyes"),
        schema="payouts",
    ),
    private=("note",),
)
# One proposal at a time: two would offer the same money.
Index("uq_batches_one_proposed", batches.c.state, unique=True, postgresql_where=text("state = 'proposed'"))

items = extracted(
    Table(
        "items",
        metadata,
        uuid_key(),
        reference("batch_id"),
        reference("seller_id"),
        word("state", *ITEM_TRANSITIONS, default="proposed"),
        poisha("amount_poisha"),
        # The seller's paper that names the account; another one by the time of sending stops the transfer.
        reference("account_id"),
        word("method", "bank", "wallet"),
        Column("account_tail", Text, nullable=False),
        # Our name for the transfer: the bank carries it out once.
        Column("reference", Text, nullable=False, unique=True),
        Column("failure", Text),
        Column("tries", Integer, nullable=False, server_default=text("0")),
        # A worker that dies leaves its lease behind; whoever comes after it asks the bank first.
        instant("locked_until", nullable=True),
        instant("created_at"),
        instant("resolved_at", nullable=True),
        changed_xid(),
        CheckConstraint("amount_poisha > 0", name="amount"),
        schema="payouts",
    ),
    private=("account_tail",),
)
Index("ix_items_batch_id", items.c.batch_id, items.c.id)
Index("ix_items_seller_id", items.c.seller_id, items.c.id)
Index(
    "uq_items_one_open",
    items.c.seller_id,
    unique=True,
    postgresql_where=text("state in ('proposed', 'pending', 'submitted', 'unknown')"),
)

skipped = extracted(
    Table(
        "skipped",
        metadata,
        reference("batch_id"),
        reference("seller_id"),
        word("reason", *SKIPPED),
        poisha("balance_poisha"),
        changed_xid(),
        PrimaryKeyConstraint("batch_id", "seller_id"),
        schema="payouts",
    )
)

transitions = Table(
    "transitions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    reference("item_id"),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("detail", Text),
    instant("occurred_at"),
    schema="payouts",
)
Index("ix_transitions_item_id", transitions.c.item_id)

bank_reading = Table(
    "bank_reading",
    metadata,
    Column("id", Integer, primary_key=True),
    # Number of the last line of the bank's statement that was taken in.
    Column("last_seq", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
    schema="payouts",
)
