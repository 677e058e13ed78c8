"""The whole catalogue (attributes, variants, staged changes, prices over time, sellers' files), search, reviews.

Search needs the trigrams of pg_trgm: a trusted extension of PostgreSQL's own distribution, which the owner of a database
may create. Prices over time are append-only by trigger.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables
from sqlalchemy.dialects import postgresql
revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


APPEND_ONLY = """
create function catalog.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'restrict_violation', message = 'the history of prices is append-only';
end $$
"""
# Alembic compares no checks: those on columns that an existing table gets are added here, unvalidated and then validated.
OFFER_CHECKS = {
    "condition": "condition in ('new', 'used', 'refurbished')",
    "list_price": "list_price_poisha > price_poisha",
    "handling": "handling_days between 0 and 60",
}


def upgrade() -> None:
    op.execute("create extension if not exists pg_trgm")
    op.create_table('attributes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('category_id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('label_en', sa.Text(), nullable=False),
    sa.Column('label_bn', sa.Text(), nullable=True),
    sa.Column('label_hi', sa.Text(), nullable=True),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('unit', sa.Text(), nullable=True),
    sa.Column('choices', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('is_required', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_variant', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('is_facet', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint("kind <> 'choice' or jsonb_array_length(choices) > 0", name=op.f('ck_attributes_choices')),
    sa.CheckConstraint("kind in ('text', 'number', 'choice', 'boolean')", name=op.f('ck_attributes_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attributes')),
    sa.UniqueConstraint('category_id', 'code', name=op.f('uq_attributes_category_id_code')),
    schema='catalog'
    )
    op.create_table('bulk_errors',
    sa.Column('job_id', sa.UUID(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('column_name', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.PrimaryKeyConstraint('job_id', 'row_number', 'column_name', name=op.f('pk_bulk_errors')),
    schema='catalog'
    )
    op.create_table('bulk_jobs',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('submitted_by', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), server_default='waiting', nullable=False),
    sa.Column('is_dry_run', sa.Boolean(), nullable=False),
    sa.Column('file_sha256', sa.Text(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('rows_done', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_created', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_changed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_unchanged', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('rows_refused', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('waiting', 'done', 'failed')", name=op.f('ck_bulk_jobs_state')),
    sa.CheckConstraint('rows_done = rows_created + rows_changed + rows_unchanged + rows_refused', name=op.f('ck_bulk_jobs_counted')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bulk_jobs')),
    schema='catalog'
    )
    op.create_index('ix_bulk_jobs_seller_id', 'bulk_jobs', ['seller_id', 'id'], unique=False, schema='catalog')
    op.create_index('ix_bulk_jobs_waiting', 'bulk_jobs', ['id'], unique=False, schema='catalog', postgresql_where=sa.text("state = 'waiting'"))
    op.create_table('bulk_rows',
    sa.Column('job_id', sa.UUID(), nullable=False),
    sa.Column('row_number', sa.Integer(), nullable=False),
    sa.Column('cells', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('job_id', 'row_number', name=op.f('pk_bulk_rows')),
    schema='catalog'
    )
    op.create_table('media',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('added_by', sa.UUID(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('image/jpeg', 'image/png', 'image/webp')", name=op.f('ck_media_kind')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_media')),
    schema='catalog'
    )
    op.create_table('price_history',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('price_poisha', sa.BigInteger(), nullable=False),
    sa.Column('from_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.UUID(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_history')),
    schema='catalog'
    )
    op.create_index('ix_price_history_offer_id_from_at', 'price_history', ['offer_id', 'from_at'], unique=False, schema='catalog')
    op.create_table('product_changes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='pending', nullable=False),
    sa.Column('actions', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('findings', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('base_version', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('submitted_by', sa.UUID(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('decided_by', sa.UUID(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('create', 'edit')", name=op.f('ck_product_changes_kind')),
    sa.CheckConstraint("state <> 'declined' or reason is not null", name=op.f('ck_product_changes_reason')),
    sa.CheckConstraint("state in ('pending', 'confirmed', 'declined', 'withdrawn')", name=op.f('ck_product_changes_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_changes')),
    schema='catalog'
    )
    op.create_index('ix_product_changes_pending', 'product_changes', ['product_id'], unique=True, schema='catalog', postgresql_where=sa.text("state = 'pending'"))
    op.create_index('ix_product_changes_seller_id', 'product_changes', ['seller_id', 'id'], unique=False, schema='catalog')
    op.create_index('ix_product_changes_state', 'product_changes', ['state', 'id'], unique=False, schema='catalog')
    op.create_table('product_details',
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('title_hi', sa.Text(), nullable=True),
    sa.Column('description_en', sa.Text(), nullable=True),
    sa.Column('description_bn', sa.Text(), nullable=True),
    sa.Column('description_hi', sa.Text(), nullable=True),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('owner_seller_id', sa.UUID(), nullable=True),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_product_details')),
    schema='catalog'
    )
    op.create_index('ix_product_details_owner_seller_id', 'product_details', ['owner_seller_id', 'product_id'], unique=False, schema='catalog')
    op.create_table('product_media',
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('product_id', 'position', name=op.f('pk_product_media')),
    schema='catalog'
    )
    op.create_table('seller_standings',
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('score_bp', sa.Integer(), nullable=False),
    sa.Column('orders', sa.Integer(), nullable=False),
    sa.Column('counted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('seller_id', name=op.f('pk_seller_standings')),
    schema='catalog'
    )
    op.create_table('variants',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('attributes', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('position', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variants')),
    sa.UniqueConstraint('product_id', 'attributes', name=op.f('uq_variants_product_id_attributes')),
    schema='catalog'
    )
    op.create_table('answers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('question_id', sa.UUID(), nullable=False),
    sa.Column('author_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=True),
    sa.Column('is_buyer', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='published', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('published', 'held', 'hidden')", name=op.f('ck_answers_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answers')),
    schema='reviews'
    )
    op.create_index('ix_answers_question_id', 'answers', ['question_id', 'id'], unique=False, schema='reviews')
    op.create_table('product_ratings',
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('stars', sa.BigInteger(), nullable=False),
    sa.Column('rating_centi', sa.Integer(), nullable=True),
    sa.Column('by_stars', postgresql.ARRAY(sa.Integer()), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('ratings >= 0 and stars between ratings and ratings * 5', name=op.f('ck_product_ratings_sums')),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_product_ratings')),
    schema='reviews'
    )
    op.create_index('ix_product_ratings_changed_xid', 'product_ratings', ['changed_xid'], unique=False, schema='reviews')
    op.create_table('questions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('author_id', sa.UUID(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='published', nullable=False),
    sa.Column('answers', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('published', 'held', 'hidden')", name=op.f('ck_questions_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_questions')),
    schema='reviews'
    )
    op.create_index('ix_questions_product_id', 'questions', ['product_id', 'id'], unique=False, schema='reviews')
    op.create_table('reports',
    sa.Column('review_id', sa.UUID(), nullable=False),
    sa.Column('reporter_id', sa.UUID(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("reason in ('abuse', 'spam', 'false', 'personal_data', 'other')", name=op.f('ck_reports_reason')),
    sa.PrimaryKeyConstraint('review_id', 'reporter_id', name=op.f('pk_reports')),
    schema='reviews'
    )
    op.create_table('reviews',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('author_id', sa.UUID(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('photos', postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('state', sa.Text(), server_default='published', nullable=False),
    sa.Column('hidden_reason', sa.Text(), nullable=True),
    sa.Column('seller_answer', sa.Text(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('helpful', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reports', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('published', 'held', 'hidden')", name=op.f('ck_reviews_state')),
    sa.CheckConstraint('cardinality(photos) <= 6', name=op.f('ck_reviews_photos')),
    sa.CheckConstraint('helpful >= 0 and reports >= 0', name=op.f('ck_reviews_counted')),
    sa.CheckConstraint('rating between 1 and 5', name=op.f('ck_reviews_rating')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reviews')),
    sa.UniqueConstraint('order_id', 'line_no', name=op.f('uq_reviews_order_id_line_no')),
    schema='reviews'
    )
    op.create_index('ix_reviews_author_id', 'reviews', ['author_id', 'id'], unique=False, schema='reviews')
    op.create_index('ix_reviews_held', 'reviews', ['id'], unique=False, schema='reviews', postgresql_where=sa.text("state = 'held'"))
    op.create_index('ix_reviews_product_id', 'reviews', ['product_id', 'id'], unique=False, schema='reviews')
    op.create_index('ix_reviews_seller_id', 'reviews', ['seller_id', 'id'], unique=False, schema='reviews')
    op.create_table('seller_ratings',
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('ratings', sa.Integer(), nullable=False),
    sa.Column('stars', sa.BigInteger(), nullable=False),
    sa.Column('rating_centi', sa.Integer(), nullable=True),
    sa.CheckConstraint('ratings >= 0 and stars between ratings and ratings * 5', name=op.f('ck_seller_ratings_sums')),
    sa.PrimaryKeyConstraint('seller_id', name=op.f('pk_seller_ratings')),
    schema='reviews'
    )
    op.create_table('votes',
    sa.Column('review_id', sa.UUID(), nullable=False),
    sa.Column('voter_id', sa.UUID(), nullable=False),
    sa.Column('voted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('review_id', 'voter_id', name=op.f('pk_votes')),
    schema='reviews'
    )
    op.create_table('documents',
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('words', postgresql.TSVECTOR(), nullable=False),
    sa.Column('filters', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('variants', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('quality', sa.REAL(), nullable=False),
    sa.Column('price_poisha', sa.BigInteger(), nullable=True),
    sa.Column('offer_id', sa.UUID(), nullable=True),
    sa.Column('seller_id', sa.UUID(), nullable=True),
    sa.Column('is_in_stock', sa.Boolean(), nullable=False),
    sa.Column('units_ordered', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('rating_centi', sa.SmallInteger(), nullable=True),
    sa.Column('ratings', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('product_id', name=op.f('pk_documents')),
    schema='search'
    )
    op.create_index('ix_documents_created_at', 'documents', ['created_at', 'product_id'], unique=False, schema='search')
    op.create_index('ix_documents_price_poisha', 'documents', ['price_poisha', 'product_id'], unique=False, schema='search')
    op.create_index('ix_documents_quality', 'documents', ['quality', 'product_id'], unique=False, schema='search')
    op.create_index('ix_documents_words_filters', 'documents', ['words', 'filters'], unique=False, schema='search', postgresql_using='gin')
    op.create_table('phrases',
    sa.Column('typed', sa.Text(collation='C'), nullable=False),
    sa.Column('phrase', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind in ('category', 'brand', 'title', 'word')", name=op.f('ck_phrases_kind')),
    sa.PrimaryKeyConstraint('typed', 'kind', name=op.f('pk_phrases')),
    schema='search'
    )
    op.create_index('ix_phrases_weight', 'phrases', ['weight'], unique=False, schema='search')
    op.create_table('sounds',
    sa.Column('key', sa.Text(collation='C'), nullable=False),
    sa.Column('word', sa.Text(collation='C'), nullable=False),
    sa.Column('is_cut', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('key', 'word', 'is_cut', name=op.f('pk_sounds')),
    schema='search'
    )
    op.create_index('ix_sounds_key_trigrams', 'sounds', ['key'], unique=False, schema='search', postgresql_using='gin', postgresql_ops={'key': 'gin_trgm_ops'}, postgresql_where=sa.text('not is_cut'))
    op.create_table('words',
    sa.Column('word', sa.Text(collation='C'), nullable=False),
    sa.Column('documents', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('word', name=op.f('pk_words')),
    schema='search'
    )
    op.add_column('offers', sa.Column('variant_id', sa.UUID(), nullable=True), schema='catalog')
    op.add_column('offers', sa.Column('sku', sa.Text(), nullable=True), schema='catalog')
    op.add_column('offers', sa.Column('list_price_poisha', sa.BigInteger(), nullable=True), schema='catalog')
    op.add_column('offers', sa.Column('condition', sa.Text(), server_default='new', nullable=False), schema='catalog')
    op.add_column('offers', sa.Column('handling_days', sa.Integer(), server_default=sa.text('1'), nullable=False), schema='catalog')
    op.add_column('offers', sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False), schema='catalog')
    op.drop_constraint(op.f('uq_offers_product_id_seller_id'), 'offers', schema='catalog', type_='unique')
    name = "uq_offers_product_id_seller_id_variant_id_condition"
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_offers_seller_id_sku", "offers", ["seller_id", "sku"], unique=True, schema="catalog",
            postgresql_where=sa.text("sku is not null"), postgresql_concurrently=True,
        )  # fmt: skip
        op.execute(
            f"create unique index concurrently {name} on catalog.offers (product_id, seller_id, variant_id, condition) "
            "nulls not distinct"
        )
    op.execute(f"alter table catalog.offers add constraint {name} unique using index {name}")
    for name, rule in OFFER_CHECKS.items():
        op.execute(f"alter table catalog.offers add constraint ck_offers_{name} check ({rule}) not valid")
        op.execute(f"alter table catalog.offers validate constraint ck_offers_{name}")
    op.execute(APPEND_ONLY)
    op.execute(
        "create trigger append_only before update or delete on catalog.price_history "
        "for each row execute function catalog.refuse_change()"
    )
    # Documents change singly and are read all the time: no pending list for readers to search through.
    op.execute("alter index search.ix_documents_words_filters set (fastupdate = off)")
