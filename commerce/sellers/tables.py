"""Tables of sellers: the companies that sell, their people, what they proved. Not here: credentials (identity), money (ledger).

Numbers of papers and accounts are encrypted; a blind index finds the same number at another seller.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

STATUSES = ("onboarding", "in_review", "approved", "rejected", "suspended", "closed")
TIERS = ("new", "standard", "trusted")

sellers = extracted(
    Table(
        "sellers",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        reference("owner_user_id", nullable=True),
        word("status", *STATUSES, default="approved"),
        word("tier", *TIERS, default="standard"),
        # Nothing of the seller can be bought before this instant.
        instant("holiday_until", nullable=True),
        Column("district_code", Text),
        Column("commission_bp", Integer, nullable=False, server_default=text("800")),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("created_at", default_now=True),
        changed_xid(),
        CheckConstraint("commission_bp between 0 and 5000", name="commission"),
        schema="sellers",
    ),
    tracked=("tier", "status", "commission_bp"),
)

profiles = Table(
    "profiles",
    metadata,
    uuid_key("seller_id"),
    Column("legal_name_encrypted", LargeBinary, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    # Digital Business Identity: the law wants it shown.
    Column("dbid", Text),
    Column("area_code", Text),
    Column("pickup_line_encrypted", LargeBinary),
    Column("pickup_phone_encrypted", LargeBinary),
    instant("updated_at"),
    schema="sellers",
)

members = Table(
    "members",
    metadata,
    reference("seller_id"),
    reference("user_id"),
    word("role", "seller_owner", "seller_staff"),
    instant("joined_at", default_now=True),
    instant("left_at", nullable=True),
    PrimaryKeyConstraint("seller_id", "user_id"),
    schema="sellers",
)
Index("ix_members_user_id", members.c.user_id)

invites = Table(
    "invites",
    metadata,
    uuid_key(),
    reference("seller_id"),
    word("role", "seller_owner", "seller_staff"),
    word("contact_kind", "phone", "email"),
    Column("contact_encrypted", LargeBinary, nullable=False),
    Column("contact_index", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    reference("invited_by"),
    instant("created_at"),
    instant("expires_at"),
    instant("accepted_at", nullable=True),
    reference("accepted_by", nullable=True),
    instant("revoked_at", nullable=True),
    schema="sellers",
)
Index("ix_invites_seller_id", invites.c.seller_id)

transitions = extracted(
    Table(
        "transitions",
        metadata,
        uuid_key(),
        reference("seller_id"),
        Column("from_status", Text, nullable=False),
        Column("to_status", Text, nullable=False),
        Column("reason", Text),
        reference("actor_id", nullable=True),
        instant("occurred_at"),
        changed_xid(),
        schema="sellers",
    ),
    private=("reason",),
)
Index("ix_transitions_seller_id", transitions.c.seller_id)

documents = Table(
    "documents",
    metadata,
    uuid_key(),
    reference("seller_id"),
    reference("uploaded_by"),
    Column("media_type", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    instant("uploaded_at"),
    CheckConstraint("size_bytes > 0", name="size"),
    schema="sellers",
)
Index("ix_documents_seller_id", documents.c.seller_id)
Index("ix_documents_sha256", documents.c.sha256)

submissions = extracted(
    Table(
        "submissions",
        metadata,
        uuid_key(),
        reference("seller_id"),
        Column("requirement", Text, nullable=False),
        word("status", "pending", "accepted", "rejected", "waived"),
        # Which paper or account it is, such as nid or wallet.
        Column("method", Text, nullable=False),
        Column("number_encrypted", LargeBinary),
        Column("number_index", Text),
        Column("number_tail", Text),
        Column("name_encrypted", LargeBinary),
        Column("issuer", Text),
        Column("expires_on", Date),
        reference("document_id", nullable=True),
        # What the rules found: codes, never values.
        Column("reasons", JSONB, nullable=False, server_default="[]"),
        Column("risk_score", Integer, nullable=False, server_default=text("0")),
        word("decision", "approve", "review", "reject"),
        reference("submitted_by"),
        instant("submitted_at"),
        # A person must have looked by then.
        instant("due_at", nullable=True),
        reference("decided_by", nullable=True),
        instant("decided_at", nullable=True),
        Column("note", Text),
        changed_xid(),
        schema="sellers",
    ),
    private=("number_index", "number_tail", "issuer", "note"),
)
Index("ix_submissions_number_index", submissions.c.number_index)
Index("ix_submissions_seller_id", submissions.c.seller_id)
Index("ix_submissions_due_at", submissions.c.due_at, postgresql_where=text("status = 'pending'"))
Index(
    "uq_submissions_live",
    submissions.c.seller_id,
    submissions.c.requirement,
    unique=True,
    postgresql_where=text("status in ('pending', 'accepted', 'waived')"),
)
