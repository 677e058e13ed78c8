"""The chain over the audit log and its signed checkpoints.

Revision 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('checkpoints',
    sa.Column('link_no', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('signature', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('link_no', name=op.f('pk_checkpoints')),
    schema='audit'
    )
    op.create_table('links',
    sa.Column('link_no', sa.BigInteger(), nullable=False),
    sa.Column('record_id', sa.UUID(), nullable=False),
    sa.Column('xid', foundation.tables.Xid8(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('link_no', name=op.f('pk_links')),
    sa.UniqueConstraint('record_id', name=op.f('uq_links_record_id')),
    schema='audit'
    )
