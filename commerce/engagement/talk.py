"""Use cases of talk between a buyer and a shop: threads, messages with contact details masked, how fast shops answer.

`Side` says for whom the caller writes and reads: as a buyer, or for the shop the caller works for.
Not here: what a contact detail is (`contacts`), delivery as it happens (`talk_feed`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.engagement.contacts import check
from commerce.engagement.talk_schemas import (
    Hidden,
    Message,
    MessageRequest,
    Messages,
    ResponseTime,
    Thread,
    Threads,
    Written,
)
from foundation.database import execute, fetch_all, fetch_one
from foundation.errors import NotFound
from foundation.i18n import translate
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, cursor_id, decode_cursor, encode_cursor, next_cursor

SQL = load_statements(__file__, "talk.sql")
PLACE = "engagement.messages.text"
DAY, WINDOW = timedelta(days=1), timedelta(days=30)
REASONS = {
    "phone": "We hid a phone number. Deals outside GetIt have no buyer protection.",
    "wallet": "We hid a wallet for payment. Pay only at checkout: what is paid elsewhere cannot be refunded.",
    "email": "We hid an e-mail address. Keep the talk here, so that we can help if something goes wrong.",
    "link": "We hid a link that leads out of GetIt.",
    "messenger": "We hid an invitation to another messenger. Keep the talk here, so that we can help if something goes wrong.",
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """Who takes part: exactly one of both is set."""

    buyer_id: UUID | None = None
    seller_id: UUID | None = None

    @property
    def name(self) -> str:
        return "buyer" if self.buyer_id else "seller"

    @property
    def keys(self) -> dict[str, UUID | None]:
        return {"buyer_id": self.buyer_id, "seller_id": self.seller_id}


async def open_thread(commerce: Commerce, buyer_id: UUID, seller_id: UUID) -> Thread:
    """The buyer's thread with a shop, new or not.

    Raises:
        NotFound: no such shop.
    """
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection, SQL["open_thread"], id=uuid7(), buyer_id=buyer_id, seller_id=seller_id, now=commerce.clock()
        )
    if row is None:
        raise NotFound
    return Thread(**row)


async def list_threads(commerce: Commerce, side: Side, *, limit: int, cursor: str | None) -> Threads:
    """One page of threads, the latest talk first.

    Raises:
        BadCursor.
    """
    before = decode_cursor(cursor, 2)
    try:
        before_at = datetime.fromisoformat(before[0]) if before else None
        before_id = UUID(before[1]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_threads"], before_at=before_at, before_id=before_id, limit=limit, **side.keys
        )
    last = rows[-1] if len(rows) == limit else None
    return Threads(
        items=[Thread(**row) for row in rows],
        next_cursor=encode_cursor([last["last_message_at"].isoformat(), last["id"]]) if last else None,
    )


async def write(
    commerce: Commerce, side: Side, author_id: UUID, thread_id: UUID, request: MessageRequest, *, locale: str
) -> Written:
    """Write a message; contact details in it are masked, and the writer is told why.

    Raises:
        NotFound: no such thread, or the caller takes no part in it.
    """
    checked, message_id, now = check(request.text), uuid7(), commerce.clock()
    async with commerce.database.transaction() as connection:
        thread = await fetch_one(connection, SQL["lock_thread"], id=thread_id, **side.keys)
        if thread is None:
            raise NotFound
        await execute(
            connection, SQL["add_message"], id=message_id, thread_id=thread_id, written_by=side.name, now=now,
            author_id=author_id, product_id=request.product_id, hidden_kinds=list(checked.kinds),
            text_encrypted=commerce.cipher.encrypt(checked.text, PLACE),
        )  # fmt: skip
        await execute(connection, SQL["touch_thread"], id=thread_id, written_by=side.name, now=now)
        if side.seller_id and thread["waiting_since_at"]:
            await execute(
                connection, SQL["add_answer"], message_id=message_id, seller_id=side.seller_id,
                asked_at=thread["waiting_since_at"], now=now,
            )  # fmt: skip
        await record_events(connection, [_written(message_id, thread, side)])
    reasons = [Hidden(kind=kind, reason=translate(REASONS[kind], locale)) for kind in checked.kinds]
    return Written(
        id=message_id, thread_id=thread_id, written_by=side.name, product_id=request.product_id, text=checked.text,
        hidden_kinds=list(checked.kinds), written_at=now, hidden=reasons,
    )  # fmt: skip


def _written(message_id: UUID, thread: Mapping[str, Any], side: Side) -> NewEvent:
    payload = {
        "message_id": str(message_id),
        "thread_id": str(thread["id"]),
        "buyer_id": str(thread["buyer_id"]),
        "seller_id": str(thread["seller_id"]),
        "seller_name": thread["seller_name"],
        "written_by": side.name,
    }
    return NewEvent(topic="message", aggregate_id=thread["id"], event_type="message.written", payload=payload)


async def list_messages(commerce: Commerce, side: Side, thread_id: UUID, *, limit: int, cursor: str | None) -> Messages:
    """One page of a thread, newest first.

    Raises:
        NotFound: no such thread, or the caller takes no part in it. BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        if await fetch_one(connection, SQL["find_thread"], id=thread_id, **side.keys) is None:
            raise NotFound
        rows = await fetch_all(connection, SQL["list_messages"], thread_id=thread_id, before=before, limit=limit)
    items = [_message(commerce, row) for row in rows]
    return Messages(items=items, next_cursor=next_cursor([row["id"] for row in rows], limit))


def _message(commerce: Commerce, row: Mapping[str, Any]) -> Message:
    shown = {name: value for name, value in row.items() if name != "text_encrypted"}
    return Message(text=commerce.cipher.decrypt(bytes(row["text_encrypted"]), PLACE), **shown)


async def find_message(commerce: Commerce, message_id: UUID) -> Message | None:
    """A message by its id; the caller has seen to it who may read it."""
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_message"], id=message_id)
    return None if row is None else _message(commerce, row)


async def response_time(commerce: Commerce, seller_id: UUID) -> ResponseTime:
    """How fast a shop answered in the last 30 days, and how many wait longer than a day."""
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        row = await fetch_one(
            connection, SQL["response_time"], seller_id=seller_id, since=now - WINDOW, day_ago=now - DAY
        )
    if row is None:
        raise NotFound
    answered = row["answered"]
    return ResponseTime(
        answered=answered,
        median_seconds=row["median_seconds"],
        within_day_bp=row["within_day"] * 10_000 // answered if answered else None,
        overdue=row["overdue"],
    )
