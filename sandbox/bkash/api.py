"""The merchant API of tokenized checkout: token, create, execute, status, search, refund v1 and v2. Not here: pages, faults.

Almost every failure is HTTP 200 with a statusCode other than "0000", as the provider does it.
"""

import secrets
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from foundation.clock import system_clock
from foundation.money import from_taka, to_taka
from foundation.settings import Settings
from sandbox.bkash.faults import Faults, misbehave
from sandbox.bkash.pages import LOW_BALANCE
from sandbox.bkash.store import Duplicate, Store

BASE = "/bkash/v1.2.0-beta"
CHECKOUT = f"{BASE}/tokenized/checkout"
DHAKA = timezone(timedelta(hours=6))
EXPIRY_MS = 24 * 3_600_000
TOKEN_S = 3600

router = APIRouter(tags=["merchant API"])
Body = dict[str, Any]


def now_ms() -> int:
    """Unix milliseconds."""
    return int(system_clock().timestamp() * 1000)


def stamp(milliseconds: int | None) -> str | None:
    """Time as bKash prints it, with a colon before the milliseconds."""
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(DHAKA)
    return f"{moment:%Y-%m-%dT%H:%M:%S}:{milliseconds % 1000:03d} GMT+0600"


def refuse(code: str, message: str) -> Response:
    """A failure in the provider's form."""
    return JSONResponse({"statusCode": code, "statusMessage": message})


def succeed(**fields: object) -> Response:
    """A success in the provider's form."""
    return JSONResponse({"statusCode": "0000", "statusMessage": "Successful", **fields})


async def authorised(
    request: Request, authorization: Annotated[str, Header()] = "", x_app_key: Annotated[str, Header()] = ""
) -> None:
    """The bare id token (no "Bearer") and the app key, or 401."""
    tokens: dict[str, float] = request.app.state.tokens
    settings: Settings = request.app.state.settings
    token = authorization.removeprefix("Bearer ")
    if tokens.get(token, 0) < time.monotonic() or x_app_key != settings.bkash_app_key:
        raise NotAuthorised


class NotAuthorised(Exception):
    """Bad or expired token."""


Authorised = Depends(authorised)


@router.post(f"{CHECKOUT}/token/grant")
async def grant(
    request: Request, body: Body, username: Annotated[str, Header()] = "", password: Annotated[str, Header()] = ""
) -> Response:
    """An id token for an hour."""
    settings: Settings = request.app.state.settings
    given = (username, password, body.get("app_key"), body.get("app_secret"))
    wanted = (settings.bkash_username, settings.bkash_password, settings.bkash_app_key, settings.bkash_app_secret)
    if given != wanted:
        return refuse("2001", "Invalid App Key")
    token = secrets.token_urlsafe(48)
    request.app.state.tokens[token] = time.monotonic() + TOKEN_S
    return succeed(id_token=token, token_type="Bearer", expires_in=TOKEN_S, refresh_token=secrets.token_urlsafe(48))  # noqa: S106


@router.post(f"{CHECKOUT}/token/refresh")
async def refresh(
    request: Request, body: Body, username: Annotated[str, Header()] = "", password: Annotated[str, Header()] = ""
) -> Response:
    """As grant: what a refresh token is worth is not published."""
    return await grant(request, body, username, password)


@router.post(f"{CHECKOUT}/create", dependencies=[Authorised])
async def create(request: Request, body: Body) -> Response:
    """Open a payment; no money moves."""
    fault = _faults(request).draw("create")
    if fault is not None and not fault.startswith("act"):
        return await misbehave(fault, request)
    if body.get("currency") != "BDT":
        return refuse("2007", "Invalid Currency")
    try:
        amount = from_taka(body.get("amount", ""))
        payment_id = _store(request).create(
            invoice=str(body["merchantInvoiceNumber"]), amount_poisha=amount, callback_url=str(body["callbackURL"]),
            payer_reference=str(body["payerReference"]), now_ms=now_ms(),
        )  # fmt: skip
    except ValueError:
        return refuse("2006", "Invalid Amount")
    except KeyError:
        return refuse("2065", "Mandatory field missing")
    except Duplicate:
        return refuse("2029", "Duplicate for All Transactions")
    if fault is not None:
        return await misbehave(fault, request)
    settings: Settings = request.app.state.settings
    page = f"{settings.gateway}/bkash/pay/{payment_id}"
    payment = _store(request).find(payment_id) or {}
    return succeed(**_shown(payment), bkashURL=page, callbackURL=body["callbackURL"])


