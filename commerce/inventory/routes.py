"""HTTP routes of inventory: stock, hubs, movements, transfers, purchase orders. For planners and for sellers' own goods."""

from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from commerce.inventory import purchasing, reads, stock_keeping, use_cases
from commerce.inventory.schemas import (
    HubLevel,
    HubOpened,
    HubRequest,
    Hubs,
    Levels,
    Movements,
    PurchaseAction,
    PurchaseOrder,
    PurchaseOrderRequest,
    PurchaseOrders,
    ReceiptRequest,
    ReceivedLines,
    Shelf,
    Transfer,
    TransferEnd,
    TransferRequest,
    Transfers,
    WatchRequest,
    WriteOffRequest,
)
from commerce.web import OnceOnly, OwnSeller, Shop, stored
from foundation.database import Connection
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/inventory", tags=["inventory"])
seller_router = APIRouter(prefix="/v1/seller/stock", tags=["inventory"])
Planner = Annotated[Principal, Depends(requires("inventory"))]
Storing = Annotated[Principal, Depends(requires("inventory", "sell"))]


@router.get("/hubs", summary="Every warehouse")
async def hubs(shop: Shop, _: Storing) -> Hubs:
    return await reads.hubs(shop)


@router.post("/hubs", status_code=201, response_model=HubOpened, summary="Open a warehouse, once per key")
async def add_hub(shop: Shop, planner: Planner, claim: OnceOnly, request: HubRequest) -> Response:
    async def work(connection: Connection) -> HubOpened:
        return HubOpened(hub_id=await stock_keeping.add_hub(connection, planner.user_id, request))

    return stored(await once(shop.database, claim, work))


@router.get("/offers/{offer_id}", summary="Stock of an offer by hub")
async def levels(shop: Shop, _: Planner, offer_id: UUID) -> Levels:
    async with shop.database.connection() as connection:
        rows = await use_cases.levels(connection, offer_id)
    return Levels(items=[HubLevel.model_validate(row) for row in rows])


@router.get("/offers/{offer_id}/movements", summary="What happened to the stock of an offer, newest first")
async def movements(shop: Shop, _: Planner, offer_id: UUID, limit: Limit = 50, cursor: PageCursor = None) -> Movements:
    return await reads.movements(shop, offer_id, limit=limit, cursor=cursor)


@router.post(
    "/offers/{offer_id}/receipts", status_code=201, response_model=Shelf, summary="Goods received, once per key"
)
async def receive(shop: Shop, _: Planner, claim: OnceOnly, offer_id: UUID, receipt: ReceiptRequest) -> Response:
    async def work(connection: Connection) -> Shelf:
        return Shelf(**await use_cases.receive(connection, offer_id, receipt.hub_id, receipt.quantity))

    return stored(await once(shop.database, claim, work))


@router.post("/offers/{offer_id}/write-offs", status_code=201, response_model=Shelf, summary="Goods lost, once per key")
async def write_off(
    shop: Shop, planner: Planner, claim: OnceOnly, offer_id: UUID, request: WriteOffRequest
) -> Response:
    work = partial(stock_keeping.write_off, actor_id=planner.user_id, offer_id=offer_id, request=request)
    return stored(await once(shop.database, claim, work))


@router.put("/offers/{offer_id}/watch", status_code=204, summary="Tell when an offer runs low")
async def watch(shop: Shop, _: Planner, offer_id: UUID, request: WatchRequest) -> None:
    async with shop.database.transaction() as connection:
        await stock_keeping.watch(connection, offer_id, request.threshold)


