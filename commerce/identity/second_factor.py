"""The second factor: enrol an authenticator app, confirm it, answer with it at log-in, recovery codes.

Once confirmed it is asked for at every log-in. A time step serves once, so a code seen over the shoulder is worth
nothing. Not here: the arithmetic of codes (`foundation.security.one_time`).
"""

import secrets
from datetime import timedelta
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity.client import Client
from commerce.identity.rules import RECOVERY_CODES, SECOND_FACTOR_TRIES
from commerce.identity.schemas import Enrolment, RecoveryCodes, SecondFactorNeeded, SecondFactorRequest, Session
from commerce.identity.sessions import open_session, rights_of
from commerce.identity.throttle import forget, take
from foundation.database import Connection, execute, fetch_one
from foundation.errors import Conflict, Unauthenticated
from foundation.ids import uuid7
from foundation.security import one_time
from foundation.statements import load_statements

SQL = load_statements(__file__, "second_factor.sql")
CHALLENGES = load_statements(__file__, "codes.sql")
PLACE = "identity.second_factors.secret"
LIFETIME = timedelta(minutes=5)


class AlreadyEnrolled(Conflict):
    code = "second-factor-enrolled"
    message = "Your account has a second factor already. Remove it first to enrol another app."


class WrongSecondFactor(Unauthenticated):
    code = "wrong-second-factor"
    message = "This code is wrong, was used already, or the log-in took too long. Try the next code, or log in again."


async def enrol(commerce: Commerce, user_id: UUID) -> Enrolment:
    """Fresh secret for an authenticator app; it counts once confirmed with a code.

    Raises:
        AlreadyEnrolled.
    """
    secret = one_time.new_secret()
    async with commerce.database.transaction() as connection:
        done = await execute(
            connection, SQL["enrol"], user_id=user_id, secret_encrypted=commerce.cipher.encrypt(secret, PLACE),
            now=commerce.clock(),
        )  # fmt: skip
    if not done:
        raise AlreadyEnrolled
    return Enrolment(secret=secret, address=one_time.address(secret, str(user_id), "GetIt"))


async def confirm(commerce: Commerce, user_id: UUID, code: str) -> RecoveryCodes:
    """Put the enrolled app in force; the recovery codes, shown this once.

    Raises:
        AlreadyEnrolled, WrongSecondFactor, TooManyRequests.
    """
    await _brake(commerce, user_id)
    plain = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    hashes = [commerce.cipher.index(f"{user_id}:{one}", "recovery-code") for one in plain]
    async with commerce.database.transaction() as connection:
        row = await fetch_one(connection, SQL["lock_factor"], user_id=user_id)
        if row is not None and row["confirmed_at"] is not None:
            raise AlreadyEnrolled
        if not await _accept_step(commerce, connection, user_id, code):
            raise WrongSecondFactor
        await execute(connection, SQL["replace_recovery_codes"], user_id=user_id, hashes=hashes)
        await audit.record(connection, actor_id=user_id, action="second_factor.confirmed", subject=("user", user_id))
    return RecoveryCodes(recovery_codes=plain)


async def remove(commerce: Commerce, user_id: UUID, code: str) -> None:
    """Do without a second factor; needs a right code.

    Raises:
        WrongSecondFactor, TooManyRequests.
    """
    await _brake(commerce, user_id)
    async with commerce.database.transaction() as connection:
        if not await _accept(commerce, connection, user_id, code):
            raise WrongSecondFactor
        await execute(connection, SQL["remove"], user_id=user_id)
        await audit.record(connection, actor_id=user_id, action="second_factor.removed", subject=("user", user_id))


async def _brake(commerce: Commerce, user_id: UUID) -> None:
    async with commerce.database.connection() as connection:
        await take(connection, f"factor:{user_id}", allowed=SECOND_FACTOR_TRIES * 2, now=commerce.clock())


async def ask(
    commerce: Commerce, connection: Connection, user_id: UUID, *, device_index: str | None
) -> SecondFactorNeeded:
    """Question for the second factor, after the first was right."""
    challenge_id, now = uuid7(), commerce.clock()
    await execute(
        connection, CHALLENGES["add_challenge"], id=challenge_id, purpose="second_factor", phone_index=None,
        phone_encrypted=None, user_id=user_id, code_hash=None, device_index=device_index, now=now,
        expires_at=now + LIFETIME,
    )  # fmt: skip
    return SecondFactorNeeded(challenge_id=challenge_id, expires_in=int(LIFETIME.total_seconds()))


async def answer(commerce: Commerce, request: SecondFactorRequest, client: Client) -> Session:
    """Session after both factors.

    Raises:
        WrongSecondFactor: wrong or replayed code, or the question is over.
        TooManyRequests: too many codes tried for this account, whatever the question.
    """
    now = commerce.clock()
    async with commerce.database.connection() as connection:
        row = await fetch_one(
            connection, CHALLENGES["try_challenge"], id=request.challenge_id, purpose="second_factor", now=now,
            most=SECOND_FACTOR_TRIES,
        )  # fmt: skip
    if row is None:
        raise WrongSecondFactor
    await _brake(commerce, row["user_id"])
    async with commerce.database.transaction() as connection:
        if not await _accept(commerce, connection, row["user_id"], request.code):
            raise WrongSecondFactor
        if not await execute(connection, CHALLENGES["use_challenge"], id=request.challenge_id, now=now):
            raise WrongSecondFactor
        rights = await rights_of(connection, row["user_id"])
        return await open_session(
            commerce, connection, rights, client, method="password", device_index=row["device_index"]
        )


async def _accept(commerce: Commerce, connection: Connection, user_id: UUID, code: str) -> bool:
    """Whether a code of the app or a recovery code is right; it is used up."""
    if len(code) == one_time.DIGITS:
        return await _accept_step(commerce, connection, user_id, code)
    hashed = commerce.cipher.index(f"{user_id}:{code.lower()}", "recovery-code")
    used = await execute(connection, SQL["use_recovery_code"], user_id=user_id, code_hash=hashed, now=commerce.clock())
    if used == 1:
        await forget(connection, f"factor:{user_id}", now=commerce.clock())
    return used == 1


async def _accept_step(commerce: Commerce, connection: Connection, user_id: UUID, code: str) -> bool:
    row = await fetch_one(connection, SQL["lock_factor"], user_id=user_id)
    if row is None:
        return False
    secret = commerce.cipher.decrypt(bytes(row["secret_encrypted"]), PLACE)
    step = one_time.matching_step(secret, code, commerce.clock())
    if step is None:
        return False
    if await execute(connection, SQL["use_step"], user_id=user_id, step=step, now=commerce.clock()) != 1:
        return False
    await forget(connection, f"factor:{user_id}", now=commerce.clock())
    return True
