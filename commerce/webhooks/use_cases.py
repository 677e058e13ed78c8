"""Use cases of sellers' endpoints: make, change, new secret, test, look at deliveries, replay. Not here: delivering."""

import base64
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.webhooks.rules import PREFIX, SECRET_BYTES, TEST_EVENT
from commerce.webhooks.schemas import (
    Deliveries,
    Delivery,
    Endpoint,
    EndpointChange,
    EndpointRequest,
    Endpoints,
    Queued,
    ReplayRequest,
    Secret,
)
from foundation import safe_urls
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import BadCursor, cursor_id, decode_cursor, encode_cursor, next_cursor

SQL = load_statements(__file__)
PLACE = "webhooks.endpoints.secret"
OVERLAP = timedelta(hours=24)


class TooManyEndpoints(Conflict):
    code = "too-many-endpoints"
    message = "A shop may have twenty active webhook endpoints. Turn one off first."


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


async def add_endpoint(commerce: Commerce, seller_id: UUID, actor_id: UUID, request: EndpointRequest) -> Secret:
    """A new endpoint; the answer holds its secret, once.

    Raises:
        UnsafeUrl, TooManyEndpoints.
    """
    await _vet(commerce, request.url)
    secret = _new_secret()
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection, SQL["add_endpoint"], id=uuid7(), seller_id=seller_id, url=request.url,
            description=request.description, event_types=sorted(set(request.event_types)),
            secret_encrypted=commerce.cipher.encrypt(secret, PLACE), now=commerce.clock(),
        )  # fmt: skip
        if row is None:
            raise TooManyEndpoints
        await audit.record(connection, actor_id=actor_id, action="webhook.added", subject=("webhook", row["id"]))
    return Secret(id=row["id"], secret=secret)


async def _vet(commerce: Commerce, url: str) -> None:
    await safe_urls.vet(url, allow_private=commerce.settings.allow_private_webhooks)


async def list_endpoints(commerce: Commerce, seller_id: UUID, *, limit: int, cursor: str | None) -> Endpoints:
    """A seller's endpoints, newest first.

    Raises:
        BadCursor.
    """
    before = cursor_id(cursor)
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_endpoints"], seller_id=seller_id, before=before, limit=limit)
    items = [Endpoint(**row) for row in rows]
    return Endpoints(items=items, next_cursor=next_cursor([row["id"] for row in rows], limit))


async def _own(connection: Connection, seller_id: UUID, endpoint_id: UUID) -> Endpoint:
    row = await fetch_one(connection, SQL["find_endpoint"], id=endpoint_id, seller_id=seller_id)
    if row is None:
        raise NotFound
    return Endpoint(**row)


async def change_endpoint(
    commerce: Commerce, seller_id: UUID, actor_id: UUID, endpoint_id: UUID, change: EndpointChange
) -> Endpoint:
    """Change what is named; turning an endpoint on again forgives its failures and goes on with what waits.

    Raises:
        NotFound, UnsafeUrl.
    """
    async with commerce.database.connection() as connection:
        await _own(connection, seller_id, endpoint_id)
    if change.url is not None:
        await _vet(commerce, change.url)
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection, SQL["update_endpoint"], id=endpoint_id, seller_id=seller_id, **change.model_dump()
        )
        if row is None:
            raise NotFound
        detail = {"state": row["state"]}
        await audit.record(
            connection, actor_id=actor_id, action="webhook.changed", subject=("webhook", endpoint_id), detail=detail
        )
    return Endpoint(**row)


async def rotate(commerce: Commerce, seller_id: UUID, actor_id: UUID, endpoint_id: UUID) -> Secret:
    """A new secret; for a day the old one signs as well.

    Raises:
        NotFound.
    """
    secret, until = _new_secret(), commerce.clock() + OVERLAP
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection, SQL["rotate_secret"], id=endpoint_id, seller_id=seller_id, until_at=until,
            secret_encrypted=commerce.cipher.encrypt(secret, PLACE),
        )  # fmt: skip
        if row is None:
            raise NotFound
        await audit.record(connection, actor_id=actor_id, action="webhook.rotated", subject=("webhook", endpoint_id))
    return Secret(id=endpoint_id, secret=secret, old_until_at=until)


async def send_test(commerce: Commerce, seller_id: UUID, endpoint_id: UUID) -> Queued:
    """Queue a test event for one endpoint.

    Raises:
        NotFound.
    """
    now, event_id = commerce.clock(), uuid7()
    document = {"type": TEST_EVENT, "timestamp": now.isoformat(), "data": {"endpoint_id": str(endpoint_id)}}
    async with commerce.database.transaction() as connection:
        await _own(connection, seller_id, endpoint_id)
        await execute(
            connection, SQL["add_test"], id=uuid7(), endpoint_id=endpoint_id, event_id=event_id, event_type=TEST_EVENT,
            document=Jsonb(document), now=now,
        )  # fmt: skip
    return Queued(queued=1)


async def list_deliveries(
    commerce: Commerce, seller_id: UUID, endpoint_id: UUID, *, state: str | None, limit: int, cursor: str | None
) -> Deliveries:
    """Deliveries of an endpoint with their tries, newest first.

    Raises:
        NotFound, BadCursor.
    """
    before = decode_cursor(cursor, 2)
    try:
        before_at = datetime.fromisoformat(before[0]) if before else None
        before_id = UUID(before[1]) if before else None
    except ValueError as error:
        raise BadCursor from error
    async with commerce.database.connection() as connection:
        await _own(connection, seller_id, endpoint_id)
        rows = await fetch_all(
            connection, SQL["list_deliveries"], endpoint_id=endpoint_id, state=state, before_at=before_at,
            before_id=before_id, limit=limit,
        )  # fmt: skip
    last = rows[-1] if len(rows) == limit else None
    return Deliveries(
        items=[Delivery(**row) for row in rows],
        next_cursor=encode_cursor([last["created_at"].isoformat(), last["id"]]) if last else None,
    )


async def replay(commerce: Commerce, seller_id: UUID, endpoint_id: UUID, request: ReplayRequest) -> Queued:
    """Deliver again, with the same webhook id: one delivery, or all since an instant (at most a thousand).

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        await _own(connection, seller_id, endpoint_id)
        rows = await fetch_all(
            connection, SQL["replay"], endpoint_id=endpoint_id, delivery_id=request.delivery_id, since=request.since,
            now=commerce.clock(),
        )  # fmt: skip
    if request.delivery_id is not None and not rows:
        raise NotFound
    return Queued(queued=len(rows))
