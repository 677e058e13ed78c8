"""HTTP routes of inventory: stock of an offer, goods received. For planners and warehouse staff."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response

from commerce.inventory import use_cases
from commerce.inventory.schemas import HubLevel, Levels, ReceiptRequest, StockRow
from commerce.web import Shop
from foundation.security.tokens import Principal
from foundation.web.idempotency import Claim, StoredAnswer, claim_key, store_answer
from foundation.web.identity import requires

router = APIRouter(prefix="/v1/inventory", tags=["inventory"])
Planner = Annotated[Principal, Depends(requires("inventory"))]


@router.get("/offers/{offer_id}", summary="Stock of an offer by hub")
async def levels(shop: Shop, _: Planner, offer_id: UUID) -> Levels:
    async with shop.database.connection() as connection:
        rows = await use_cases.levels(connection, offer_id)
    return Levels(items=[HubLevel.model_validate(row) for row in rows])


@router.post(
    "/offers/{offer_id}/receipts", status_code=201, response_model=StockRow, summary="Goods received, once per key"
)
async def receive(
    shop: Shop,
    planner: Planner,
    request: Request,
    offer_id: UUID,
    receipt: ReceiptRequest,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Response:
    route = f"POST /v1/inventory/offers/{offer_id}/receipts"
    body = await request.body()
    claim = Claim.of(principal_id=str(planner.user_id), key=idempotency_key, route=route, body=body)
    async with shop.database.transaction() as connection:
        answer = await claim_key(connection, claim)
        if answer is None:
            row = await use_cases.receive(connection, offer_id, receipt.hub_id, receipt.quantity)
            answer = StoredAnswer(201, StockRow(**row).model_dump_json().encode())
            await store_answer(connection, claim, answer)
    return Response(answer.body, status_code=answer.status_code, media_type="application/json")
