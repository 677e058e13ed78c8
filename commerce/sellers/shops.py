"""Use cases of shops: open, show, change, holiday, states and tiers. Not here: papers (`verification`), people (`people`)."""

import re
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from commerce.audit import use_cases as audit
from commerce.context import Commerce
from commerce.identity import grants, sessions
from commerce.identity.use_cases import canonical_phone
from commerce.sellers.rules import LONGEST_HOLIDAY, MOST_SHOPS, TIERS, IllegalStep, Tier, check_step
from commerce.sellers.schemas import Opened, OpenRequest, OwnShop, ProfileChange, PublicSeller, ShopStatus
from foundation.bangladesh.places import find_area, find_district
from foundation.database import Connection, execute, fetch_one
from foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from foundation.ids import uuid7
from foundation.outbox import NewEvent, record_events
from foundation.security.tokens import Principal
from foundation.statements import load_statements

SQL = load_statements(__file__)
LEGAL_NAME, PICKUP_LINE, PICKUP_PHONE = (
    f"sellers.profiles.{name}" for name in ("legal_name", "pickup_line", "pickup_phone")
)


class TooManyShops(Conflict):
    code = "too-many-shops"
    message = "You own {most} shops already. Close one before you open another."


class BadHoliday(InvalidInput):
    code = "bad-holiday"
    message = "A holiday must end in the future, within {days} days. Give the instant with its time zone."


class BadPickup(InvalidInput):
    code = "bad-pickup"
    message = "There is no such district, or the area is not in it. Choose from /v1/places."


async def open_shop(commerce: Commerce, caller: Principal, request: OpenRequest) -> Opened:
    """New shop of the caller, who becomes its owner.

    Raises:
        TooManyShops, BadPickup, Forbidden: a guest.
    """
    seller_id, now = uuid7(), commerce.clock()
    _check_place(request.district_code, None)
    async with commerce.database.transaction() as connection:
        rights = await sessions.rights_of(connection, caller.user_id)
        if rights.is_guest:
            raise Forbidden
        await execute(connection, SQL["take_turn"], what=f"shops of {caller.user_id}")
        owned = await fetch_one(connection, SQL["owned"], user_id=caller.user_id)
        if owned is None or owned["shops"] >= MOST_SHOPS:
            raise TooManyShops(most=MOST_SHOPS)
        await execute(
            connection, SQL["open_shop"], id=seller_id, code=_code(request.name), name=request.name, now=now,
            user_id=caller.user_id, district_code=request.district_code, description=request.description,
            dbid=request.dbid, legal_name_encrypted=commerce.cipher.encrypt(request.legal_name, LEGAL_NAME),
        )  # fmt: skip
        await grants.give(
            commerce, connection, user_id=caller.user_id, role="seller_owner", seller_id=seller_id, by=caller.user_id
        )
        await tell(connection, seller_id, "sellers.opened", {"owner_id": str(caller.user_id)})
        rights = await sessions.rights_of(connection, caller.user_id)
    session = sessions.answer(commerce, rights, session_id=caller.session_id, refresh_token=None)
    return Opened(
        seller_id=seller_id, status="onboarding", access_token=session.access_token, expires_in=session.expires_in,
        scopes=session.scopes,
    )  # fmt: skip


def _code(name: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40]
    return f"{slug or 'shop'}-{secrets.token_hex(4)}"


def _check_place(district_code: str | None, area_code: str | None) -> None:
    district = find_district(district_code) if district_code else None
    area = find_area(area_code) if area_code else None
    if (district_code and district is None) or (area_code and area is None):
        raise BadPickup
    if area is not None and (district is None or area.district_code != district.code):
        raise BadPickup


async def tell(connection: Connection, seller_id: UUID, event_type: str, payload: dict[str, Any]) -> None:
    """Record an event about a seller in the caller's transaction."""
    body = {"seller_id": str(seller_id), **payload}
    event = NewEvent(topic="sellers", aggregate_id=seller_id, event_type=event_type, payload=body)
    await record_events(connection, [event])


async def public_profile(commerce: Commerce, seller_id: UUID) -> PublicSeller:
    """What everybody may see of a seller that sells.

    Raises:
        NotFound: no such seller, or not open for business.
    """
    async with commerce.database.connection() as connection:
        row = await fetch_one(connection, SQL["find_public"], id=seller_id, now=commerce.clock())
    if row is None:
        raise NotFound
    return PublicSeller.model_validate(row)


async def own_profile(commerce: Commerce, seller_id: UUID) -> OwnShop:
    """A shop as its own people see it."""
    async with commerce.database.connection() as connection:
        return _own(commerce, await _find(connection, seller_id))


async def _find(connection: Connection, seller_id: UUID) -> dict[str, Any]:
    row = await fetch_one(connection, SQL["find_own"], id=seller_id)
    if row is None:
        raise NotFound
    return row


def _own(commerce: Commerce, row: dict[str, Any]) -> OwnShop:
    tier = TIERS[row["tier"]]
    names = {"legal_name": LEGAL_NAME, "pickup_line": PICKUP_LINE, "pickup_phone": PICKUP_PHONE}
    plain = {
        name: commerce.cipher.decrypt(bytes(row[f"{name}_encrypted"]), place) if row[f"{name}_encrypted"] else None
        for name, place in names.items()
    }
    return OwnShop.model_validate({**row, **plain, **vars(tier)})


