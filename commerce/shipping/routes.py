"""HTTP routes of shipping: sellers' orders and parcels, buyers' tracking, couriers' webhooks, finance's reconciliation."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from commerce.shipping import booking, reads, remittances, tracking
from commerce.shipping.pathao import INTEGRATION_HEADER, INTEGRATION_SECRET
from commerce.shipping.schemas import (
    BreakPage,
    CourierPrice,
    OrderState,
    OutstandingPage,
    ParcelAnswer,
    ReadyRequest,
    RemittancePage,
    ResolvedBreak,
    ResolveRequest,
    SellerOrders,
    SettleRequest,
    Taken,
    Tracking,
)
from commerce.web import OnceOnly, OwnSeller, Shop, stored
from foundation.database import Connection
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/shipping", tags=["shipping"])
seller_router = APIRouter(prefix="/v1/seller/orders", tags=["shipping"])
buyer_router = APIRouter(prefix="/v1/orders", tags=["shipping"])
Finance = Annotated[Principal, Depends(requires("finance"))]
Support = Annotated[Principal, Depends(requires("support"))]


@seller_router.get("", summary="The seller's orders, newest first")
async def list_orders(
    shop: Shop,
    seller_id: OwnSeller,
    status: Annotated[OrderState | None, Query()] = None,
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> SellerOrders:
    return await reads.seller_orders(shop, seller_id, status=status, limit=limit, cursor=cursor)


@seller_router.get("/courier-price", summary="What the courier takes for a parcel")
async def courier_price(
    shop: Shop, _: OwnSeller, weight_grams: Annotated[int, Query(ge=1, le=10_000)] = 500
) -> CourierPrice:
    return await reads.price(shop, weight_grams)


@seller_router.post("/{order_id}/accept", summary="The seller will pack the order")
async def accept(shop: Shop, seller_id: OwnSeller, order_id: UUID) -> ParcelAnswer:
    async with shop.database.transaction() as connection:
        return await booking.accept(shop, connection, seller_id, order_id)


@seller_router.post(
    "/{order_id}/ready", status_code=202, response_model=ParcelAnswer, summary="Packed: book the courier, once per key"
)
async def ready(shop: Shop, seller_id: OwnSeller, claim: OnceOnly, order_id: UUID, request: ReadyRequest) -> Response:
    async def work(connection: Connection) -> ParcelAnswer:
        return await booking.ready(shop, connection, seller_id, order_id=order_id, request=request)

    return stored(await once(shop.database, claim, work, status_code=202))


@buyer_router.get("/{order_id}/tracking", summary="Where one seller's parcel is, and by when it was promised")
async def track(shop: Shop, caller: Caller, order_id: UUID) -> Tracking:
    return await reads.tracking(shop, order_id, buyer_id=caller.user_id, sees_all=caller.may("support"))


@router.post("/webhooks/{courier}", status_code=202, summary="A courier tells what happened to a parcel")
async def webhook(shop: Shop, request: Request, response: Response, courier: str, event: dict[str, Any]) -> Taken:
    await tracking.receive(shop, courier, request.headers, event)
    response.headers[INTEGRATION_HEADER] = INTEGRATION_SECRET
    return Taken()


@router.post("/parcels/{shipment_id}/settle", summary="What a silent courier did, found out by a person")
async def settle(shop: Shop, support: Support, shipment_id: UUID, request: SettleRequest) -> ParcelAnswer:
    return await booking.settle(shop, support.user_id, shipment_id=shipment_id, request=request)


@router.get("/remittances", summary="Cash that couriers have paid, newest first")
async def list_remittances(shop: Shop, _: Finance, limit: Limit = 50, cursor: PageCursor = None) -> RemittancePage:
    return await reads.remittances(shop, limit=limit, cursor=cursor)


@router.get("/outstanding-cash", summary="Cash that couriers collected and have not paid")
async def outstanding(
    shop: Shop,
    _: Finance,
    days: Annotated[int, Query(ge=0, le=365)] = 7,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> OutstandingPage:
    return await reads.outstanding(shop, days=days, limit=limit, cursor=cursor)


@router.get("/breaks", summary="Differences in couriers' payments, newest first")
async def list_breaks(
    shop: Shop,
    _: Finance,
    state: Annotated[Literal["open", "resolved"], Query()] = "open",
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> BreakPage:
    return await reads.breaks(shop, state=state, limit=limit, cursor=cursor)


@router.post(
    "/breaks/{break_id}/resolve",
    response_model=ResolvedBreak,
    summary="Explain or write off a difference, once per key",
)
async def resolve_break(
    shop: Shop, finance: Finance, claim: OnceOnly, break_id: UUID, request: ResolveRequest
) -> Response:
    async def work(connection: Connection) -> ResolvedBreak:
        return await remittances.resolve(shop, connection, finance.user_id, break_id=break_id, request=request)

    return stored(await once(shop.database, claim, work, status_code=200))
