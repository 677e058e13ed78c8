"""Promotions in full: campaigns, kinds and scopes of vouchers, bundles, flash sales with their queue; who bears a discount.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

CHECKS = {
    "kind": "kind in ('percent', 'fixed', 'free_shipping')",
    "discount": "discount_bp between 0 and 10000 and amount_poisha >= 0",
    "platform_bp": "platform_bp between 0 and 10000",
}


def upgrade() -> None:
    op.create_table('bundle_items',
    sa.Column('bundle_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.CheckConstraint('quantity between 1 and 100', name=op.f('ck_bundle_items_quantity')),
    sa.PrimaryKeyConstraint('bundle_id', 'offer_id', name=op.f('pk_bundle_items')),
    schema='promotions'
    )
    op.create_index('ix_bundle_items_offer_id', 'bundle_items', ['offer_id'], unique=False, schema='promotions')
    op.create_table('bundles',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('discount_bp', sa.Integer(), nullable=False),
    sa.Column('platform_bp', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('discount_bp between 1 and 9000', name=op.f('ck_bundles_discount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bundles')),
    sa.UniqueConstraint('code', name=op.f('uq_bundles_code')),
    schema='promotions'
    )
    op.create_table('campaigns',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('name_bn', sa.Text(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.UUID(), nullable=False),
    sa.CheckConstraint('starts_at < ends_at', name=op.f('ck_campaigns_dates')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns')),
    sa.UniqueConstraint('code', name=op.f('uq_campaigns_code')),
    schema='promotions'
    )
    op.create_table('flash_purchases',
    sa.Column('slot_id', sa.UUID(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity >= 0', name=op.f('ck_flash_purchases_quantity')),
    sa.PrimaryKeyConstraint('slot_id', 'buyer_id', name=op.f('pk_flash_purchases')),
    schema='promotions'
    )
    op.create_table('flash_slots',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('campaign_id', sa.UUID(), nullable=True),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('price_poisha', sa.BigInteger(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('per_buyer', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.Column('state', sa.Text(), server_default='planned', nullable=False),
    sa.Column('admit_at_once', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('admit_per_second', sa.Integer(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('planned', 'open', 'closed', 'cancelled')", name=op.f('ck_flash_slots_state')),
    sa.CheckConstraint('admit_at_once >= 0 and admit_per_second > 0', name=op.f('ck_flash_slots_queue')),
    sa.CheckConstraint('starts_at < ends_at and quantity > 0 and per_buyer > 0 and price_poisha > 0', name=op.f('ck_flash_slots_sense')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_flash_slots')),
    schema='promotions'
    )
    op.create_index('ix_flash_slots_offer_id', 'flash_slots', ['offer_id', 'starts_at'], unique=False, schema='promotions')
    op.create_table('flash_uses',
    sa.Column('group_id', sa.UUID(), nullable=False),
    sa.Column('slot_id', sa.UUID(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('given_back_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('group_id', 'slot_id', name=op.f('pk_flash_uses')),
    schema='promotions'
    )
    op.create_table('queue_counters',
    sa.Column('slot_id', sa.UUID(), nullable=False),
    sa.Column('drawn', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('slot_id', name=op.f('pk_queue_counters')),
    schema='promotions'
    )
    op.create_table('queue_tickets',
    sa.Column('slot_id', sa.UUID(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('ticket_no', sa.BigInteger(), nullable=False),
    sa.Column('drawn_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('slot_id', 'buyer_id', name=op.f('pk_queue_tickets')),
    schema='promotions'
    )
    op.add_column('orders', sa.Column('seller_discount_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False), schema='orders')
    op.add_column('vouchers', sa.Column('kind', sa.Text(), server_default='percent', nullable=False), schema='promotions')
    op.add_column('vouchers', sa.Column('amount_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False), schema='promotions')
    op.add_column('vouchers', sa.Column('platform_bp', sa.Integer(), server_default=sa.text('10000'), nullable=False), schema='promotions')
    op.add_column('vouchers', sa.Column('stack_group', sa.Text(), server_default='basket', nullable=False), schema='promotions')
    op.add_column('vouchers', sa.Column('scope_seller_id', sa.UUID(), nullable=True), schema='promotions')
    op.add_column('vouchers', sa.Column('scope_category', sa.Text(), nullable=True), schema='promotions')
    op.add_column('vouchers', sa.Column('campaign_id', sa.UUID(), nullable=True), schema='promotions')
    op.execute("alter table promotions.vouchers drop constraint ck_vouchers_discount")
    for name, rule in CHECKS.items():
        op.execute(f"alter table promotions.vouchers add constraint ck_vouchers_{name} check ({rule}) not valid")
        op.execute(f"alter table promotions.vouchers validate constraint ck_vouchers_{name}")
    op.execute("update promotions.vouchers set platform_bp = 0 where funded_by = 'seller'")
