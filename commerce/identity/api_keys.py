"""API keys of sellers and staff: made, found by their public part, ended. Not here: routes that a key may not use.

A key is `gk_<public part>_<secret>`. It carries only scopes that its owner chose for it and still holds.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity.rules import MOST_KEYS
from commerce.identity.schemas import KeyPage, KeyRequest, KeyRow, NewKey
from commerce.identity.sessions import rights_of
from foundation.database import execute, fetch_all, fetch_one
from foundation.errors import Conflict, Forbidden, NotFound
from foundation.ids import uuid7
from foundation.security.tokens import Principal
from foundation.statements import load_statements
from foundation.web.identity import KEY_PREFIX
from foundation.web.pages import cursor_id, encode_cursor

SQL = load_statements(__file__, "grants.sql")
USE_NOTED_EVERY = timedelta(minutes=1)


class ScopesNotYours(Forbidden):
    code = "scopes-not-yours"
    message = "A key can carry only rights that you have yourself, and buying is none of them."


class TooManyKeys(Conflict):
    code = "too-many-keys"
    message = "You have {most} keys already. End one first."


async def create(commerce: Commerce, user_id: UUID, request: KeyRequest) -> NewKey:
    """New key; its text is in this answer and nowhere else.

    Raises:
        ScopesNotYours, TooManyKeys.
    """
    now, public, secret = commerce.clock(), secrets.token_hex(6), secrets.token_urlsafe(32)
    async with commerce.database.transaction() as connection:
        if await fetch_one(connection, SQL["lock_user"], user_id=user_id) is None:
            raise NotFound
        row = await fetch_one(connection, SQL["count_keys"], user_id=user_id, now=now)
        if row is None or row["live"] >= MOST_KEYS:
            raise TooManyKeys(most=MOST_KEYS)
        rights = await rights_of(connection, user_id)
        if not set(request.scopes) <= rights.scopes - {"shop"}:
            raise ScopesNotYours
        added = await fetch_one(
            connection, SQL["add_key"], id=uuid7(), user_id=user_id, name=request.name, prefix=public,
            secret_hash=commerce.cipher.index(f"{public}:{secret}", "api-key"), now=now,
            scopes=" ".join(sorted(set(request.scopes))), expires_at=now + timedelta(days=request.days),
        )  # fmt: skip
        detail = {"key_id": str(added["id"]) if added else "", "scopes": sorted(set(request.scopes))}
        await audit.record(
            connection, actor_id=user_id, action="api_key.created", subject=("user", user_id), detail=detail
        )
    return NewKey.model_validate({**_row(added or {}), "key": f"{KEY_PREFIX}{public}_{secret}"})


async def find_holder(commerce: Commerce, key: str) -> Principal | None:
    """Who holds a key, with the scopes that key and holder both have; None if it is no live key."""
    public, _, secret = key.removeprefix(KEY_PREFIX).partition("_")
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_key"], prefix=public, now=now)
        if row is None:
            return None
        if not hmac.compare_digest(row["secret_hash"], commerce.cipher.index(f"{public}:{secret}", "api-key")):
            return None
        rights = await rights_of(connection, row["user_id"])
        if row["last_used_at"] is None or row["last_used_at"] < now - USE_NOTED_EVERY:
            await execute(connection, SQL["key_used"], id=row["id"], now=now)
    return Principal(row["user_id"], rights.scopes & frozenset(row["scopes"].split()), rights.locale, is_key=True)


async def revoke(commerce: Commerce, user_id: UUID, key_id: UUID) -> None:
    """End one of the user's own keys.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        if not await execute(connection, SQL["revoke_key"], id=key_id, user_id=user_id, now=commerce.clock()):
            raise NotFound
        await audit.record(
            connection, actor_id=user_id, action="api_key.revoked", subject=("user", user_id),
            detail={"key_id": str(key_id)},
        )  # fmt: skip


async def page(commerce: Commerce, user_id: UUID, *, cursor: str | None, limit: int) -> KeyPage:
    """The user's keys, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(connection, SQL["list_keys"], user_id=user_id, before=cursor_id(cursor), limit=limit)
    following = encode_cursor([rows[-1]["id"]]) if len(rows) == limit else None
    return KeyPage(items=[KeyRow.model_validate(_row(row)) for row in rows], next_cursor=following)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "scopes": row["scopes"].split()}
