"""Tables of identity: people and their credentials. Not here: sellers' companies (see `commerce.sellers`)."""

from sqlalchemy import Boolean, Column, LargeBinary, Table, Text, text

from foundation.tables import changed_xid, extracted, instant, metadata, uuid_key, word

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
        Column("is_synthetic", Boolean, nullable=False, server_default=text("false")),
        instant("created_at", default_now=True),
        changed_xid(),
        schema="identity",
    )
)
