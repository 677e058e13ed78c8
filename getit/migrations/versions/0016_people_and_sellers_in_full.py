"""People and sellers in full: codes, sessions, devices, addresses, roles, keys, second factor; what sellers must prove.

The new closed sets on the table of sellers come unvalidated and are then validated: no writer waits.

Revision 0016, after 0015.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables
from sqlalchemy.dialects import postgresql
revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

SETS = {
    "status": "onboarding in_review approved rejected suspended closed",
    "tier": "new standard trusted",
}


def upgrade() -> None:
    op.create_table('addresses',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('recipient_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('phone_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('line_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('district_code', sa.Text(), nullable=False),
    sa.Column('area_code', sa.Text(), nullable=True),
    sa.Column('post_code', sa.Text(), nullable=True),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_addresses')),
    schema='identity'
    )
    op.create_index('ix_addresses_user_id', 'addresses', ['user_id'], unique=False, schema='identity')
    op.create_index('uq_addresses_default', 'addresses', ['user_id'], unique=True, schema='identity', postgresql_where=sa.text('is_default'))
    op.create_table('api_keys',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('prefix', sa.Text(), nullable=False),
    sa.Column('secret_hash', sa.Text(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('prefix', name=op.f('uq_api_keys_prefix')),
    schema='identity'
    )
    op.create_index('ix_api_keys_user_id', 'api_keys', ['user_id'], unique=False, schema='identity')
    op.create_table('attempts',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('blocked_until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_attempts')),
    schema='identity'
    )
    op.create_table('challenges',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('phone_index', sa.Text(), nullable=True),
    sa.Column('phone_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('user_id', sa.UUID(), nullable=True),
    sa.Column('code_hash', sa.Text(), nullable=True),
    sa.Column('device_index', sa.Text(), nullable=True),
    sa.Column('tries', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("purpose in ('phone', 'second_factor')", name=op.f('ck_challenges_purpose')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_challenges')),
    schema='identity'
    )
    op.create_index('ix_challenges_phone_index_created_at', 'challenges', ['phone_index', 'created_at'], unique=False, schema='identity')
    op.create_table('devices',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('device_index', sa.Text(), nullable=False),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('first_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_devices')),
    sa.UniqueConstraint('user_id', 'device_index', name=op.f('uq_devices_user_id_device_index')),
    schema='identity'
    )
    op.create_index('ix_devices_device_index', 'devices', ['device_index'], unique=False, schema='identity')
    op.create_table('outgoing_codes',
    sa.Column('challenge_id', sa.UUID(), nullable=False),
    sa.Column('template', sa.Text(), nullable=False),
    sa.Column('locale', sa.Text(), nullable=False),
    sa.Column('recipient_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('params_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint('challenge_id', name=op.f('uq_outgoing_codes_challenge_id')),
    schema='identity'
    )
    op.create_table('recovery_codes',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_recovery_codes')),
    schema='identity'
    )
    op.create_index('ix_recovery_codes_user_id', 'recovery_codes', ['user_id'], unique=False, schema='identity')
    op.create_table('refresh_tokens',
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('session_id', sa.UUID(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.Text(), nullable=True),
    sa.Column('replaced_by', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_refresh_tokens')),
    schema='identity'
    )
    op.create_index('ix_refresh_tokens_session_id', 'refresh_tokens', ['session_id'], unique=False, schema='identity')
    op.create_table('role_grants',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('scope_type', sa.Text(), nullable=False),
    sa.Column('scope_id', sa.Text(), server_default='', nullable=False),
    sa.Column('granted_by', sa.UUID(), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_by', sa.UUID(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("scope_type in ('platform', 'seller')", name=op.f('ck_role_grants_scope_type')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grants')),
    schema='identity'
    )
    op.create_index('uq_role_grants_live', 'role_grants', ['user_id', 'role', 'scope_type', 'scope_id'], unique=True, schema='identity', postgresql_where=sa.text('revoked_at IS NULL'))
    op.create_table('second_factors',
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('secret_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_step', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_second_factors')),
    schema='identity'
    )
    op.create_table('sessions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('user_id', sa.UUID(), nullable=False),
    sa.Column('device_index', sa.Text(), nullable=True),
    sa.Column('platform', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_used_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_for', sa.Text(), nullable=True),
    sa.CheckConstraint("method in ('password', 'phone_code', 'guest', 'register')", name=op.f('ck_sessions_method')),
    sa.CheckConstraint("revoked_for in ('logout', 'reuse', 'proof_of_phone')", name=op.f('ck_sessions_revoked_for')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions')),
    schema='identity'
    )
    op.create_index('ix_sessions_user_id', 'sessions', ['user_id'], unique=False, schema='identity')
    op.create_table('documents',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('uploaded_by', sa.UUID(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('size_bytes', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('size_bytes > 0', name=op.f('ck_documents_size')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents')),
    schema='sellers'
    )
    op.create_index('ix_documents_seller_id', 'documents', ['seller_id'], unique=False, schema='sellers')
    op.create_index('ix_documents_sha256', 'documents', ['sha256'], unique=False, schema='sellers')
    op.create_table('invites',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('contact_kind', sa.Text(), nullable=False),
    sa.Column('contact_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('contact_index', sa.Text(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('invited_by', sa.UUID(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.UUID(), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("contact_kind in ('phone', 'email')", name=op.f('ck_invites_contact_kind')),
    sa.CheckConstraint("role in ('seller_owner', 'seller_staff')", name=op.f('ck_invites_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invites')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_invites_token_hash')),
    schema='sellers'
    )
    op.create_index('ix_invites_seller_id', 'invites', ['seller_id'], unique=False, schema='sellers')
    op.create_table('profiles',
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('legal_name_encrypted', sa.LargeBinary(), nullable=False),
    sa.Column('description', sa.Text(), server_default='', nullable=False),
    sa.Column('dbid', sa.Text(), nullable=True),
    sa.Column('area_code', sa.Text(), nullable=True),
    sa.Column('pickup_line_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('pickup_phone_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('seller_id', name=op.f('pk_profiles')),
    schema='sellers'
    )
    op.create_table('submissions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('requirement', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('number_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('number_index', sa.Text(), nullable=True),
    sa.Column('number_tail', sa.Text(), nullable=True),
    sa.Column('name_encrypted', sa.LargeBinary(), nullable=True),
    sa.Column('issuer', sa.Text(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('document_id', sa.UUID(), nullable=True),
    sa.Column('reasons', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('risk_score', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('decision', sa.Text(), nullable=False),
    sa.Column('submitted_by', sa.UUID(), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.UUID(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.CheckConstraint("decision in ('approve', 'review', 'reject')", name=op.f('ck_submissions_decision')),
    sa.CheckConstraint("status in ('pending', 'accepted', 'rejected', 'waived')", name=op.f('ck_submissions_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_submissions')),
    schema='sellers'
    )
    op.create_index('ix_submissions_due_at', 'submissions', ['due_at'], unique=False, schema='sellers', postgresql_where=sa.text("status = 'pending'"))
    op.create_index('ix_submissions_number_index', 'submissions', ['number_index'], unique=False, schema='sellers')
    op.create_index('ix_submissions_seller_id', 'submissions', ['seller_id'], unique=False, schema='sellers')
    op.create_index('uq_submissions_live', 'submissions', ['seller_id', 'requirement'], unique=True, schema='sellers', postgresql_where=sa.text("status in ('pending', 'accepted', 'waived')"))
    op.create_table('transitions',
    sa.Column('id', sa.UUID(), nullable=False),
    sa.Column('seller_id', sa.UUID(), nullable=False),
    sa.Column('from_status', sa.Text(), nullable=False),
    sa.Column('to_status', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('actor_id', sa.UUID(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transitions')),
    schema='sellers'
    )
    op.create_index('ix_transitions_seller_id', 'transitions', ['seller_id'], unique=False, schema='sellers')
    op.add_column('users', sa.Column('is_guest', sa.Boolean(), server_default=sa.text('false'), nullable=False), schema='identity')
    op.add_column('users', sa.Column('phone_verified_at', sa.DateTime(timezone=True), nullable=True), schema='identity')
    op.add_column('sellers', sa.Column('tier', sa.Text(), server_default='standard', nullable=False), schema='sellers')
    op.add_column('sellers', sa.Column('holiday_until', sa.DateTime(timezone=True), nullable=True), schema='sellers')
    op.execute("alter table sellers.sellers drop constraint ck_sellers_status")
    for column, words in SETS.items():
        allowed = ", ".join(f"'{word}'" for word in words.split())
        check = f"ck_sellers_{column}"
        op.execute(f"alter table sellers.sellers add constraint {check} check ({column} in ({allowed})) not valid")
        op.execute(f"alter table sellers.sellers validate constraint {check}")
