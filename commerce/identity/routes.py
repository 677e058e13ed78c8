"""HTTP routes of identity: parse, call one use case, answer."""

from typing import Any

from fastapi import APIRouter

from commerce.identity import use_cases
from commerce.identity.schemas import Account, LoginRequest, RegisterRequest, Session
from commerce.web import Shop
from foundation.web.identity import Caller

router = APIRouter(prefix="/v1", tags=["identity"])


@router.post("/auth/register", status_code=201, summary="Open a shopper's account")
async def register(shop: Shop, request: RegisterRequest) -> Session:
    return await use_cases.register(shop, request)


@router.post("/auth/login", summary="Log in with phone or e-mail")
async def log_in(shop: Shop, request: LoginRequest) -> Session:
    return await use_cases.log_in(shop, request)


@router.get("/me", response_model=Account, summary="The caller's account")
async def me(shop: Shop, caller: Caller) -> dict[str, Any]:
    return await use_cases.account(shop, caller.user_id)
