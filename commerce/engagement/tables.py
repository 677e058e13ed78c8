"""Tables of engagement: wishes, follows, views, coins. Coin entries are append-only; the account's row is their lock and sum."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from foundation.tables import instant, metadata, poisha, reference, uuid_key, word

wishes = Table(
    "wishes",
    metadata,
    reference("user_id"),
    reference("product_id"),
    # Its cheapest offer then: the list shows what has become cheaper.
    poisha("price_poisha", nullable=True),
    instant("added_at"),
    PrimaryKeyConstraint("user_id", "product_id"),
    schema="engagement",
)
Index("ix_wishes_user_id_added_at", wishes.c.user_id, wishes.c.added_at)

follows = Table(
    "follows",
    metadata,
    reference("user_id"),
    reference("seller_id"),
    instant("followed_at"),
    PrimaryKeyConstraint("user_id", "seller_id"),
    schema="engagement",
)
Index("ix_follows_seller_id", follows.c.seller_id)

views = Table(
    "views",
    metadata,
    reference("user_id"),
    reference("product_id"),
    instant("viewed_at"),
    PrimaryKeyConstraint("user_id", "product_id"),
    schema="engagement",
)
Index("ix_views_user_id_viewed_at", views.c.user_id, views.c.viewed_at)

coin_accounts = Table(
    "coin_accounts",
    metadata,
    uuid_key("user_id"),
    Column("balance", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("balance >= 0", name="balance"),
    schema="engagement",
)

coin_entries = Table(
    "coin_entries",
    metadata,
    uuid_key(),
    reference("user_id"),
    word("kind", "earned", "spent", "expired"),
    # Signed: earned is more, spent and expired are less.
    Column("coins", BigInteger, nullable=False),
    Column("reference", Text, nullable=False),
    instant("expires_at", nullable=True),
    instant("recorded_at"),
    UniqueConstraint("kind", "reference"),
    CheckConstraint("(kind = 'earned') = (coins > 0) and coins <> 0", name="sign"),
    CheckConstraint("(kind = 'earned') = (expires_at is not null)", name="expires"),
    schema="engagement",
)
Index("ix_coin_entries_user_id_id", coin_entries.c.user_id, coin_entries.c.id)
Index("ix_coin_entries_expires_at", coin_entries.c.expires_at, postgresql_where=text("kind = 'earned'"))