async def change_profile(commerce: Commerce, seller_id: UUID, change: ProfileChange) -> OwnShop:
    """Change what is given; the rest stays.

    Raises:
        BadPickup, BadPhone.
    """
    given = change.model_dump(exclude_unset=True)
    async with commerce.database.transaction() as connection:
        await fetch_one(connection, SQL["lock_seller"], id=seller_id)
        now_is = _own(commerce, await _find(connection, seller_id)).model_dump()
        wanted = {**now_is, **given, "name": given.get("name") or now_is["name"]}
        _check_place(wanted["district_code"], wanted["area_code"])
        phone = canonical_phone(wanted["pickup_phone"]) if wanted["pickup_phone"] else None
        line, cipher = wanted["pickup_line"], commerce.cipher
        await execute(
            connection, SQL["change_profile"], id=seller_id, name=wanted["name"], dbid=wanted["dbid"],
            description=wanted["description"] or "", district_code=wanted["district_code"],
            area_code=wanted["area_code"], now=commerce.clock(),
            pickup_line_encrypted=cipher.encrypt(line, PICKUP_LINE) if line else None,
            pickup_phone_encrypted=cipher.encrypt(phone, PICKUP_PHONE) if phone else None,
        )  # fmt: skip
        return _own(commerce, await _find(connection, seller_id))


async def set_holiday(commerce: Commerce, seller_id: UUID, until: datetime | None) -> ShopStatus:
    """Nothing can be bought until then; None ends the holiday.

    Raises:
        BadHoliday.
    """
    now = commerce.clock()
    if until is not None and (until.tzinfo is None or not now < until <= now + LONGEST_HOLIDAY):
        raise BadHoliday(days=LONGEST_HOLIDAY.days)
    async with commerce.database.transaction() as connection:
        await execute(connection, SQL["set_holiday"], id=seller_id, until=until)
        payload = {"until": until.isoformat() if until else None}
        await tell(connection, seller_id, "sellers.holiday_changed", payload)
        return status_of(await lock(connection, seller_id))


def status_of(row: dict[str, Any]) -> ShopStatus:
    """A seller's state as it is answered."""
    return ShopStatus(seller_id=row["id"], status=row["status"], tier=row["tier"], holiday_until=row["holiday_until"])


async def lock(connection: Connection, seller_id: UUID) -> dict[str, Any]:
    """A seller's row, locked.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["lock_seller"], id=seller_id)
    if row is None:
        raise NotFound
    return row


async def move(
    commerce: Commerce, connection: Connection, row: dict[str, Any], to_status: str, *, actor_id: UUID | None,
    reason: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Change the state of a locked seller; the row afterwards. Noted, told and on record.

    Raises:
        IllegalStep.
    """
    check_step(row["status"], to_status)
    await execute(
        connection, SQL["move"], id=row["id"], from_status=row["status"], to_status=to_status, reason=reason,
        actor_id=actor_id, transition_id=uuid7(), now=commerce.clock(),
    )  # fmt: skip
    detail = {"from": row["status"], "to": to_status, "reason": reason or ""}
    await audit.record(
        connection, actor_id=actor_id, action="seller.moved", subject=("seller", row["id"]), detail=detail
    )
    await tell(connection, row["id"], "sellers.status_changed", {"from": row["status"], "to": to_status})
    return {**row, "status": to_status}


async def step(
    commerce: Commerce, seller_id: UUID, to_status: str, *, actor_id: UUID, reason: str | None = None
) -> ShopStatus:
    """Staff or owner change the state of a shop.

    Raises:
        NotFound, IllegalStep.
    """
    async with commerce.database.transaction() as connection:
        row = await lock(connection, seller_id)
        return status_of(await move(commerce, connection, row, to_status, actor_id=actor_id, reason=reason))


async def reinstate(commerce: Commerce, seller_id: UUID, *, actor_id: UUID, reason: str) -> ShopStatus:
    """A suspended shop sells again. A shop in review is not approved this way: that needs its requirements.

    Raises:
        NotFound, IllegalStep.
    """
    return await _step_from(commerce, seller_id, ("suspended", "approved"), actor_id=actor_id, reason=reason)


async def reopen(commerce: Commerce, seller_id: UUID, *, actor_id: UUID) -> ShopStatus:
    """The owner of a refused shop tries again.

    Raises:
        IllegalStep.
    """
    return await _step_from(commerce, seller_id, ("rejected", "onboarding"), actor_id=actor_id, reason=None)


async def _step_from(
    commerce: Commerce, seller_id: UUID, path: tuple[str, str], *, actor_id: UUID, reason: str | None
) -> ShopStatus:
    async with commerce.database.transaction() as connection:
        row = await lock(connection, seller_id)
        if row["status"] != path[0]:
            raise IllegalStep(from_status=row["status"], to_status=path[1])
        return status_of(await move(commerce, connection, row, path[1], actor_id=actor_id, reason=reason))


async def set_tier(commerce: Commerce, seller_id: UUID, tier: str, *, actor_id: UUID, reason: str) -> ShopStatus:
    """Move a shop to a tier.

    Raises:
        NotFound.
    """
    async with commerce.database.transaction() as connection:
        row = await lock(connection, seller_id)
        await execute(connection, SQL["set_tier"], id=seller_id, tier=tier)
        detail = {"from": row["tier"], "to": tier, "reason": reason}
        await audit.record(
            connection, actor_id=actor_id, action="seller.tier_changed", subject=("seller", seller_id), detail=detail
        )
        return status_of({**row, "tier": tier})


async def tier_of(connection: Connection, seller_id: UUID) -> Tier:
    """Limits of a seller, for other services: cap of orders a day, days a payout is held.

    Raises:
        NotFound.
    """
    row = await fetch_one(connection, SQL["find_own"], id=seller_id)
    if row is None:
        raise NotFound
    return TIERS[row["tier"]]
