"""HTTP routes of one's own shop: profile, holiday, papers, people, scorecard. One use case each.

The shop is always the caller's (`OwnSeller`); what concerns people and papers is for its owners.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Path, UploadFile

from commerce.sellers import documents, people, scorecard, shops, verification
from commerce.sellers.schemas import (
    DocumentRow,
    HolidayRequest,
    Invite,
    InvitePage,
    InviteRequest,
    MemberPage,
    OwnShop,
    ProfileChange,
    Requirements,
    RoleRequest,
    Scorecard,
    ShopStatus,
    Submission,
    SubmissionRequest,
)
from commerce.web import Locale, OwnSeller, Shop
from foundation.errors import Forbidden
from foundation.web.identity import Caller, Person
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/seller", tags=["own shop"])
UPLOADS = frozenset({"/v1/seller/documents"})
RequirementName = Annotated[str, Path(pattern=r"^[a-z_]{2,40}$")]


async def _owned(shop: Shop, seller_id: OwnSeller, caller: Caller) -> UUID:
    if not caller.may("sell.manage"):
        raise Forbidden
    await people.check_owner(shop, seller_id, caller.user_id)
    return seller_id


#: The shop that the caller owns.
Owned = Annotated[UUID, Depends(_owned)]


@router.get("", summary="The caller's shop")
async def find(shop: Shop, seller_id: OwnSeller) -> OwnShop:
    return await shops.own_profile(shop, seller_id)


@router.patch("", summary="Change the shop's profile; only what is given changes")
async def change(shop: Shop, seller_id: Owned, change: ProfileChange) -> OwnShop:
    return await shops.change_profile(shop, seller_id, change)


@router.put("/holiday", summary="Stop selling until an instant, or end the holiday")
async def set_holiday(shop: Shop, seller_id: OwnSeller, request: HolidayRequest) -> ShopStatus:
    return await shops.set_holiday(shop, seller_id, request.until)


@router.get("/requirements", summary="What the shop must show, and how far it is")
async def requirements(shop: Shop, seller_id: OwnSeller, locale: Locale) -> Requirements:
    return await verification.requirements(shop, seller_id, locale)


@router.post("/requirements/{requirement}", status_code=201, summary="Show something; checked at once")
async def submit(
    shop: Shop,
    seller_id: Owned,
    caller: Person,
    locale: Locale,
    requirement: RequirementName,
    request: SubmissionRequest,
) -> Submission:
    case = verification.Case(seller_id, caller.user_id, requirement, request)
    return await verification.submit(shop, case, locale)


@router.post("/documents", status_code=201, summary="Send a scan: JPEG, PNG or PDF, at most 5 MiB")
async def add_document(
    shop: Shop, seller_id: Owned, caller: Person, file: Annotated[UploadFile, File()]
) -> DocumentRow:
    content = await file.read(documents.LARGEST + 1)
    return await documents.add(shop, seller_id, caller.user_id, content)


@router.post("/review", summary="Everything is shown: open the shop, or have it looked at")
async def ask_for_review(shop: Shop, seller_id: Owned, caller: Person) -> ShopStatus:
    return await verification.ask_for_review(shop, seller_id, caller.user_id)


@router.post("/reopen", summary="Try again after a refusal")
async def reopen(shop: Shop, seller_id: Owned, caller: Person) -> ShopStatus:
    return await shops.reopen(shop, seller_id, actor_id=caller.user_id)


@router.post("/close", summary="Close the shop for good")
async def close(shop: Shop, seller_id: Owned, caller: Person) -> ShopStatus:
    return await shops.step(shop, seller_id, "closed", actor_id=caller.user_id, reason="closed by its owner")


@router.get("/scorecard", summary="How the shop kept its word in the last 30 and 90 days")
async def scores(shop: Shop, seller_id: OwnSeller) -> Scorecard:
    return await scorecard.scorecard(shop, seller_id)


@router.get("/staff", summary="Who works for the shop")
async def list_staff(shop: Shop, seller_id: OwnSeller, cursor: PageCursor = None, limit: Limit = 50) -> MemberPage:
    return await people.members(shop, seller_id, cursor=cursor, limit=limit)


@router.put("/staff/{user_id}", status_code=204, summary="Give somebody another role")
async def change_role(shop: Shop, seller_id: Owned, caller: Person, user_id: UUID, request: RoleRequest) -> None:
    await people.change_role(shop, seller_id, caller.user_id, user_id, request.role)


@router.delete("/staff/{user_id}", status_code=204, summary="Somebody works here no more")
async def remove_staff(shop: Shop, seller_id: Owned, caller: Person, user_id: UUID) -> None:
    await people.remove(shop, seller_id, caller.user_id, user_id)


@router.post("/leave", status_code=204, summary="The caller works here no more")
async def leave(shop: Shop, seller_id: OwnSeller, caller: Person) -> None:
    await people.remove(shop, seller_id, caller.user_id, caller.user_id)


@router.get("/invites", summary="Open invitations")
async def list_invites(shop: Shop, seller_id: Owned, cursor: PageCursor = None, limit: Limit = 50) -> InvitePage:
    return await people.invites(shop, seller_id, cursor=cursor, limit=limit)


@router.post("/invites", status_code=201, summary="Invite somebody by phone or e-mail")
async def invite(shop: Shop, seller_id: Owned, caller: Person, request: InviteRequest) -> Invite:
    return await people.invite(shop, seller_id, caller.user_id, request)


@router.delete("/invites/{invite_id}", status_code=204, summary="Take an invitation back")
async def revoke_invite(shop: Shop, seller_id: Owned, invite_id: UUID) -> None:
    await people.revoke_invite(shop, seller_id, invite_id)
