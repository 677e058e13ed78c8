"""What people change of their own account: name, language, district, password. Not here: phone and e-mail, which need proof."""

from datetime import datetime, timedelta
from typing import Any

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity.addresses import NoSuchPlace
from commerce.identity.schemas import AccountChange, PasswordChange
from commerce.identity.throttle import forget, take
from commerce.identity.use_cases import account
from foundation.bangladesh.places import find_district
from foundation.database import Connection, execute, fetch_one
from foundation.errors import Forbidden, InvalidInput
from foundation.security.tokens import Principal
from foundation.statements import load_statements

SQL = load_statements(__file__, "own_account.sql")
#: Whoever has just proved the phone may set a new password without the old one, which may be forgotten.
FRESH_PROOF = timedelta(minutes=15)
FREE_TRIES = 5


class WrongPassword(InvalidInput):
    code = "wrong-password"
    message = (
        "The present password is wrong. If you have forgotten it, log in with a code by phone and set a new one within "
        "15 minutes."
    )


async def change(commerce: Commerce, caller: Principal, request: AccountChange) -> dict[str, Any]:
    """The caller's account with the fields that were given.

    Raises:
        NoSuchPlace.
    """
    given = request.model_dump(exclude_unset=True)
    if request.district_code is not None and find_district(request.district_code) is None:
        raise NoSuchPlace
    async with commerce.database.transaction() as connection:
        await execute(
            connection, SQL["change_account"], id=caller.user_id, full_name=request.full_name, locale=request.locale,
            sets_district="district_code" in given, district_code=request.district_code,
        )  # fmt: skip
    return await account(commerce, caller.user_id)


async def set_password(commerce: Commerce, caller: Principal, request: PasswordChange) -> None:
    """A new password; every other session of the account ends.

    Raises:
        WrongPassword: the present one is wrong or missing, and no code by phone opened this session lately.
        Forbidden: a guest has no password; registering makes an account.
        TooManyRequests: too many wrong ones.
    """
    now, key = commerce.clock(), f"password:{caller.user_id}"
    async with commerce.database.connection() as connection:
        row = await fetch_one(
            connection, SQL["password_state"], id=caller.user_id, session_id=caller.session_id, since=now - FRESH_PROOF
        )
        if row is None or row["is_guest"]:
            raise Forbidden
        if not row["is_proved"]:
            await take(connection, key, allowed=FREE_TRIES, now=now)
            present = request.current_password
            if present is None or not await commerce.passwords.matches(present, row["password_hash"]):
                raise WrongPassword
    encoded = await commerce.passwords.hash(request.new_password)
    async with commerce.database.transaction() as connection:
        await _replace(connection, caller, encoded, now=now)
        await forget(connection, key, now=now)


async def _replace(connection: Connection, caller: Principal, encoded: str, *, now: datetime) -> None:
    await execute(connection, SQL["replace_password"], id=caller.user_id, password_hash=encoded)
    await execute(connection, SQL["end_others"], id=caller.user_id, session_id=caller.session_id, now=now)
    subject = ("user", caller.user_id)
    await audit.record(connection, actor_id=caller.user_id, action="password.changed", subject=subject)
