"""The customer's page: wallet number, code, PIN; works in a browser and by plain form posts. Not here: the API."""

from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from foundation.bangladesh.phones import normalise_phone
from foundation.money import to_taka
from sandbox.bkash.store import Store

# Public in bKash's own sandbox.
OTP, PIN = "123456", "12121"
# Made-up wallets that behave badly.
LOW_BALANCE, LOCKED = "8801770000001", "8801770000003"

router = APIRouter(prefix="/bkash/pay", tags=["customer page"])
STEPS = {
    "wallet": ("Your bKash account number", "tel"),
    "otp": ("Verification code", "text"),
    "pin": ("PIN", "password"),
}


def _page(payment: dict[str, Any], step: str, error: str = "") -> HTMLResponse:
    label, kind = STEPS[step]
    body = f"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>bKash (sandbox)</title><style>body{{font:16px sans-serif;max-width:22rem;margin:3rem auto;padding:0 1rem}}
header{{background:#e2136e;color:#fff;padding:1rem}}input,button{{font:inherit;width:100%;padding:.6rem;margin:.4rem 0}}
.error{{color:#b00020}}</style><header>bKash sandbox<br><strong>৳{to_taka(payment["amount_poisha"])}</strong>
· {escape(payment["invoice"])}</header><p class="error">{escape(error)}</p>
<form method="post"><input type="hidden" name="step" value="{step}"><label>{label}
<input name="value" type="{kind}" autocomplete="off" autofocus required></label><button name="action" value="next">Confirm</button>
<button name="action" value="cancel" formnovalidate>Cancel</button></form></html>"""
    return HTMLResponse(body, 400 if error else 200)


def _back(payment: dict[str, Any], status: str) -> RedirectResponse:
    query = urlencode({"paymentID": payment["payment_id"], "status": status})
    glue = "&" if "?" in payment["callback_url"] else "?"
    return RedirectResponse(f"{payment['callback_url']}{glue}{query}", 303)


@router.get("/{payment_id}")
async def show(request: Request, payment_id: str) -> Response:
    """First step of the page."""
    payment = _store(request).find(payment_id)
    if payment is None:
        return HTMLResponse("<h1>No such payment</h1>", 404)
    if payment["status"] != "Initiated":
        return _back(payment, "success" if payment["status"] == "Completed" else "failure")
    return _page(payment, "wallet")


@router.post("/{payment_id}")
async def advance(
    request: Request,
    payment_id: str,
    step: Annotated[str, Form()],
    action: Annotated[str, Form()] = "next",
    value: Annotated[str, Form()] = "",
) -> Response:
    """One step of the page: wallet, then code, then PIN; then back to the shop."""
    store = _store(request)
    payment = store.find(payment_id)
    if payment is None:
        return HTMLResponse("<h1>No such payment</h1>", 404)
    if action == "cancel":
        store.cancel(payment_id)
        return _back(payment, "cancel")
    return _STEPS[step](store, payment, value) if step in _STEPS else _page(payment, "wallet", "Start again.")


def _wallet(store: Store, payment: dict[str, Any], value: str) -> Response:
    wallet = normalise_phone(value)
    if wallet is None:
        return _page(payment, "wallet", "This is not a bKash account number.")
    store.set_wallet(payment["payment_id"], wallet)
    return _page(payment, "otp")


def _otp(store: Store, payment: dict[str, Any], value: str) -> Response:
    del store
    return _page(payment, "pin") if value == OTP else _page(payment, "otp", "The verification code is wrong.")


def _pin(store: Store, payment: dict[str, Any], value: str) -> Response:
    if payment["wallet"] == LOCKED:
        return _back(payment, "failure")
    if payment["wallet"] is None or value != PIN:
        return _page(payment, "pin", "The PIN is wrong.")
    store.verify(payment["payment_id"])
    return _back(payment, "success")


_STEPS = {"wallet": _wallet, "otp": _otp, "pin": _pin}


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store
