"""Talk between buyers and sellers: threads, masked messages, how long buyers waited for answers.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('answers',
    sa.Column('message_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('answered_at >= asked_at', name=op.f('ck_answers_order')),
    sa.PrimaryKeyConstraint('message_id', name=op.f('pk_answers')),
    schema='engagement'
    )
    op.create_index('ix_answers_seller_id_answered_at', 'answers', ['seller_id', 'answered_at'], unique=False, schema='engagement')
    op.create_table('messages',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('thread_id', sa.UUID(), nullable=False),
    sa.Column('written_by', sa.Text(), nullable=False),
    sa.Column('author_id', sa.UUID(), nullable=False),
    sa.Column('product_id', sa.UUID(), nullable=True),
    sa.Column('text_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('hidden_kinds', sa.ARRAY(sa.Text()), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("written_by in ('buyer', 'seller')", name=op.f('ck_messages_written_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    schema='engagement'
    )
    op.create_index('ix_messages_thread_id_id', 'messages', ['thread_id', 'id'], unique=False, schema='engagement')
    op.create_table('threads',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('buyer_id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_message_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('waiting_since_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_threads')),
    sa.UniqueConstraint('buyer_id', 'seller_id', name=op.f('uq_threads_buyer_id_seller_id')),
    schema='engagement'
    )
    op.create_index('ix_threads_buyer_id_last_message_at', 'threads', ['buyer_id', 'last_message_at'], unique=False, schema='engagement')
    op.create_index('ix_threads_seller_id_last_message_at', 'threads', ['seller_id', 'last_message_at'], unique=False, schema='engagement')
