"""The merchant API "aladdin" under `/aladdin/api/v1`: token, stores, order, price, info, invoices. Not here: the clock.

Answers are wrapped as {message, type, code, data}; a bad request is 422 with `errors` by field. The invoice list is ours:
the real merchant reads it in the panel.
"""

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from foundation.clock import DHAKA, system_clock
from foundation.settings import Settings
from sandbox.bkash.faults import Faults, misbehave
from sandbox.courier.rules import COD_PERCENT, FEE_TAKA, WAY, ends_as
from sandbox.courier.store import Store

BASE = "/aladdin/api/v1"
TOKEN_S = 432_000
CITIES = {1: "Dhaka", 2: "Chattogram", 3: "Sylhet", 4: "Rajshahi", 5: "Khulna"}
DEAR_KG_TAKA = 25
router = APIRouter(prefix=BASE, tags=["merchant API"])
Body = dict[str, Any]


class NotAuthorised(Exception):
    """Bad or expired token."""


def now_ms() -> int:
    """Unix milliseconds."""
    return int(system_clock().timestamp() * 1000)


def wrap(data: object, *, message: str = "Done", code: int = 200) -> Response:
    """A success in the courier's form."""
    return JSONResponse({"message": message, "type": "success", "code": code, "data": data}, code)


def refuse(errors: dict[str, list[str]], *, code: int = 422) -> Response:
    """A failure in the courier's form."""
    text = "Please fix the given errors"
    return JSONResponse({"message": text, "type": "error", "code": code, "errors": errors}, code)