@router.post(f"{CHECKOUT}/execute", dependencies=[Authorised])
async def execute(request: Request, body: Body) -> Response:
    """Take the authorised money, once."""
    store, fault = _store(request), _faults(request).draw("execute")
    if fault is not None and not fault.startswith("act"):
        return await misbehave(fault, request)
    payment = store.find(str(body.get("paymentID")))
    if payment is None:
        return refuse("2002", "Invalid Payment ID")
    refusal = _why_not_executable(payment)
    if refusal is not None:
        return refuse(*refusal)
    if store.execute(payment["payment_id"], now_ms()) is None:
        return refuse("2117", "Payment execution already been called before")
    if fault is not None:
        return await misbehave(fault, request)
    return succeed(**_shown(store.find(payment["payment_id"]) or {}))


def _why_not_executable(payment: dict[str, Any]) -> tuple[str, str] | None:
    if payment["status"] == "Completed":
        return "2062", "The payment has already been completed"
    if payment["status"] != "Initiated" or now_ms() - payment["created_ms"] > EXPIRY_MS:
        return "2056", "Invalid Payment State"
    if not payment["is_verified"]:
        return "2060", "The customer has not finished the payment"
    return ("2023", "Insufficient Balance") if payment["wallet"] == LOW_BALANCE else None


@router.post(f"{CHECKOUT}/payment/status", dependencies=[Authorised])
async def status(request: Request, body: Body) -> Response:
    """State of a payment."""
    fault = _faults(request).draw("query")
    if fault is not None:
        return await misbehave(fault, request)
    payment = _store(request).find(str(body.get("paymentID")))
    return refuse("2002", "Invalid Payment ID") if payment is None else succeed(**_shown(payment))


@router.post(f"{CHECKOUT}/general/searchTransaction", dependencies=[Authorised])
async def search(request: Request, body: Body) -> Response:
    """A transaction by its id."""
    payment = _store(request).find_transaction(str(body.get("trxID")))
    if payment is None:
        return refuse("2033", "Transaction not found")
    shown = _shown(payment)
    return succeed(**shown, initiationTime=stamp(payment["created_ms"]), completedTime=stamp(payment["executed_ms"]))


@router.post(f"{CHECKOUT}/payment/refund", dependencies=[Authorised])
async def refund_v1(request: Request, body: Body) -> Response:
    """Refund, first version: with amount it refunds, without it tells the last one."""
    payment = _store(request).find(str(body.get("paymentID")))
    if payment is None or payment["trx_id"] != body.get("trxID"):
        return refuse("2033", "Transaction not found")
    if "amount" not in body:
        done = _store(request).refunds(payment["payment_id"])
        return refuse("2033", "Transaction not found") if not done else succeed(**_refund_shown(payment, done[-1]))
    return _refund(request, payment, body, amount_key="amount", second_version=False)


@router.post(f"{BASE}/v2/tokenized-checkout/refund/payment/transaction", dependencies=[Authorised])
@router.post("/bkash/v2/tokenized-checkout/refund/payment/transaction", dependencies=[Authorised])
async def refund_v2(request: Request, body: Body) -> Response:
    """Refund, second version; up to what is left of the payment."""
    fault = _faults(request).draw("refund")
    if fault is not None and not fault.startswith("act"):
        return await misbehave(fault, request)
    payment = _store(request).find(str(body.get("paymentId")))
    if payment is None or payment["trx_id"] != body.get("trxId"):
        return JSONResponse({"internalCode": "not_found", "externalCode": "2077", "errorMessageEn": "Invalid trxID"})
    answer = _refund(request, payment, body, amount_key="refundAmount", second_version=True)
    return answer if fault is None else await misbehave(fault, request)


