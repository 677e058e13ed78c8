"""One-time codes by phone: asked for, tried, and what a right one opens. Not here: how a message travels (`messages`).

Whether a number has an account is never told: asking looks the same for all, and who answers right owns the phone.
"""

import hmac
import math
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from commerce.context import Commerce
from commerce.identity import second_factor, use_cases
from commerce.identity.client import Client
from commerce.identity.messages import send_code
from commerce.identity.rules import CODE_LIFETIME, CODE_PAUSE, CODE_TRIES, CODES_PER_HOUR, SOURCE_CODES
from commerce.identity.schemas import CodeRequest, CodeSent, SecondFactorNeeded, Session, VerifyRequest
from commerce.identity.sessions import open_session, revoke_all, rights_of
from commerce.identity.throttle import take
from foundation.database import Connection, execute, fetch_one
from foundation.errors import TooManyRequests, Unauthenticated
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.security.tokens import Principal
from foundation.statements import load_statements

SQL = load_statements(__file__, "codes.sql")
PLACE = "identity.challenges.phone"
NEW_NAME = "Shopper"


class WrongCode(Unauthenticated):
    code = "wrong-code"
    message = "This code is wrong or has expired. Ask for a new one."


def code_hash(commerce: Commerce, challenge_id: UUID, code: str) -> str:
    """Keyed hash of a code: without the key a million guesses tell nothing."""
    return commerce.cipher.index(f"{challenge_id}:{code}", "one-time-code")


async def request_code(commerce: Commerce, request: CodeRequest, client: Client) -> CodeSent:
    """Send a fresh code to a phone.

    Raises:
        BadPhone, TooManyRequests: asked again too soon or too often.
    """
    phone, now = use_cases.canonical_phone(request.phone), commerce.clock()
    phone_index = commerce.cipher.index(phone, "phone")
    async with commerce.database.connection() as connection:
        await take(connection, f"codes:{client.source_index}", allowed=SOURCE_CODES, now=now)
    challenge_id, code = uuid7(), f"{secrets.randbelow(10**6):06d}"
    async with commerce.database.transaction() as connection:
        await _check_pace(connection, phone_index, now)
        await execute(
            connection, SQL["add_challenge"], id=challenge_id, purpose="phone", phone_index=phone_index, user_id=None,
            phone_encrypted=commerce.cipher.encrypt(phone, PLACE), code_hash=code_hash(commerce, challenge_id, code),
            device_index=None, now=now, expires_at=now + CODE_LIFETIME,
        )  # fmt: skip
        await send_code(commerce, connection, challenge_id=challenge_id, phone=phone, code=code, locale=request.locale)
    return CodeSent(
        challenge_id=challenge_id,
        expires_in=int(CODE_LIFETIME.total_seconds()),
        resend_in=int(CODE_PAUSE.total_seconds()),
    )


async def _check_pace(connection: Connection, phone_index: str, now: datetime) -> None:
    hour = timedelta(hours=1)
    await execute(connection, SQL["lock_phone"], phone_index=phone_index)
    row = await fetch_one(connection, SQL["recent_codes"], phone_index=phone_index, since=now - hour)
    if row is None or not row["sent"]:
        return
    until = max(
        row["last_at"] + CODE_PAUSE,
        row["first_at"] + hour if row["sent"] >= CODES_PER_HOUR else now,
    )
    if until > now:
        raise TooManyRequests(retry_after=math.ceil((until - now).total_seconds()))


async def verify(
    commerce: Commerce, challenge_id: UUID, request: VerifyRequest, client: Client, caller: Principal | None
) -> Session | SecondFactorNeeded:
    """Session of the phone's owner: of the account it has, of the guest who proves it, or of a new account.

    Raises:
        WrongCode: wrong, expired, used or tried too often; which of them is not told.
    """
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        # Autocommit: the try counts even if what follows fails.
        row = await fetch_one(
            connection, SQL["try_challenge"], id=challenge_id, purpose="phone", now=now, most=CODE_TRIES
        )
    if row is None or not hmac.compare_digest(row["code_hash"], code_hash(commerce, challenge_id, request.code)):
        raise WrongCode
    phone = commerce.cipher.decrypt(bytes(row["phone_encrypted"]), PLACE)
    async with commerce.database.transaction() as connection:
        if not await execute(connection, SQL["use_challenge"], id=challenge_id, now=now):
            raise WrongCode
        user_id = await _owner(commerce, connection, phone, request, caller)
        rights = await rights_of(connection, user_id)
        device = use_cases.device_index(commerce, request.device_id)
        if rights.has_second_factor:
            return await second_factor.ask(commerce, connection, user_id, device_index=device)
        return await open_session(commerce, connection, rights, client, method="phone_code", device_index=device)


async def _owner(
    commerce: Commerce, connection: Connection, phone: str, request: VerifyRequest, caller: Principal | None
) -> UUID:
    """The user whom a proved phone belongs to."""
    now, index = commerce.clock(), commerce.cipher.index(phone, "phone")
    await execute(connection, SQL["lock_phone"], phone_index=index)
    row = await fetch_one(connection, use_cases.SQL["find_by_phone"], phone_index=index)
    if row is not None:
        if row["phone_verified_at"] is None:
            await _prove(commerce, connection, row["id"], by_owner=caller is not None and caller.user_id == row["id"])
        if caller is not None and caller.user_id != row["id"]:
            await _tell_joined(connection, caller.user_id, row["id"])
        return UUID(str(row["id"]))
    user = use_cases.NewUser(full_name=request.full_name, locale=request.locale, phone=phone, phone_verified_at=now)
    claimed = await _claimed(commerce, connection, user, caller) if caller else None
    if claimed is not None:
        return claimed
    named = replace(user, full_name=request.full_name or NEW_NAME)
    return await use_cases.add_user(commerce, connection, named)


async def _claimed(
    commerce: Commerce, connection: Connection, user: use_cases.NewUser, caller: Principal
) -> UUID | None:
    """The caller, if it is a guest who becomes an account or an account that gets its first phone; else None."""
    guest = await use_cases.claim_guest(commerce, connection, caller.user_id, user)
    return guest or await use_cases.attach_phone(commerce, connection, caller.user_id, user)


async def _prove(commerce: Commerce, connection: Connection, user_id: UUID, *, by_owner: bool) -> None:
    """Note the first proof of a phone.

    Anybody can register with somebody else's number and a password. When the real owner comes with a code, whatever the
    other set (password, e-mail, keys, sessions) ends; unless the one who proves is logged in to that very account.
    """
    now = commerce.clock()
    if by_owner:
        await execute(connection, use_cases.SQL["prove_phone"], id=user_id, now=now)
        return
    await execute(connection, use_cases.SQL["take_over"], id=user_id, now=now)
    await revoke_all(commerce, connection, user_id, reason="proof_of_phone")


async def _tell_joined(connection: Connection, caller_id: UUID, user_id: UUID) -> None:
    """If the caller was a guest who turns out to have an account: carts and the like may be joined."""
    row = await fetch_one(connection, use_cases.SQL["find_user"], id=caller_id)
    if row is None or not row["is_guest"]:
        return
    payload = {"guest_id": str(caller_id), "user_id": str(user_id)}
    event = NewEvent(topic="identity", aggregate_id=user_id, event_type="identity.guest_joined", payload=payload)
    await record_events(connection, [event])