async def authorised(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    """A bearer token of ours that has not ended, or 401."""
    tokens: dict[str, float] = request.app.state.tokens
    if tokens.get(authorization.removeprefix("Bearer "), 0) < time.monotonic():
        raise NotAuthorised


Authorised = Depends(authorised)


@router.post("/issue-token")
async def issue_token(request: Request, body: Body) -> Response:
    """An access token for five days, for a password or a refresh token."""
    settings: Settings = request.app.state.settings
    client = (body.get("client_id"), body.get("client_secret"))
    person = (body.get("username"), body.get("password"))
    refreshes = body.get("grant_type") == "refresh_token" and body.get("refresh_token") in request.app.state.refresh
    known = client == (settings.pathao_client_id, settings.pathao_client_secret)
    if not known or not (refreshes or person == (settings.pathao_username, settings.pathao_password)):
        return refuse({"client": ["The credentials are not valid"]}, code=401)
    token, again = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
    request.app.state.tokens[token] = time.monotonic() + TOKEN_S
    request.app.state.refresh.add(again)
    return JSONResponse({"token_type": "Bearer", "expires_in": TOKEN_S, "access_token": token, "refresh_token": again})


@router.get("/city-list", dependencies=[Authorised])
async def cities() -> Response:
    """Cities it delivers to."""
    return wrap({"data": [{"city_id": number, "city_name": name} for number, name in CITIES.items()]})


@router.get("/stores", dependencies=[Authorised])
async def stores(request: Request) -> Response:
    """Where it picks parcels up."""
    number = request.app.state.settings.pathao_store_id
    store = {"store_id": number, "store_name": "GetIt Tejgaon", "store_address": "Tejgaon, Dhaka", "is_active": 1,
             "city_id": 1, "zone_id": 1, "hub_id": 1, "is_default_store": True, "is_default_return_store": True}  # fmt: skip
    return wrap({"data": [store], "total": 1, "current_page": 1, "per_page": 1000, "last_page": 1})


@router.post("/orders", dependencies=[Authorised])
async def create_order(request: Request, body: Body) -> Response:
    """Book a parcel. There is no idempotency here: asked twice, it makes two."""
    fault = _faults(request).draw("orders")
    if fault is not None and not fault.startswith("act"):
        return await misbehave(fault, request)
    errors = _problems(body)
    if errors:
        return refuse(errors)
    reference = str(body.get("merchant_order_id", ""))
    parcel = _store(request).add_parcel(
        reference=reference, collect_taka=int(body["amount_to_collect"]), fee_taka=_fee(body),
        ends_as=ends_as(reference, str(body["recipient_phone"])), day=f"{system_clock().astimezone(DHAKA):%d%m%y}", now_ms=now_ms(),
    )  # fmt: skip
    tell(request.app.state, parcel)
    if fault is not None:
        return await misbehave(fault, request)
    return wrap({
        "consignment_id": parcel["consignment_id"], "merchant_order_id": reference, "order_status": "Pending",
        "delivery_fee": parcel["delivery_fee_taka"],
    }, message="Order Created Successfully")  # fmt: skip


def _problems(body: Body) -> dict[str, list[str]]:
    """What is wrong with an order, by field."""
    errors: dict[str, list[str]] = {}
    for name, least, most in (("recipient_name", 3, 100), ("recipient_phone", 11, 11), ("recipient_address", 10, 220)):
        if not least <= len(str(body.get(name, ""))) <= most:
            errors[name] = [f"The {name.replace('_', ' ')} must have {least} to {most} characters."]
    if body.get("delivery_type") not in {48, 12}:
        errors["delivery_type"] = ["The delivery type is invalid."]
    if body.get("item_type") not in {1, 2}:
        errors["item_type"] = ["The item type is invalid."]
    if not isinstance(body.get("amount_to_collect"), int) or body["amount_to_collect"] < 0:
        errors["amount_to_collect"] = ["The amount to collect must be whole taka."]
    if not 0.5 <= float(body.get("item_weight") or 0) <= 10:
        errors["item_weight"] = ["The item weight must be between 0.5 and 10."]
    return errors


def _fee(body: Body) -> int:
    """Delivery fee in whole taka: by started kilogram after the first."""
    extra = max(0.0, float(body["item_weight"]) - 1)
    return FEE_TAKA + DEAR_KG_TAKA * int(extra + 0.999)


@router.get("/orders/{consignment_id}/info", dependencies=[Authorised])
async def order_info(request: Request, consignment_id: str) -> Response:
    """Where a parcel is."""
    fault = _faults(request).draw("info")
    if fault is not None:
        return await misbehave(fault, request)
    parcel = _store(request).parcel(consignment_id)
    if parcel is None:
        return refuse({"consignment_id": ["No such consignment."]}, code=404)
    status = parcel["status"]
    return wrap({
        "consignment_id": consignment_id, "merchant_order_id": parcel["merchant_order_id"], "order_status": status.replace("_", " "),
        "order_status_slug": status, "updated_at": stamp(parcel["updated_ms"]), "invoice_id": parcel["invoice_id"],
        "collected_amount": parcel["collected_taka"],
    })  # fmt: skip


@router.post("/merchant/price-plan", dependencies=[Authorised])
async def price_plan(body: Body) -> Response:
    """What a parcel would cost."""
    if not 0.5 <= float(body.get("item_weight") or 0) <= 10:
        return refuse({"item_weight": ["The item weight must be between 0.5 and 10."]})
    price = _fee(body)
    return wrap({"price": price, "discount": 0, "promo_discount": 0, "plan_id": 69, "cod_enabled": 1,
                 "cod_percentage": COD_PERCENT / 100, "additional_charge": 0, "final_price": price})  # fmt: skip


@router.get("/merchant/invoices", dependencies=[Authorised])
async def invoices(request: Request, after: int = 0) -> Response:
    """Cash paid out to the merchant, invoice by invoice; `after` is `created_ms` of the last one read."""
    return wrap({"data": _store(request).invoices(after)})


def stamp(milliseconds: int) -> str:
    """Local time as the courier prints it."""
    return f"{_local(milliseconds):%Y-%m-%d %H:%M:%S}"


def _local(milliseconds: int) -> datetime:
    return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)).astimezone(DHAKA)


def tell(state: Any, parcel: dict[str, Any], **more: object) -> None:
    """Queue the webhook of a parcel's present status."""
    store: Store = state.store
    body = {
        "event": WAY[parcel["status"]][0], "consignment_id": parcel["consignment_id"],
        "merchant_order_id": parcel["merchant_order_id"], "store_id": state.settings.pathao_store_id,
        "updated_at": stamp(parcel["updated_ms"]), "timestamp": _local(parcel["updated_ms"]).isoformat(timespec="milliseconds"),
        **more,
    }  # fmt: skip
    if parcel["status"] in {"Pending", "Pickup_Requested"}:
        body["delivery_fee"] = parcel["delivery_fee_taka"]
    if parcel["status"] == "Delivered":
        body["collected_amount"] = parcel["collected_taka"] or 0
    store.queue_webhook(body, now_ms())


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def _faults(request: Request) -> Faults:
    faults: Faults = request.app.state.faults
    return faults
