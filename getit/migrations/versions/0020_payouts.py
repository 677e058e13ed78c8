"""Payouts to sellers: batches, items, who got nothing, how far the bank's statement was read.

Revision 0020, after 0019.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('bank_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('last_seq', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_bank_reading_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_reading')),
    schema='payouts'
    )
    op.create_table('batches',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), server_default='proposed', nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('minimum_poisha', sa.BigInteger(), nullable=False),
    sa.Column('proposed_by', sa.UUID(), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.UUID(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('proposed', 'approved', 'rejected', 'done')", name=op.f('ck_batches_state')),
    sa.CheckConstraint('decided_by is null or decided_by <> proposed_by', name=op.f('ck_batches_four_eyes')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches')),
    schema='payouts'
    )
    op.create_index('uq_batches_one_proposed', 'batches', ['state'], unique=True, schema='payouts', postgresql_where=sa.text("state = 'proposed'"))
    op.create_table('items',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('batch_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), server_default='proposed', nullable=False),
    sa.Column('amount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.UUID(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('account_tail', sa.Text(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('failure', sa.Text(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("method in ('bank', 'wallet')", name=op.f('ck_items_method')),
    sa.CheckConstraint("state in ('proposed', 'pending', 'submitted', 'unknown', 'paid', 'failed', 'returned', 'dropped')", name=op.f('ck_items_state')),
    sa.CheckConstraint('amount_poisha > 0', name=op.f('ck_items_amount')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_items')),
    sa.UniqueConstraint('reference', name=op.f('uq_items_reference')),
    schema='payouts'
    )
    op.create_index('ix_items_batch_id', 'items', ['batch_id', 'id'], unique=False, schema='payouts')
    op.create_index('ix_items_seller_id', 'items', ['seller_id', 'id'], unique=False, schema='payouts')
    op.create_index('uq_items_one_open', 'items', ['seller_id'], unique=True, schema='payouts', postgresql_where=sa.text("state in ('proposed', 'pending', 'submitted', 'unknown')"))
    op.create_table('skipped',
    sa.Column('batch_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('balance_poisha', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("reason in ('below_minimum', 'owes', 'not_selling', 'no_account', 'account_in_review', 'account_changed', 'under_way')", name=op.f('ck_skipped_reason')),
    sa.PrimaryKeyConstraint('batch_id', 'seller_id', name=op.f('pk_skipped')),
    schema='payouts'
    )
    op.create_table('transitions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('item_id', sa.UUID(), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('to_state', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transitions')),
    schema='payouts'
    )
    op.create_index('ix_transitions_item_id', 'transitions', ['item_id'], unique=False, schema='payouts')
