"""Sandbox messengers: an SMS gateway in the manner of Bangladeshi HTTP gateways, an e-mail API, a push service like FCM.

Start alone: `uvicorn sandbox.messages.app:create_app --factory`. `/admin` (what was taken, fault script) is not behind the
gateway. Fault calls: "sms", "email", "push". A push token that starts with "gone-" belongs to a removed app.
Not here: who is written to.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, FastAPI, Header, Request
from fastapi.responses import JSONResponse, Response

from foundation.clock import system_clock
from foundation.settings import Settings, load_settings
from sandbox.bkash.faults import Faults, misbehave
from sandbox.messages.store import Duplicate, Store

MSISDN = re.compile(r"8801[3-9]\d{8}")
router = APIRouter(tags=["messengers"])
admin = APIRouter(prefix="/admin", tags=["for tests and operators"])
Body = dict[str, Any]


def _take(request: Request, channel: str, recipient: str, text: tuple[str, str], reference: str) -> tuple[str, bool]:
    """Keep a message; its id and whether it is new."""
    store: Store = request.app.state.store
    message_id = uuid4().hex
    title, body = text
    now_ms = int(system_clock().timestamp() * 1000)
    row = {"id": message_id, "channel": channel, "recipient": recipient, "title": title, "body": body,
           "reference": reference, "taken_ms": now_ms}  # fmt: skip
    try:
        store.take(row)
    except Duplicate:
        return str((store.find(channel, reference) or {}).get("id")), False
    return message_id, True


def _fault(request: Request, channel: str) -> str | None:
    faults: Faults = request.app.state.faults
    return faults.draw(channel)


def _is_known(request: Request, authorization: str, key: str) -> bool:
    settings: Settings = request.app.state.settings
    return authorization == f"Bearer {getattr(settings, key)}"


def _refused_sms(code: int, reason: str) -> Response:
    # As the gateways do: HTTP 200, the failure in the body.
    return JSONResponse({"status": "FAILED", "status_code": code, "error_message": reason, "smsinfo": []})


@router.post("/sms/api/v3/send-sms")
async def send_sms(request: Request, body: Body) -> Response:
    """One text; `csms_id` is the sender's own reference and may be used once."""
    settings: Settings = request.app.state.settings
    fault = _fault(request, "sms")
    if fault and fault.startswith("fail_"):
        return await misbehave(fault, request)
    if body.get("api_token") != settings.sms_api_token or body.get("sid") != settings.sms_sender:
        return _refused_sms(4001, "Unauthorized")
    if not MSISDN.fullmatch(str(body.get("msisdn"))) or not body.get("sms"):
        return _refused_sms(4003, "Invalid MSISDN or empty message")
    text, reference = str(body["sms"]), str(body.get("csms_id"))
    message_id, is_new = _take(request, "sms", str(body["msisdn"]), ("", text), reference)
    if fault:
        return await misbehave(fault, request)
    if not is_new:
        return _refused_sms(4011, "Duplicate csms_id")
    info = {"sms_status": "SUCCESS", "status_message": "Success", "msisdn": body["msisdn"], "sms_body": text,
            "sms_type": "EN" if text.isascii() else "BN", "csms_id": reference, "reference_id": message_id}  # fmt: skip
    return JSONResponse({"status": "SUCCESS", "status_code": 200, "error_message": "", "smsinfo": [info]})


@router.post("/sms/api/v3/sms-status")
async def sms_status(request: Request, body: Body) -> Response:
    """What became of a text."""
    settings: Settings = request.app.state.settings
    if body.get("api_token") != settings.sms_api_token:
        return _refused_sms(4001, "Unauthorized")
    store: Store = request.app.state.store
    row = store.find("sms", str(body.get("csms_id")))
    if row is None:
        return _refused_sms(4004, "No such csms_id")
    info = {"sms_status": "SUCCESS", "csms_id": row["reference"], "reference_id": row["id"]}
    return JSONResponse({"status": "SUCCESS", "status_code": 200, "error_message": "", "smsinfo": [info]})


@router.post("/email/v1/messages")
async def send_email(request: Request, body: Body, authorization: Annotated[str, Header()] = "") -> Response:
    """One e-mail; a repeated `reference` is answered like the first."""
    fault = _fault(request, "email")
    if fault and fault.startswith("fail_"):
        return await misbehave(fault, request)
    if not _is_known(request, authorization, "email_api_key"):
        return JSONResponse({"error": "unauthorized"}, 401)
    if "@" not in str(body.get("to")):
        return JSONResponse({"error": "invalid recipient"}, 422)
    text = (str(body.get("subject")), str(body.get("text")))
    message_id, _ = _take(request, "email", str(body["to"]), text, str(body.get("reference")))
    return await misbehave(fault, request) if fault else JSONResponse({"id": message_id}, 202)


@router.get("/email/v1/messages")
async def find_email(request: Request, reference: str, authorization: Annotated[str, Header()] = "") -> Response:
    """What was taken under a reference."""
    if not _is_known(request, authorization, "email_api_key"):
        return JSONResponse({"error": "unauthorized"}, 401)
    store: Store = request.app.state.store
    row = store.find("email", reference)
    return JSONResponse({"items": [{"id": row["id"], "status": "sent"}] if row else []})


@router.post("/push/v1/projects/{project}/messages:send")
async def send_push(
    request: Request, project: str, body: Body, authorization: Annotated[str, Header()] = ""
) -> Response:
    """One push message to one device; there is no way to ask what became of it."""
    fault = _fault(request, "push")
    if fault and fault.startswith("fail_"):
        return await misbehave(fault, request)
    if not _is_known(request, authorization, "push_api_key"):
        return JSONResponse({"error": {"code": 401, "status": "UNAUTHENTICATED"}}, 401)
    message: Body = body.get("message", {})
    if str(message.get("token", "")).startswith("gone-"):
        details = [{"errorCode": "UNREGISTERED"}]
        return JSONResponse({"error": {"code": 404, "status": "NOT_FOUND", "details": details}}, 404)
    shown: Body = message.get("notification", {})
    text = (str(shown.get("title")), str(shown.get("body")))
    message_id, _ = _take(request, "push", str(message.get("token")), text, uuid4().hex)
    name = {"name": f"projects/{project}/messages/{message_id}"}
    return await misbehave(fault, request) if fault else JSONResponse(name)


@admin.get("/messages")
async def messages(request: Request) -> list[dict[str, Any]]:
    """Everything taken."""
    store: Store = request.app.state.store
    return store.messages()


@admin.put("/faults")
async def set_faults(request: Request, script: Body) -> Body:
    """Replace the fault script; {} ends all faults."""
    store: Store = request.app.state.store
    store.set_faults(script)
    request.app.state.faults = Faults(script)
    return script


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; opens its books when it starts."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store(settings.folder("sandbox") / "messages.sqlite")
        app.state.faults = Faults(app.state.store.faults())
        yield
        app.state.store.close()

    app = FastAPI(title="Messengers sandbox", lifespan=lifespan)
    app.state.settings = settings
    app.include_router(router)
    app.include_router(admin)
    return app
