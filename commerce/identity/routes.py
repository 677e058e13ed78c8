"""HTTP routes of identity before and at the door: register, log in, codes, tokens, staff roles. One use case each."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from commerce.identity import codes, grants, second_factor, sessions, use_cases
from commerce.identity.client import ThisClient
from commerce.identity.schemas import (
    CodeRequest,
    CodeSent,
    Grant,
    GrantPage,
    GrantRequest,
    GuestRequest,
    LoginRequest,
    RefreshRequest,
    RegisterRequest,
    SecondFactorNeeded,
    SecondFactorRequest,
    Session,
    VerifyRequest,
)
from commerce.web import Shop
from foundation.security.tokens import Principal
from foundation.web.identity import Caller, MaybeCaller, requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/auth", tags=["identity"])
Admin = Annotated[Principal, Depends(requires("admin"))]
ASKS: dict[int | str, dict[str, Any]] = {202: {"model": SecondFactorNeeded, "description": "A second factor is due."}}


def _answer(outcome: Session | SecondFactorNeeded) -> Session | Response:
    if isinstance(outcome, SecondFactorNeeded):
        return Response(outcome.model_dump_json(), status_code=202, media_type="application/json")
    return outcome


@router.post(
    "/register", status_code=201, summary="Open a shopper's account; a guest's token makes the guest that account"
)
async def register(shop: Shop, client: ThisClient, guest: MaybeCaller, request: RegisterRequest) -> Session:
    return await use_cases.register(shop, request, client, guest)


@router.post("/login", response_model=Session, responses=ASKS, summary="Log in with phone or e-mail")
async def log_in(shop: Shop, client: ThisClient, request: LoginRequest) -> Any:
    return _answer(await use_cases.log_in(shop, request, client))


@router.post("/guest", status_code=201, summary="Shop without an account")
async def enter_as_guest(shop: Shop, client: ThisClient, request: GuestRequest) -> Session:
    return await use_cases.enter_as_guest(shop, request, client)


@router.post("/codes", status_code=202, summary="Send a one-time code to a phone")
async def request_code(shop: Shop, client: ThisClient, request: CodeRequest) -> CodeSent:
    return await codes.request_code(shop, request, client)


@router.post(
    "/codes/{challenge_id}/verify", response_model=Session, responses=ASKS, summary="Log in or register by phone code"
)
async def verify_code(
    shop: Shop, client: ThisClient, caller: MaybeCaller, challenge_id: UUID, request: VerifyRequest
) -> Any:
    return _answer(await codes.verify(shop, challenge_id, request, client, caller))


@router.post("/second-factor", summary="Answer with the second factor")
async def answer_second_factor(shop: Shop, client: ThisClient, request: SecondFactorRequest) -> Session:
    return await second_factor.answer(shop, request, client)


@router.post("/refresh", summary="New tokens for a refresh token, which serves once")
async def refresh(shop: Shop, client: ThisClient, request: RefreshRequest) -> Session:
    return await sessions.refresh(shop, request.refresh_token, client)


@router.post("/logout", status_code=204, summary="End this session")
async def log_out(shop: Shop, caller: Caller) -> None:
    await sessions.log_out(shop, caller.user_id, caller.session_id)


@router.post("/logout-all", status_code=204, summary="End every session of the caller")
async def log_out_everywhere(shop: Shop, caller: Caller) -> None:
    async with shop.database.transaction() as connection:
        await sessions.revoke_all(shop, connection, caller.user_id)


@router.get("/accounts/{user_id}/roles", summary="Roles of an account")
async def list_roles(shop: Shop, _: Admin, user_id: UUID, cursor: PageCursor = None, limit: Limit = 50) -> GrantPage:
    return await grants.page(shop, user_id, cursor=cursor, limit=limit)


@router.post("/accounts/{user_id}/roles", status_code=201, summary="Give a staff role")
async def grant_role(shop: Shop, admin: Admin, user_id: UUID, request: GrantRequest) -> Grant:
    return await grants.grant_staff(shop, admin.user_id, user_id, request)


@router.delete("/accounts/{user_id}/roles/{role}", status_code=204, summary="Take a staff role back")
async def revoke_role(
    shop: Shop, admin: Admin, user_id: UUID, role: Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")]
) -> None:
    await grants.revoke_staff(shop, admin.user_id, user_id, role)
