"""HTTP routes of payouts: finance proposes and decides, sellers see what they got and where it went."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from commerce.payouts import reads, use_cases
from commerce.payouts.schemas import (
    Batch,
    BatchPage,
    BatchState,
    DecisionRequest,
    ItemState,
    PayoutAccountState,
    PayoutPage,
    ProposalRequest,
    SkippedPage,
)
from commerce.web import OnceOnly, OwnSeller, Shop, stored
from foundation.database import Connection
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/payouts", tags=["payouts"])
seller_router = APIRouter(prefix="/v1/seller", tags=["payouts"])
Finance = Annotated[Principal, Depends(requires("finance"))]
BatchFilter = Annotated[BatchState | None, Query(alias="state")]
ItemFilter = Annotated[ItemState | None, Query(alias="state")]


@router.post(
    "/batches", status_code=201, response_model=Batch, summary="Propose payouts, once per key; nothing moves yet"
)
async def propose(shop: Shop, finance: Finance, claim: OnceOnly, request: ProposalRequest) -> Response:
    async def work(connection: Connection) -> Batch:
        return await use_cases.propose(shop, connection, finance.user_id, request)

    return stored(await once(shop.database, claim, work))


@router.get("/batches", summary="Batches of payouts, newest first")
async def list_batches(
    shop: Shop, _: Finance, state: BatchFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> BatchPage:
    return await reads.list_batches(shop, state=state, limit=limit, cursor=cursor)


@router.get("/batches/{batch_id}", summary="A batch with its sums")
async def find_batch(shop: Shop, _: Finance, batch_id: UUID) -> Batch:
    async with shop.database.connection() as connection:
        return await use_cases.find(connection, batch_id)


@router.get("/batches/{batch_id}/items", summary="Payouts of a batch")
async def list_items(
    shop: Shop, _: Finance, batch_id: UUID, state: ItemFilter = None, limit: Limit = 50, cursor: PageCursor = None
) -> PayoutPage:
    return await reads.list_items(shop, batch_id=batch_id, state=state, limit=limit, cursor=cursor)


@router.get("/batches/{batch_id}/skipped", summary="Sellers who get nothing in a batch, and why")
async def list_skipped(
    shop: Shop, _: Finance, batch_id: UUID, limit: Limit = 50, cursor: PageCursor = None
) -> SkippedPage:
    return await reads.list_skipped(shop, batch_id, limit=limit, cursor=cursor)


@router.post(
    "/batches/{batch_id}/approve", response_model=Batch, summary="A second person approves: money will be sent"
)
async def approve(shop: Shop, finance: Finance, claim: OnceOnly, batch_id: UUID, request: DecisionRequest) -> Response:
    async def work(connection: Connection) -> Batch:
        return await use_cases.decide(shop, connection, finance.user_id, batch_id, is_approved=True, note=request.note)

    return stored(await once(shop.database, claim, work, status_code=200))


@router.post("/batches/{batch_id}/reject", response_model=Batch, summary="Drop a proposal; nothing moves")
async def reject(shop: Shop, finance: Finance, claim: OnceOnly, batch_id: UUID, request: DecisionRequest) -> Response:
    async def work(connection: Connection) -> Batch:
        return await use_cases.decide(shop, connection, finance.user_id, batch_id, is_approved=False, note=request.note)

    return stored(await once(shop.database, claim, work, status_code=200))


@seller_router.get("/payouts", summary="What the seller was sent, newest first")
async def own_payouts(
    shop: Shop, seller_id: OwnSeller, state: ItemFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> PayoutPage:
    return await reads.list_items(shop, seller_id=seller_id, state=state, limit=limit, cursor=cursor)


@seller_router.get("/payout-account", summary="Where the seller's money goes, and what is owed now")
async def own_account(shop: Shop, seller_id: OwnSeller) -> PayoutAccountState:
    return await reads.account_state(shop, seller_id)
