"""Tables of engagement: wishes, follows, views, coins, talk with sellers. Coin entries are append-only; the account's row is their lock and sum."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

wishes = extracted(
    Table(
        "wishes",
        metadata,
        reference("user_id"),
        reference("product_id"),
        # Its cheapest offer then: the list shows what has become cheaper.
        poisha("price_poisha", nullable=True),
        instant("added_at"),
        changed_xid(),
        PrimaryKeyConstraint("user_id", "product_id"),
        schema="engagement",
    ),
    tracked=("added_at",),
    is_deletable=True,
)
Index("ix_wishes_user_id_added_at", wishes.c.user_id, wishes.c.added_at)

follows = extracted(
    Table(
        "follows",
        metadata,
        reference("user_id"),
        reference("seller_id"),
        instant("followed_at"),
        changed_xid(),
        PrimaryKeyConstraint("user_id", "seller_id"),
        schema="engagement",
    ),
    tracked=("followed_at",),
    is_deletable=True,
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

coin_entries = extracted(
    Table(
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
        changed_xid(),
        UniqueConstraint("kind", "reference"),
        CheckConstraint("(kind = 'earned') = (coins > 0) and coins <> 0", name="sign"),
        CheckConstraint("(kind = 'earned') = (expires_at is not null)", name="expires"),
        schema="engagement",
    )
)
Index("ix_coin_entries_user_id_id", coin_entries.c.user_id, coin_entries.c.id)
Index("ix_coin_entries_expires_at", coin_entries.c.expires_at, postgresql_where=text("kind = 'earned'"))

threads = Table(
    "threads",
    metadata,
    uuid_key(),
    reference("buyer_id"),
    reference("seller_id"),
    instant("created_at"),
    instant("last_message_at"),
    # Since when the buyer waits for an answer; None while it is the buyer's turn.
    instant("waiting_since_at", nullable=True),
    UniqueConstraint("buyer_id", "seller_id"),
    schema="engagement",
)
Index("ix_threads_buyer_id_last_message_at", threads.c.buyer_id, threads.c.last_message_at)
Index("ix_threads_seller_id_last_message_at", threads.c.seller_id, threads.c.last_message_at)

messages = Table(
    "messages",
    metadata,
    uuid_key(),
    reference("thread_id"),
    word("written_by", "buyer", "seller"),
    reference("author_id"),
    reference("product_id", nullable=True),
    # As it may be read: contact details are masked before it is encrypted and are kept nowhere.
    Column("text_encrypted", LargeBinary, nullable=False),
    Column("hidden_kinds", ARRAY(Text), nullable=False),
    instant("written_at"),
    schema="engagement",
)
Index("ix_messages_thread_id_id", messages.c.thread_id, messages.c.id)

answers = extracted(
    Table(
        "answers",
        metadata,
        # The seller's message that ended the wait.
        uuid_key("message_id"),
        reference("seller_id"),
        instant("asked_at"),
        instant("answered_at"),
        changed_xid(),
        CheckConstraint("answered_at >= asked_at", name="order"),
        schema="engagement",
    )
)
Index("ix_answers_seller_id_answered_at", answers.c.seller_id, answers.c.answered_at)
