"""Tables of promotions: campaigns, vouchers and their uses, bundles, flash sales. Not here: price changes (catalog)."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

VOUCHER_KINDS = ("percent", "fixed", "free_shipping")

campaigns = extracted(
    Table(
        "campaigns",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        Column("name_en", Text, nullable=False),
        Column("name_bn", Text),
        instant("starts_at"),
        instant("ends_at"),
        reference("created_by"),
        changed_xid(),
        CheckConstraint("starts_at < ends_at", name="dates"),
        schema="promotions",
    )
)

vouchers = extracted(
    Table(
        "vouchers",
        metadata,
        Column("code", Text, primary_key=True),
        word("kind", *VOUCHER_KINDS, default="percent"),
        Column("discount_bp", Integer, nullable=False),
        poisha("amount_poisha", default=0),
        poisha("max_discount_poisha"),
        poisha("min_subtotal_poisha", default=0),
        Column("limit_total", Integer, nullable=False),
        Column("limit_per_buyer", Integer, nullable=False, server_default=text("1")),
        Column("redeemed", Integer, nullable=False, server_default=text("0")),
        word("funded_by", "platform", "seller", default="platform"),
        # Share of the discount that the platform bears; sellers bear the rest.
        Column("platform_bp", Integer, nullable=False, server_default=text("10000")),
        # Of two vouchers in one group only one may be used on a basket.
        Column("stack_group", Text, nullable=False, server_default="basket"),
        reference("scope_seller_id", nullable=True),
        Column("scope_category", Text),
        reference("campaign_id", nullable=True),
        instant("starts_at"),
        instant("ends_at"),
        changed_xid(),
        CheckConstraint("discount_bp between 0 and 10000 and amount_poisha >= 0", name="discount"),
        CheckConstraint("redeemed >= 0 and redeemed <= limit_total", name="limit_total"),
        CheckConstraint("platform_bp between 0 and 10000", name="platform_bp"),
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

bundles = extracted(
    Table(
        "bundles",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        Column("name_en", Text, nullable=False),
        reference("seller_id"),
        Column("discount_bp", Integer, nullable=False),
        Column("platform_bp", Integer, nullable=False, server_default=text("0")),
        instant("starts_at"),
        instant("ends_at"),
        changed_xid(),
        CheckConstraint("discount_bp between 1 and 9000", name="discount"),
        schema="promotions",
    )
)

bundle_items = Table(
    "bundle_items",
    metadata,
    reference("bundle_id"),
    reference("offer_id"),
    Column("quantity", Integer, nullable=False, server_default=text("1")),
    PrimaryKeyConstraint("bundle_id", "offer_id"),
    CheckConstraint("quantity between 1 and 100", name="quantity"),
    schema="promotions",
)
Index("ix_bundle_items_offer_id", bundle_items.c.offer_id)

flash_slots = extracted(
    Table(
        "flash_slots",
        metadata,
        # Also the key of the stock set aside for it (`inventory.set_asides`).
        uuid_key(),
        reference("campaign_id", nullable=True),
        reference("seller_id"),
        reference("offer_id"),
        poisha("price_poisha"),
        Column("quantity", Integer, nullable=False),
        Column("per_buyer", Integer, nullable=False, server_default=text("1")),
        word("state", "planned", "open", "closed", "cancelled", default="planned"),
        # The queue: how many enter at once, then how many a second; none where admit_per_second is empty.
        Column("admit_at_once", Integer, nullable=False, server_default=text("0")),
        Column("admit_per_second", Integer),
        instant("starts_at"),
        instant("ends_at"),
        changed_xid(),
        CheckConstraint("starts_at < ends_at and quantity > 0 and per_buyer > 0 and price_poisha > 0", name="sense"),
        CheckConstraint("admit_at_once >= 0 and admit_per_second > 0", name="queue"),
        schema="promotions",
    )
)
Index("ix_flash_slots_offer_id", flash_slots.c.offer_id, flash_slots.c.starts_at)

flash_purchases = Table(
    "flash_purchases",
    metadata,
    reference("slot_id"),
    reference("buyer_id"),
    Column("quantity", Integer, nullable=False),
    PrimaryKeyConstraint("slot_id", "buyer_id"),
    CheckConstraint("quantity >= 0", name="quantity"),
    schema="promotions",
)

flash_uses = extracted(
    Table(
        "flash_uses",
        metadata,
        reference("group_id"),
        reference("slot_id"),
        reference("buyer_id"),
        Column("quantity", Integer, nullable=False),
        instant("given_back_at", nullable=True),
        changed_xid(),
        PrimaryKeyConstraint("group_id", "slot_id"),
        schema="promotions",
    )
)

queue_tickets = Table(
    "queue_tickets",
    metadata,
    reference("slot_id"),
    reference("buyer_id"),
    Column("ticket_no", BigInteger, nullable=False),
    instant("drawn_at", default_now=True),
    PrimaryKeyConstraint("slot_id", "buyer_id"),
    schema="promotions",
)

queue_counters = Table(
    "queue_counters",
    metadata,
    Column("slot_id", flash_slots.c.id.type, primary_key=True),
    Column("drawn", BigInteger, nullable=False, server_default=text("0")),
    schema="promotions",
)
