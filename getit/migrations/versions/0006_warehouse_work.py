"""Warehouse work: movements (written by a trigger on stock), transfers, set-asides, low-stock watches, purchase orders.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


# What happened is told by the columns that changed; `getit.reference` says what it was for.
LOG_MOVEMENT = """
create function inventory.log_movement() returns trigger language plpgsql as $$
declare
    old_row inventory.stock;
    change int;
    kind text;
begin
    if tg_op = 'UPDATE' then
        old_row := old;
    end if;
    change := new.on_hand - coalesce(old_row.on_hand, 0);
    kind := case
        when new.written_off > coalesce(old_row.written_off, 0) then 'written_off'
        when new.shipped > coalesce(old_row.shipped, 0) and change < 0 then 'shipped'
        when new.shipped < coalesce(old_row.shipped, 0) then 'returned'
        when new.received < coalesce(old_row.received, 0) then 'sent_away'
        when new.received > coalesce(old_row.received, 0) then 'received'
        else 'corrected'
    end;
    insert into inventory.movements (offer_id, hub_id, kind, quantity, reference)
    values (new.offer_id, new.hub_id, kind, change, nullif(current_setting('getit.reference', true), ''));
    return null;
end $$
"""


def upgrade() -> None:
    op.create_table('movements',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("kind in ('received', 'shipped', 'returned', 'written_off', 'sent_away', 'corrected')", name=op.f('ck_movements_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_movements')),
    schema='inventory'
    )
    op.create_index('ix_movements_offer_id', 'movements', ['offer_id', 'id'], unique=False, schema='inventory')
    op.create_table('purchase_order_lines',
    sa.Column('purchase_order_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('received', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('unit_cost_poisha', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('quantity > 0 and received >= 0 and received <= quantity', name=op.f('ck_purchase_order_lines_received')),
    sa.PrimaryKeyConstraint('purchase_order_id', 'offer_id', name=op.f('pk_purchase_order_lines')),
    schema='inventory'
    )
    op.create_table('purchase_orders',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=False),
    sa.Column('supplier', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='draft', nullable=False),
    sa.Column('expected_on', sa.Date(), nullable=True),
    sa.Column('created_by', sa.UUID(), nullable=False),
    sa.Column('approved_by', sa.UUID(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('draft', 'approved', 'sent', 'partly_received', 'received', 'cancelled')", name=op.f('ck_purchase_orders_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_purchase_orders')),
    sa.UniqueConstraint('number', name=op.f('uq_purchase_orders_number')),
    schema='inventory'
    )
    op.create_index('ix_purchase_orders_seller_id', 'purchase_orders', ['seller_id', 'id'], unique=False, schema='inventory')
    op.create_table('receipts',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('purchase_order_id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('received_by', sa.UUID(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipts')),
    schema='inventory'
    )
    op.create_index('ix_receipts_purchase_order_id', 'receipts', ['purchase_order_id'], unique=False, schema='inventory')
    op.create_table('set_aside_buckets',
    sa.Column('set_aside_id', sa.UUID(), nullable=False),
    sa.Column('bucket_no', sa.Integer(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('taken >= 0 and taken <= quantity', name=op.f('ck_set_aside_buckets_taken')),
    sa.PrimaryKeyConstraint('set_aside_id', 'bucket_no', name=op.f('pk_set_aside_buckets')),
    schema='inventory'
    )
    op.create_table('set_asides',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('hub_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('quantity > 0', name=op.f('ck_set_asides_quantity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_set_asides')),
    schema='inventory'
    )
    op.create_table('transfers',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('from_hub_id', sa.UUID(), nullable=False),
    sa.Column('to_hub_id', sa.UUID(), nullable=False),
    sa.Column('quantity', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state in ('sent', 'received', 'returned')", name=op.f('ck_transfers_state')),
    sa.CheckConstraint('quantity > 0 and from_hub_id <> to_hub_id', name=op.f('ck_transfers_sense')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers')),
    schema='inventory'
    )
    op.create_table('watches',
    sa.Column('offer_id', sa.UUID(), nullable=False),
    sa.Column('threshold', sa.Integer(), nullable=False),
    sa.Column('is_low', sa.Boolean(), server_default=sa.text('false'), nullable=False),
    sa.Column('turned_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('threshold between 0 and 1000000', name=op.f('ck_watches_threshold')),
    sa.PrimaryKeyConstraint('offer_id', name=op.f('pk_watches')),
    schema='inventory'
    )
    op.execute(LOG_MOVEMENT)
    # Reservations change no shelf: the condition keeps the trigger out of checkout.
    op.execute(
        "create trigger log_receipt after insert on inventory.stock for each row when (new.on_hand <> 0) "
        "execute function inventory.log_movement()"
    )
    op.execute(
        "create trigger log_change after update on inventory.stock for each row "
        "when (new.on_hand is distinct from old.on_hand) execute function inventory.log_movement()"
    )
    op.execute(
        "insert into inventory.movements (offer_id, hub_id, kind, quantity, reference) "
        "select offer_id, hub_id, 'received', on_hand, 'opening' from inventory.stock where on_hand <> 0"
    )
