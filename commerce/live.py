"""The live feed: order events as server-sent events, read from the outbox below the horizon, resumable, none lost.

One reader a process polls while somebody listens and fans out to bounded queues. Not here: reactions (the relay).
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from commerce.context import Commerce
from foundation.errors import InvalidInput, Unavailable
from foundation.logging import get_logger
from foundation.outbox import Cursor, Event, horizon, read_events
from foundation.security.tokens import Principal
from foundation.web.identity import requires

QUEUE_SIZE = 1000
_log = get_logger(component="live")


class LiveFeed:
    """Fans events out to the listeners of this process."""

    def __init__(self, commerce: Commerce) -> None:
        self._commerce = commerce
        self._listeners: set[asyncio.Queue[Event]] = set()
        self._reader: asyncio.Task[None] | None = None

    async def now(self) -> Cursor:
        """Where somebody begins who wants only what comes: taken before saying that one listens."""
        async with self._commerce.database.connection() as connection:
            return await horizon(connection)

    async def follow(self, position: Cursor) -> AsyncIterator[Event]:
        """Events after a cursor (missed ones first), then as they happen. Ends when this listener falls too far behind."""
        queue: asyncio.Queue[Event] = asyncio.Queue(QUEUE_SIZE)
        self._listeners.add(queue)
        try:
            await self._ensure_reader()
            async for event in self._missed(position):
                position = event.cursor
                yield event
            while queue in self._listeners or not queue.empty():
                event = await queue.get()
                if event.cursor > position:
                    position = event.cursor
                    yield event
        finally:
            self._listeners.discard(queue)

    async def _missed(self, position: Cursor) -> AsyncIterator[Event]:
        while True:
            async with self._commerce.database.connection() as connection:
                events = await read_events(connection, after=position)
            for event in events:
                yield event
                position = event.cursor
            if len(events) < 500:
                return

    async def _ensure_reader(self) -> None:
        """The reader's place is taken before a listener reads what it missed: nothing lies between the two."""
        if not self._is_reading():
            now = await self.now()
            if not self._is_reading():
                self._reader = asyncio.create_task(self._read(Cursor(max(0, now.xid - 1), 0)))

    def _is_reading(self) -> bool:
        return self._reader is not None and not self._reader.done()

    async def _read(self, position: Cursor) -> None:
        while self._listeners:
            try:
                async with self._commerce.database.connection() as connection:
                    events = await read_events(connection, after=position)
            except Unavailable:
                _log.warning("database away, live feed waits")
                await asyncio.sleep(0.5)
                continue
            for event in events:
                position = event.cursor
                self._publish(event)
            await asyncio.sleep(self._commerce.settings.live_poll_ms / 1000)

    def _publish(self, event: Event) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(event)
            except asyncio.QueueFull:
                # A listener this far behind reconnects with Last-Event-ID and loses nothing.
                self._listeners.discard(queue)

    async def close(self) -> None:
        """Stop reading."""
        self._listeners.clear()
        if self._reader is not None:
            self._reader.cancel()


router = APIRouter(prefix="/v1/live", tags=["live"])


class BadEventId(InvalidInput):
    code = "bad-event-id"
    message = "Last-Event-ID is not one of this stream. Connect without it."


@router.get("/orders", summary="Order events as they happen (server-sent events)")
async def live_orders(
    request: Request,
    _: Annotated[Principal, Depends(requires("monitor", "risk"))],
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[str | None, Query(description="As Last-Event-ID, for clients that cannot set headers.")] = None,
) -> EventSourceResponse:
    try:
        cursor = Cursor.parse(last_event_id or after) if (last_event_id or after) else None  # type: ignore[arg-type]
    except ValueError as error:
        raise BadEventId from error
    feed: LiveFeed = request.app.state.live_feed
    return EventSourceResponse(_stream(feed, cursor or await feed.now()), ping=15, headers={"x-accel-buffering": "no"})


async def _stream(feed: LiveFeed, cursor: Cursor) -> AsyncIterator[ServerSentEvent]:
    async for event in feed.follow(cursor):
        if event.topic in {"order_group", "order", "payment"}:
            yield ServerSentEvent(data=_data(event), event=event.event_type, id=str(event.cursor))


def _data(event: Event) -> str:
    document: dict[str, Any] = {"event_id": event.event_id, "recorded_at": event.recorded_at, **event.payload}
    return orjson.dumps(document, default=str).decode()
