"""Use cases of identity: register, log in, staff accounts. Not here: what scopes allow (each route says so)."""

from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.identity.schemas import LoginRequest, RegisterRequest, Session
from foundation.bangladesh.phones import normalise_phone
from foundation.database import execute, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from foundation.ids import uuid7
from foundation.security.tokens import LIFETIME
from foundation.statements import load_statements

SQL = load_statements(__file__)


class BadPhone(InvalidInput):
    code = "bad-phone"
    message = "This is not a mobile number of Bangladesh. Write it like 01712345678."


class LoginMissing(InvalidInput):
    code = "login-missing"
    message = "Give a phone number or an e-mail address."


class AccountExists(Conflict):
    code = "account-exists"
    message = "There is an account with this phone or e-mail. Log in instead."


class WrongLogin(Unauthenticated):
    code = "wrong-login"
    message = "Phone, e-mail or password is wrong."


def _indexes(commerce: Commerce, request: LoginRequest) -> dict[str, str | None]:
    """Blind indexes of the login names given.

    Raises:
        LoginMissing, BadPhone.
    """
    if request.phone is None and request.email is None:
        raise LoginMissing
    phone = normalise_phone(request.phone) if request.phone else None
    if request.phone and phone is None:
        raise BadPhone
    return {
        "phone_index": commerce.cipher.index(phone, "phone") if phone else None,
        "email_index": commerce.cipher.index(request.email, "email") if request.email else None,
    }


async def register(commerce: Commerce, request: RegisterRequest) -> Session:
    """New shopper's account.

    Raises:
        AccountExists, LoginMissing, BadPhone.
    """
    indexes = _indexes(commerce, request)
    encoded = await commerce.passwords.hash(request.password)
    return await _add(commerce, request, indexes, encoded, kind="shopper", scopes="shop")


async def _add(
    commerce: Commerce,
    request: RegisterRequest,
    indexes: dict[str, str | None],
    encoded: str,
    *,
    kind: str,
    scopes: str,
) -> Session:
    phone = normalise_phone(request.phone) if request.phone else None
    cipher = commerce.cipher
    async with commerce.database.transaction() as connection:
        row = await fetch_one(
            connection,
            SQL["add_user"],
            id=uuid7(),
            kind=kind,
            full_name=request.full_name,
            phone_encrypted=cipher.encrypt(phone, "identity.users.phone") if phone else None,
            email_encrypted=cipher.encrypt(request.email, "identity.users.email") if request.email else None,
            **indexes,
            password_hash=encoded,
            scopes=scopes,
            locale=request.locale,
            district_code=request.district_code,
        )
    if row is None:
        raise AccountExists
    return _session(commerce, row["id"], scopes, request.locale)


async def log_in(commerce: Commerce, request: LoginRequest) -> Session:
    """Session of an account.

    Raises:
        WrongLogin: unknown account or wrong password; which of the two is not told.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_login"], **_indexes(commerce, request))
    if not await commerce.passwords.matches(request.password, row["password_hash"] if row else None) or row is None:
        raise WrongLogin
    return _session(commerce, row["id"], row["scopes"], row["locale"])


async def ensure_staff(commerce: Commerce, request: RegisterRequest, *, kind: str, scopes: str) -> None:
    """An account for staff or a partner, with this password and these rights whether or not it existed."""
    indexes = _indexes(commerce, request)
    encoded = await commerce.passwords.hash(request.password)
    try:
        await _add(commerce, request, indexes, encoded, kind=kind, scopes=scopes)
    except AccountExists:
        async with commerce.database.transaction() as connection:
            await execute(
                connection,
                SQL["set_password"],
                password_hash=encoded,
                scopes=scopes,
                email_index=indexes["email_index"],
            )


async def account(commerce: Commerce, user_id: UUID) -> dict[str, Any]:
    """An account by its id.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_user"], id=user_id)
    if row is None:
        raise NotFound
    return row


def _session(commerce: Commerce, user_id: UUID, scopes: str, locale: str) -> Session:
    granted = scopes.split()
    token = commerce.tokens.issue(user_id, granted, locale=locale)
    return Session(user_id=user_id, access_token=token, expires_in=int(LIFETIME.total_seconds()), scopes=granted)
