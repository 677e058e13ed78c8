"""Tables of identity: people, credentials, sessions, roles, addresses. Not here: sellers' companies (`commerce.sellers`).

Whatever a stranger could use is kept as a keyed hash (codes, tokens, keys, device ids) or encrypted (phones, addresses).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

users = extracted(
    Table(
        "users",
        metadata,
        uuid_key(),
        word("kind", "shopper", "seller", "courier", "staff", default="shopper"),
        Column("full_name", Text, nullable=False),
        # Phone and e-mail are stored encrypted; the blind index (keyed hash) finds and keeps them unique.
        Column("phone_encrypted", LargeBinary),
        Column("phone_index", Text, unique=True),
        Column("email_encrypted", LargeBinary),
        Column("email_index", Text, unique=True),
        Column("password_hash", Text),
        Column("scopes", Text, nullable=False, server_default="shop"),
        Column("locale", Text, nullable=False, server_default="bn"),
        Column("district_code", Text),
        # Someone who buys without an account; ends when a phone is proved or a password set.
        Column("is_guest", Boolean, nullable=False, server_default=text("false")),
        instant("phone_verified_at", nullable=True),
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("created_at", default_now=True),
        changed_xid(),
        schema="identity",
    )
)

challenges = Table(
    "challenges",
    metadata,
    uuid_key(),
    # phone: a one-time code was sent; second_factor: the password was right and the code of the app is due.
    word("purpose", "phone", "second_factor"),
    Column("phone_index", Text),
    Column("phone_encrypted", LargeBinary),
    reference("user_id", nullable=True),
    # Keyed hash of code and challenge together.
    Column("code_hash", Text),
    # Keyed hash of the device that asked.
    Column("device_index", Text),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    schema="identity",
)
Index("ix_challenges_phone_index_created_at", challenges.c.phone_index, challenges.c.created_at)

outgoing_codes = Table(
    "outgoing_codes",
    metadata,
    reference("challenge_id"),
    Column("template", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("recipient_encrypted", LargeBinary, nullable=False),
    Column("params_encrypted", LargeBinary, nullable=False),
    instant("created_at"),
    UniqueConstraint("challenge_id"),
    schema="identity",
)

sessions = Table(
    "sessions",
    metadata,
    uuid_key(),
    reference("user_id"),
    Column("device_index", Text),
    Column("platform", Text, nullable=False),
    word("method", "password", "phone_code", "guest", "register"),
    instant("created_at"),
    instant("last_used_at"),
    instant("revoked_at", nullable=True),
    word("revoked_for", "logout", "reuse", "proof_of_phone", nullable=True),
    schema="identity",
)
Index("ix_sessions_user_id", sessions.c.user_id)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", Text, primary_key=True),
    # The family: every token that came from one log-in.
    reference("session_id"),
    instant("created_at"),
    instant("expires_at"),
    instant("used_at", nullable=True),
    # Keyed hash of who used it (address and program): only the same client may retry.
    Column("used_by", Text),
    Column("replaced_by", Text),
    schema="identity",
)
Index("ix_refresh_tokens_session_id", refresh_tokens.c.session_id)

devices = Table(
    "devices",
    metadata,
    uuid_key(),
    reference("user_id"),
    Column("device_index", Text, nullable=False),
    Column("platform", Text, nullable=False),
    instant("first_seen_at"),
    instant("last_seen_at"),
    UniqueConstraint("user_id", "device_index"),
    schema="identity",
)
Index("ix_devices_device_index", devices.c.device_index)

addresses = Table(
    "addresses",
    metadata,
    uuid_key(),
    reference("user_id"),
    Column("label", Text, nullable=False),
    Column("recipient_encrypted", LargeBinary, nullable=False),
    Column("phone_encrypted", LargeBinary, nullable=False),
    Column("line_encrypted", LargeBinary, nullable=False),
    Column("district_code", Text, nullable=False),
    Column("area_code", Text),
    Column("post_code", Text),
    Column("is_default", Boolean, nullable=False),
    instant("created_at"),
    schema="identity",
)
Index("ix_addresses_user_id", addresses.c.user_id)
Index("uq_addresses_default", addresses.c.user_id, unique=True, postgresql_where=addresses.c.is_default)

role_grants = Table(
    "role_grants",
    metadata,
    uuid_key(),
    reference("user_id"),
    Column("role", Text, nullable=False),
    word("scope_type", "platform", "seller"),
    # Identifier of the seller; empty for the platform's own roles.
    Column("scope_id", Text, nullable=False, server_default=""),
    reference("granted_by", nullable=True),
    instant("granted_at"),
    reference("revoked_by", nullable=True),
    instant("revoked_at", nullable=True),
    schema="identity",
)
Index(
    "uq_role_grants_live",
    role_grants.c.user_id,
    role_grants.c.role,
    role_grants.c.scope_type,
    role_grants.c.scope_id,
    unique=True,
    postgresql_where=role_grants.c.revoked_at.is_(None),
)

api_keys = Table(
    "api_keys",
    metadata,
    uuid_key(),
    reference("user_id"),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False, unique=True),
    Column("secret_hash", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    instant("created_at"),
    instant("expires_at"),
    instant("last_used_at", nullable=True),
    instant("revoked_at", nullable=True),
    schema="identity",
)
Index("ix_api_keys_user_id", api_keys.c.user_id)

second_factors = Table(
    "second_factors",
    metadata,
    uuid_key("user_id"),
    Column("secret_encrypted", LargeBinary, nullable=False),
    instant("enrolled_at"),
    instant("confirmed_at", nullable=True),
    # The last time step that served: an earlier or equal one is a replay.
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
    schema="identity",
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    reference("user_id"),
    Column("code_hash", Text, primary_key=True),
    instant("used_at", nullable=True),
    schema="identity",
)
Index("ix_recovery_codes_user_id", recovery_codes.c.user_id)

attempts = Table(
    "attempts",
    metadata,
    # Keyed hash of what is counted: an account's log-ins, a source's log-ins, a source's codes.
    Column("key", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    instant("last_at"),
    instant("blocked_until"),
    schema="identity",
)
