"""Money waits in escrow until the return window ends; parts of orders are taken back; several refunds of one order.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('escrow_freezes',
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('order_id', 'cause', name=op.f('pk_escrow_freezes')),
    schema='ledger'
    )
    op.create_table('escrow_holds',
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('state', sa.Text(), server_default='held', nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('release_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by', sa.Text(), nullable=True),
    sa.Column('reserve_poisha', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('reserve_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reserve_paid_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("released_by in ('window', 'buyer', 'dispute')", name=op.f('ck_escrow_holds_released_by')),
    sa.CheckConstraint("state in ('held', 'released')", name=op.f('ck_escrow_holds_state')),
    sa.PrimaryKeyConstraint('order_id', name=op.f('pk_escrow_holds')),
    schema='ledger'
    )
    op.create_index('ix_escrow_holds_due', 'escrow_holds', ['release_at'], unique=False, schema='ledger', postgresql_where=sa.text("state = 'held'"))
    op.create_index('ix_escrow_holds_reserve', 'escrow_holds', ['reserve_until'], unique=False, schema='ledger', postgresql_where=sa.text('reserve_poisha > 0 and reserve_paid_at is null'))
    op.create_table('reserve_policies',
    sa.Column('seller_id', sa.Uuid(), nullable=False),
    sa.Column('reserve_bp', sa.Integer(), nullable=False),
    sa.Column('hold_days', sa.Integer(), nullable=False),
    sa.Column('set_by', sa.UUID(), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('hold_days between 1 and 180', name=op.f('ck_reserve_policies_days')),
    sa.CheckConstraint('reserve_bp between 0 and 10000', name=op.f('ck_reserve_policies_share')),
    sa.PrimaryKeyConstraint('seller_id', name=op.f('pk_reserve_policies')),
    schema='ledger'
    )
    op.create_table('reversals',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('subtotal_poisha', sa.BigInteger(), nullable=False),
    sa.Column('discount_poisha', sa.BigInteger(), nullable=False),
    sa.Column('shipping_poisha', sa.BigInteger(), nullable=False),
    sa.Column('total_poisha', sa.BigInteger(), nullable=False),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('cause_key', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("cause in ('line_cancelled', 'returned', 'disputed')", name=op.f('ck_reversals_cause')),
    sa.CheckConstraint('quantity > 0 or line_no = 0', name=op.f('ck_reversals_quantity')),
    sa.CheckConstraint('subtotal_poisha >= 0 and discount_poisha >= 0 and shipping_poisha >= 0', name=op.f('ck_reversals_positive')),
    sa.CheckConstraint('total_poisha = subtotal_poisha - discount_poisha + shipping_poisha', name=op.f('ck_reversals_total')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reversals')),
    sa.UniqueConstraint('cause_key', 'line_no', name=op.f('uq_reversals_cause_key_line_no')),
    schema='orders'
    )
    op.create_index('ix_reversals_order_id', 'reversals', ['order_id'], unique=False, schema='orders')
    op.create_table('refund_destinations',
    sa.Column('refund_id', sa.Uuid(), nullable=False),
    sa.Column('account_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('version', sa.Integer(), server_default=sa.text('1'), nullable=False),
    sa.PrimaryKeyConstraint('refund_id', name=op.f('pk_refund_destinations')),
    schema='payments'
    )
    op.create_table('windows',
    sa.Column('category_path', sa.Text(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.CheckConstraint('days between 0 and 60', name=op.f('ck_windows_days')),
    sa.PrimaryKeyConstraint('category_path', name=op.f('pk_windows')),
    schema='returns'
    )
    op.add_column('refunds', sa.Column('cause_key', sa.Text(), nullable=True), schema='payments')
    op.drop_constraint(op.f('uq_refunds_attempt_id_order_id'), 'refunds', schema='payments', type_='unique')
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_refunds_order_id", "refunds", ["order_id"], schema="payments", postgresql_concurrently=True
        )
        op.execute("create unique index concurrently uq_refunds_cause_key on payments.refunds (cause_key)")
    op.execute("alter table payments.refunds add constraint uq_refunds_cause_key unique using index uq_refunds_cause_key")
