"""Tables of sellers: the companies that sell. Not here: their staff's credentials (identity), their money (ledger)."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

sellers = extracted(
    Table(
        "sellers",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        reference("owner_user_id", nullable=True),
        word("status", "onboarding", "approved", "suspended", default="approved"),
        Column("district_code", Text),
        Column("commission_bp", Integer, nullable=False, server_default=text("800")),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("created_at", default_now=True),
        changed_xid(),
        CheckConstraint("commission_bp between 0 and 5000", name="commission"),
        schema="sellers",
    )
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
