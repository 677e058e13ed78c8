"""Duties of the relay: send what is due, look up what is in doubt, make digests. Each step commits before it asks a provider.

Not here: what a provider's answers look like (`providers`), when a message is due (`rules`).
"""

import asyncio
import random
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from commerce.context import Commerce
from commerce.identity.contacts import contact_of
from commerce.notifications.ports import ChannelSilent, MessageRefused, Outgoing, Untraceable
from commerce.notifications.rules import LARGEST_TRIES, pause_s, send_at
from commerce.notifications.templates import render
from commerce.notifications.use_cases import MESSAGE_PARAMS, NOTICE_PARAMS, RECIPIENT, SQL, queue
from commerce.notifications.wishes import wishes_of
from foundation.database import execute, fetch_all
from foundation.i18n import DEFAULT
from foundation.ids import uuid7
from foundation.logging import get_logger

BATCH = 20
# A message of which nobody has heard for so long is in doubt: its process may have died.
DOUBT_AFTER = timedelta(seconds=60)
GONE = "HTTP 404"
_dice = random.SystemRandom()
_log = get_logger(component="notifications")
Row = Mapping[str, Any]


async def send_due(commerce: Commerce) -> int:
    """Send some messages whose time has come, side by side; their number."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["take_due"], now=now, stale_at=now + DOUBT_AFTER, limit=BATCH)
    await asyncio.gather(*(_send(commerce, row) for row in rows))
    return len(rows)


async def _send(commerce: Commerce, row: Row) -> None:
    try:
        reference = await commerce.channels[row["channel"]].send(_outgoing(commerce, row))
    except ChannelSilent:
        await _close(commerce, row, "unknown", wait_s=pause_s(row["tries"], _dice.random()))
    except MessageRefused as refusal:
        if refusal.reason == GONE and row["channel"] == "push":
            await _forget(commerce, row)
        await _after_refusal(commerce, row, refusal)
    else:
        await _close(commerce, row, "sent", reference=reference)


def _outgoing(commerce: Commerce, row: Row) -> Outgoing:
    params = orjson.loads(commerce.cipher.decrypt(bytes(row["params_encrypted"]), MESSAGE_PARAMS))
    text = render(row["template"], params, row["locale"])
    recipient = commerce.cipher.decrypt(bytes(row["recipient_encrypted"]), RECIPIENT)
    return Outgoing(reference=row["id"], recipient=recipient, title=text.title, body=text.body)


async def _after_refusal(commerce: Commerce, row: Row, refusal: MessageRefused) -> None:
    is_over = refusal.is_final or row["tries"] >= LARGEST_TRIES
    await _close(
        commerce, row, "failed" if is_over else "queued", reason=refusal.reason,
        wait_s=pause_s(row["tries"], _dice.random()),
    )  # fmt: skip


async def _forget(commerce: Commerce, row: Row) -> None:
    token = commerce.cipher.decrypt(bytes(row["recipient_encrypted"]), RECIPIENT)
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["forget_device"], token_index=commerce.cipher.index(token, "push-token"))


async def _close(
    commerce: Commerce, row: Row, state: str, *, reference: str | None = None, reason: str | None = None,
    wait_s: float = 0.0,
) -> None:  # fmt: skip
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        await execute(
            connection, SQL["close_message"], id=row["id"], state=state, provider_reference=reference, reason=reason,
            next_try_at=now + timedelta(seconds=wait_s), now=now, from_states=["submitted", "unknown"],
        )  # fmt: skip
    if state == "failed":
        _log.warning("message failed", id=str(row["id"]), channel=row["channel"], reason=reason)


async def resolve_doubtful(commerce: Commerce) -> int:
    """Ask the providers about messages nobody knows the end of; their number."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["take_doubtful"], now=now, stale_at=now + DOUBT_AFTER, limit=BATCH)
    await asyncio.gather(*(_resolve(commerce, row) for row in rows))
    return len(rows)


async def _resolve(commerce: Commerce, row: Row) -> None:
    try:
        reference = await commerce.channels[row["channel"]].find(row["id"])
    except (ChannelSilent, MessageRefused):
        return  # It stays unknown and is asked about again when its time comes.
    except Untraceable:
        # Better once too few than twice.
        await _close(commerce, row, "failed", reason="outcome unknown")
        return
    if reference is not None:
        await _close(commerce, row, "sent", reference=reference)
        return
    is_over = row["tries"] >= LARGEST_TRIES
    await _close(commerce, row, "failed" if is_over else "queued", reason="not taken by the provider")


async def make_digest(commerce: Commerce) -> bool:
    """Make one person's digest on one channel that is due; False if none is."""
    now = commerce.clock()
    async with commerce.database.transaction() as connection:
        rows = await fetch_all(connection, SQL["due_digests"], now=now)
        if not rows:
            return False
        user_id, channel = rows[0]["user_id"], rows[0]["channel"]
        wishes = await wishes_of(connection, user_id)
        contact = await contact_of(connection, commerce.cipher, user_id)
        titles = [_title(commerce, row, contact.locale if contact else DEFAULT) for row in rows]
        document = orjson.dumps({"count": len(rows), "lines": "\n".join(titles)}).decode()
        await queue(
            commerce, connection, user_id, channels=[channel], template="digest", document=document,
            due=send_at(now, wishes, is_urgent=False),
        )  # fmt: skip
        notices = [row["notice_id"] for row in rows]
        await execute(connection, SQL["close_digest"], message_id=uuid7(), notice_ids=notices, channel=channel)
    return True


def _title(commerce: Commerce, row: Row, locale: str) -> str:
    params = orjson.loads(commerce.cipher.decrypt(bytes(row["params_encrypted"]), NOTICE_PARAMS))
    return render(row["template"], params, locale).title
