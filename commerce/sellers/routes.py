"""HTTP routes of sellers for everybody and for staff: open a shop, see one, decide papers, suspend. One use case each."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from commerce.sellers import decisions, documents, people, shops
from commerce.sellers.schemas import (
    AcceptRequest,
    DecisionRequest,
    Opened,
    OpenRequest,
    PublicSeller,
    QueuePage,
    QueueRow,
    ReasonRequest,
    Requirements,
    ShopStatus,
    SubmissionDetail,
    TierRequest,
    WaiveRequest,
)
from commerce.web import Locale, Shop
from foundation.security.tokens import Principal
from foundation.web.identity import Person, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/sellers", tags=["sellers"])
Support = Annotated[Principal, Depends(requires("support", "admin"))]


@router.post("", status_code=201, summary="Open a shop; the answer carries a token with the new rights")
async def open_shop(shop: Shop, caller: Person, request: OpenRequest) -> Opened:
    return await shops.open_shop(shop, caller, request)


@router.post("/invites/accept", summary="Join a shop by invitation; the answer carries a token with the new rights")
async def accept_invite(shop: Shop, caller: Person, request: AcceptRequest) -> Opened:
    return await people.accept(shop, caller, request.token)


@router.get("/reviews", summary="Papers that wait for a person, the most urgent first")
async def review_queue(
    shop: Shop, _: Support, locale: Locale, cursor: PageCursor = None, limit: Limit = 50
) -> QueuePage:
    return await decisions.queue(shop, locale, cursor=cursor, limit=limit)


@router.get("/reviews/{submission_id}", summary="One paper, with the names to compare; reading is on record")
async def submission(shop: Shop, staff: Support, locale: Locale, submission_id: UUID) -> SubmissionDetail:
    return await decisions.detail(shop, submission_id, staff.user_id, locale)


@router.post("/reviews/{submission_id}", summary="Accept or reject a paper, with reasons")
async def decide(shop: Shop, staff: Support, locale: Locale, submission_id: UUID, request: DecisionRequest) -> QueueRow:
    return await decisions.decide(shop, submission_id, staff.user_id, request, locale)


@router.get(
    "/documents/{document_id}",
    summary="A document as it was sent; reading is on record",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}, "image/png": {}, "application/pdf": {}}}},
)
async def document(shop: Shop, staff: Support, document_id: UUID) -> Response:
    media_type, content = await documents.read_for_staff(shop, document_id, staff.user_id)
    headers = {"content-disposition": "attachment", "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


@router.get("/{seller_id}", summary="What everybody may see of a seller")
async def find(shop: Shop, seller_id: UUID) -> PublicSeller:
    return await shops.public_profile(shop, seller_id)


@router.post("/{seller_id}/suspend", summary="Stop a shop from selling")
async def suspend(shop: Shop, staff: Support, seller_id: UUID, request: ReasonRequest) -> ShopStatus:
    return await shops.step(shop, seller_id, "suspended", actor_id=staff.user_id, reason=request.reason)


@router.post("/{seller_id}/reinstate", summary="Let a suspended shop sell again")
async def reinstate(shop: Shop, staff: Support, seller_id: UUID, request: ReasonRequest) -> ShopStatus:
    return await shops.reinstate(shop, seller_id, actor_id=staff.user_id, reason=request.reason)


@router.post("/{seller_id}/reject", summary="Refuse a shop that is in review")
async def reject(shop: Shop, staff: Support, seller_id: UUID, request: ReasonRequest) -> ShopStatus:
    return await shops.step(shop, seller_id, "rejected", actor_id=staff.user_id, reason=request.reason)


@router.put("/{seller_id}/tier", summary="Move a shop to a tier")
async def set_tier(shop: Shop, staff: Support, seller_id: UUID, request: TierRequest) -> ShopStatus:
    return await shops.set_tier(shop, seller_id, request.tier, actor_id=staff.user_id, reason=request.reason)


@router.post("/{seller_id}/waivers", summary="Do without a requirement for one shop")
async def waive(shop: Shop, staff: Support, locale: Locale, seller_id: UUID, request: WaiveRequest) -> Requirements:
    return await decisions.waive(shop, seller_id, staff.user_id, request, locale)
