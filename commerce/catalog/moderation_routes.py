"""HTTP routes by which staff moderates the catalogue: staged changes, categories, attributes."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from commerce.catalog import attributes, changes
from commerce.catalog.seller_schemas import (
    AttributeDefinition,
    Change,
    ChangePage,
    Decline,
    MadeCategory,
    NewCategory,
)
from commerce.web import Shop
from foundation.security.tokens import Principal
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/moderation", tags=["moderation"])
Moderator = Annotated[Principal, Depends(requires("moderate", "admin"))]
Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


@router.get("/changes", summary="Staged changes of products, oldest first")
async def list_changes(
    shop: Shop,
    _: Moderator,
    state: Annotated[Literal["pending", "confirmed", "declined", "withdrawn"], Query()] = "pending",
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> ChangePage:
    return await changes.list_changes(shop, state=state, seller_id=None, limit=limit, cursor=cursor)


@router.post("/changes/{change_id}/confirm", summary="Confirm a staged change: shoppers see it")
async def confirm(shop: Shop, moderator: Moderator, change_id: UUID) -> Change:
    return await changes.decide(shop, change_id, "confirmed", actor_id=moderator.user_id)


@router.post("/changes/{change_id}/decline", summary="Decline a staged change, saying why")
async def decline(shop: Shop, moderator: Moderator, change_id: UUID, request: Decline) -> Change:
    return await changes.decide(shop, change_id, "declined", actor_id=moderator.user_id, reason=request.reason)


@router.post("/categories", status_code=201, summary="Add a category")
async def add_category(shop: Shop, moderator: Moderator, request: NewCategory) -> MadeCategory:
    return await attributes.add_category(shop, request, actor_id=moderator.user_id)


@router.put("/categories/{category_id}/attributes/{code}", status_code=204, summary="Define an attribute of a category")
async def put_attribute(
    shop: Shop, moderator: Moderator, category_id: UUID, code: Code, request: AttributeDefinition
) -> None:
    await attributes.put_attribute(shop, category_id, code, request, actor_id=moderator.user_id)


@router.delete("/categories/{category_id}/attributes/{code}", status_code=204, summary="Take an attribute away")
async def drop_attribute(shop: Shop, moderator: Moderator, category_id: UUID, code: Code) -> None:
    await attributes.drop_attribute(shop, category_id, code, actor_id=moderator.user_id)
