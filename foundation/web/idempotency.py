"""Idempotency keys: same key and body, same answer byte for byte; other body 422; still running 409; no key 400.

The claim, the work and the stored answer are one transaction, so a crash leaves either all of it or nothing.
A twin that arrives meanwhile waits for the first (up to the lock time-out, then 409). Not here: which routes need a key.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel

from foundation.database import Connection, Database, execute, fetch_one
from foundation.errors import BadRequest, Conflict, InvalidInput
from foundation.statements import load_statements

SQL = load_statements(__file__, "idempotency.sql")
MAX_KEY = 255


class KeyMissing(BadRequest):
    code = "idempotency-key-missing"
    message = "Send an Idempotency-Key header (at most 255 characters), new for each new request."


class KeyReused(InvalidInput):
    code = "idempotency-key-reused"
    message = "This Idempotency-Key was used for another request. Take a new key for a new request."


class StillRunning(Conflict):
    code = "still-running"
    message = "The first request with this Idempotency-Key is still running. Ask again in a second."


@dataclass(frozen=True)
class Claim:
    """What one request wants to do once."""

    principal_id: str
    key: str
    route: str
    request_sha256: str

    @classmethod
    def of(cls, *, principal_id: str, key: str | None, route: str, body: bytes) -> "Claim":
        """Claim for a request.

        Raises:
            KeyMissing: no key, or one that is too long.
        """
        if not key or len(key) > MAX_KEY:
            raise KeyMissing
        digest = hashlib.sha256(route.encode() + b"\0" + body).hexdigest()
        return cls(principal_id, key, route, digest)


@dataclass(frozen=True)
class StoredAnswer:
    """The answer the first request got."""

    status_code: int
    body: bytes
    is_replay: bool = False


async def find_answer(connection: Connection, claim: Claim) -> StoredAnswer | None:
    """Stored answer of a key, or None if it is new.

    Raises:
        KeyReused: the key belongs to another request.
        StillRunning: the first request has not finished.
    """
    row = await fetch_one(connection, SQL["find_answer"], principal_id=claim.principal_id, key=claim.key)
    if row is None:
        return None
    if row["request_sha256"] != claim.request_sha256:
        raise KeyReused
    if row["state"] != "done":
        raise StillRunning
    return StoredAnswer(row["status_code"], bytes(row["body"]), is_replay=True)


async def claim_key(connection: Connection, claim: Claim) -> StoredAnswer | None:
    """Take the key at the start of the transaction; the stored answer if a twin has finished first.

    Raises:
        KeyReused, StillRunning: as `find_answer`.
    """
    taken = await fetch_one(connection, SQL["claim_key"], **vars(claim))
    return None if taken is not None else await find_answer(connection, claim)


async def store_answer(connection: Connection, claim: Claim, answer: StoredAnswer) -> None:
    """Keep the answer with the claimed key, in the transaction of the work."""
    await execute(
        connection,
        SQL["store_answer"],
        principal_id=claim.principal_id,
        key=claim.key,
        status_code=answer.status_code,
        body=answer.body,
    )


async def once(
    database: Database, claim: Claim, work: Callable[[Connection], Awaitable[BaseModel]], *, status_code: int = 201
) -> StoredAnswer:
    """Do the work of a request once, in one transaction with its answer; a repeated request gets that answer.

    An error raised by the work rolls everything back and keeps nothing: the key may be used again.

    Raises:
        KeyReused, StillRunning: as `find_answer`.
    """
    async with database.connection() as connection:
        answer = await find_answer(connection, claim)
    if answer is not None:
        return answer
    async with database.transaction() as connection:
        twin = await claim_key(connection, claim)
        if twin is not None:
            return twin
        model = await work(connection)
        answer = StoredAnswer(status_code, model.model_dump_json().encode())
        await store_answer(connection, claim, answer)
    return answer
