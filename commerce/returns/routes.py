"""HTTP routes of returns and disputes: for buyers, for sellers, for support."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from commerce.returns import disputes, reads, use_cases
from commerce.returns.schemas import (
    AnswerRequest,
    DecisionRequest,
    DisputeAnswer,
    DisputeDetail,
    DisputePage,
    DisputeRequest,
    DisputeState,
    InspectionRequest,
    PickupRequest,
    ReturnDetail,
    ReturnPage,
    ReturnRequest,
    ReturnState,
    WindowPage,
    WindowRequest,
)
from commerce.web import OnceOnly, OwnSeller, Shop, stored
from foundation.database import Connection
from foundation.security.tokens import Principal
from foundation.web.idempotency import once
from foundation.web.identity import Caller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/returns", tags=["returns"])
dispute_router = APIRouter(prefix="/v1/disputes", tags=["disputes"])
seller_router = APIRouter(prefix="/v1/seller", tags=["returns"])
Support = Annotated[Principal, Depends(requires("support"))]
Moderator = Annotated[Principal, Depends(requires("moderate"))]
ReturnFilter = Annotated[ReturnState | None, Query(alias="state")]
DisputeFilter = Annotated[DisputeState | None, Query(alias="state")]


@router.post("", status_code=201, response_model=ReturnDetail, summary="Ask to send goods back, once per key")
async def ask(shop: Shop, caller: Caller, claim: OnceOnly, request: ReturnRequest) -> Response:
    async def work(connection: Connection) -> ReturnDetail:
        return await use_cases.request(shop, connection, caller.user_id, request)

    return stored(await once(shop.database, claim, work))


@router.get("", summary="The caller's returns, newest first")
async def own_returns(
    shop: Shop, caller: Caller, state: ReturnFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> ReturnPage:
    return await reads.list_returns(shop, buyer_id=caller.user_id, state=state, limit=limit, cursor=cursor)


@router.get("/windows", summary="Categories with a return window of their own; seven days elsewhere")
async def windows(shop: Shop, limit: Limit = 50, cursor: PageCursor = None) -> WindowPage:
    return await reads.list_windows(shop, limit=limit, cursor=cursor)


@router.put("/windows", summary="Set the return window of a category")
async def set_window(shop: Shop, moderator: Moderator, window: WindowRequest) -> WindowRequest:
    async with shop.database.transaction() as connection:
        return await reads.set_window(connection, moderator.user_id, window)


@router.get("/{request_id}", summary="A return, for its buyer and support")
async def find(shop: Shop, caller: Caller, request_id: UUID) -> ReturnDetail:
    return await reads.find_return(shop, caller, request_id)


@router.post("/{request_id}/withdraw", summary="Keep the goods after all")
async def withdraw(shop: Shop, caller: Caller, request_id: UUID) -> ReturnDetail:
    async with shop.database.transaction() as connection:
        return await use_cases.withdraw(shop, connection, request_id, caller.user_id)


@seller_router.get("/returns", summary="Returns of the seller's goods, newest first")
async def seller_returns(
    shop: Shop, seller_id: OwnSeller, state: ReturnFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> ReturnPage:
    return await reads.list_returns(shop, seller_id=seller_id, state=state, limit=limit, cursor=cursor)


@seller_router.get("/returns/{request_id}", summary="A return of the seller's goods")
async def seller_return(shop: Shop, seller_id: OwnSeller, request_id: UUID) -> ReturnDetail:
    return await reads.find_own_return(shop, seller_id, request_id)


@seller_router.post("/returns/{request_id}/answer", summary="Approve or reject a return")
async def answer_return(
    shop: Shop, caller: Caller, seller_id: OwnSeller, request_id: UUID, request: AnswerRequest
) -> ReturnDetail:
    async with shop.database.transaction() as connection:
        return await use_cases.answer(
            shop, connection, request_id, seller_id=seller_id, actor_id=caller.user_id, is_approved=request.is_approved,
            note=request.note,
        )  # fmt: skip


@seller_router.post("/returns/{request_id}/pickup", summary="Somebody is sent to fetch the goods")
async def book_pickup(
    shop: Shop, caller: Caller, seller_id: OwnSeller, request_id: UUID, request: PickupRequest
) -> ReturnDetail:
    async with shop.database.transaction() as connection:
        return await use_cases.book_pickup(
            shop, connection, request_id, seller_id=seller_id, actor_id=caller.user_id, reference=request.reference
        )


@seller_router.post("/returns/{request_id}/received", summary="The goods are back")
async def received(shop: Shop, caller: Caller, seller_id: OwnSeller, request_id: UUID) -> ReturnDetail:
    async with shop.database.transaction() as connection:
        return await use_cases.receive(shop, connection, request_id, seller_id=seller_id, actor_id=caller.user_id)


@seller_router.post(
    "/returns/{request_id}/inspection",
    response_model=ReturnDetail,
    summary="What was found: refund follows, once per key",
)
async def inspect(
    shop: Shop, caller: Caller, seller_id: OwnSeller, claim: OnceOnly, request_id: UUID, request: InspectionRequest
) -> Response:
    findings = [(one.line_no, one.accepted, one.good) for one in request.findings]

    async def work(connection: Connection) -> ReturnDetail:
        return await use_cases.inspect(
            shop, connection, request_id, findings, actor_id=caller.user_id, seller_id=seller_id, note=request.note
        )

    return stored(await once(shop.database, claim, work, status_code=200))


@dispute_router.post("", status_code=201, response_model=DisputeDetail, summary="Open a dispute, once per key")
async def open_dispute(shop: Shop, caller: Caller, claim: OnceOnly, request: DisputeRequest) -> Response:
    async def work(connection: Connection) -> DisputeDetail:
        return await disputes.open_dispute(shop, connection, caller.user_id, request)

    return stored(await once(shop.database, claim, work))


@dispute_router.get("", summary="The caller's disputes; for support, everybody's")
async def list_disputes(
    shop: Shop, caller: Caller, state: DisputeFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> DisputePage:
    buyer_id = None if caller.may("support") else caller.user_id
    return await reads.list_disputes(shop, buyer_id=buyer_id, state=state, limit=limit, cursor=cursor)


@dispute_router.get("/{dispute_id}", summary="A dispute, for its buyer and support")
async def find_dispute(shop: Shop, caller: Caller, dispute_id: UUID) -> DisputeDetail:
    return await reads.find_dispute(shop, caller, dispute_id)


@dispute_router.post("/{dispute_id}/withdraw", summary="End a dispute as its buyer")
async def withdraw_dispute(shop: Shop, caller: Caller, dispute_id: UUID) -> DisputeDetail:
    async with shop.database.transaction() as connection:
        return await disputes.withdraw(shop, connection, dispute_id, caller.user_id)


@dispute_router.post(
    "/{dispute_id}/decision", response_model=DisputeDetail, summary="Support decides, once per key; money follows"
)
async def decide(shop: Shop, support: Support, claim: OnceOnly, dispute_id: UUID, request: DecisionRequest) -> Response:
    async def work(connection: Connection) -> DisputeDetail:
        return await disputes.decide(
            shop, connection, dispute_id, actor_id=support.user_id, outcome=request.outcome, note=request.note
        )

    return stored(await once(shop.database, claim, work, status_code=200))


@seller_router.get("/disputes", summary="Disputes about the seller's orders, newest first")
async def seller_disputes(
    shop: Shop, seller_id: OwnSeller, state: DisputeFilter = None, limit: Limit = 20, cursor: PageCursor = None
) -> DisputePage:
    return await reads.list_disputes(shop, seller_id=seller_id, state=state, limit=limit, cursor=cursor)


@seller_router.get("/disputes/{dispute_id}", summary="A dispute about the seller's order")
async def seller_dispute(shop: Shop, seller_id: OwnSeller, dispute_id: UUID) -> DisputeDetail:
    return await reads.find_own_dispute(shop, seller_id, dispute_id)


@seller_router.post(
    "/disputes/{dispute_id}/answer", response_model=DisputeDetail, summary="Give in, or say why not, once per key"
)
async def answer_dispute(
    shop: Shop, caller: Caller, seller_id: OwnSeller, claim: OnceOnly, dispute_id: UUID, request: DisputeAnswer
) -> Response:
    async def work(connection: Connection) -> DisputeDetail:
        return await disputes.answer(
            shop, connection, dispute_id, seller_id=seller_id, actor_id=caller.user_id, is_conceded=request.is_conceded,
            note=request.note,
        )  # fmt: skip

    return stored(await once(shop.database, claim, work, status_code=200))
