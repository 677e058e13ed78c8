"""Tables of the cart: what a shopper has put aside to buy. Not here: prices (read from the catalog at checkout)."""

from sqlalchemy import CheckConstraint, Column, Integer, PrimaryKeyConstraint, Table

from foundation.tables import instant, metadata, poisha, reference

cart_lines = Table(
    "cart_lines",
    metadata,
    reference("buyer_id"),
    reference("offer_id"),
    Column("quantity", Integer, nullable=False),
    # Price when it was put in the cart: shown beside today's when they differ.
    poisha("seen_price_poisha"),
    instant("added_at", default_now=True),
    PrimaryKeyConstraint("buyer_id", "offer_id"),
    CheckConstraint("quantity between 1 and 1000", name="quantity"),
    schema="cart",
)
