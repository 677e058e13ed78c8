"""The sandbox courier's application: its API, its clock, a control desk for tests (`/admin`, not behind the gateway).

Parcels move when told to, and by themselves every `sandbox_parcel_step_s` seconds. Not here: the protocol.
"""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import httpx
import structlog
from fastapi import APIRouter, Body, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from foundation.settings import Settings, load_settings
from sandbox.bkash.faults import Faults
from sandbox.courier import api
from sandbox.courier.rules import WAY, invoice_lines, next_status
from sandbox.courier.store import Store

PAUSE_S = 0.5
# Cash is paid out after so many steps of a parcel.
STEPS_TO_INVOICE = 4
WEBHOOK_PATH = "/v1/shipping/webhooks/pathao"
_log = structlog.get_logger("sandbox.courier")
admin = APIRouter(prefix="/admin", tags=["for tests and operators"])


@admin.get("/parcels")
async def parcels(request: Request) -> list[dict[str, Any]]:
    """Every parcel."""
    return _store(request).parcels()


@admin.post("/parcels/{consignment_id}/move")
async def move(
    request: Request,
    consignment_id: str,
    status: Annotated[str, Body()],
    collected_amount: Annotated[int | None, Body()] = None,
    reason: Annotated[str | None, Body()] = None,
) -> dict[str, Any]:
    """Give a parcel a status; its webhook goes out."""
    return step(request.app.state, consignment_id, status, collected_taka=collected_amount, reason=reason)


@admin.post("/invoices")
async def invoice(
    request: Request,
    mismatch: Annotated[Literal["short", "missing", "double_fee", "twice", "stranger"] | None, Body(embed=True)] = None,
) -> dict[str, Any]:
    """Pay out the cash of delivered parcels, rightly or, with `mismatch`, wrongly."""
    return make_invoice(request.app.state, mismatch)


@admin.get("/webhooks")
async def webhooks(request: Request) -> list[dict[str, Any]]:
    """Every webhook that was made."""
    return _store(request).webhooks()


@admin.put("/faults")
async def set_faults(request: Request, script: dict[str, Any]) -> dict[str, Any]:
    """Replace the fault script; {} ends all faults."""
    _store(request).set_faults(script)
    request.app.state.faults = Faults(script)
    return script


def step(
    state: Any, consignment_id: str, status: str, *, collected_taka: int | None = None, reason: str | None = None
) -> dict[str, Any]:
    """Move one parcel and queue its webhook; the parcel afterwards."""
    store: Store = state.store
    parcel = store.parcel(consignment_id)
    if parcel is None or status not in WAY:
        return {}
    if status == "Delivered" and collected_taka is None:
        collected_taka = parcel["collect_taka"]
    store.move(consignment_id, status, collected_taka=collected_taka, now_ms=api.now_ms())
    moved = store.parcel(consignment_id) or {}
    api.tell(state, moved, **({"reason": reason} if reason else {}))
    return moved


def make_invoice(state: Any, mismatch: str | None = None) -> dict[str, Any]:
    """Invoice over what was delivered or returned since the last; empty when there is nothing."""
    store: Store = state.store
    ended = store.to_invoice()
    if not ended:
        return {}
    lines = invoice_lines(ended, mismatch)
    collected = sum(line["collected_amount"] for line in lines)
    fees = sum(line["delivery_fee"] + line["cod_fee"] for line in lines)
    now = api.now_ms()
    document = {
        "invoice_id": f"PI{secrets.token_hex(6).upper()}", "created_ms": now, "paid_at": api.stamp(now), "lines": lines,
        "collected_amount": collected, "fees": fees, "paid_amount": collected - fees,
    }  # fmt: skip
    store.add_invoice(document, [parcel["consignment_id"] for parcel in ended], now)
    for parcel in ended:
        body = {"event": "order.paid", "consignment_id": parcel["consignment_id"], "store_id": state.settings.pathao_store_id,
                "merchant_order_id": parcel["merchant_order_id"], "invoice_id": document["invoice_id"],
                "updated_at": api.stamp(now), "timestamp": api.stamp(now).replace(" ", "T") + "+06:00"}  # fmt: skip
        store.queue_webhook(body, now)
    return document


async def send_webhooks(state: Any, client: httpx.AsyncClient) -> int:
    """Send what is due; how many were taken."""
    store: Store = state.store
    sent = 0
    for row in store.due_webhooks(api.now_ms()):
        headers = {"content-type": "application/json", "x-pathao-signature": state.settings.pathao_webhook_secret}
        try:
            answer = await client.post(state.webhook_url, content=row["body"], headers=headers)
            is_sent = answer.status_code == 202
        except httpx.HTTPError:
            is_sent = False
        store.note_webhook(row["id"], is_sent=is_sent, now_ms=api.now_ms())
        sent += is_sent
    return sent


async def _live(state: Any) -> None:
    """Webhooks go out; parcels move by themselves."""
    step_ms = int(state.settings.sandbox_parcel_step_s * 1000)
    dice = random.Random(state.settings.market_seed)  # noqa: S311 - a pace, not a secret
    last_invoice = api.now_ms()
    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        while True:
            try:
                if step_ms:
                    _move_due(state, api.now_ms() - int(step_ms * dice.uniform(0.5, 1.5)))
                    if api.now_ms() - last_invoice > STEPS_TO_INVOICE * step_ms:
                        make_invoice(state)
                        last_invoice = api.now_ms()
                await send_webhooks(state, client)
            except Exception as error:
                _log.error("the courier's clock stumbled", exc_info=error)
            await asyncio.sleep(PAUSE_S)


def _move_due(state: Any, before_ms: int) -> None:
    for parcel in state.store.due_parcels(before_ms):
        following = next_status(parcel)
        if following:
            step(state, parcel["consignment_id"], following)


async def _unauthorised(_: Request, __: Exception) -> Response:
    return JSONResponse({"message": "Unauthenticated.", "type": "error", "code": 401}, 401)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; opens its books when it starts."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.folder("sandbox") / "pathao.sqlite")
        app.state.faults = Faults(app.state.store.faults())
        clock = asyncio.create_task(_live(app.state))
        yield
        clock.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await clock
        app.state.store.close()

    app = FastAPI(title="Pathao sandbox", lifespan=lifespan)
    app.state.settings = settings
    app.state.tokens, app.state.refresh = {}, set()
    app.state.webhook_url = f"{settings.gateway}{WEBHOOK_PATH}"
    app.add_exception_handler(api.NotAuthorised, _unauthorised)
    app.include_router(api.router)
    app.include_router(admin)
    return app
