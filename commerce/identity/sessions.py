"""Sessions: opened by a log-in, kept alive by rotating refresh tokens, ended by the user or by a token used twice.

Access tokens are not asked back: they end by themselves. What a user may do is read anew at each refresh.
Not here: how somebody proves who he is.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.identity.client import Client
from commerce.identity.roles import scopes_of
from commerce.identity.rules import REFRESH_GRACE, REFRESH_LIFETIME
from commerce.identity.schemas import Session
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import NotFound, Unauthenticated
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.security.tokens import LIFETIME
from foundation.statements import load_statements
from foundation.web.pages import cursor_id, encode_cursor

SQL = load_statements(__file__, "sessions.sql")
REFRESH_PREFIX = "gr_"


class BadRefreshToken(Unauthenticated):
    code = "bad-refresh-token"
    message = "This refresh token is not valid any more. Log in again."


@dataclass(frozen=True)
class Rights:
    """What a user may do now."""

    user_id: UUID
    scopes: frozenset[str]
    locale: str
    is_guest: bool
    has_second_factor: bool


async def rights_of(connection: Connection, user_id: UUID) -> Rights:
    """Rights of a user: scopes given to the account and those of its live roles.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["rights"], user_id=user_id)
    if row is None:
        raise NotFound
    scopes = frozenset(row["scopes"].split()) | scopes_of(row["roles"])
    return Rights(row["id"], scopes, row["locale"], row["is_guest"], row["has_second_factor"])


async def open_session(
    commerce: Commerce,
    connection: Connection,
    rights: Rights,
    client: Client,
    *,
    method: str,
    device_index: str | None = None,
) -> Session:
    """New session of a user with its tokens; notes the device."""
    now, session_id, refresh = commerce.clock(), uuid7(), _new_token()
    await execute(
        connection, SQL["open_session"], id=session_id, user_id=rights.user_id, device_index=device_index,
        platform=client.platform, method=method, now=now, token_hash=commerce.cipher.index(refresh, "refresh-token"),
        expires_at=now + REFRESH_LIFETIME,
    )  # fmt: skip
    if device_index is not None:
        await _remember_device(commerce, connection, rights.user_id, device_index, client)
    return answer(commerce, rights, session_id=session_id, refresh_token=refresh)


def answer(commerce: Commerce, rights: Rights, *, session_id: UUID | None, refresh_token: str | None) -> Session:
    """Session as it is told to the client."""
    scopes = sorted(rights.scopes)
    token = commerce.tokens.issue(rights.user_id, scopes, locale=rights.locale, session_id=session_id)
    return Session(
        user_id=rights.user_id, access_token=token, expires_in=int(LIFETIME.total_seconds()), scopes=scopes,
        refresh_token=refresh_token, is_guest=rights.is_guest,
    )  # fmt: skip


def _new_token() -> str:
    return REFRESH_PREFIX + secrets.token_urlsafe(32)


async def _remember_device(
    commerce: Commerce, connection: Connection, user_id: UUID, device_index: str, client: Client
) -> None:
    row = await fetch_one(
        connection, SQL["remember_device"], id=uuid7(), user_id=user_id, device_index=device_index,
        platform=client.platform, now=commerce.clock(),
    )  # fmt: skip
    if row is not None and row["is_new"]:
        payload = {
            "user_id": str(user_id), "device_row_id": str(row["id"]), "platform": client.platform,
            "is_first": row["is_first"],
        }  # fmt: skip
        await _tell(connection, user_id, "identity.device_added", payload)


async def _tell(connection: Connection, user_id: UUID, event_type: str, payload: dict[str, Any]) -> None:
    event = NewEvent(topic="identity", aggregate_id=user_id, event_type=event_type, payload=payload)
    await record_events(connection, [event])


async def refresh(commerce: Commerce, token: str, client: Client) -> Session:
    """Next tokens of a session.

    Raises:
        BadRefreshToken: unknown, expired or revoked; or used before, and then the whole family is revoked.
    """
    now, token_hash = commerce.clock(), commerce.cipher.index(token, "refresh-token")
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_refresh_token"], token_hash=token_hash)
        if row is None or row["revoked_at"] is not None or row["expires_at"] <= now:
            raise BadRefreshToken
        if row["used_at"] is None or _is_same_client_again(row, client, now - REFRESH_GRACE):
            fresh = _new_token()
            await execute(
                connection, SQL["rotate"], token_hash=token_hash, client_index=client.client_index, now=now,
                fresh_hash=commerce.cipher.index(fresh, "refresh-token"), session_id=row["session_id"],
                expires_at=now + REFRESH_LIFETIME,
            )  # fmt: skip
            rights = await rights_of(connection, row["user_id"])
            return answer(commerce, rights, session_id=row["session_id"], refresh_token=fresh)
        await _revoke(connection, row["user_id"], row["session_id"], now=now, reason="reuse")
        payload = {"user_id": str(row["user_id"]), "session_id": str(row["session_id"])}
        await _tell(connection, row["user_id"], "identity.refresh_token_reused", payload)
    # Outside the transaction: the revocation must stay although the answer is an error.
    raise BadRefreshToken


def _is_same_client_again(row: dict[str, Any], client: Client, since: datetime) -> bool:
    """Whether the client that used the token asks again at once: its answer got lost, or two of its windows asked."""
    return bool(row["used_at"] >= since and row["used_by"] == client.client_index)


async def _revoke(connection: Connection, user_id: UUID, session_id: UUID, *, now: datetime, reason: str) -> int:
    return await execute(
        connection, SQL["revoke_session"], session_id=session_id, user_id=user_id, now=now, reason=reason
    )


async def log_out(commerce: Commerce, user_id: UUID, session_id: UUID | None) -> None:
    """End a session of the user; without one (a token of no session) nothing is to end."""
    if session_id is None:
        return
    async with commerce.database.transaction() as connection:
        await _revoke(connection, user_id, session_id, now=commerce.clock(), reason="logout")


async def end_session(commerce: Commerce, user_id: UUID, session_id: UUID) -> None:
    """End one of the user's own sessions.

    Raises:
        NotFound: ended already, or somebody else's.
    """
    async with commerce.database.transaction() as connection:
        if not await _revoke(connection, user_id, session_id, now=commerce.clock(), reason="logout"):
            raise NotFound


async def revoke_all(commerce: Commerce, connection: Connection, user_id: UUID, *, reason: str = "logout") -> None:
    """End every session of a user."""
    await execute(connection, SQL["revoke_sessions"], user_id=user_id, now=commerce.clock(), reason=reason)


async def page(
    commerce: Commerce, statement: str, user_id: UUID, *, cursor: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a user's sessions or devices, newest first, and the cursor of the next."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL[statement], user_id=user_id, before=cursor_id(cursor), limit=limit)
    return list(rows), encode_cursor([rows[-1]["id"]]) if len(rows) == limit else None
