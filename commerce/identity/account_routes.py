"""HTTP routes of one's own account: sessions, devices, addresses, keys, second factor. One use case each."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from commerce.identity import addresses, api_keys, own_account, second_factor, sessions, use_cases
from commerce.identity.schemas import (
    Account,
    AccountChange,
    Address,
    AddressPage,
    AddressRequest,
    ConfirmRequest,
    DevicePage,
    DeviceRow,
    Enrolment,
    KeyPage,
    KeyRequest,
    NewKey,
    PasswordChange,
    RecoveryCodes,
    SessionPage,
    SessionRow,
)
from commerce.web import Locale, Shop
from foundation.errors import Forbidden
from foundation.security.tokens import Principal
from foundation.web.identity import Caller, Person
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/me", tags=["account"])


def _privileged(person: Principal) -> Principal:
    """Keys and second factors are for those who can do more than shop."""
    if person.scopes <= {"shop"}:
        raise Forbidden
    return person


@router.get("", response_model=Account, summary="The caller's account")
async def me(shop: Shop, caller: Caller) -> dict[str, Any]:
    return await use_cases.account(shop, caller.user_id)


@router.patch("", response_model=Account, summary="Change the caller's name, language or district")
async def change_account(shop: Shop, caller: Person, request: AccountChange) -> dict[str, Any]:
    return await own_account.change(shop, caller, request)


@router.put("/password", status_code=204, summary="Set a new password; other sessions end")
async def set_password(shop: Shop, caller: Person, request: PasswordChange) -> None:
    await own_account.set_password(shop, caller, request)


@router.get("/sessions", summary="Where the caller is logged in")
async def list_sessions(shop: Shop, caller: Person, cursor: PageCursor = None, limit: Limit = 50) -> SessionPage:
    rows, following = await sessions.page(shop, "list_sessions", caller.user_id, cursor=cursor, limit=limit)
    items = [SessionRow(**row, is_current=row["id"] == caller.session_id) for row in rows]
    return SessionPage(items=items, next_cursor=following)


@router.delete("/sessions/{session_id}", status_code=204, summary="End one session")
async def end_session(shop: Shop, caller: Person, session_id: UUID) -> None:
    await sessions.end_session(shop, caller.user_id, session_id)


@router.get("/devices", summary="Devices that the caller used")
async def list_devices(shop: Shop, caller: Person, cursor: PageCursor = None, limit: Limit = 50) -> DevicePage:
    rows, following = await sessions.page(shop, "list_devices", caller.user_id, cursor=cursor, limit=limit)
    return DevicePage(items=[DeviceRow(**row) for row in rows], next_cursor=following)


@router.get("/addresses", summary="The caller's addresses, newest first")
async def list_addresses(
    shop: Shop, caller: Caller, locale: Locale, cursor: PageCursor = None, limit: Limit = 20
) -> AddressPage:
    return await addresses.page(shop, caller.user_id, locale, cursor=cursor, limit=limit)


@router.post("/addresses", status_code=201, summary="Keep an address")
async def add_address(shop: Shop, caller: Caller, locale: Locale, request: AddressRequest) -> Address:
    return await addresses.add(shop, caller.user_id, request, locale)


@router.get("/addresses/{address_id}", summary="One address")
async def find_address(shop: Shop, caller: Caller, locale: Locale, address_id: UUID) -> Address:
    return await addresses.find(shop, caller.user_id, address_id, locale)


@router.put("/addresses/{address_id}", summary="Replace an address")
async def change_address(
    shop: Shop, caller: Caller, locale: Locale, address_id: UUID, request: AddressRequest
) -> Address:
    return await addresses.change(shop, caller.user_id, address_id, request, locale)


@router.delete("/addresses/{address_id}", status_code=204, summary="Remove an address")
async def remove_address(shop: Shop, caller: Caller, address_id: UUID) -> None:
    await addresses.remove(shop, caller.user_id, address_id)


@router.get("/keys", summary="The caller's API keys")
async def list_keys(shop: Shop, caller: Person, cursor: PageCursor = None, limit: Limit = 50) -> KeyPage:
    return await api_keys.page(shop, caller.user_id, cursor=cursor, limit=limit)


@router.post("/keys", status_code=201, summary="Make an API key; it is shown this once")
async def add_key(shop: Shop, caller: Person, request: KeyRequest) -> NewKey:
    return await api_keys.create(shop, _privileged(caller).user_id, request)


@router.delete("/keys/{key_id}", status_code=204, summary="End an API key")
async def revoke_key(shop: Shop, caller: Person, key_id: UUID) -> None:
    await api_keys.revoke(shop, caller.user_id, key_id)


@router.post("/second-factor", status_code=201, summary="Enrol an authenticator app; it counts once confirmed")
async def enrol(shop: Shop, caller: Person) -> Enrolment:
    return await second_factor.enrol(shop, _privileged(caller).user_id)


@router.post("/second-factor/confirm", summary="Put the second factor in force; shows the recovery codes once")
async def confirm(shop: Shop, caller: Person, request: ConfirmRequest) -> RecoveryCodes:
    return await second_factor.confirm(shop, caller.user_id, request.code)


@router.post("/second-factor/remove", status_code=204, summary="Do without a second factor; needs a right code")
async def remove(shop: Shop, caller: Person, request: ConfirmRequest) -> None:
    await second_factor.remove(shop, caller.user_id, request.code)
