"""Sellers' webhooks: endpoints with their secrets, deliveries, each try.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables
from sqlalchemy.dialects import postgresql
revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('attempts',
    sa.Column('delivery_id', sa.UUID(), nullable=False),
    sa.Column('try_no', sa.Integer(), nullable=False),
    sa.Column('status_code', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('duration_ms', sa.Integer(), nullable=False),
    sa.Column('attempted_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('delivery_id', 'try_no', name=op.f('pk_attempts')),
    schema='webhooks'
    )
    op.create_table('deliveries',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('endpoint_id', sa.UUID(), nullable=False),
    sa.Column('event_id', sa.UUID(), nullable=False),
    sa.Column('replay_no', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('event_type', sa.Text(), nullable=False),
    sa.Column('document', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default='pending', nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state = 'pending') = (closed_at is null)", name=op.f('ck_deliveries_closed')),
    sa.CheckConstraint("state in ('pending', 'delivered', 'failed')", name=op.f('ck_deliveries_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('endpoint_id', 'event_id', 'replay_no', name=op.f('uq_deliveries_endpoint_id_event_id_replay_no')),
    schema='webhooks'
    )
    op.create_index('ix_deliveries_due', 'deliveries', ['next_try_at'], unique=False, schema='webhooks', postgresql_where=sa.text("state = 'pending'"))
    op.create_index('ix_deliveries_endpoint_id_id', 'deliveries', ['endpoint_id', 'id'], unique=False, schema='webhooks')
    op.create_table('endpoints',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('event_types', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('state', sa.Text(), server_default='active', nullable=False),
    sa.Column('disabled_reason', sa.Text(), nullable=True),
    sa.Column('secret_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('old_secret_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('old_secret_until_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state in ('active', 'disabled')", name=op.f('ck_endpoints_state')),
    sa.CheckConstraint('(old_secret_encrypted is null) = (old_secret_until_at is null)', name=op.f('ck_endpoints_old_secret')),
    sa.CheckConstraint('failures >= 0', name=op.f('ck_endpoints_failures')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_endpoints')),
    schema='webhooks'
    )
    op.create_index('ix_endpoints_seller_id', 'endpoints', ['seller_id'], unique=False, schema='webhooks')
