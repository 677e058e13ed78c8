"""HTTP routes of promotions: campaigns and flash sales for shoppers, vouchers and bundles for those who make them."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from commerce.promotions import flash, manage
from commerce.promotions.schemas import (
    Bundle,
    BundleRequest,
    Bundles,
    CampaignMade,
    CampaignRequest,
    Campaigns,
    FlashSlot,
    FlashSlotRequest,
    FlashSlots,
    QueueTicket,
    SellerVoucherRequest,
    Voucher,
    VoucherRequest,
    Vouchers,
)
from commerce.web import Locale, OnceOnly, OwnSeller, Shop, stored
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/promotions", tags=["promotions"])
seller_router = APIRouter(prefix="/v1/seller/promotions", tags=["promotions"])
Promoter = Annotated[Principal, Depends(requires("promote"))]
VoucherCode = Annotated[str, Path(min_length=3, max_length=32)]


@router.get("/campaigns", summary="Campaigns that run or are to come")
async def campaigns(shop: Shop, locale: Locale) -> Campaigns:
    return await manage.list_campaigns(shop, locale=locale)


@router.post("/campaigns", status_code=201, response_model=CampaignMade, summary="Make a campaign, once per key")
async def create_campaign(shop: Shop, caller: Promoter, claim: OnceOnly, request: CampaignRequest) -> Response:
    work = partial(manage.create_campaign, actor_id=caller.user_id, request=request)
    return stored(await once(shop.database, claim, work))


@router.get("/flash-slots", summary="Flash sales that run or are to come, soonest first")
async def flash_slots(shop: Shop, limit: Limit = 20, cursor: PageCursor = None) -> FlashSlots:
    return await flash.list_slots(shop, seller_id=None, limit=limit, cursor=cursor)


@router.get("/flash-slots/{slot_id}", summary="One flash sale and what is left of it")
async def flash_slot(shop: Shop, slot_id: UUID) -> FlashSlot:
    async with shop.database.connection() as connection:
        return await flash.find(connection, slot_id)


@router.post("/flash-slots/{slot_id}/ticket", summary="The caller's place in the queue of a flash sale")
async def ticket(shop: Shop, caller: Caller, slot_id: UUID) -> QueueTicket:
    return await flash.draw_ticket(shop, slot_id, caller.user_id)


@router.get("/vouchers", summary="Every voucher, by code")
async def vouchers(shop: Shop, _: Promoter, limit: Limit = 50, cursor: PageCursor = None) -> Vouchers:
    return await manage.list_vouchers(shop, seller_id=None, limit=limit, cursor=cursor)


@router.post("/vouchers", status_code=201, response_model=Voucher, summary="Make a voucher, once per key")
async def create_voucher(shop: Shop, caller: Promoter, claim: OnceOnly, request: VoucherRequest) -> Response:
    work = partial(manage.create_voucher, actor_id=caller.user_id, request=request)
    return stored(await once(shop.database, claim, work))


@router.delete("/vouchers/{code}", status_code=204, summary="End a voucher now")
async def end_voucher(shop: Shop, caller: Promoter, code: VoucherCode) -> None:
    await manage.end_voucher(shop, code, caller.user_id, seller_id=None)


@seller_router.get("/vouchers", summary="The seller's own vouchers")
async def own_vouchers(shop: Shop, seller_id: OwnSeller, limit: Limit = 50, cursor: PageCursor = None) -> Vouchers:
    return await manage.list_vouchers(shop, seller_id=seller_id, limit=limit, cursor=cursor)


@seller_router.post(
    "/vouchers", status_code=201, response_model=Voucher, summary="Make a voucher of one's own, once per key"
)
async def create_own_voucher(
    shop: Shop, seller_id: OwnSeller, caller: Caller, claim: OnceOnly, request: SellerVoucherRequest
) -> Response:
    work = partial(manage.create_own_voucher, seller_id=seller_id, actor_id=caller.user_id, request=request)
    return stored(await once(shop.database, claim, work))


@seller_router.delete("/vouchers/{code}", status_code=204, summary="End a voucher of one's own now")
async def end_own_voucher(shop: Shop, seller_id: OwnSeller, caller: Caller, code: VoucherCode) -> None:
    await manage.end_voucher(shop, code, caller.user_id, seller_id=seller_id)


@seller_router.get("/bundles", summary="The seller's own bundles")
async def own_bundles(shop: Shop, seller_id: OwnSeller) -> Bundles:
    return await manage.list_bundles(shop, seller_id)


@seller_router.post("/bundles", status_code=201, response_model=Bundle, summary="Make a bundle, once per key")
async def create_bundle(shop: Shop, seller_id: OwnSeller, claim: OnceOnly, request: BundleRequest) -> Response:
    return stored(await once(shop.database, claim, partial(manage.create_bundle, seller_id=seller_id, request=request)))


@seller_router.get("/flash-slots", summary="The seller's own flash sales")
async def own_slots(shop: Shop, seller_id: OwnSeller, limit: Limit = 20, cursor: PageCursor = None) -> FlashSlots:
    return await flash.list_slots(shop, seller_id=seller_id, limit=limit, cursor=cursor)


@seller_router.post(
    "/flash-slots", status_code=201, response_model=FlashSlot, summary="Plan a flash sale, once per key"
)
async def plan_slot(
    shop: Shop, seller_id: OwnSeller, caller: Caller, claim: OnceOnly, request: FlashSlotRequest
) -> Response:
    work = partial(flash.plan, seller_id=seller_id, actor_id=caller.user_id, request=request)
    return stored(await once(shop.database, claim, work))
