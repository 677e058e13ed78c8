"""HTTP routes of the cart: parse, call one use case, answer."""

from uuid import UUID

from fastapi import APIRouter

from commerce.cart import use_cases
from commerce.cart.schemas import Cart, MergeRequest, PutLineRequest
from commerce.currencies.schemas import shown_in
from commerce.web import Display, Locale, Shop
from foundation.web.identity import Caller

router = APIRouter(prefix="/v1/cart", tags=["cart"])


@router.get("", summary="The caller's cart with today's prices")
async def show(shop: Shop, caller: Caller, locale: Locale, display: Display) -> Cart:
    return shown_in(await use_cases.show(shop, caller.user_id, locale=locale), display)


@router.put("/lines/{offer_id}", summary="Set how many of an offer are in the cart")
async def put_line(shop: Shop, caller: Caller, locale: Locale, offer_id: UUID, request: PutLineRequest) -> Cart:
    return await use_cases.put_line(shop, caller.user_id, offer_id, request, locale=locale)


@router.delete("/lines/{offer_id}", summary="Take an offer out of the cart")
async def remove_line(shop: Shop, caller: Caller, locale: Locale, offer_id: UUID) -> Cart:
    return await use_cases.remove_line(shop, caller.user_id, offer_id, locale=locale)


@router.delete("", status_code=204, summary="Empty the cart")
async def clear(shop: Shop, caller: Caller) -> None:
    await use_cases.clear(shop, caller.user_id)


@router.post("/seen", summary="The shopper has seen today's prices")
async def accept_prices(shop: Shop, caller: Caller, locale: Locale) -> Cart:
    return await use_cases.accept_prices(shop, caller.user_id, locale=locale)


@router.post("/merge", summary="Move a guest's cart into the caller's")
async def merge(shop: Shop, caller: Caller, locale: Locale, request: MergeRequest) -> Cart:
    return await use_cases.merge(shop, caller.user_id, request.guest_token, locale=locale)
