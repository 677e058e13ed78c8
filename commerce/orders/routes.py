"""HTTP routes of orders: parse, call one use case, answer."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import HTMLResponse

from commerce.currencies.schemas import shown_in
from commerce.orders import fulfil, place, quote, release, reversals, use_cases
from commerce.orders.invoice import invoice_page
from commerce.orders.schemas import (
    BasketRequest,
    CancelledLine,
    CancelLineRequest,
    CancelRequest,
    GroupDetail,
    GroupPage,
    Invoice,
    MovedOrder,
    OpenOrders,
    PlacedOrder,
    PlaceOrderRequest,
    QuoteAnswer,
    Reordered,
    TransitionRequest,
)
from commerce.web import Display, Locale, OnceOnly, Shop, stored
from foundation.database import Connection
from foundation.errors import Forbidden
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

LineNo = Annotated[int, Path(ge=1, le=1000)]
router = APIRouter(prefix="/v1/orders", tags=["orders"])
# Who may bring an order into a state.
MOVERS = {
    "shipped": {"courier"},
    "delivered": {"courier"},
    "refused": {"courier"},
    "placed": {"risk"},
    "cancelled": {"risk"},
}


@router.post("", status_code=201, response_model=PlacedOrder, summary="Place an order, once per Idempotency-Key")
async def place_order(
    shop: Shop, caller: Caller, locale: Locale, claim: OnceOnly, order: PlaceOrderRequest
) -> Response:
    return stored(await place.place_order(shop, caller, order, claim, locale=locale))


@router.post("/quote", summary="What an order would cost now; nothing is ordered")
async def quote_order(shop: Shop, caller: Caller, display: Display, basket: BasketRequest) -> QuoteAnswer:
    return shown_in(await quote.quote(shop, caller.user_id, basket), display)


@router.get("", summary="The caller's orders, newest first")
async def list_groups(
    shop: Shop, caller: Caller, display: Display, limit: Limit = 20, cursor: PageCursor = None
) -> GroupPage:
    return shown_in(await use_cases.list_groups(shop, caller.user_id, limit=limit, cursor=cursor), display)


@router.get("/open", summary="Orders waiting for a courier or the fraud team")
async def open_orders(
    shop: Shop,
    _: Annotated[Principal, Depends(requires("courier", "risk"))],
    status: Annotated[Literal["on_hold", "placed", "shipped"], Query()] = "placed",
    limit: Limit = 50,
) -> OpenOrders:
    return await use_cases.open_orders(shop, status=status, limit=limit)


@router.get("/{group_id}", summary="One order group")
async def find_group(shop: Shop, caller: Caller, display: Display, group_id: UUID) -> GroupDetail:
    group = await use_cases.find_group(
        shop, group_id, buyer_id=caller.user_id, sees_all=caller.may("risk") or caller.may("support")
    )
    return shown_in(group, display)


@router.get("/{group_id}/invoice", response_model=Invoice, summary="The invoice, as data or as a page to print")
async def show_invoice(
    shop: Shop,
    caller: Caller,
    locale: Locale,
    group_id: UUID,
    form: Annotated[Literal["json", "html"], Query(alias="format")] = "json",
) -> Invoice | Response:
    found = await use_cases.invoice(
        shop, group_id, buyer_id=caller.user_id, sees_all=caller.may("support"), locale=locale
    )
    return HTMLResponse(invoice_page(found, locale)) if form == "html" else found


@router.post("/{group_id}/reorder", summary="Put the goods of an earlier order into the cart again")
async def reorder(shop: Shop, caller: Caller, group_id: UUID) -> Reordered:
    return await use_cases.reorder(shop, group_id, caller.user_id)


@router.post("/{order_id}/cancel", summary="Cancel an order that has not been shipped")
async def cancel(shop: Shop, caller: Caller, order_id: UUID, request: CancelRequest) -> MovedOrder:
    owner = None if caller.may("support") else caller.user_id
    order = await fulfil.cancel_order(shop, order_id, actor_id=caller.user_id, owner_id=owner, reason=request.reason)
    return MovedOrder(order_id=order_id, group_id=order["group_id"], status="cancelled")


@router.post(
    "/{order_id}/lines/{line_no}/cancel",
    response_model=CancelledLine,
    summary="Cancel a line, or some of it, once per key",
)
async def cancel_line(
    shop: Shop, caller: Caller, claim: OnceOnly, order_id: UUID, line_no: LineNo, request: CancelLineRequest
) -> Response:
    owner = None if caller.may("support") else caller.user_id

    async def work(connection: Connection) -> CancelledLine:
        return await reversals.cancel_line(
            shop, connection, order_id, line_no, actor_id=caller.user_id, owner_id=owner, request=request
        )

    return stored(await once(shop.database, claim, work, status_code=200))


@router.post("/{order_id}/confirm", status_code=204, summary="All is well: the seller may be paid")
async def confirm(shop: Shop, caller: Caller, order_id: UUID) -> None:
    await release.confirm(shop, order_id, caller.user_id)


@router.post("/{order_id}/transitions", summary="Move an order on: couriers and the fraud team")
async def move(
    shop: Shop,
    caller: Annotated[Principal, Depends(requires("courier", "risk"))],
    order_id: UUID,
    request: TransitionRequest,
) -> MovedOrder:
    if not caller.scopes & MOVERS[request.to]:
        raise Forbidden
    order = await fulfil.move_order(
        shop, order_id, request.to, actor_id=caller.user_id, reason=request.reason, courier=request.courier
    )
    return MovedOrder(order_id=order_id, group_id=order["group_id"], status=request.to)
