"""Tables of orders: one group per checkout, one order per seller in it, lines, history. Not here: payments, stock.

`order_groups` is what the buyer placed and pays; `orders` is what each seller fulfils.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

ORDER_STATES = ("pending_payment", "on_hold", "placed", "shipped", "delivered", "refused", "cancelled")
PAYMENT_METHODS = ("cod", "bkash")

order_groups = extracted(
    Table(
        "order_groups",
        metadata,
        uuid_key(),
        Column("number", Text, nullable=False, unique=True),
        reference("buyer_id"),
        word("channel", "web", "market", "import", default="web"),
        word("payment_method", *PAYMENT_METHODS),
        Column("district_code", Text),
        Column("address_encrypted", Text),
        # Keyed hashes, never the value itself: what device, phone and wallet the order came from.
        Column("device_index", Text),
        Column("phone_index", Text),
        Column("voucher_code", Text),
        poisha("subtotal_poisha"),
        poisha("discount_poisha", default=0),
        poisha("shipping_poisha", default=0),
        poisha("total_poisha"),
        # Where an imported order came from: the pair is unique, so importing a file twice adds nothing.
        Column("source", Text),
        Column("source_ref", Text),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("placed_at"),
        changed_xid(),
        UniqueConstraint("source", "source_ref"),
        CheckConstraint("total_poisha = subtotal_poisha - discount_poisha + shipping_poisha", name="total"),
        CheckConstraint("subtotal_poisha >= 0 and discount_poisha >= 0 and shipping_poisha >= 0", name="positive"),
        schema="orders",
    )
)
Index("ix_order_groups_buyer_id_placed_at", order_groups.c.buyer_id, order_groups.c.placed_at)

orders = extracted(
    Table(
        "orders",
        metadata,
        uuid_key(),
        reference("group_id"),
        reference("seller_id"),
        reference("hub_id", nullable=True),
        word("status", *ORDER_STATES),
        Column("courier", Text),
        poisha("subtotal_poisha"),
        poisha("discount_poisha", default=0),
        poisha("shipping_poisha", default=0),
        poisha("total_poisha"),
        # The part of the discount that the seller bears; the platform bears the rest.
        poisha("seller_discount_poisha", default=0),
        # Frozen at placement: a later change of rates never rewrites an order.
        poisha("commission_poisha"),
        poisha("vat_poisha"),
        instant("placed_at"),
        instant("shipped_at", nullable=True),
        # Delivered, refused at the door or cancelled: the end of the order's life.
        instant("closed_at", nullable=True),
        changed_xid(),
        UniqueConstraint("group_id", "seller_id"),
        CheckConstraint("total_poisha = subtotal_poisha - discount_poisha + shipping_poisha", name="total"),
        schema="orders",
    )
)
Index("ix_orders_seller_id_placed_at", orders.c.seller_id, orders.c.placed_at)

order_lines = extracted(
    Table(
        "order_lines",
        metadata,
        reference("order_id"),
        Column("line_no", Integer, nullable=False),
        reference("offer_id"),
        reference("product_id"),
        # Imported goods may be sold by measure (litres, kilograms): three decimals, exact.
        Column("quantity", Numeric(14, 3), nullable=False),
        # Before discount: list price times quantity; after it: what the buyer pays for the line.
        poisha("subtotal_poisha"),
        poisha("discount_poisha", default=0),
        poisha("total_poisha"),
        changed_xid(),
        PrimaryKeyConstraint("order_id", "line_no"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("total_poisha = subtotal_poisha - discount_poisha", name="total"),
        schema="orders",
    )
)

order_transitions = extracted(
    Table(
        "order_transitions",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        reference("order_id"),
        Column("from_status", Text, nullable=False),
        Column("to_status", Text, nullable=False),
        Column("reason", Text),
        reference("actor_id", nullable=True),
        instant("occurred_at", default_now=True),
        changed_xid(),
        schema="orders",
    )
)
Index("ix_order_transitions_order_id", order_transitions.c.order_id)

# What of an order was taken back after it was placed; the order itself stays as it was placed.
reversals = extracted(
    Table(
        "reversals",
        metadata,
        uuid_key(),
        reference("order_id"),
        # 0: not a line but the delivery fee.
        Column("line_no", Integer, nullable=False),
        Column("quantity", Integer, nullable=False),
        poisha("subtotal_poisha"),
        poisha("discount_poisha"),
        poisha("shipping_poisha"),
        poisha("total_poisha"),
        word("cause", "line_cancelled", "returned", "disputed"),
        Column("cause_key", Text, nullable=False),
        instant("created_at"),
        changed_xid(),
        UniqueConstraint("cause_key", "line_no"),
        CheckConstraint("quantity > 0 or line_no = 0", name="quantity"),
        CheckConstraint("subtotal_poisha >= 0 and discount_poisha >= 0 and shipping_poisha >= 0", name="positive"),
        CheckConstraint("total_poisha = subtotal_poisha - discount_poisha + shipping_poisha", name="total"),
        schema="orders",
    )
)
Index("ix_reversals_order_id", reversals.c.order_id)
