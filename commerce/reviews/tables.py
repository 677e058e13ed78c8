"""Tables of reviews: one a delivered line, reports and votes on it, sums per product and seller, questions, answers.

Not here: orders (whose lines a review belongs to), pictures themselves (catalog's media).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

STATES = ("published", "held", "hidden")

reviews = extracted(
    Table(
        "reviews",
        metadata,
        uuid_key(),
        reference("order_id"),
        Column("line_no", Integer, nullable=False),
        reference("product_id"),
        reference("offer_id"),
        reference("seller_id"),
        reference("author_id"),
        Column("rating", Integer, nullable=False),
        Column("body", Text),
        Column("photos", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        # held: waits for staff, after an automatic finding or reports; hidden: staff took it down.
        word("state", *STATES, default="published"),
        Column("hidden_reason", Text),
        Column("seller_answer", Text),
        instant("answered_at", nullable=True),
        Column("helpful", Integer, nullable=False, server_default=text("0")),
        Column("reports", Integer, nullable=False, server_default=text("0")),
        Column("version", Integer, nullable=False, server_default=text("1")),
        instant("created_at"),
        instant("updated_at"),
        changed_xid(),
        UniqueConstraint("order_id", "line_no"),
        CheckConstraint("rating between 1 and 5", name="rating"),
        CheckConstraint("helpful >= 0 and reports >= 0", name="counted"),
        CheckConstraint("cardinality(photos) <= 6", name="photos"),
        schema="reviews",
    ),
    private=("body", "photos", "hidden_reason", "seller_answer"),
)
Index("ix_reviews_product_id", reviews.c.product_id, reviews.c.id)
Index("ix_reviews_seller_id", reviews.c.seller_id, reviews.c.id)
Index("ix_reviews_author_id", reviews.c.author_id, reviews.c.id)
Index("ix_reviews_held", reviews.c.id, postgresql_where=text("state = 'held'"))

votes = Table(
    "votes",
    metadata,
    reference("review_id"),
    reference("voter_id"),
    instant("voted_at", default_now=True),
    PrimaryKeyConstraint("review_id", "voter_id"),
    schema="reviews",
)

reports = extracted(
    Table(
        "reports",
        metadata,
        reference("review_id"),
        reference("reporter_id"),
        word("reason", "abuse", "spam", "false", "personal_data", "other"),
        instant("reported_at", default_now=True),
        changed_xid(),
        PrimaryKeyConstraint("review_id", "reporter_id"),
        schema="reviews",
    )
)

# Sums over published reviews, changed in the transaction that changes a review.
product_ratings = Table(
    "product_ratings",
    metadata,
    uuid_key("product_id"),
    Column("ratings", Integer, nullable=False),
    Column("stars", BigInteger, nullable=False),
    # Mean in hundredths of a star, rounded half up; None without ratings.
    Column("rating_centi", Integer),
    Column("by_stars", ARRAY(Integer), nullable=False),
    changed_xid(),
    CheckConstraint("ratings >= 0 and stars between ratings and ratings * 5", name="sums"),
    schema="reviews",
)
Index("ix_product_ratings_changed_xid", product_ratings.c.changed_xid)

seller_ratings = Table(
    "seller_ratings",
    metadata,
    uuid_key("seller_id"),
    Column("ratings", Integer, nullable=False),
    Column("stars", BigInteger, nullable=False),
    Column("rating_centi", Integer),
    CheckConstraint("ratings >= 0 and stars between ratings and ratings * 5", name="sums"),
    schema="reviews",
)

questions = Table(
    "questions",
    metadata,
    uuid_key(),
    reference("product_id"),
    reference("author_id"),
    Column("body", Text, nullable=False),
    word("state", *STATES, default="published"),
    Column("answers", Integer, nullable=False, server_default=text("0")),
    instant("created_at"),
    schema="reviews",
)
Index("ix_questions_product_id", questions.c.product_id, questions.c.id)
Index("ix_questions_unseen", questions.c.id, postgresql_where=text("state <> 'published'"))

answers = Table(
    "answers",
    metadata,
    uuid_key(),
    reference("question_id"),
    reference("author_id"),
    # Set when a seller of the product answers in the shop's name.
    reference("seller_id", nullable=True),
    Column("is_buyer", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    word("state", *STATES, default="published"),
    instant("created_at"),
    schema="reviews",
)
Index("ix_answers_question_id", answers.c.question_id, answers.c.id)
Index("ix_answers_unseen", answers.c.id, postgresql_where=text("state <> 'published'"))
