"""Use cases of identity: register, log in with a password, guests, staff accounts. Not here: codes, sessions, roles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.identity import second_factor
from commerce.identity.client import Client
from commerce.identity.schemas import GuestRequest, LoginRequest, RegisterRequest, SecondFactorNeeded, Session
from commerce.identity.sessions import open_session, rights_of
from commerce.identity.throttle import forgive_login, take_login
from foundation.bangladesh.phones import normalise_phone
from foundation.database import Connection, execute, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from foundation.ids import uuid7
from foundation.security.tokens import Principal
from foundation.statements import load_statements

SQL = load_statements(__file__)
GUEST_NAME = "Guest"


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


def canonical_phone(text: str) -> str:
    """Phone number in canonical form.

    Raises:
        BadPhone.
    """
    phone = normalise_phone(text)
    if phone is None:
        raise BadPhone
    return phone


def _indexes(commerce: Commerce, request: LoginRequest) -> dict[str, str | None]:
    """Blind indexes of the login names given.

    Raises:
        LoginMissing, BadPhone.
    """
    if request.phone is None and request.email is None:
        raise LoginMissing
    phone = canonical_phone(request.phone) if request.phone else None
    return {
        "phone_index": commerce.cipher.index(phone, "phone") if phone else None,
        "email_index": commerce.cipher.index(request.email, "email") if request.email else None,
    }


def device_index(commerce: Commerce, device_id: str | None) -> str | None:
    """Blind index of a device's identifier; the same that orders keep."""
    return commerce.cipher.index(device_id, "device") if device_id else None


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """Who is to get an account."""

    full_name: str | None
    locale: str = "bn"
    district_code: str | None = None
    phone: str | None = None
    email: str | None = None
    password_hash: str | None = None
    kind: str = "shopper"
    scopes: str = "shop"
    is_guest: bool = False
    phone_verified_at: datetime | None = None


def _columns(commerce: Commerce, user: NewUser) -> dict[str, Any]:
    cipher = commerce.cipher
    return {
        "full_name": user.full_name,
        "phone_encrypted": cipher.encrypt(user.phone, "identity.users.phone") if user.phone else None,
        "phone_index": cipher.index(user.phone, "phone") if user.phone else None,
        "email_encrypted": cipher.encrypt(user.email, "identity.users.email") if user.email else None,
        "email_index": cipher.index(user.email, "email") if user.email else None,
        "password_hash": user.password_hash,
        "locale": user.locale,
        "district_code": user.district_code,
        "phone_verified_at": user.phone_verified_at,
    }


async def add_user(commerce: Commerce, connection: Connection, user: NewUser) -> UUID:
    """New account.

    Raises:
        AccountExists.
    """
    row = await fetch_one(
        connection, SQL["add_user"], id=uuid7(), kind=user.kind, scopes=user.scopes, is_guest=user.is_guest,
        **_columns(commerce, user),
    )  # fmt: skip
    if row is None:
        raise AccountExists
    return UUID(str(row["id"]))


async def claim_guest(commerce: Commerce, connection: Connection, guest_id: UUID, user: NewUser) -> UUID | None:
    """Make a guest an account that keeps its identifier; None if this user is no guest.

    Raises:
        AccountExists: phone or e-mail belong to another account.
    """
    columns = _columns(commerce, user)
    if await fetch_one(
        connection, SQL["is_taken"], phone_index=columns["phone_index"], email_index=columns["email_index"]
    ):
        raise AccountExists
    row = await fetch_one(connection, SQL["claim_guest"], id=guest_id, **columns)
    return UUID(str(row["id"])) if row else None


async def attach_phone(commerce: Commerce, connection: Connection, user_id: UUID, user: NewUser) -> UUID | None:
    """Give an account without a phone the one it proved; None if it has one or is no account."""
    columns = _columns(commerce, user)
    row = await fetch_one(
        connection, SQL["attach_phone"], id=user_id, phone_encrypted=columns["phone_encrypted"],
        phone_index=columns["phone_index"], now=user.phone_verified_at,
    )  # fmt: skip
    return UUID(str(row["id"])) if row else None


async def register(commerce: Commerce, request: RegisterRequest, client: Client, guest: Principal | None) -> Session:
    """New shopper's account; a guest's token makes the guest that account.

    Raises:
        AccountExists, LoginMissing, BadPhone, TooManyRequests.
    """
    indexes = _indexes(commerce, request)
    account = indexes["phone_index"] or indexes["email_index"] or ""
    await take_login(commerce, account, client.source_index)
    user = NewUser(
        full_name=request.full_name, locale=request.locale, district_code=request.district_code, email=request.email,
        phone=canonical_phone(request.phone) if request.phone else None,
        password_hash=await commerce.passwords.hash(request.password),
    )  # fmt: skip
    async with commerce.database.transaction() as connection:
        user_id = await claim_guest(commerce, connection, guest.user_id, user) if guest else None
        user_id = user_id or await add_user(commerce, connection, user)
        await forgive_login(connection, account, client.source_index, now=commerce.clock())
        rights = await rights_of(connection, user_id)
        device = device_index(commerce, request.device_id)
        return await open_session(commerce, connection, rights, client, method="register", device_index=device)


async def log_in(commerce: Commerce, request: LoginRequest, client: Client) -> Session | SecondFactorNeeded:
    """Session of an account, or the question for its second factor.

    Raises:
        WrongLogin: unknown account or wrong password; which of the two is not told.
        TooManyRequests: too many failures of this account or from this source.
    """
    indexes = _indexes(commerce, request)
    account = indexes["phone_index"] or indexes["email_index"] or ""
    await take_login(commerce, account, client.source_index)
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_login"], **indexes)
    if not await commerce.passwords.matches(request.password, row["password_hash"] if row else None) or row is None:
        raise WrongLogin
    device = device_index(commerce, request.device_id)
    async with commerce.database.transaction() as connection:
        await forgive_login(connection, account, client.source_index, now=commerce.clock())
        rights = await rights_of(connection, row["id"])
        if rights.has_second_factor:
            return await second_factor.ask(commerce, connection, rights.user_id, device_index=device)
        return await open_session(commerce, connection, rights, client, method="password", device_index=device)


async def enter_as_guest(commerce: Commerce, request: GuestRequest, client: Client) -> Session:
    """A new user without credentials, who may shop; claimed later by proving a phone or registering."""
    user = NewUser(full_name=GUEST_NAME, locale=request.locale, is_guest=True)
    async with commerce.database.transaction() as connection:
        user_id = await add_user(commerce, connection, user)
        rights = await rights_of(connection, user_id)
        device = device_index(commerce, request.device_id)
        return await open_session(commerce, connection, rights, client, method="guest", device_index=device)


async def ensure_staff(commerce: Commerce, request: RegisterRequest, *, kind: str, scopes: str) -> None:
    """An account for staff or a partner, with this password and these rights whether or not it existed."""
    indexes = _indexes(commerce, request)
    encoded = await commerce.passwords.hash(request.password)
    user = NewUser(
        full_name=request.full_name, locale=request.locale, district_code=request.district_code, email=request.email,
        phone=canonical_phone(request.phone) if request.phone else None, password_hash=encoded, kind=kind, scopes=scopes,
    )  # fmt: skip
    try:
        async with commerce.database.transaction() as connection:
            await add_user(commerce, connection, user)
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
    """An account by its id; its scopes are those of the account and of its roles.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_user"], id=user_id)
        if row is None:
            raise NotFound
        rights = await rights_of(connection, user_id)
    return {**row, "scopes": " ".join(sorted(rights.scopes))}
