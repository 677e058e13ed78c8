"""Tables of notifications: the inbox, what goes out, what people want. Recipients and parameters are stored encrypted."""

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from commerce.notifications.rules import CHANNELS, STATES
from commerce.notifications.templates import CATEGORIES
from foundation.tables import changed_xid, extracted, instant, metadata, reference, uuid_key, word

notices = Table(
    "notices",
    metadata,
    uuid_key(),
    reference("user_id"),
    reference("event_id"),
    word("category", *CATEGORIES),
    Column("template", Text, nullable=False),
    Column("params_encrypted", LargeBinary, nullable=False),
    instant("created_at"),
    instant("read_at", nullable=True),
    # An event that is handled twice tells nobody twice.
    UniqueConstraint("user_id", "event_id", "template"),
    schema="notifications",
)
Index("ix_notices_user_id_id", notices.c.user_id, notices.c.id)

messages = extracted(
    Table(
        "messages",
        metadata,
        uuid_key(),
        # Empty for people who have no account yet: a code to a phone, an invitation.
        reference("user_id", nullable=True),
        word("channel", *CHANNELS),
        Column("template", Text, nullable=False),
        Column("locale", Text, nullable=False),
        Column("recipient_encrypted", LargeBinary, nullable=False),
        Column("params_encrypted", LargeBinary, nullable=False),
        word("state", *STATES, default="queued"),
        Column("tries", Integer, nullable=False, server_default=text("0")),
        instant("next_try_at"),
        Column("provider_reference", Text),
        Column("reason", Text),
        instant("created_at"),
        instant("submitted_at", nullable=True),
        instant("closed_at", nullable=True),
        changed_xid(),
        CheckConstraint("(state in ('sent', 'failed')) = (closed_at is not null)", name="closed"),
        CheckConstraint("state = 'queued' or submitted_at is not null", name="submitted"),
        schema="notifications",
    ),
    private=("provider_reference", "reason"),
)
Index("ix_messages_open", messages.c.next_try_at, postgresql_where=text("state in ('queued', 'submitted', 'unknown')"))
Index("ix_messages_user_id", messages.c.user_id)

digest_entries = Table(
    "digest_entries",
    metadata,
    reference("notice_id"),
    word("channel", *CHANNELS),
    reference("user_id"),
    instant("due_at"),
    reference("message_id", nullable=True),
    PrimaryKeyConstraint("notice_id", "channel"),
    schema="notifications",
)
Index("ix_digest_entries_due", digest_entries.c.due_at, postgresql_where=text("message_id is null"))

preferences = Table(
    "preferences",
    metadata,
    reference("user_id"),
    word("category", *CATEGORIES),
    word("channel", *CHANNELS),
    Column("is_on", Boolean, nullable=False),
    PrimaryKeyConstraint("user_id", "category", "channel"),
    schema="notifications",
)

habits = Table(
    "habits",
    metadata,
    uuid_key("user_id"),
    Column("quiet_from_minute", Integer, nullable=False),
    Column("quiet_until_minute", Integer, nullable=False),
    Column("digest_categories", ARRAY(Text), nullable=False),
    CheckConstraint("quiet_from_minute between 0 and 1439 and quiet_until_minute between 0 and 1439", name="minutes"),
    schema="notifications",
)

devices = Table(
    "devices",
    metadata,
    Column("token_index", Text, primary_key=True),
    reference("user_id"),
    word("platform", "android", "ios", "web"),
    Column("token_encrypted", LargeBinary, nullable=False),
    instant("added_at"),
    schema="notifications",
)
Index("ix_devices_user_id", devices.c.user_id)