@router.get("/transfers", summary="Goods on their way between hubs, newest first")
async def transfers(
    shop: Shop,
    _: Planner,
    state: Annotated[Literal["sent", "received", "returned"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Transfers:
    return await reads.transfers(shop, state=state, limit=limit, cursor=cursor)


@router.post("/transfers", status_code=201, response_model=Transfer, summary="Send goods to another hub, once per key")
async def send_transfer(shop: Shop, _: Planner, claim: OnceOnly, request: TransferRequest) -> Response:
    work = partial(stock_keeping.send_transfer, shop, request=request)
    return stored(await once(shop.database, claim, work))


@router.post("/transfers/{transfer_id}/end", summary="The goods have arrived, or have come back")
async def end_transfer(shop: Shop, _: Planner, transfer_id: UUID, request: TransferEnd) -> Transfer:
    async with shop.database.transaction() as connection:
        return await stock_keeping.end_transfer(shop, connection, transfer_id, request.state)


@router.get("/purchase-orders", summary="Purchase orders, newest first")
async def purchase_orders(
    shop: Shop,
    _: Planner,
    seller_id: UUID | None = None,
    state: Annotated[str | None, Query(max_length=20)] = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> PurchaseOrders:
    return await reads.purchase_orders(shop, seller_id=seller_id, state=state, limit=limit, cursor=cursor)


@router.post(
    "/purchase-orders", status_code=201, response_model=PurchaseOrder, summary="Write a purchase order, once per key"
)
async def draft(shop: Shop, planner: Planner, claim: OnceOnly, request: PurchaseOrderRequest) -> Response:
    work = partial(purchasing.draft, actor_id=planner.user_id, request=request)
    return stored(await once(shop.database, claim, work))


@router.get("/purchase-orders/{order_id}", summary="One purchase order")
async def purchase_order(shop: Shop, _: Planner, order_id: UUID) -> PurchaseOrder:
    async with shop.database.connection() as connection:
        return await purchasing.find(connection, order_id)


@router.post("/purchase-orders/{order_id}/actions", summary="Approve, send or cancel a purchase order")
async def act(shop: Shop, planner: Planner, order_id: UUID, request: PurchaseAction) -> PurchaseOrder:
    async with shop.database.transaction() as connection:
        return await purchasing.act(connection, planner.user_id, order_id, request.action)


@router.post(
    "/purchase-orders/{order_id}/receipts", status_code=201, response_model=PurchaseOrder,
    summary="Goods of a purchase order have come, once per key",
)  # fmt: skip
async def receive_goods(
    shop: Shop, planner: Planner, claim: OnceOnly, order_id: UUID, received: ReceivedLines
) -> Response:
    work = partial(purchasing.receive_goods, actor_id=planner.user_id, order_id=order_id, received=received)
    return stored(await once(shop.database, claim, work))


@seller_router.get("/{offer_id}", summary="Stock of the seller's own offer by hub")
async def own_levels(shop: Shop, seller_id: OwnSeller, offer_id: UUID) -> Levels:
    return await reads.own_levels(shop, seller_id, offer_id)


@seller_router.post(
    "/{offer_id}/receipts",
    status_code=201,
    response_model=Shelf,
    summary="The seller's own goods received, once per key",
)
async def own_receipt(
    shop: Shop, seller_id: OwnSeller, claim: OnceOnly, offer_id: UUID, receipt: ReceiptRequest
) -> Response:
    async def work(connection: Connection) -> Shelf:
        await reads.check_own(connection, seller_id, offer_id)
        return Shelf(**await use_cases.receive(connection, offer_id, receipt.hub_id, receipt.quantity))

    return stored(await once(shop.database, claim, work))


@seller_router.post(
    "/{offer_id}/write-offs", status_code=201, response_model=Shelf, summary="The seller's own goods lost, once per key"
)
async def own_write_off(
    shop: Shop, seller_id: OwnSeller, caller: Caller, claim: OnceOnly, offer_id: UUID, request: WriteOffRequest
) -> Response:
    async def work(connection: Connection) -> Shelf:
        await reads.check_own(connection, seller_id, offer_id)
        return await stock_keeping.write_off(connection, caller.user_id, offer_id, request)

    return stored(await once(shop.database, claim, work))


@seller_router.put("/{offer_id}/watch", status_code=204, summary="Tell the seller when an own offer runs low")
async def own_watch(shop: Shop, seller_id: OwnSeller, offer_id: UUID, request: WatchRequest) -> None:
    async with shop.database.transaction() as connection:
        await reads.check_own(connection, seller_id, offer_id)
        await stock_keeping.watch(connection, offer_id, request.threshold)
