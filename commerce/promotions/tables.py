"""Tables of promotions: vouchers and their redemptions. Not here: price changes (catalog)."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, word

vouchers = extracted(
    Table(
        "vouchers",
        metadata,
        Column("code", Text, primary_key=True),
        Column("discount_bp", Integer, nullable=False),
        poisha("max_discount_poisha"),
        poisha("min_subtotal_poisha", default=0),
        Column("limit_total", Integer, nullable=False),
        Column("limit_per_buyer", Integer, nullable=False, server_default=text("1")),
        Column("redeemed", Integer, nullable=False, server_default=text("0")),
        word("funded_by", "platform", "seller", default="platform"),
        instant("starts_at"),
        instant("ends_at"),
        changed_xid(),
        CheckConstraint("discount_bp between 1 and 10000", name="discount"),
        CheckConstraint("redeemed >= 0 and redeemed <= limit_total", name="limit_total"),
        schema="promotions",
    )
)

redemptions = extracted(
    Table(
        "redemptions",
        metadata,
        Column("code", Text, nullable=False),
        reference("buyer_id"),
        # 1, 2, ... up to the voucher's limit per buyer: unique among uses that stand, which makes the limit race-proof.
        Column("use_no", Integer, nullable=False),
        reference("group_id"),
        poisha("discount_poisha"),
        instant("redeemed_at", default_now=True),
        # A use that was given back stays as a row: the warehouse reads changes, and a deleted row is none.
        instant("given_back_at", nullable=True),
        changed_xid(),
        PrimaryKeyConstraint("group_id", "code"),
        schema="promotions",
    )
)
Index(
    "uq_redemptions_standing",
    redemptions.c.code,
    redemptions.c.buyer_id,
    redemptions.c.use_no,
    unique=True,
    postgresql_where=text("given_back_at is null"),
)
