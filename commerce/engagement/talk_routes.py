"""HTTP routes of talk between buyers and shops; the shop's side is under `/shop`. Not here: the WebSocket (`talk_feed`)."""

from uuid import UUID

from fastapi import APIRouter

from commerce.engagement import talk
from commerce.engagement.talk import Side
from commerce.engagement.talk_schemas import (
    MessageRequest,
    Messages,
    ResponseTime,
    Thread,
    ThreadRequest,
    Threads,
    Written,
)
from commerce.web import Locale, OwnSeller, Shop
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/messages", tags=["messages"])


@router.post("/threads", summary="Talk with a shop: the caller's one thread with it")
async def open_thread(shop: Shop, caller: Caller, request: ThreadRequest) -> Thread:
    return await talk.open_thread(shop, caller.user_id, request.seller_id)


@router.get("/threads", summary="The caller's threads as a buyer, the latest talk first")
async def threads(shop: Shop, caller: Caller, limit: Limit = 20, cursor: PageCursor = None) -> Threads:
    return await talk.list_threads(shop, Side(buyer_id=caller.user_id), limit=limit, cursor=cursor)


@router.get("/threads/{thread_id}", summary="Messages of a thread, newest first")
async def messages(
    shop: Shop, caller: Caller, thread_id: UUID, limit: Limit = 50, cursor: PageCursor = None
) -> Messages:
    return await talk.list_messages(shop, Side(buyer_id=caller.user_id), thread_id, limit=limit, cursor=cursor)


@router.post("/threads/{thread_id}", status_code=201, summary="Write to the shop")
async def write(shop: Shop, caller: Caller, locale: Locale, thread_id: UUID, request: MessageRequest) -> Written:
    side = Side(buyer_id=caller.user_id)
    return await talk.write(shop, side, caller.user_id, thread_id, request, locale=locale)


@router.get("/shop/threads", summary="Threads of the caller's shop, the latest talk first")
async def shop_threads(shop: Shop, seller_id: OwnSeller, limit: Limit = 20, cursor: PageCursor = None) -> Threads:
    return await talk.list_threads(shop, Side(seller_id=seller_id), limit=limit, cursor=cursor)


@router.get("/shop/threads/{thread_id}", summary="Messages of a thread of the caller's shop, newest first")
async def shop_messages(
    shop: Shop, seller_id: OwnSeller, thread_id: UUID, limit: Limit = 50, cursor: PageCursor = None
) -> Messages:
    return await talk.list_messages(shop, Side(seller_id=seller_id), thread_id, limit=limit, cursor=cursor)


@router.post("/shop/threads/{thread_id}", status_code=201, summary="Answer for the caller's shop")
async def answer(
    shop: Shop, seller_id: OwnSeller, caller: Caller, locale: Locale, thread_id: UUID, request: MessageRequest
) -> Written:
    return await talk.write(shop, Side(seller_id=seller_id), caller.user_id, thread_id, request, locale=locale)


@router.get("/shop/response-time", summary="How fast the caller's shop answers")
async def response_time(shop: Shop, seller_id: OwnSeller) -> ResponseTime:
    return await talk.response_time(shop, seller_id)
