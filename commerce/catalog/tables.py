"""Tables of the catalog: categories, products and the offers that sellers make on them. Not here: stock, search ranking."""

from sqlalchemy import Boolean, CheckConstraint, Column, Computed, Index, Table, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR

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
    )
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
        poisha("price_poisha"),
        word("status", "active", "paused", "withdrawn", default="active"),
        instant("created_at", default_now=True),
        instant("updated_at", default_now=True),
        changed_xid(),
        UniqueConstraint("product_id", "seller_id"),
        CheckConstraint("price_poisha > 0", name="price"),
        schema="catalog",
    )
)
Index("ix_offers_seller_id", offers.c.seller_id)
