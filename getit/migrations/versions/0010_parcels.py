"""Parcels, what was seen of them, promised days, couriers' payments; accounts of the ledger for cash and payouts.

Revision 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


KINDS = """
provider_clearing courier_clearing escrow seller_payable commission vat_payable shipping_income promotion_expense
refund_clearing opening_balance bank courier_fee cash_rounding unmatched_receipts courier_difference seller_reserve
payout_clearing buyer_refund_payable goodwill_expense
"""


def upgrade() -> None:
    op.create_table('cod_remittance_lines',
    sa.Column('remittance_id', sa.UUID(), nullable=False),
    sa.Column('line_no', sa.Integer(), nullable=False),
    sa.Column('consignment_id', sa.Text(), nullable=False),
    sa.Column('shipment_id', sa.UUID(), nullable=True),
    sa.Column('collected_poisha', sa.BigInteger(), nullable=False),
    sa.Column('delivery_fee_poisha', sa.BigInteger(), nullable=False),
    sa.Column('cod_fee_poisha', sa.BigInteger(), nullable=False),
    sa.Column('cleared_poisha', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('remittance_id', 'line_no', name=op.f('pk_cod_remittance_lines')),
    schema='shipping'
    )
    op.create_index('uq_cod_remittance_lines_cleared', 'cod_remittance_lines', ['shipment_id'], unique=True, schema='shipping', postgresql_where=sa.text('shipment_id is not null'))
    op.create_table('cod_remittances',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('courier', sa.Text(), nullable=False),
    sa.Column('invoice_id', sa.Text(), nullable=False),
    sa.Column('position', sa.Text(), nullable=False),
    sa.Column('collected_poisha', sa.BigInteger(), nullable=False),
    sa.Column('fee_poisha', sa.BigInteger(), nullable=False),
    sa.Column('paid_poisha', sa.BigInteger(), nullable=False),
    sa.Column('paid_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("courier in ('pathao')", name=op.f('ck_cod_remittances_courier')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cod_remittances')),
    sa.UniqueConstraint('courier', 'invoice_id', name=op.f('uq_cod_remittances_courier_invoice_id')),
    schema='shipping'
    )
    op.create_table('reconciliation_breaks',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('remittance_id', sa.UUID(), nullable=False),
    sa.Column('shipment_id', sa.UUID(), nullable=True),
    sa.Column('consignment_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('expected_poisha', sa.BigInteger(), nullable=False),
    sa.Column('got_poisha', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('resolution', sa.Text(), nullable=True),
    sa.Column('resolved_by', sa.UUID(), nullable=True),
    sa.Column('found_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('unknown_parcel', 'paid_twice', 'fee', 'short', 'over', 'sum')", name=op.f('ck_reconciliation_breaks_kind')),
    sa.CheckConstraint("state in ('open', 'resolved')", name=op.f('ck_reconciliation_breaks_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation_breaks')),
    schema='shipping'
    )
    op.create_index('ix_reconciliation_breaks_state', 'reconciliation_breaks', ['state', 'id'], unique=False, schema='shipping')
    op.create_table('shipment_transitions',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('shipment_id', sa.UUID(), nullable=False),
    sa.Column('from_state', sa.Text(), nullable=False),
    sa.Column('to_state', sa.Text(), nullable=False),
    sa.Column('actor_id', sa.UUID(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipment_transitions')),
    schema='shipping'
    )
    op.create_index('ix_shipment_transitions_shipment_id', 'shipment_transitions', ['shipment_id'], unique=False, schema='shipping')
    op.create_table('shipments',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('courier', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), server_default='created', nullable=False),
    sa.Column('merchant_reference', sa.Text(), nullable=False),
    sa.Column('consignment_id', sa.Text(), nullable=True),
    sa.Column('cod_poisha', sa.BigInteger(), nullable=False),
    sa.Column('collect_taka', sa.Integer(), nullable=False),
    sa.Column('collected_poisha', sa.BigInteger(), nullable=True),
    sa.Column('delivery_fee_poisha', sa.BigInteger(), nullable=True),
    sa.Column('weight_grams', sa.Integer(), server_default=sa.text('500'), nullable=False),
    sa.Column('refusal', sa.Text(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('called_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('booked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("courier in ('pathao')", name=op.f('ck_shipments_courier')),
    sa.CheckConstraint("state in ('created', 'submitted', 'unknown', 'booked', 'picked_up', 'in_transit', 'delivered', 'refused', 'returned', 'lost', 'cancelled')", name=op.f('ck_shipments_state')),
    sa.CheckConstraint('cod_poisha >= 0 and collect_taka * 100 <= cod_poisha', name=op.f('ck_shipments_cash')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shipments')),
    sa.UniqueConstraint('courier', 'consignment_id', name=op.f('uq_shipments_courier_consignment_id')),
    sa.UniqueConstraint('merchant_reference', name=op.f('uq_shipments_merchant_reference')),
    schema='shipping'
    )
    op.create_index('ix_shipments_open', 'shipments', ['state', 'looked_at'], unique=False, schema='shipping', postgresql_where=sa.text("state in ('submitted', 'booked', 'picked_up', 'in_transit', 'refused')"))
    op.create_index('uq_shipments_one_parcel', 'shipments', ['order_id'], unique=True, schema='shipping', postgresql_where=sa.text("state <> 'cancelled'"))
    op.create_table('sla_clocks',
    sa.Column('order_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('is_legal', sa.Boolean(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('breached_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind in ('handover', 'delivery')", name=op.f('ck_sla_clocks_kind')),
    sa.PrimaryKeyConstraint('order_id', 'kind', name=op.f('pk_sla_clocks')),
    schema='shipping'
    )
    op.create_index('ix_sla_clocks_running', 'sla_clocks', ['due_at'], unique=False, schema='shipping', postgresql_where=sa.text('stopped_at is null and breached_at is null'))
    op.create_table('tracking_events',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('courier', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('shipment_id', sa.UUID(), nullable=True),
    sa.Column('raw_event', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('is_applied', sa.Boolean(), nullable=False),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tracking_events')),
    sa.UniqueConstraint('courier', 'event_id', name=op.f('uq_tracking_events_courier_event_id')),
    schema='shipping'
    )
    op.create_index('ix_tracking_events_shipment_id', 'tracking_events', ['shipment_id'], unique=False, schema='shipping')
    # Unvalidated first: that takes its lock for a moment only, and validating blocks no writer.
    op.execute("alter table ledger.accounts drop constraint ck_accounts_kind")
    allowed = ", ".join(f"'{kind}'" for kind in KINDS.split())
    op.execute(f"alter table ledger.accounts add constraint ck_accounts_kind check (kind in ({allowed})) not valid")
    op.execute("alter table ledger.accounts validate constraint ck_accounts_kind")
