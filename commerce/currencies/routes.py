"""HTTP routes of currencies: what can be shown, the rates of each, their import by finance."""

from typing import Annotated

from fastapi import APIRouter, Depends, File, UploadFile

from commerce.currencies import use_cases
from commerce.currencies.rules import Currency
from commerce.currencies.schemas import Currencies, Imported, RatePage
from commerce.web import Shop
from foundation.security.tokens import Principal
from foundation.web.identity import requires
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/currencies", tags=["currencies"])


@router.get("", summary="Currencies in which prices can be shown, with today's rates; taka are charged")
async def list_currencies(shop: Shop) -> Currencies:
    return await use_cases.currencies(shop)


@router.get("/{currency}/rates", summary="Rates of a currency, newest first")
async def list_rates(shop: Shop, currency: Currency, limit: Limit = 50, cursor: PageCursor = None) -> RatePage:
    return await use_cases.history(shop, currency, limit=limit, cursor=cursor)


@router.post("/rates", status_code=201, summary="Add rates from a CSV file; a rate that stands is never changed")
async def import_rates(
    shop: Shop, finance: Annotated[Principal, Depends(requires("finance"))], file: Annotated[UploadFile, File()]
) -> Imported:
    return await use_cases.import_rates(shop, finance.user_id, await file.read())
