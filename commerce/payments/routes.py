"""HTTP routes of payments: parse, call one use case, answer. Browsers come here on their way to and from the provider."""

from html import escape
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from commerce.payments import prepaid, reads, refunds
from commerce.payments.schemas import AttemptAnswer, DestinationRequest, RefundPage, RefundRow
from commerce.web import Locale, OnceOnly, Shop, stored
from foundation.database import Connection
from foundation.i18n import taka, translate
from foundation.web.idempotency import once
from foundation.web.identity import Caller
from foundation.web.pages import Limit, PageCursor

router = APIRouter(prefix="/v1/payments", tags=["payments"])
HEADLINES = {
    "captured": "Paid. Thank you: your order is on its way.",
    "declined": "Not paid. Nothing was taken; you can order again.",
    "unknown": "We are confirming the payment. Do not pay twice.",
    "submitted": "We are confirming the payment. Do not pay twice.",
    "created": "The payment is still open.",
}


@router.get("/bkash/callback", response_class=HTMLResponse, summary="Where bKash sends the buyer's browser back")
async def bkash_callback(
    shop: Shop,
    locale: Locale,
    payment_id: Annotated[str, Query(alias="paymentID", max_length=64)],
    status: Literal["success", "failure", "cancel"],
) -> HTMLResponse:
    attempt = await prepaid.on_callback(shop, payment_id, status)
    headline = escape(translate(HEADLINES[attempt["state"]], locale))
    amount = escape(taka(attempt["amount_poisha"], locale, with_poisha=True))
    page = (
        f'<!doctype html><html lang="{locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>GetIt</title><main data-state="{attempt["state"]}" data-group="{attempt["group_id"]}">'
        f"<h1>{headline}</h1><p>{escape(str(attempt['number']))} · {amount}</p></main></html>"
    )
    return HTMLResponse(page)


@router.get("/{attempt_id}/redirect", status_code=303, summary="To the provider's page for this payment")
async def redirect(shop: Shop, attempt_id: UUID) -> RedirectResponse:
    return RedirectResponse(await prepaid.open_page(shop, attempt_id), status_code=303)


@router.get("/refunds", summary="The caller's refunds, newest first")
async def list_refunds(shop: Shop, caller: Caller, limit: Limit = 20, cursor: PageCursor = None) -> RefundPage:
    return await reads.refunds_of(shop, caller.user_id, limit=limit, cursor=cursor)


@router.post(
    "/refunds/{refund_id}/destination", response_model=RefundRow, summary="Send a failed refund to another wallet"
)
async def redirect_refund(
    shop: Shop, caller: Caller, claim: OnceOnly, refund_id: UUID, request: DestinationRequest
) -> Response:
    async def work(connection: Connection) -> RefundRow:
        return await refunds.redirect(shop, connection, caller.user_id, refund_id, request.wallet)

    return stored(await once(shop.database, claim, work, status_code=200))


@router.get("/{attempt_id}", summary="State of a payment of the caller")
async def find(shop: Shop, caller: Caller, attempt_id: UUID) -> AttemptAnswer:
    return await reads.find_attempt(shop, attempt_id, buyer_id=caller.user_id)
