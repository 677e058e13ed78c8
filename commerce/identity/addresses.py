"""Addresses of a user in the tree of Bangladesh: encrypted where they are personal, checked where they are places.

Not here: what delivery costs, where a parcel is.
"""

from typing import Any
from uuid import UUID

from commerce.context import Commerce
from commerce.identity.rules import MOST_ADDRESSES
from commerce.identity.schemas import Address, AddressPage, AddressRequest
from commerce.identity.use_cases import canonical_phone
from foundation.bangladesh.places import find_area, find_district, find_post_office
from foundation.database import Connection, execute, fetch_all, fetch_one
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.statements import load_statements
from foundation.web.pages import cursor_id, encode_cursor

SQL = load_statements(__file__, "addresses.sql")
_PERSONAL = ("recipient", "phone", "line")


class NoSuchPlace(InvalidInput):
    code = "no-such-place"
    message = "There is no such district, or the area or post code is not in it. Choose from /v1/places."


class TooManyAddresses(Conflict):
    code = "too-many-addresses"
    message = "You have {most} addresses already. Remove one first."


def _place(request: AddressRequest) -> dict[str, str | None]:
    """District, area and post code that fit together.

    Raises:
        NoSuchPlace.
    """
    district = find_district(request.district_code)
    area = find_area(request.area_code) if request.area_code else None
    office = find_post_office(request.post_code) if request.post_code else None
    if district is None or (request.area_code and area is None) or (request.post_code and office is None):
        raise NoSuchPlace
    if any(part is not None and part.district_code != district.code for part in (area, office)):
        raise NoSuchPlace
    return {
        "district_code": district.code,
        "area_code": area.code if area else None,
        "post_code": office.post_code if office else None,
    }


def _columns(commerce: Commerce, request: AddressRequest) -> dict[str, Any]:
    values = {"recipient": request.recipient, "phone": canonical_phone(request.phone), "line": request.line}
    sealed = {
        f"{name}_encrypted": commerce.cipher.encrypt(value, f"identity.addresses.{name}")
        for name, value in values.items()
    }
    return {"label": request.label, **sealed, **_place(request)}


def _address(commerce: Commerce, row: dict[str, Any], locale: str) -> Address:
    district, area = find_district(row["district_code"]), find_area(row["area_code"] or "")
    if district is None:
        raise NotFound
    is_bangla = locale == "bn"
    plain = {
        name: commerce.cipher.decrypt(bytes(row[f"{name}_encrypted"]), f"identity.addresses.{name}")
        for name in _PERSONAL
    }
    return Address(
        **{name: row[name] for name in ("id", "label", "district_code", "area_code", "post_code", "is_default")},
        created_at=row["created_at"],
        **plain,
        district_name=district.name_bn if is_bangla else district.name_en,
        division_name=district.division_name_bn if is_bangla else district.division_name_en,
        area_name=(area.name_bn if is_bangla else area.name_en) if area else None,
    )


async def add(commerce: Commerce, user_id: UUID, request: AddressRequest, locale: str) -> Address:
    """New address; the first one is the default.

    Raises:
        NoSuchPlace, BadPhone, TooManyAddresses.
    """
    columns = _columns(commerce, request)
    async with commerce.database.transaction() as connection:
        await _lock(connection, user_id)
        kept = await fetch_one(connection, SQL["count_addresses"], user_id=user_id) or {"kept": 0}
        if kept["kept"] >= MOST_ADDRESSES:
            raise TooManyAddresses(most=MOST_ADDRESSES)
        is_default = request.is_default or kept["kept"] == 0
        if is_default:
            await execute(connection, SQL["clear_default"], user_id=user_id)
        row = await fetch_one(
            connection, SQL["add_address"], id=uuid7(), user_id=user_id, is_default=is_default, now=commerce.clock(),
            **columns,
        )  # fmt: skip
    return _address(commerce, row or {}, locale)


async def change(commerce: Commerce, user_id: UUID, address_id: UUID, request: AddressRequest, locale: str) -> Address:
    """Replace an address; the default stays until another becomes it.

    Raises:
        NotFound, NoSuchPlace, BadPhone.
    """
    columns = _columns(commerce, request)
    async with commerce.database.transaction() as connection:
        await _own(connection, user_id, address_id)
        if request.is_default:
            await execute(connection, SQL["clear_default"], user_id=user_id)
        row = await fetch_one(
            connection, SQL["change_address"], id=address_id, user_id=user_id, is_default=request.is_default, **columns
        )
    if row is None:
        raise NotFound
    return _address(commerce, row, locale)


async def _lock(connection: Connection, user_id: UUID) -> None:
    if await fetch_one(connection, SQL["lock_user"], user_id=user_id) is None:
        raise NotFound


async def _own(connection: Connection, user_id: UUID, address_id: UUID) -> dict[str, Any]:
    await _lock(connection, user_id)
    row = await fetch_one(connection, SQL["find_address"], id=address_id, user_id=user_id)
    if row is None:
        raise NotFound
    return row


async def remove(commerce: Commerce, user_id: UUID, address_id: UUID) -> None:
    """Remove an address; if it was the default, the newest of the others becomes it.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        await _own(connection, user_id, address_id)
        row = await fetch_one(connection, SQL["remove_address"], id=address_id, user_id=user_id)
        if row and row["is_default"]:
            await execute(connection, SQL["promote_newest"], user_id=user_id)


async def find(commerce: Commerce, user_id: UUID, address_id: UUID, locale: str) -> Address:
    """An address of the user.

    Raises:
        NotFound.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_address"], id=address_id, user_id=user_id)
    if row is None:
        raise NotFound
    return _address(commerce, row, locale)


async def page(commerce: Commerce, user_id: UUID, locale: str, *, cursor: str | None, limit: int) -> AddressPage:
    """The user's addresses, newest first."""
    async with commerce.database.connection() as connection:
        rows = await fetch_all(
            connection, SQL["list_addresses"], user_id=user_id, before=cursor_id(cursor), limit=limit
        )
    following = encode_cursor([rows[-1]["id"]]) if len(rows) == limit else None
    return AddressPage(items=[_address(commerce, row, locale) for row in rows], next_cursor=following)
