"""Tables of search: one document a product, the vocabulary with its sounds, phrases to suggest. All can be rebuilt.

Not here: anything that is true only here.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL, TSVECTOR

from foundation.tables import instant, metadata, poisha, reference, uuid_key, word

documents = Table(
    "documents",
    metadata,
    uuid_key("product_id"),
    # Made in Python (see `words`), so that documents and queries are cut and spelled by the same code.
    Column("words", TSVECTOR, nullable=False),
    # Everything that one can filter by, as tokens "c=…" (category and those above), "b=…" (brand), "s=…" (seller),
    # "a=code:value", "p=band", "r=stars", "k=1" (in stock): one index serves all filters, one pass counts all facets.
    Column("filters", ARRAY(Text), nullable=False),
    # Attributes of each variant: "blue AND XL" must be one of them.
    Column("variants", JSONB, nullable=False, server_default=text("'[]'")),
    Column("quality", REAL, nullable=False),
    # Of the buy box.
    poisha("price_poisha", nullable=True),
    reference("offer_id", nullable=True),
    reference("seller_id", nullable=True),
    Column("is_in_stock", Boolean, nullable=False),
    Column("units_ordered", BigInteger, nullable=False, server_default=text("0")),
    Column("rating_centi", SmallInteger),
    Column("ratings", Integer, nullable=False, server_default=text("0")),
    instant("created_at"),
    schema="search",
)
Index("ix_documents_words_filters", documents.c.words, documents.c.filters, postgresql_using="gin")
Index("ix_documents_quality", documents.c.quality, documents.c.product_id)
Index("ix_documents_price_poisha", documents.c.price_poisha, documents.c.product_id)
Index("ix_documents_created_at", documents.c.created_at, documents.c.product_id)

words = Table(
    "words",
    metadata,
    Column("word", Text(collation="C"), primary_key=True),
    # In how many documents; counted anew by a rebuild, only added to in between.
    Column("documents", Integer, nullable=False),
    schema="search",
)

sounds = Table(
    "sounds",
    metadata,
    Column("key", Text(collation="C"), nullable=False),
    Column("word", Text(collation="C"), nullable=False),
    # The key lacks one letter of the word's sound: finds words at one typing error by equality.
    Column("is_cut", Boolean, nullable=False),
    PrimaryKeyConstraint("key", "word", "is_cut"),
    schema="search",
)
Index(
    "ix_sounds_key_trigrams",
    sounds.c.key,
    postgresql_using="gin",
    postgresql_ops={"key": "gin_trgm_ops"},
    postgresql_where=text("not is_cut"),
)

phrases = Table(
    "phrases",
    metadata,
    # As typed: normalised words with single spaces; the phrase itself keeps its letters.
    Column("typed", Text(collation="C"), nullable=False),
    Column("phrase", Text, nullable=False),
    word("kind", "category", "brand", "title", "word"),
    Column("weight", Integer, nullable=False),
    PrimaryKeyConstraint("typed", "kind"),
    schema="search",
)
Index("ix_phrases_weight", phrases.c.weight)
