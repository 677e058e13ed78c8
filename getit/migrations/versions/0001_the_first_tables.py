"""the first tables

Revision 0001, after None.
"""

import sqlalchemy as sa

from alembic import op
from sqlalchemy.dialects import postgresql

import foundation.tables

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cart_lines',
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('seen_price_poisha', sa.BigInteger(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint('quantity between 1 and 1000', name=op.f('ck_cart_lines_quantity')),
    sa.PrimaryKeyConstraint('buyer_id', 'offer_id', name=op.f('pk_cart_lines')),
    schema='cart'
    )
    op.create_table('categories',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('parent_id', sa.UUID(), nullable=True),
    sa.Column('path', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('name_bn', sa.Text(), nullable=True),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('path', name=op.f('uq_categories_path')),
    schema='catalog',
    info={'extracted': True}
    )
    op.create_index('ix_categories_changed_xid', 'categories', ['changed_xid'], unique=False, schema='catalog')
    op.create_table('offers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('price_poisha', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('price_poisha > 0', name=op.f('ck_offers_price')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_offers')),
    sa.UniqueConstraint('product_id', 'seller_id', name=op.f('uq_offers_product_id_seller_id')),
    schema='catalog',
    info={'extracted': True}
    )
    op.create_index('ix_offers_changed_xid', 'offers', ['changed_xid'], unique=False, schema='catalog')
    op.create_index('ix_offers_seller_id', 'offers', ['seller_id'], unique=False, schema='catalog')
    op.create_table('products',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('category_id', sa.UUID(), nullable=False),
    sa.Column('title_en', sa.Text(), nullable=False),
    sa.Column('title_bn', sa.Text(), nullable=True),
    sa.Column('brand', sa.Text(), nullable=True),
    sa.Column('package_size', sa.Text(), nullable=True),
    sa.Column('uom', sa.Text(), server_default='each', nullable=False),
    sa.Column('is_active', sa.Boolean(), server_default=sa.text('true'), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('search_text', postgresql.TSVECTOR(), sa.Computed("setweight(to_tsvector('simple', coalesce(title_en, '') || ' ' || coalesce(title_bn, '')), 'A') || setweight(to_tsvector('simple', coalesce(brand, '') || ' ' || coalesce(package_size, '')), 'B')", persisted=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_products')),
    sa.UniqueConstraint('code', name=op.f('uq_products_code')),
    schema='catalog',
    info={'extracted': True}
    )
    op.create_index('ix_products_category_id', 'products', ['category_id', 'id'], unique=False, schema='catalog')
    op.create_index('ix_products_changed_xid', 'products', ['changed_xid'], unique=False, schema='catalog')
    op.create_index('ix_products_search_text', 'products', ['search_text'], unique=False, schema='catalog', postgresql_using='gin')
    op.create_table('users',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), server_default='shopper', nullable=False),
    sa.Column('full_name', sa.Text(), nullable=False),
    sa.Column('phone_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('phone_index', sa.Text(), nullable=True),
    sa.Column('email_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('email_index', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('scopes', sa.Text(), server_default='shop', nullable=False),
    sa.Column('locale', sa.Text(), server_default='bn', nullable=False),
    sa.Column('district_code', sa.Text(), nullable=True),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users')),
    sa.UniqueConstraint('email_index', name=op.f('uq_users_email_index')),
    sa.UniqueConstraint('phone_index', name=op.f('uq_users_phone_index')),
    schema='identity',
    info={'extracted': True}
    )
    op.create_index('ix_users_changed_xid', 'users', ['changed_xid'], unique=False, schema='identity')
    op.create_table('rejects',
    sa.Column('run_id', sa.UUID(), nullable=False),
    sa.Column('row_number', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('quantity_milli', sa.BigInteger(), nullable=True),
    sa.Column('amount_poisha', sa.BigInteger(), nullable=True),
    sa.Column('row', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('run_id', 'row_number', name=op.f('pk_rejects')),
    schema='imports',
    info={'extracted': True}
    )
    op.create_index('ix_rejects_changed_xid', 'rejects', ['changed_xid'], unique=False, schema='imports')
    op.create_table('runs',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('file_sha256', sa.Text(), nullable=False),
    sa.Column('mapping_sha256', sa.Text(), nullable=False),
    sa.Column('report', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs')),
    sa.UniqueConstraint('source', 'file_sha256', 'mapping_sha256', name=op.f('uq_runs_source_file_sha256_mapping_sha256')),
    schema='imports',
    info={'extracted': True}
    )
    op.create_index('ix_runs_changed_xid', 'runs', ['changed_xid'], unique=False, schema='imports')
    op.create_table('holds',
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), server_default='reserved', nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_holds_quantity')),
    sa.PrimaryKeyConstraint('order_id', 'offer_id', 'hub_id', name=op.f('pk_holds')),
    schema='inventory',
    info={'extracted': True}
    )
    op.create_index('ix_holds_changed_xid', 'holds', ['changed_xid'], unique=False, schema='inventory')
    op.create_table('hubs',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('district_code', sa.Text(), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hubs')),
    sa.UniqueConstraint('code', name=op.f('uq_hubs_code')),
    schema='inventory',
    info={'extracted': True}
    )
    op.create_index('ix_hubs_changed_xid', 'hubs', ['changed_xid'], unique=False, schema='inventory')
    op.create_table('stock',
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=False),
    sa.Column('received', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('on_hand', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('reserved', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('shipped', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('written_off', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('received = on_hand + shipped + written_off', name=op.f('ck_stock_conservation')),
    sa.CheckConstraint('reserved >= 0 and reserved <= on_hand', name=op.f('ck_stock_reserved')),
    sa.CheckConstraint('shipped >= 0 and written_off >= 0', name=op.f('ck_stock_positive')),
    sa.PrimaryKeyConstraint('offer_id', 'hub_id', name=op.f('pk_stock')),
    schema='inventory',
    info={'extracted': True}
    )
    op.create_index('ix_stock_changed_xid', 'stock', ['changed_xid'], unique=False, schema='inventory')
    op.create_table('supply_terms',
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('lead_time_days_mean', sa.Numeric(precision=6, scale=2), nullable=False),
    sa.Column('lead_time_days_sd', sa.Numeric(precision=6, scale=2), nullable=False),
    sa.Column('minimum_order_quantity', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('pack_size', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('unit_cost_poisha', sa.BigInteger(), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('pack_size > 0 and minimum_order_quantity > 0', name=op.f('ck_supply_terms_positive')),
    sa.PrimaryKeyConstraint('offer_id', name=op.f('pk_supply_terms')),
    schema='inventory',
    info={'extracted': True}
    )
    op.create_index('ix_supply_terms_changed_xid', 'supply_terms', ['changed_xid'], unique=False, schema='inventory')
    op.create_table('accounts',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.UUID(), nullable=True),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_accounts')),
    schema='ledger',
    info={'extracted': True}
    )
    op.create_index('ix_accounts_changed_xid', 'accounts', ['changed_xid'], unique=False, schema='ledger')
    op.create_table('entries',
    sa.Column('transfer_id', sa.UUID(), nullable=False),
    sa.Column('entry_no', sa.Integer(), nullable=False),
    sa.Column('account_code', sa.Text(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=True),
    sa.Column('amount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('amount_poisha <> 0', name=op.f('ck_entries_amount')),
    sa.PrimaryKeyConstraint('transfer_id', 'entry_no', name=op.f('pk_entries')),
    schema='ledger',
    info={'extracted': True}
    )
    op.create_index('ix_entries_account_code', 'entries', ['account_code'], unique=False, schema='ledger')
    op.create_index('ix_entries_changed_xid', 'entries', ['changed_xid'], unique=False, schema='ledger')
    op.create_table('transfers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('business_on', sa.Date(), nullable=False),
    sa.Column('posted_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers')),
    sa.UniqueConstraint('kind', 'reference', name=op.f('uq_transfers_kind_reference')),
    schema='ledger',
    info={'extracted': True}
    )
    op.create_index('ix_transfers_changed_xid', 'transfers', ['changed_xid'], unique=False, schema='ledger')
    op.create_table('order_groups',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), server_default='web', nullable=False),
    sa.Column('payment_method', sa.Text(), nullable=False),
    sa.Column('district_code', sa.Text(), nullable=True),
    sa.Column('address_encrypted', sa.Text(), nullable=True),
    sa.Column('device_index', sa.Text(), nullable=True),
    sa.Column('phone_index', sa.Text(), nullable=True),
    sa.Column('voucher_code', sa.Text(), nullable=True),
    sa.Column('subtotal_poisha', sa.BigInteger(), nullable=False),
    sa.Column('discount_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('shipping_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('total_poisha', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('source_ref', sa.Text(), nullable=True),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('subtotal_poisha >= 0 and discount_poisha >= 0 and shipping_poisha >= 0', name=op.f('ck_order_groups_positive')),
    sa.CheckConstraint('total_poisha = subtotal_poisha - discount_poisha + shipping_poisha', name=op.f('ck_order_groups_total')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_groups')),
    sa.UniqueConstraint('number', name=op.f('uq_order_groups_number')),
    sa.UniqueConstraint('source', 'source_ref', name=op.f('uq_order_groups_source_source_ref')),
    schema='orders',
    info={'extracted': True}
    )
    op.create_index('ix_order_groups_buyer_id_placed_at', 'order_groups', ['buyer_id', 'placed_at'], unique=False, schema='orders')
    op.create_index('ix_order_groups_changed_xid', 'order_groups', ['changed_xid'], unique=False, schema='orders')
    op.create_table('order_lines',
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Numeric(precision=14, scale=3), nullable=False),
    sa.Column('subtotal_poisha', sa.BigInteger(), nullable=False),
    sa.Column('discount_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('total_poisha', sa.BigInteger(), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_order_lines_quantity')),
    sa.CheckConstraint('total_poisha = subtotal_poisha - discount_poisha', name=op.f('ck_order_lines_total')),
    sa.PrimaryKeyConstraint('order_id', 'line_no', name=op.f('pk_order_lines')),
    schema='orders',
    info={'extracted': True}
    )
    op.create_index('ix_order_lines_changed_xid', 'order_lines', ['changed_xid'], unique=False, schema='orders')
    op.create_table('order_transitions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('from_status', sa.Text(), nullable=False),
    sa.Column('to_status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('actor_id', sa.UUID(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_order_transitions')),
    schema='orders',
    info={'extracted': True}
    )
    op.create_index('ix_order_transitions_changed_xid', 'order_transitions', ['changed_xid'], unique=False, schema='orders')
    op.create_index('ix_order_transitions_order_id', 'order_transitions', ['order_id'], unique=False, schema='orders')
    op.create_table('orders',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=True),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('courier', sa.Text(), nullable=True),
    sa.Column('subtotal_poisha', sa.BigInteger(), nullable=False),
    sa.Column('discount_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('shipping_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('total_poisha', sa.BigInteger(), nullable=False),
    sa.Column('commission_poisha', sa.BigInteger(), nullable=False),
    sa.Column('vat_poisha', sa.BigInteger(), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('shipped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('total_poisha = subtotal_poisha - discount_poisha + shipping_poisha', name=op.f('ck_orders_total')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders')),
    sa.UniqueConstraint('group_id', 'seller_id', name=op.f('uq_orders_group_id_seller_id')),
    schema='orders',
    info={'extracted': True}
    )
    op.create_index('ix_orders_changed_xid', 'orders', ['changed_xid'], unique=False, schema='orders')
    op.create_index('ix_orders_seller_id_placed_at', 'orders', ['seller_id', 'placed_at'], unique=False, schema='orders')
    op.create_table('attempt_transitions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('attempt_id', sa.UUID(), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('to_state', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt_transitions')),
    schema='payments'
    )
    op.create_table('attempts',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=True),
    sa.Column('provider', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='created', nullable=False),
    sa.Column('amount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('merchant_reference', sa.Text(), nullable=False),
    sa.Column('provider_payment_id', sa.Text(), nullable=True),
    sa.Column('provider_transaction_id', sa.Text(), nullable=True),
    sa.Column('payer_index', sa.Text(), nullable=True),
    sa.Column('shares', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    sa.Column('redirect_url', sa.Text(), nullable=True),
    sa.Column('decline_code', sa.Text(), nullable=True),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('amount_poisha > 0', name=op.f('ck_attempts_amount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts')),
    sa.UniqueConstraint('merchant_reference', name=op.f('uq_attempts_merchant_reference')),
    sa.UniqueConstraint('provider_payment_id', name=op.f('uq_attempts_provider_payment_id')),
    schema='payments',
    info={'extracted': True}
    )
    op.create_index('ix_attempts_changed_xid', 'attempts', ['changed_xid'], unique=False, schema='payments')
    op.create_index('ix_attempts_group_id', 'attempts', ['group_id'], unique=False, schema='payments')
    op.create_index('ix_attempts_open', 'attempts', ['created_at'], unique=False, schema='payments', postgresql_where=sa.text("state in ('created', 'submitted', 'unknown')"))
    op.create_index('uq_attempts_one_live', 'attempts', [sa.literal_column('coalesce(order_id, group_id)')], unique=True, schema='payments', postgresql_where=sa.text("state in ('created', 'submitted', 'unknown', 'captured')"))
    op.create_table('refunds',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('attempt_id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('amount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='created', nullable=False),
    sa.Column('provider_refund_id', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('amount_poisha > 0', name=op.f('ck_refunds_amount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refunds')),
    sa.UniqueConstraint('attempt_id', 'order_id', name=op.f('uq_refunds_attempt_id_order_id')),
    schema='payments',
    info={'extracted': True}
    )
    op.create_index('ix_refunds_changed_xid', 'refunds', ['changed_xid'], unique=False, schema='payments')
    op.create_table('consumer_cursors',
    sa.Column('consumer', sa.Text(), nullable=False),
    sa.Column('xid', foundation.tables.Xid8(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('consumer', name=op.f('pk_consumer_cursors')),
    schema='platform'
    )
    op.create_table('idempotency_keys',
    sa.Column('principal_id', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('route', sa.Text(), nullable=False),
    sa.Column('request_sha256', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='started', nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('principal_id', 'key', name=op.f('pk_idempotency_keys')),
    schema='platform'
    )
    op.create_table('inbox',
    sa.Column('consumer', sa.Text(), nullable=False),
    sa.Column('event_id', sa.UUID(), nullable=False),
    sa.Column('processed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('consumer', 'event_id', name=op.f('pk_inbox')),
    schema='platform'
    )
    op.create_table('outbox',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('aggregate_type', sa.Text(), nullable=False),
    sa.Column('aggregate_id', sa.Text(), nullable=False),
    sa.Column('event_type', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('traceparent', sa.Text(), nullable=True),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    schema='platform'
    )
    op.create_index('ix_outbox_xid_seq', 'outbox', ['xid', 'seq'], unique=False, schema='platform')
    op.create_table('redemptions',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('use_no', sa.Integer(), nullable=False),
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('discount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('redeemed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('code', 'buyer_id', 'use_no', name=op.f('pk_redemptions')),
    schema='promotions',
    info={'extracted': True}
    )
    op.create_index('ix_redemptions_changed_xid', 'redemptions', ['changed_xid'], unique=False, schema='promotions')
    op.create_index('ix_redemptions_group_id', 'redemptions', ['group_id'], unique=False, schema='promotions')
    op.create_table('vouchers',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('discount_bp', sa.Integer(), nullable=False),
    sa.Column('max_discount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('min_subtotal_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('limit_total', sa.Integer(), nullable=False),
    sa.Column('limit_per_buyer', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('redeemed', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('funded_by', sa.Text(), server_default='platform', nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('discount_bp between 1 and 10000', name=op.f('ck_vouchers_discount')),
    sa.CheckConstraint('redeemed >= 0 and redeemed <= limit_total', name=op.f('ck_vouchers_limit_total')),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_vouchers')),
    schema='promotions',
    info={'extracted': True}
    )
    op.create_index('ix_vouchers_changed_xid', 'vouchers', ['changed_xid'], unique=False, schema='promotions')
    op.create_table('decisions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('score', sa.Float(), nullable=True),
    sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('model_version', sa.Text(), nullable=False),
    sa.Column('latency_ms', sa.Float(), nullable=False),
    sa.Column('features', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    sa.UniqueConstraint('group_id', name=op.f('uq_decisions_group_id')),
    schema='risk',
    info={'extracted': True}
    )
    op.create_index('ix_decisions_changed_xid', 'decisions', ['changed_xid'], unique=False, schema='risk')
    op.create_table('labels',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('is_fraud', sa.Boolean(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('known_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_labels')),
    sa.UniqueConstraint('group_id', 'origin', name=op.f('uq_labels_group_id_origin')),
    schema='risk',
    info={'extracted': True}
    )
    op.create_index('ix_labels_changed_xid', 'labels', ['changed_xid'], unique=False, schema='risk')
    op.create_index('ix_labels_known_at', 'labels', ['known_at'], unique=False, schema='risk')
    op.create_table('decisions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('event_id', sa.UUID(), nullable=False),
    sa.Column('request_sha256', sa.Text(), nullable=False),
    sa.Column('request', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('answer', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('features', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('model_version', sa.Text(), nullable=False),
    sa.Column('latency_ms', sa.Float(), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_decisions')),
    sa.UniqueConstraint('event_id', name=op.f('uq_decisions_event_id')),
    schema='scoring',
    info={'extracted': True}
    )
    op.create_index('ix_decisions_changed_xid', 'decisions', ['changed_xid'], unique=False, schema='scoring')
    op.create_index('ix_decisions_decided_at', 'decisions', ['decided_at'], unique=False, schema='scoring')
    op.create_table('sellers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('owner_user_id', sa.UUID(), nullable=True),
    sa.Column('status', sa.Text(), server_default='approved', nullable=False),
    sa.Column('district_code', sa.Text(), nullable=True),
    sa.Column('commission_bp', sa.Integer(), server_default=sa.text('800'), nullable=False),
    sa.Column('is_synthetic', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('changed_xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.CheckConstraint('commission_bp between 0 and 5000', name=op.f('ck_sellers_commission')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sellers')),
    sa.UniqueConstraint('code', name=op.f('uq_sellers_code')),
    schema='sellers',
    info={'extracted': True}
    )
    op.create_index('ix_sellers_changed_xid', 'sellers', ['changed_xid'], unique=False, schema='sellers')


def downgrade() -> None:
    raise NotImplementedError("the first migration is undone by dropping the database: getit reset")