@router.post(f"{BASE}/v2/tokenized-checkout/refund/payment/status", dependencies=[Authorised])
@router.post("/bkash/v2/tokenized-checkout/refund/payment/status", dependencies=[Authorised])
async def refund_status_v2(request: Request, body: Body) -> Response:
    """Every refund of a payment."""
    payment = _store(request).find(str(body.get("paymentId")))
    if payment is None:
        return JSONResponse(
            {"internalCode": "not_found", "externalCode": "2077", "errorMessageEn": "Invalid paymentId"}
        )
    done = [
        {"refundTrxId": row["refund_id"], "refundTransactionStatus": "Completed", "sku": row["sku"],
         "refundAmount": to_taka(row["amount_poisha"]), "completedTime": stamp(row["completed_ms"])}
        for row in _store(request).refunds(payment["payment_id"])
    ]  # fmt: skip
    return JSONResponse({
        "originalTrxId": payment["trx_id"], "originalTrxAmount": to_taka(payment["amount_poisha"]),
        "originalTrxCompletedTime": stamp(payment["executed_ms"]), "refundTransactions": done,
    })  # fmt: skip


def _refund(
    request: Request, payment: dict[str, Any], body: Body, *, amount_key: str, second_version: bool
) -> Response:
    store = _store(request)
    try:
        amount = from_taka(body[amount_key])
    except (KeyError, ValueError):
        return refuse("2006", "Invalid Amount")
    left = payment["amount_poisha"] - store.refunded_poisha(payment["payment_id"])
    if payment["status"] != "Completed" or not 0 < amount <= left:
        return refuse("2026", "Refund amount is more than the original")
    refund_id = store.refund(
        payment["payment_id"], amount_poisha=amount, sku=str(body.get("sku", "")), reason=str(body.get("reason", "")),
        now_ms=now_ms(),
    )  # fmt: skip
    row: dict[str, Any] = {"refund_id": refund_id, "amount_poisha": amount, "completed_ms": now_ms()}
    if not second_version:
        return succeed(**_refund_shown(payment, row))
    return JSONResponse({
        "originalTrxId": payment["trx_id"], "refundTrxId": refund_id, "refundTransactionStatus": "Completed",
        "originalTrxAmount": to_taka(payment["amount_poisha"]), "refundAmount": to_taka(amount), "currency": "BDT",
        "completedTime": stamp(row["completed_ms"]), "sku": body.get("sku"), "reason": body.get("reason"),
    })  # fmt: skip


def _refund_shown(payment: dict[str, Any], row: dict[str, Any]) -> Body:
    return {
        "originalTrxID": payment["trx_id"], "refundTrxID": row["refund_id"], "transactionStatus": "Completed",
        "amount": to_taka(row["amount_poisha"]), "currency": "BDT", "charge": "0.00",
        "completedTime": stamp(row["completed_ms"]),
    }  # fmt: skip


def _shown(payment: dict[str, Any]) -> Body:
    verified = "Complete" if payment["is_verified"] else "Incomplete"
    return {
        "paymentID": payment["payment_id"], "mode": "0011", "payerReference": payment["payer_reference"],
        "paymentCreateTime": stamp(payment["created_ms"]), "paymentExecuteTime": stamp(payment["executed_ms"]),
        "trxID": payment["trx_id"], "transactionStatus": payment["status"], "amount": to_taka(payment["amount_poisha"]),
        "currency": "BDT", "intent": "sale", "merchantInvoice": payment["invoice"],
        "merchantInvoiceNumber": payment["invoice"], "verificationStatus": verified, "userVerificationStatus": verified,
        "customerMsisdn": payment["wallet"][2:] if payment["wallet"] else None,
    }  # fmt: skip


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _faults(request: Request) -> Faults:
    faults: Faults = request.app.state.faults
    return faults
