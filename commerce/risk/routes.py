"""HTTP routes of risk: labels in, decisions out. For the fraud team and the partners that report disputes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query

from commerce.risk import use_cases
from commerce.risk.schemas import KeptDecision, KeptDecisions, LabelAnswer, LabelRequest
from commerce.web import Shop
from foundation.security.tokens import Principal
from foundation.web.identity import requires
from foundation.web.pages import Limit

router = APIRouter(prefix="/v1/risk", tags=["risk"])
Analyst = Annotated[Principal, Depends(requires("risk"))]


@router.post("/labels", status_code=201, summary="Say what an order turned out to be")
async def add_label(shop: Shop, _: Analyst, request: LabelRequest) -> LabelAnswer:
    async with shop.database.transaction() as connection:
        is_new = await use_cases.add_label(
            connection, request.group_id, is_fraud=request.is_fraud, origin=request.origin,
            occurred_at=request.occurred_at, known_at=shop.clock(),
        )  # fmt: skip
    return LabelAnswer(group_id=request.group_id, is_new=is_new)


@router.get("/decisions", summary="Latest decisions")
async def list_decisions(
    shop: Shop,
    _: Analyst,
    action: Annotated[Literal["allow", "review", "decline"] | None, Query()] = None,
    limit: Limit = 50,
) -> KeptDecisions:
    async with shop.database.connection() as connection:
        rows = await use_cases.list_decisions(connection, action=action, limit=limit)
    return KeptDecisions(items=[KeptDecision(**row) for row in rows])
