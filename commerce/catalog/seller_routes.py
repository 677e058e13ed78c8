"""HTTP routes by which sellers keep products and offers: parse, call one use case, answer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from commerce.catalog import changes, offers
from commerce.catalog.seller_schemas import (
    Change,
    ChangePage,
    NewOffer,
    NewProduct,
    OfferChange,
    OfferPage,
    OwnOffer,
    OwnProductPage,
    PastPrices,
    ProductWords,
)
from commerce.catalog.versions import SeenVersion, etag
from commerce.web import Locale, OwnSeller, Shop
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/seller", tags=["seller catalogue"])
State = Annotated[Literal["pending", "confirmed", "declined", "withdrawn"] | None, Query()]


@router.get("/offers", summary="The seller's offers, newest first")
async def list_offers(
    shop: Shop,
    seller_id: OwnSeller,
    locale: Locale,
    status: Annotated[Literal["active", "paused", "withdrawn"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> OfferPage:
    return await offers.list_offers(shop, seller_id, status=status, limit=limit, cursor=cursor, locale=locale)


@router.post("/offers", status_code=201, summary="Offer an existing product")
async def create_offer(
    shop: Shop, seller_id: OwnSeller, caller: Caller, locale: Locale, request: NewOffer, response: Response
) -> OwnOffer:
    offer = await offers.create_offer(shop, seller_id, caller.user_id, request, locale=locale)
    response.headers["etag"] = etag(offer.version)
    return offer


@router.get("/offers/{offer_id}", summary="One of the seller's offers")
async def own_offer(shop: Shop, seller_id: OwnSeller, locale: Locale, offer_id: UUID, response: Response) -> OwnOffer:
    offer = await offers.own_offer(shop, seller_id, offer_id, locale=locale)
    response.headers["etag"] = etag(offer.version)
    return offer


@router.patch("/offers/{offer_id}", summary="Change price, status and other terms of an offer")
async def change_offer(
    shop: Shop,
    seller_id: OwnSeller,
    caller: Caller,
    offer_id: UUID,
    request: OfferChange,
    seen: SeenVersion,
    response: Response,
) -> OwnOffer:
    offer = await offers.change_offer(
        shop, seller_id, caller.user_id, offer_id, request, seen=seen, locale=caller.locale
    )
    response.headers["etag"] = etag(offer.version)
    return offer


@router.get("/offers/{offer_id}/prices", summary="What an offer cost, newest first")
async def list_prices(
    shop: Shop, seller_id: OwnSeller, offer_id: UUID, limit: Limit = 50, cursor: PageCursor = None
) -> PastPrices:
    return await offers.list_prices(shop, seller_id, offer_id, limit=limit, cursor=cursor)


@router.get("/products", summary="Products the seller keeps, newest first")
async def list_products(
    shop: Shop, seller_id: OwnSeller, limit: Limit = 50, cursor: PageCursor = None
) -> OwnProductPage:
    return await changes.list_products(shop, seller_id, limit=limit, cursor=cursor)


@router.post("/products", status_code=202, summary="Propose a new product; it is for sale once confirmed")
async def create_product(shop: Shop, seller_id: OwnSeller, caller: Caller, request: NewProduct) -> Change:
    return await changes.create_product(shop, seller_id, caller.user_id, request)


@router.patch("/products/{product_id}", status_code=202, summary="Propose a change of a product the seller keeps")
async def propose_edit(
    shop: Shop, seller_id: OwnSeller, caller: Caller, product_id: UUID, request: ProductWords, seen: SeenVersion
) -> Change:
    return await changes.propose_edit(shop, seller_id, caller.user_id, product_id, request, seen=seen)


@router.get("/catalog/changes", summary="The seller's staged changes, oldest first")
async def list_changes(
    shop: Shop, seller_id: OwnSeller, state: State = None, limit: Limit = 50, cursor: PageCursor = None
) -> ChangePage:
    return await changes.list_changes(shop, state=state, seller_id=seller_id, limit=limit, cursor=cursor)


@router.post("/catalog/changes/{change_id}/withdraw", summary="Take a staged change back")
async def withdraw(shop: Shop, seller_id: OwnSeller, caller: Caller, change_id: UUID) -> Change:
    return await changes.withdraw(shop, seller_id, caller.user_id, change_id)
