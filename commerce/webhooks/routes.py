"""HTTP routes of sellers' webhooks. The endpoint in a path is always the caller's own shop's. Not here: delivering."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from commerce.web import OwnSeller, Shop
from commerce.webhooks import use_cases
from commerce.webhooks.schemas import (
    Deliveries,
    Endpoint,
    EndpointChange,
    EndpointRequest,
    Endpoints,
    Queued,
    ReplayRequest,
    Secret,
)
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/seller/webhooks", tags=["webhooks"])


@router.post("", status_code=201, summary="Add an endpoint; its secret is shown this once")
async def add(shop: Shop, seller_id: OwnSeller, caller: Caller, request: EndpointRequest) -> Secret:
    return await use_cases.add_endpoint(shop, seller_id, caller.user_id, request)


@router.get("", summary="The shop's endpoints, newest first")
async def endpoints(shop: Shop, seller_id: OwnSeller, limit: Limit = 20, cursor: PageCursor = None) -> Endpoints:
    return await use_cases.list_endpoints(shop, seller_id, limit=limit, cursor=cursor)


@router.patch("/{endpoint_id}", summary="Change an endpoint, or turn it on or off")
async def change(
    shop: Shop, seller_id: OwnSeller, caller: Caller, endpoint_id: UUID, request: EndpointChange
) -> Endpoint:
    return await use_cases.change_endpoint(shop, seller_id, caller.user_id, endpoint_id, request)


@router.delete("/{endpoint_id}", status_code=204, summary="Turn an endpoint off; its history stays")
async def turn_off(shop: Shop, seller_id: OwnSeller, caller: Caller, endpoint_id: UUID) -> None:
    off = EndpointChange(state="disabled")
    await use_cases.change_endpoint(shop, seller_id, caller.user_id, endpoint_id, off)


@router.post("/{endpoint_id}/secret", status_code=201, summary="A new secret; the old one signs beside it for a day")
async def rotate(shop: Shop, seller_id: OwnSeller, caller: Caller, endpoint_id: UUID) -> Secret:
    return await use_cases.rotate(shop, seller_id, caller.user_id, endpoint_id)


@router.post("/{endpoint_id}/test", status_code=202, summary="Send a test event")
async def test(shop: Shop, seller_id: OwnSeller, endpoint_id: UUID) -> Queued:
    return await use_cases.send_test(shop, seller_id, endpoint_id)


@router.get("/{endpoint_id}/deliveries", summary="Deliveries with their tries, newest first")
async def deliveries(
    shop: Shop,
    seller_id: OwnSeller,
    endpoint_id: UUID,
    state: Annotated[Literal["pending", "delivered", "failed"] | None, Query()] = None,
    limit: Limit = 20,
    cursor: PageCursor = None,
) -> Deliveries:
    return await use_cases.list_deliveries(shop, seller_id, endpoint_id, state=state, limit=limit, cursor=cursor)


@router.post("/{endpoint_id}/replay", status_code=202, summary="Deliver again: one delivery, or all since an instant")
async def replay(shop: Shop, seller_id: OwnSeller, endpoint_id: UUID, request: ReplayRequest) -> Queued:
    return await use_cases.replay(shop, seller_id, endpoint_id, request)
