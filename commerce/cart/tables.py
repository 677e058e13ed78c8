"""Tables of the cart: what a shopper has put aside to buy. Not here: prices (read from the catalog at checkout)."""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table, text

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference

cart_lines = extracted(
    Table(
        "cart_lines",
        metadata,
        reference("buyer_id"),
        reference("offer_id"),
        Column("quantity", Integer, nullable=False),
        # Price when it was put in the cart: shown beside today's when they differ.
        poisha("seen_price_poisha"),
        # Saved for later: shown below the cart, not ordered with it.
        Column("is_saved", Boolean, nullable=False, server_default=text("false")),
        instant("added_at", default_now=True),
        changed_xid(),
        PrimaryKeyConstraint("buyer_id", "offer_id"),
        CheckConstraint("quantity between 1 and 1000", name="quantity"),
        schema="cart",
    ),
    tracked=("added_at",),
    is_deletable=True,
)
