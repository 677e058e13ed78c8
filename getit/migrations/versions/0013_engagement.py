"""Engagement: wishlists, shops followed, products looked at, coins.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('coin_accounts',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('balance', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.CheckConstraint('balance >= 0', name=op.f('ck_coin_accounts_balance')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_coin_accounts')),
    schema='engagement'
    )
    op.create_table('coin_entries',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('coins', sa.BigInteger(), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(kind = 'earned') = (coins > 0) and coins <> 0", name=op.f('ck_coin_entries_sign')),
    sa.CheckConstraint("(kind = 'earned') = (expires_at is not null)", name=op.f('ck_coin_entries_expires')),
    sa.CheckConstraint("kind in ('earned', 'spent', 'expired')", name=op.f('ck_coin_entries_kind')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coin_entries')),
    sa.UniqueConstraint('kind', 'reference', name=op.f('uq_coin_entries_kind_reference')),
    schema='engagement'
    )
    op.create_index('ix_coin_entries_expires_at', 'coin_entries', ['expires_at'], unique=False, schema='engagement', postgresql_where=sa.text("kind = 'earned'"))
    op.create_index('ix_coin_entries_user_id_id', 'coin_entries', ['user_id', 'id'], unique=False, schema='engagement')
    op.create_table('follows',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('followed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'seller_id', name=op.f('pk_follows')),
    schema='engagement'
    )
    op.create_index('ix_follows_seller_id', 'follows', ['seller_id'], unique=False, schema='engagement')
    op.create_table('views',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('viewed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'product_id', name=op.f('pk_views')),
    schema='engagement'
    )
    op.create_index('ix_views_user_id_viewed_at', 'views', ['user_id', 'viewed_at'], unique=False, schema='engagement')
    op.create_table('wishes',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=False),
    sa.Column('price_poisha', sa.BigInteger(), nullable=True),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('user_id', 'product_id', name=op.f('pk_wishes')),
    schema='engagement'
    )
    op.create_index('ix_wishes_user_id_added_at', 'wishes', ['user_id', 'added_at'], unique=False, schema='engagement')
