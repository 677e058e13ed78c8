"""Use cases of notifications: tell somebody something; the inbox. Not here: what people want (`wishes`), sending (`sending`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from commerce.context import Commerce
from commerce.identity.contacts import Contact, contact_of
from commerce.notifications.rules import CHANNELS, DIGESTIBLE, next_digest, send_at
from commerce.notifications.schemas import Notice, Notices
from commerce.notifications.templates import TEMPLATES, render
from commerce.notifications.wishes import wishes_of
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import cursor_id, next_cursor

SQL = load_statements(__file__)
NOTICE_PARAMS = "notifications.notices.params"
MESSAGE_PARAMS = "notifications.messages.params"
RECIPIENT = "notifications.messages.recipient"
DEVICE = "notifications.devices.token"


async def notify(
    commerce: Commerce,
    connection: Connection,
    *,
    user_id: UUID,
    event_id: UUID,
    template: str,
    params: Mapping[str, object],
) -> bool:
    """Tell somebody something once for each event: in the inbox at once, on the channels they want when it suits them.

    Runs in the caller's transaction; nothing is sent here. False if it was told before.

    Raises:
        KeyError: no such template.
    """
    about, now = TEMPLATES[template], commerce.clock()
    document = orjson.dumps(dict(params)).decode()
    notice = await fetch_one(
        connection, SQL["add_notice"], id=uuid7(), user_id=user_id, event_id=event_id, category=about.category,
        template=template, params_encrypted=commerce.cipher.encrypt(document, NOTICE_PARAMS), now=now,
    )  # fmt: skip
    if notice is None:
        return False
    wishes = await wishes_of(connection, user_id)
    wanted = [channel for channel in CHANNELS if wishes.wants(about.category, channel)]
    is_for_digest = about.category in wishes.digest_categories & set(DIGESTIBLE) and not about.is_urgent
    if wanted and is_for_digest:
        await execute(
            connection, SQL["add_digest_entries"], notice_id=notice["id"], channels=wanted, user_id=user_id,
            due_at=next_digest(now),
        )  # fmt: skip
    elif wanted:
        due = send_at(now, wishes, is_urgent=about.is_urgent)
        await queue(commerce, connection, user_id, channels=wanted, template=template, document=document, due=due)
    return True


async def queue(
    commerce: Commerce,
    connection: Connection,
    user_id: UUID,
    *,
    channels: Sequence[str],
    template: str,
    document: str,
    due: datetime,
) -> int:
    """Messages to everything that somebody can be reached at; their number."""
    contact = await contact_of(connection, commerce.cipher, user_id)
    if contact is None:
        return 0
    recipients = await _recipients(commerce, connection, user_id, contact, channels)
    cipher = commerce.cipher
    await execute(
        connection, SQL["queue_messages"], ids=[uuid7() for _ in recipients], user_id=user_id, template=template,
        locale=contact.locale, channels=[channel for channel, _ in recipients],
        recipients=[cipher.encrypt(recipient, RECIPIENT) for _, recipient in recipients],
        params=[cipher.encrypt(document, MESSAGE_PARAMS) for _ in recipients],
        due=[due for _ in recipients], now=commerce.clock(),
    )  # fmt: skip
    return len(recipients)


async def send_to(
    commerce: Commerce,
    connection: Connection,
    recipient: str,
    *,
    template: str,
    params: Mapping[str, object],
    locale: str,
) -> None:
    """A message to a phone or an e-mail address, whoever's it is: no inbox, no wishes, at once."""
    cipher, now = commerce.cipher, commerce.clock()
    await execute(
        connection, SQL["queue_messages"], ids=[uuid7()], user_id=None, template=template, locale=locale,
        channels=["email" if "@" in recipient else "sms"], recipients=[cipher.encrypt(recipient, RECIPIENT)],
        params=[cipher.encrypt(orjson.dumps(dict(params)).decode(), MESSAGE_PARAMS)], due=[now], now=now,
    )  # fmt: skip


async def _recipients(
    commerce: Commerce, connection: Connection, user_id: UUID, contact: Contact, channels: Sequence[str]
) -> list[tuple[str, str]]:
    found = [("sms", contact.phone), ("email", contact.email)]
    recipients = [(channel, address) for channel, address in found if channel in channels and address]
    if "push" in channels:
        rows = await fetch_all(connection, SQL["devices_of"], user_id=user_id)
        recipients += [("push", commerce.cipher.decrypt(bytes(row["token_encrypted"]), DEVICE)) for row in rows]
    return recipients


async def list_notices(
    commerce: Commerce, user_id: UUID, *, locale: str, unread_only: bool, limit: int, cursor: str | None
) -> Notices:
    """One page of somebody's inbox, newest first, in a language.

    Raises:
        BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_notices"], user_id=user_id, before=before, unread_only=unread_only, limit=limit
        )
        count = await fetch_one(connection, SQL["count_unread"], user_id=user_id)
    return Notices(
        items=[_notice(commerce, row, locale) for row in rows],
        unread=count["unread"] if count else 0,
        next_cursor=next_cursor([row["id"] for row in rows], limit),
    )


def _notice(commerce: Commerce, row: Mapping[str, Any], locale: str) -> Notice:
    params = orjson.loads(commerce.cipher.decrypt(bytes(row["params_encrypted"]), NOTICE_PARAMS))
    text = render(row["template"], params, locale)
    return Notice(
        id=row["id"], category=row["category"], template=row["template"], title=text.title, body=text.body,
        created_at=row["created_at"], read_at=row["read_at"],
    )  # fmt: skip


async def mark_read(commerce: Commerce, user_id: UUID, notice_id: UUID) -> None:
    """A notice has been seen.

    Raises:
        NotFound: no such notice in this person's inbox.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["read_notice"], id=notice_id, user_id=user_id, now=commerce.clock())
    if row is None:
        raise NotFound


async def add_device(commerce: Commerce, user_id: UUID, *, token: str, platform: str) -> None:
    """Push to this device from now on."""
    async with commerce.database.transaction() as connection:
        await execute(
            connection, SQL["add_device"], token_index=commerce.cipher.index(token, "push-token"), user_id=user_id,
            platform=platform, token_encrypted=commerce.cipher.encrypt(token, DEVICE), now=commerce.clock(),
        )  # fmt: skip


async def forget_devices(commerce: Commerce, user_id: UUID) -> None:
    """Push to none of somebody's devices any more."""
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["forget_devices"], user_id=user_id)
