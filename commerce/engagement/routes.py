"""HTTP routes of wishlist, followed shops, recently viewed, coins. Not here: talk with sellers (`talk_routes`)."""

from uuid import UUID

from fastapi import APIRouter

from commerce.engagement import coins, use_cases
from commerce.engagement.schemas import Coins, FollowedShops, ViewRequest, Views, Wishes
from commerce.web import Locale, Shop
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/me", tags=["engagement"])


@router.get("/wishlist", summary="The caller's wishlist with prices then and now, newest first")
async def wishlist(shop: Shop, caller: Caller, locale: Locale, limit: Limit = 20, cursor: PageCursor = None) -> Wishes:
    return await use_cases.list_wishes(shop, caller.user_id, locale=locale, limit=limit, cursor=cursor)


@router.put("/wishlist/{product_id}", status_code=204, summary="Put a product on the wishlist")
async def add_wish(shop: Shop, caller: Caller, product_id: UUID) -> None:
    await use_cases.add_wish(shop, caller.user_id, product_id)


@router.delete("/wishlist/{product_id}", status_code=204, summary="Take a product off the wishlist")
async def drop_wish(shop: Shop, caller: Caller, product_id: UUID) -> None:
    await use_cases.drop_wish(shop, caller.user_id, product_id)


@router.get("/following", summary="Shops that the caller follows, newest first")
async def following(shop: Shop, caller: Caller, limit: Limit = 20, cursor: PageCursor = None) -> FollowedShops:
    return await use_cases.list_followed(shop, caller.user_id, limit=limit, cursor=cursor)


@router.put("/following/{seller_id}", status_code=204, summary="Follow a shop")
async def follow(shop: Shop, caller: Caller, seller_id: UUID) -> None:
    await use_cases.follow(shop, caller.user_id, seller_id)


@router.delete("/following/{seller_id}", status_code=204, summary="Follow a shop no longer")
async def unfollow(shop: Shop, caller: Caller, seller_id: UUID) -> None:
    await use_cases.unfollow(shop, caller.user_id, seller_id)


@router.get("/recently-viewed", summary="The last hundred products the caller looked at, latest first")
async def recently_viewed(
    shop: Shop, caller: Caller, locale: Locale, limit: Limit = 20, cursor: PageCursor = None
) -> Views:
    return await use_cases.list_views(shop, caller.user_id, locale=locale, limit=limit, cursor=cursor)


@router.post("/recently-viewed", status_code=204, summary="The caller looked at a product")
async def note_view(shop: Shop, caller: Caller, request: ViewRequest) -> None:
    await use_cases.note_view(shop, caller.user_id, request.product_id)


@router.delete("/recently-viewed", status_code=204, summary="Forget what the caller looked at")
async def forget_views(shop: Shop, caller: Caller) -> None:
    await use_cases.forget_views(shop, caller.user_id)


@router.get("/coins", summary="The caller's coins: balance, what ends soon, entries")
async def my_coins(shop: Shop, caller: Caller, limit: Limit = 20, cursor: PageCursor = None) -> Coins:
    return await coins.coins_of(shop, caller.user_id, limit=limit, cursor=cursor)
