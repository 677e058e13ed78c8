"""Tables of the catalog: categories, products, variants and the offers that sellers make on them; staged changes, pictures.

Not here: stock, search ranking, files of sellers (see `bulk_tables`).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

categories = extracted(
    Table(
        "categories",
        metadata,
        uuid_key(),
        reference("parent_id", nullable=True),
        # "Department > Category > Type", at most three levels deep.
        Column("path", Text, nullable=False, unique=True),
        Column("name_en", Text, nullable=False),
        Column("name_bn", Text),
        changed_xid(),
        schema="catalog",
    )
)

products = extracted(
    Table(
        "products",
        metadata,
        uuid_key(),
        Column("code", Text, nullable=False, unique=True),
        reference("category_id"),
        Column("title_en", Text, nullable=False),
        Column("title_bn", Text),
        Column("brand", Text),
        Column("package_size", Text),
        Column("uom", Text, nullable=False, server_default="each"),
        Column("is_active", Boolean, nullable=False, server_default=text("true")),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("created_at", default_now=True),
        changed_xid(),
        Column(
            "search_text",
            TSVECTOR,
            Computed(
                "setweight(to_tsvector('simple', coalesce(title_en, '') || ' ' || coalesce(title_bn, '')), 'A') || "
                "setweight(to_tsvector('simple', coalesce(brand, '') || ' ' || coalesce(package_size, '')), 'B')",
                persisted=True,
            ),
        ),
        schema="catalog",
    ),
    tracked=("category_id", "is_active"),
)
Index("ix_products_search_text", products.c.search_text, postgresql_using="gin")
Index("ix_products_category_id", products.c.category_id, products.c.id)

offers = extracted(
    Table(
        "offers",
        metadata,
        uuid_key(),
        reference("product_id"),
        reference("seller_id"),
        # None: the product has no variants, or its default one is meant.
        reference("variant_id", nullable=True),
        # The seller's own number for it.
        Column("sku", Text),
        poisha("price_poisha"),
        # The price that is crossed out; None when nothing is.
        poisha("list_price_poisha", nullable=True),
        word("status", "active", "paused", "withdrawn", default="active"),
        word("condition", "new", "used", "refurbished", default="new"),
        Column("handling_days", Integer, nullable=False, server_default=text("1")),
        # Grows with every change: what If-Match compares.
        Column("version", Integer, nullable=False, server_default=text("1")),
        instant("created_at", default_now=True),
        instant("updated_at", default_now=True),
        changed_xid(),
        UniqueConstraint("product_id", "seller_id", "variant_id", "condition", postgresql_nulls_not_distinct=True),
        CheckConstraint("price_poisha > 0", name="price"),
        CheckConstraint("list_price_poisha > price_poisha", name="list_price"),
        CheckConstraint("handling_days between 0 and 60", name="handling"),
        schema="catalog",
    ),
    tracked=("price_poisha", "status"),
)
Index("ix_offers_seller_id", offers.c.seller_id)
Index(
    "ix_offers_seller_id_sku", offers.c.seller_id, offers.c.sku, unique=True, postgresql_where=text("sku is not null")
)

attributes = Table(
    "attributes",
    metadata,
    uuid_key(),
    reference("category_id"),
    Column("code", Text, nullable=False),
    Column("label_en", Text, nullable=False),
    Column("label_bn", Text),
    Column("label_hi", Text),
    word("kind", "text", "number", "choice", "boolean"),
    Column("unit", Text),
    # Of a choice: [{"code": "red", "en": "Red", "bn": "লাল", "hi": "लाल"}].
    Column("choices", JSONB, nullable=False, server_default=text("'[]'")),
    Column("is_required", Boolean, nullable=False, server_default=text("false")),
    Column("is_variant", Boolean, nullable=False, server_default=text("false")),
    Column("is_facet", Boolean, nullable=False, server_default=text("false")),
    Column("position", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("category_id", "code"),
    CheckConstraint("kind <> 'choice' or jsonb_array_length(choices) > 0", name="choices"),
    schema="catalog",
)

# What the imported catalogue does not have: a product without a row here has no description and belongs to no seller.
product_details = Table(
    "product_details",
    metadata,
    uuid_key("product_id"),
    Column("title_hi", Text),
    Column("description_en", Text),
    Column("description_bn", Text),
    Column("description_hi", Text),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    # Who may propose changes; anybody may make an offer.
    reference("owner_seller_id", nullable=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    schema="catalog",
)
Index("ix_product_details_owner_seller_id", product_details.c.owner_seller_id, product_details.c.product_id)

variants = Table(
    "variants",
    metadata,
    uuid_key(),
    reference("product_id"),
    # Values of the attributes that make variants; {} is the default one.
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    instant("created_at", default_now=True),
    UniqueConstraint("product_id", "attributes"),
    schema="catalog",
)

# Append-only: a price holds from its row to the next one of the same offer.
price_history = extracted(
    Table(
        "price_history",
        metadata,
        uuid_key(),
        reference("offer_id"),
        poisha("price_poisha"),
        instant("from_at"),
        reference("changed_by", nullable=True),
        changed_xid(),
        schema="catalog",
    )
)
Index("ix_price_history_offer_id_from_at", price_history.c.offer_id, price_history.c.from_at)

product_changes = Table(
    "product_changes",
    metadata,
    uuid_key(),
    reference("product_id"),
    reference("seller_id"),
    word("kind", "create", "edit"),
    word("state", "pending", "confirmed", "declined", "withdrawn", default="pending"),
    # [{"field": "title_bn", "from": null, "to": "…"}]: what is confirmed is exactly what was seen.
    Column("actions", JSONB, nullable=False),
    # What the automatic checks found: [{"check": "prohibited-words", "field": "title_en", "detail": "…"}].
    Column("findings", JSONB, nullable=False, server_default=text("'[]'")),
    Column("base_version", Integer, nullable=False),
    Column("reason", Text),
    reference("submitted_by"),
    instant("submitted_at", default_now=True),
    reference("decided_by", nullable=True),
    instant("decided_at", nullable=True),
    CheckConstraint("state <> 'declined' or reason is not null", name="reason"),
    schema="catalog",
)
Index("ix_product_changes_state", product_changes.c.state, product_changes.c.id)
Index("ix_product_changes_seller_id", product_changes.c.seller_id, product_changes.c.id)
Index(
    "ix_product_changes_pending",
    product_changes.c.product_id,
    unique=True,
    postgresql_where=text("state = 'pending'"),
)

# How well a seller has served, from the orders of the last 90 days: 10,000 is all delivered.
seller_standings = extracted(
    Table(
        "seller_standings",
        metadata,
        uuid_key("seller_id"),
        Column("score_bp", Integer, nullable=False),
        Column("orders", Integer, nullable=False),
        instant("counted_at", default_now=True),
        changed_xid(),
        schema="catalog",
    )
)

# Pictures by the hash of their bytes: the same picture is kept once, whoever sends it.
media = Table(
    "media",
    metadata,
    Column("sha256", Text, primary_key=True),
    word("kind", "image/jpeg", "image/png", "image/webp"),
    Column("bytes", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    reference("added_by"),
    instant("added_at", default_now=True),
    schema="catalog",
)

product_media = Table(
    "product_media",
    metadata,
    reference("product_id"),
    Column("position", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    PrimaryKeyConstraint("product_id", "position"),
    schema="catalog",
)
