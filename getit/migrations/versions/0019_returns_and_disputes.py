"""Goods that come back, and quarrels about them.

Revision 0019, after 0018.
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dispute_lines',
    sa.Column('dispute_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_dispute_lines_quantity')),
    sa.PrimaryKeyConstraint('dispute_id', 'line_no', name=op.f('pk_dispute_lines')),
    schema='returns'
    )
    op.create_table('disputes',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('request_id', sa.UUID(), nullable=True),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='opened', nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=True),
    sa.Column('note_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('answer_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('decision_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('photos', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('wallet_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("decided_by in ('seller', 'deadline', 'support')", name=op.f('ck_disputes_decided_by')),
    sa.CheckConstraint("kind in ('not_received', 'return_rejected', 'return_refused')", name=op.f('ck_disputes_kind')),
    sa.CheckConstraint("state in ('opened', 'answered', 'for_buyer', 'for_seller', 'withdrawn')", name=op.f('ck_disputes_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disputes')),
    schema='returns'
    )
    op.create_index('ix_disputes_buyer_id', 'disputes', ['buyer_id', 'id'], unique=False, schema='returns')
    op.create_index('ix_disputes_due_at', 'disputes', ['due_at'], unique=False, schema='returns', postgresql_where=sa.text('due_at is not null'))
    op.create_index('ix_disputes_seller_id', 'disputes', ['seller_id', 'id'], unique=False, schema='returns')
    op.create_index('uq_disputes_one_open', 'disputes', ['order_id'], unique=True, schema='returns', postgresql_where=sa.text("state in ('opened', 'answered')"))
    op.create_table('request_lines',
    sa.Column('request_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.Integer(), nullable=True),
    sa.Column('good', sa.Integer(), nullable=True),
    sa.CheckConstraint('quantity > 0 and 0 <= good and good <= accepted and accepted <= quantity', name=op.f('ck_request_lines_quantity')),
    sa.PrimaryKeyConstraint('request_id', 'line_no', name=op.f('pk_request_lines')),
    schema='returns'
    )
    op.create_table('requests',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), server_default='requested', nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('wish', sa.Text(), nullable=False),
    sa.Column('note_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('answer_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('photos', sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    sa.Column('wallet_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('pickup_reference', sa.Text(), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("reason in ('damaged', 'wrong_item', 'not_as_described', 'missing_parts', 'changed_mind')", name=op.f('ck_requests_reason')),
    sa.CheckConstraint("state in ('requested', 'approved', 'pickup_booked', 'received', 'rejected', 'refused', 'refunded', 'exchanged', 'withdrawn', 'lapsed', 'closed')", name=op.f('ck_requests_state')),
    sa.CheckConstraint("wish in ('refund', 'exchange')", name=op.f('ck_requests_wish')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requests')),
    schema='returns'
    )
    op.create_index('ix_requests_buyer_id', 'requests', ['buyer_id', 'id'], unique=False, schema='returns')
    op.create_index('ix_requests_due_at', 'requests', ['due_at'], unique=False, schema='returns', postgresql_where=sa.text('due_at is not null'))
    op.create_index('ix_requests_order_id', 'requests', ['order_id'], unique=False, schema='returns')
    op.create_index('ix_requests_seller_id', 'requests', ['seller_id', 'id'], unique=False, schema='returns')
    op.create_table('transitions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.UUID(), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('to_state', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.UUID(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("subject in ('return', 'dispute')", name=op.f('ck_transitions_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transitions')),
    schema='returns'
    )
    op.create_index('ix_transitions_subject_id', 'transitions', ['subject_id'], unique=False, schema='returns')
