"""Who works for which seller; the audit log.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables
from sqlalchemy.dialects import postgresql
revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('records',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('xid', foundation.tables.Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('seq', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('actor_id', sa.UUID(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_kind', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('detail', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_records')),
    schema='audit'
    )
    op.create_index('ix_records_subject', 'records', ['subject_kind', 'subject_id'], unique=False, schema='audit')
    op.create_index('ix_records_xid_seq', 'records', ['xid', 'seq'], unique=False, schema='audit')
    op.create_table('members',
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("role in ('seller_owner', 'seller_staff')", name=op.f('ck_members_role')),
    sa.PrimaryKeyConstraint('seller_id', 'user_id', name=op.f('pk_members')),
    schema='sellers'
    )
    op.create_index('ix_members_user_id', 'members', ['user_id'], unique=False, schema='sellers')
