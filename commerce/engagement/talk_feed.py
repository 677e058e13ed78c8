"""New messages as they happen, over a WebSocket: the token in the first message, resumable by the last id, none lost.

Rides on the live feed of the outbox, so that it does not matter which process took the message. Codes: 4400 the first
message is not understood, 4401 no valid token (any more). Not here: writing (HTTP does that).
"""

import asyncio
import contextlib
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from commerce.context import Commerce
from commerce.engagement.talk import find_message
from commerce.live import LiveFeed
from commerce.sellers.membership import seller_of
from foundation.errors import GetItError, Unauthenticated
from foundation.outbox import Cursor, Event
from foundation.security.tokens import Principal

HELLO_S = 10.0
BAD_HELLO, BAD_TOKEN, TRY_AGAIN = 4400, 4401, 1013
router = APIRouter()


class Hello(BaseModel):
    """The first message of a client. With `as_seller` the shop's messages come, else the person's own."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[str, Field(max_length=4096)]
    last_id: Annotated[str | None, Field(pattern=r"^\d{1,19}:\d{1,18}$")] = None
    as_seller: bool = False
    seller_id: UUID | None = None


@router.websocket("/v1/messages/ws")
async def messages_as_they_happen(websocket: WebSocket) -> None:
    """New messages of the caller's threads."""
    commerce: Commerce = websocket.app.state.commerce
    await websocket.accept()
    try:
        hello = Hello.model_validate_json(await asyncio.wait_for(websocket.receive_text(), HELLO_S))
        key, reader = await _reader(commerce, hello)
    except (TimeoutError, ValidationError, KeyError):
        await _close(websocket, BAD_HELLO)
    except GetItError:
        await _close(websocket, BAD_TOKEN)
    except WebSocketDisconnect:
        return
    else:
        await _serve(websocket, hello, key, reader)


async def _reader(commerce: Commerce, hello: Hello) -> tuple[str, str]:
    """Field of an event and the value in it that make it the caller's.

    Raises:
        Unauthenticated, NoSeller, WhichSeller.
    """
    principal: Principal = commerce.tokens.verify(hello.token)
    if not hello.as_seller:
        return "buyer_id", str(principal.user_id)
    if not principal.may("sell"):
        raise Unauthenticated
    async with commerce.database.connection() as connection:
        return "seller_id", str(await seller_of(connection, principal.user_id, chosen=hello.seller_id))


async def _serve(websocket: WebSocket, hello: Hello, key: str, reader: str) -> None:
    sending = asyncio.create_task(_send(websocket, hello, key, reader))
    gone = asyncio.create_task(_until_gone(websocket))
    done, pending = await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect):
            await task
    for task in done:
        if isinstance(error := task.exception(), Unauthenticated):
            await _close(websocket, BAD_TOKEN)
        elif error is not None or task is sending:
            # Fallen behind, or the database is away: come back with the last id.
            await _close(websocket, TRY_AGAIN)


async def _until_gone(websocket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await websocket.receive_text()


async def _send(websocket: WebSocket, hello: Hello, key: str, reader: str) -> None:
    commerce: Commerce = websocket.app.state.commerce
    feed: LiveFeed = websocket.app.state.live_feed
    begin = Cursor.parse(hello.last_id) if hello.last_id else await feed.now()
    await websocket.send_text('{"type":"ready"}')
    async for event in feed.follow(begin):
        if event.topic != "message" or event.payload.get(key) != reader:
            continue
        # A token ends while a connection lives, and people leave shops: asked anew with each message.
        if await _reader(commerce, hello) != (key, reader):
            raise Unauthenticated
        await _deliver(websocket, commerce, event)


async def _deliver(websocket: WebSocket, commerce: Commerce, event: Event) -> None:
    message = await find_message(commerce, UUID(event.payload["message_id"]))
    if message is not None:
        document = {"type": "message", "id": str(event.cursor), "message": message.model_dump(mode="json")}
        await websocket.send_text(orjson.dumps(document).decode())


async def _close(websocket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(code)
