"""HTTP routes of the ledger: a seller's statement; for finance, balances, reserves and the escrow law."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from commerce.ledger import escrow, statements, use_cases
from commerce.ledger.schemas import AccountBalance, Balances, EscrowViolations, ReservePolicy, Statement
from commerce.web import OwnSeller, Shop
from foundation.security.tokens import Principal
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/ledger", tags=["ledger"])
seller_router = APIRouter(prefix="/v1/seller", tags=["ledger"])
Finance = Annotated[Principal, Depends(requires("finance"))]


SHEET: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


@seller_router.get(
    "/statement", response_model=Statement, responses=SHEET, summary="What the seller earned and was paid, day by day"
)
async def statement(
    shop: Shop,
    seller_id: OwnSeller,
    from_on: Annotated[date, Query()],
    to_on: Annotated[date, Query()],
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Statement | Response:
    if form == "csv":
        text = await statements.statement_csv(shop, seller_id, from_on=from_on, to_on=to_on)
        return Response(text, media_type="text/csv; charset=utf-8")
    return await statements.statement(shop, seller_id, from_on=from_on, to_on=to_on, limit=limit, cursor=cursor)


@router.get("/balances", summary="Balance of every kind of account")
async def balances(shop: Shop, _: Finance) -> Balances:
    async with shop.database.connection() as connection:
        rows = await use_cases.balances(connection)
    return Balances(items=[AccountBalance(kind=kind, balance_poisha=amount) for kind, amount in rows.items()])


@router.get("/escrow-law", summary="Orders whose escrow does not add up; none should be")
async def escrow_law(
    shop: Shop, _: Finance, since: Annotated[datetime | None, Query()] = None, limit: Limit = 100
) -> EscrowViolations:
    async with shop.database.connection() as connection:
        return await escrow.violations(connection, since=since or shop.clock() - timedelta(days=90), limit=limit)


@router.put("/sellers/{seller_id}/reserve", summary="Hold back a share of a seller's orders")
async def set_reserve(shop: Shop, finance: Finance, seller_id: UUID, policy: ReservePolicy) -> ReservePolicy:
    async with shop.database.transaction() as connection:
        return await escrow.set_policy(shop, connection, finance.user_id, seller_id=seller_id, policy=policy)
