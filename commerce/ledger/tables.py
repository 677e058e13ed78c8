"""Tables of the ledger: accounts, immutable transfers, their entries. Not here: who may move money (payments, orders).

Signs: a debit is positive, a credit negative; the entries of a transfer sum to zero (deferred constraint, see the migration).
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

ACCOUNT_KINDS = (
    "provider_clearing",
    "courier_clearing",
    "escrow",
    "seller_payable",
    "commission",
    "vat_payable",
    "shipping_income",
    "promotion_expense",
    "refund_clearing",
    "opening_balance",
    # Our account at the bank; what couriers keep for their work; poisha below a taka that no courier collects.
    "bank",
    "courier_fee",
    "cash_rounding",
    # Money of couriers that fits no parcel, until finance has explained it; what was written off.
    "unmatched_receipts",
    "courier_difference",
    # Held back of a seller for returns to come; payouts under way; refunds owed to buyers who paid cash.
    "seller_reserve",
    "payout_clearing",
    "buyer_refund_payable",
    # What the platform pays out of its own pocket.
    "goodwill_expense",
)

accounts = extracted(
    Table(
        "accounts",
        metadata,
        # kind, or kind:owner for accounts kept per seller, provider or courier.
        Column("code", Text, primary_key=True),
        word("kind", *ACCOUNT_KINDS),
        reference("owner_id", nullable=True),
        changed_xid(),
        schema="ledger",
    )
)

transfers = extracted(
    Table(
        "transfers",
        metadata,
        uuid_key(),
        Column("kind", Text, nullable=False),
        # What it was posted for; a kind is posted once for each reference.
        Column("reference", Text, nullable=False),
        Column("business_on", Date, nullable=False),
        instant("posted_at", default_now=True),
        changed_xid(),
        UniqueConstraint("kind", "reference"),
        schema="ledger",
    )
)

entries = extracted(
    Table(
        "entries",
        metadata,
        reference("transfer_id"),
        Column("entry_no", Integer, nullable=False),
        Column("account_code", Text, nullable=False),
        # The seller order an entry belongs to: escrow is accounted for order by order.
        reference("order_id", nullable=True),
        poisha("amount_poisha"),
        changed_xid(),
        PrimaryKeyConstraint("transfer_id", "entry_no"),
        CheckConstraint("amount_poisha <> 0", name="amount"),
        schema="ledger",
    )
)
Index("ix_entries_account_code", entries.c.account_code)

# What a delivered order waits for before its escrow is paid out: until then the money is the buyer's.
escrow_holds = extracted(
    Table(
        "escrow_holds",
        metadata,
        Column("order_id", Uuid(as_uuid=True), primary_key=True),
        reference("seller_id"),
        word("state", "held", "released", default="held"),
        instant("delivered_at"),
        instant("release_at"),
        instant("released_at", nullable=True),
        word("released_by", "window", "buyer", "dispute", nullable=True),
        poisha("reserve_poisha", default=0),
        instant("reserve_until", nullable=True),
        instant("reserve_paid_at", nullable=True),
        changed_xid(),
        schema="ledger",
    )
)
Index("ix_escrow_holds_due", escrow_holds.c.release_at, postgresql_where=text("state = 'held'"))
Index(
    "ix_escrow_holds_reserve",
    escrow_holds.c.reserve_until,
    postgresql_where=text("reserve_poisha > 0 and reserve_paid_at is null"),
)

# Nothing is paid out while a return or a dispute is open.
escrow_freezes = extracted(
    Table(
        "escrow_freezes",
        metadata,
        reference("order_id"),
        Column("cause", Text, nullable=False),
        instant("frozen_at"),
        instant("lifted_at", nullable=True),
        changed_xid(),
        PrimaryKeyConstraint("order_id", "cause"),
        schema="ledger",
    )
)

# Share of each released order that is held back of a seller for a while; no row: none.
reserve_policies = Table(
    "reserve_policies",
    metadata,
    Column("seller_id", Uuid(as_uuid=True), primary_key=True),
    Column("reserve_bp", Integer, nullable=False),
    Column("hold_days", Integer, nullable=False),
    reference("set_by"),
    instant("set_at"),
    CheckConstraint("reserve_bp between 0 and 10000", name="share"),
    CheckConstraint("hold_days between 1 and 180", name="days"),
    schema="ledger",
)
