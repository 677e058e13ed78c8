"""Notifications: the inbox, messages that go out, what people want, devices to push to.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('devices',
    sa.Column('token_index', sa.Text(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('token_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("platform in ('android', 'ios', 'web')", name=op.f('ck_devices_platform')),
    sa.PrimaryKeyConstraint('token_index', name=op.f('pk_devices')),
    schema='notifications'
    )
    op.create_index('ix_devices_user_id', 'devices', ['user_id'], unique=False, schema='notifications')
    op.create_table('digest_entries',
    sa.Column('notice_id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('message_id', sa.UUID(), nullable=True),
    sa.CheckConstraint("channel in ('sms', 'email', 'push')", name=op.f('ck_digest_entries_channel')),
    sa.PrimaryKeyConstraint('notice_id', 'channel', name=op.f('pk_digest_entries')),
    schema='notifications'
    )
    op.create_index('ix_digest_entries_due', 'digest_entries', ['due_at'], unique=False, schema='notifications', postgresql_where=sa.text('message_id is null'))
    op.create_table('habits',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('quiet_from_minute', sa.Integer(), nullable=False),
    sa.Column('quiet_until_minute', sa.Integer(), nullable=False),
    sa.Column('digest_categories', sa.ARRAY(sa.Text()), nullable=False),
    sa.CheckConstraint('quiet_from_minute between 0 and 1439 and quiet_until_minute between 0 and 1439', name=op.f('ck_habits_minutes')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_habits')),
    schema='notifications'
    )
    op.create_table('messages',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('recipient_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('params_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.Text(), server_default='queued', nullable=False),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('provider_reference', sa.Text(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(state in ('sent', 'failed')) = (closed_at is not null)", name=op.f('ck_messages_closed')),
    sa.CheckConstraint("channel in ('sms', 'email', 'push')", name=op.f('ck_messages_channel')),
    sa.CheckConstraint("state = 'queued' or submitted_at is not null", name=op.f('ck_messages_submitted')),
    sa.CheckConstraint("state in ('queued', 'submitted', 'unknown', 'sent', 'failed')", name=op.f('ck_messages_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages')),
    schema='notifications'
    )
    op.create_index('ix_messages_open', 'messages', ['next_try_at'], unique=False, schema='notifications', postgresql_where=sa.text("state in ('queued', 'submitted', 'unknown')"))
    op.create_index('ix_messages_user_id', 'messages', ['user_id'], unique=False, schema='notifications')
    op.create_table('notices',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('event_id', sa.UUID(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('params_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("category in ('order', 'payment', 'promotion', 'message', 'account')", name=op.f('ck_notices_category')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices')),
    sa.UniqueConstraint('user_id', 'event_id', 'template', name=op.f('uq_notices_user_id_event_id_template')),
    schema='notifications'
    )
    op.create_index('ix_notices_user_id_id', 'notices', ['user_id', 'id'], unique=False, schema='notifications')
    op.create_table('preferences',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.CheckConstraint("category in ('order', 'payment', 'promotion', 'message', 'account')", name=op.f('ck_preferences_category')),
    sa.CheckConstraint("channel in ('sms', 'email', 'push')", name=op.f('ck_preferences_channel')),
    sa.PrimaryKeyConstraint('user_id', 'category', 'channel', name=op.f('pk_preferences')),
    schema='notifications'
    )
