"""HTTP routes of notifications: the inbox, preferences, devices to push to. Not here: sending."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from commerce.notifications import use_cases, wishes
from commerce.notifications.schemas import DeviceRequest, Notices, Preferences
from commerce.web import Locale, Shop
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/me", tags=["notifications"])


@router.get("/notifications", summary="The caller's inbox, newest first")
async def inbox(
    shop: Shop,
    caller: Caller,
    locale: Locale,
    unread_only: Annotated[bool, Query()] = False,
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> Notices:
    return await use_cases.list_notices(
        shop, caller.user_id, locale=locale, unread_only=unread_only, limit=limit, cursor=cursor
    )


@router.post("/notifications/{notice_id}/read", status_code=204, summary="A notice has been seen")
async def read(shop: Shop, caller: Caller, notice_id: UUID) -> None:
    await use_cases.mark_read(shop, caller.user_id, notice_id)


@router.get("/notification-preferences", summary="What the caller wants to be told where and when")
async def preferences(shop: Shop, caller: Caller) -> Preferences:
    return await wishes.preferences_of(shop, caller.user_id)


@router.put("/notification-preferences", summary="Choose channels, quiet hours and digests")
async def set_preferences(shop: Shop, caller: Caller, request: Preferences) -> Preferences:
    return await wishes.set_preferences(shop, caller.user_id, request)


@router.post("/notification-devices", status_code=204, summary="Push to this device from now on")
async def add_device(shop: Shop, caller: Caller, request: DeviceRequest) -> None:
    await use_cases.add_device(shop, caller.user_id, token=request.token, platform=request.platform)


@router.delete("/notification-devices", status_code=204, summary="Push to none of the caller's devices any more")
async def forget_devices(shop: Shop, caller: Caller) -> None:
    await use_cases.forget_devices(shop, caller.user_id)
