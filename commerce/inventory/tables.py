"""Tables of inventory: hubs, stock per offer and hub, holds, movements, transfers, set-asides. Not here: who ordered what.

Conservation, enforced per row: received = on hand + shipped + written off, and 0 <= reserved <= on hand
(goods on hand include the reserved ones; available = on hand - reserved).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

hubs = extracted(
    Table(
        "hubs",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        Column("name", Text, nullable=False),
        Column("district_code", Text, nullable=False),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        changed_xid(),
        schema="inventory",
    )
)

stock = extracted(
    Table(
        "stock",
        metadata,
        reference("offer_id"),
        reference("hub_id"),
        Column("received", Integer, nullable=False, server_default=text("0")),
        Column("on_hand", Integer, nullable=False, server_default=text("0")),
        Column("reserved", Integer, nullable=False, server_default=text("0")),
        Column("shipped", Integer, nullable=False, server_default=text("0")),
        Column("written_off", Integer, nullable=False, server_default=text("0")),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("updated_at", default_now=True),
        changed_xid(),
        PrimaryKeyConstraint("offer_id", "hub_id"),
        CheckConstraint("reserved >= 0 and reserved <= on_hand", name="reserved"),
        CheckConstraint("shipped >= 0 and written_off >= 0", name="positive"),
        CheckConstraint("received = on_hand + shipped + written_off", name="conservation"),
        schema="inventory",
    )
)

holds = extracted(
    Table(
        "holds",
        metadata,
        reference("order_id"),
        reference("offer_id"),
        reference("hub_id"),
        Column("quantity", Integer, nullable=False),
        word("state", "reserved", "claimed", "released", default="reserved"),
        instant("expires_at", nullable=True),
        instant("created_at", default_now=True),
        changed_xid(),
        PrimaryKeyConstraint("order_id", "offer_id", "hub_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        schema="inventory",
    )
)

supply_terms = extracted(
    Table(
        "supply_terms",
        metadata,
        Column("offer_id", stock.c.offer_id.type, primary_key=True),
        Column("lead_time_days_mean", Numeric(6, 2), nullable=False),
        Column("lead_time_days_sd", Numeric(6, 2), nullable=False),
        Column("minimum_order_quantity", Integer, nullable=False, server_default=text("1")),
        Column("pack_size", Integer, nullable=False, server_default=text("1")),
        poisha("unit_cost_poisha"),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        changed_xid(),
        CheckConstraint("pack_size > 0 and minimum_order_quantity > 0", name="positive"),
        schema="inventory",
    )
)

# Append-only, written by a trigger on `stock`: whatever changes what is on a shelf leaves its trace, also bulk imports.
movements = extracted(
    Table(
        "movements",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        reference("offer_id"),
        reference("hub_id"),
        word("kind", "received", "shipped", "returned", "written_off", "sent_away", "corrected"),
        # Change of what is on hand; the sum over a shelf's movements is what is on hand there.
        Column("quantity", Integer, nullable=False),
        Column("reference", Text),
        instant("occurred_at", default_now=True),
        changed_xid(),
        schema="inventory",
    )
)
Index("ix_movements_offer_id", movements.c.offer_id, movements.c.id)

transfers = extracted(
    Table(
        "transfers",
        metadata,
        uuid_key(),
        reference("offer_id"),
        reference("from_hub_id"),
        reference("to_hub_id"),
        Column("quantity", Integer, nullable=False),
        word("state", "sent", "received", "returned"),
        instant("sent_at"),
        instant("ended_at", nullable=True),
        changed_xid(),
        CheckConstraint("quantity > 0 and from_hub_id <> to_hub_id", name="sense"),
        schema="inventory",
    )
)

set_asides = extracted(
    Table(
        "set_asides",
        metadata,
        uuid_key(),
        reference("offer_id"),
        reference("hub_id"),
        Column("quantity", Integer, nullable=False),
        instant("opened_at", default_now=True),
        instant("closed_at", nullable=True),
        changed_xid(),
        CheckConstraint("quantity > 0", name="quantity"),
        schema="inventory",
    )
)

set_aside_buckets = Table(
    "set_aside_buckets",
    metadata,
    reference("set_aside_id"),
    Column("bucket_no", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("taken", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("set_aside_id", "bucket_no"),
    CheckConstraint("taken >= 0 and taken <= quantity", name="taken"),
    schema="inventory",
)

watches = Table(
    "watches",
    metadata,
    Column("offer_id", stock.c.offer_id.type, primary_key=True),
    Column("threshold", Integer, nullable=False),
    Column("is_low", Boolean, nullable=False, server_default=text("false")),
    instant("turned_at", nullable=True),
    CheckConstraint("threshold between 0 and 1000000", name="threshold"),
    schema="inventory",
)

purchase_orders = extracted(
    Table(
        "purchase_orders",
        metadata,
        uuid_key(),
        Column("number", Text, nullable=False, unique=True),
        reference("seller_id"),
        reference("hub_id"),
        Column("supplier", Text, nullable=False),
        word("state", "draft", "approved", "sent", "partly_received", "received", "cancelled", default="draft"),
        Column("expected_on", Date),
        reference("created_by"),
        reference("approved_by", nullable=True),
        instant("created_at", default_now=True),
        instant("closed_at", nullable=True),
        changed_xid(),
        schema="inventory",
    ),
    private=("supplier",),
)
Index("ix_purchase_orders_seller_id", purchase_orders.c.seller_id, purchase_orders.c.id)

purchase_order_lines = extracted(
    Table(
        "purchase_order_lines",
        metadata,
        reference("purchase_order_id"),
        reference("offer_id"),
        Column("quantity", Integer, nullable=False),
        Column("received", Integer, nullable=False, server_default=text("0")),
        poisha("unit_cost_poisha"),
        changed_xid(),
        PrimaryKeyConstraint("purchase_order_id", "offer_id"),
        CheckConstraint("quantity > 0 and received >= 0 and received <= quantity", name="received"),
        schema="inventory",
    )
)

receipts = extracted(
    Table(
        "receipts",
        metadata,
        uuid_key(),
        reference("purchase_order_id"),
        reference("offer_id"),
        Column("quantity", Integer, nullable=False),
        reference("received_by"),
        instant("received_at", default_now=True),
        changed_xid(),
        schema="inventory",
    )
)
Index("ix_receipts_purchase_order_id", receipts.c.purchase_order_id)
