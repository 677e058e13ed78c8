"""Tables of inventory: hubs, stock per offer and hub, holds, supply terms. Not here: who ordered what.

Conservation, enforced per row: received = on hand + shipped + written off, and 0 <= reserved <= on hand
(goods on hand include the reserved ones; available = on hand - reserved).
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Numeric, PrimaryKeyConstraint, Table, Text, text

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
