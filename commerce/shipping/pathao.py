"""Adapter of Pathao's merchant API "aladdin". Speaks the protocol and says what happened; decides nothing.

There is no idempotency and no search by our reference: a time-out at booking is `CourierSilent`, whose outcome only a
webhook tells. There is no call that cancels. The invoice list is read in the merchant's panel form.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from commerce.shipping.ports import (
    BadSignature,
    Booking,
    CannotCancel,
    CourierRefused,
    CourierSilent,
    Parcel,
    Remittance,
    RemittedLine,
    Sighting,
)
from foundation.clock import DHAKA
from foundation.http_client import Peer, PeerUnavailable
from foundation.money import from_taka
from foundation.settings import Settings

BASE = "/aladdin/api/v1"
TOKEN_SLACK_S = 3600
SIGNATURE = "x-pathao-signature"
# A fixed public constant of the protocol: our answer to a webhook must carry it.
INTEGRATION_HEADER = "X-Pathao-Merchant-Webhook-Integration-Secret"
INTEGRATION_SECRET = "f3992ecc-59da-4cbe-a049-a13da2018d51"  # noqa: S105 - public, the same for every merchant
STATES = {
    "order.created": "booked", "order.updated": None, "order.pickup-requested": "booked", "order.assigned-for-pickup": "booked",
    "order.picked": "picked_up", "order.pickup-failed": None, "order.pickup-cancelled": "cancelled",
    "order.at-the-sorting-hub": "in_transit", "order.in-transit": "in_transit", "order.received-at-last-mile-hub": "in_transit",
    "order.assigned-for-delivery": "in_transit", "order.on-hold": None, "order.delivered": "delivered",
    "order.partial-delivery": None, "order.delivery-failed": "refused", "order.returned": "returned", "order.paid": None,
    "order.paid-return": "returned", "order.exchanged": None, "order.lost": "lost",
}  # fmt: skip
SLUGS = {
    "Pending": "booked", "Pickup_Requested": "booked", "Assigned_for_Pickup": "booked", "Picked": "picked_up",
    "At_the_Sorting_HUB": "in_transit", "In_Transit": "in_transit", "Received_at_Last_Mile_HUB": "in_transit",
    "Assigned_for_Delivery": "in_transit", "Delivered": "delivered", "Delivery_Failed": "refused", "Return": "returned",
    "Paid_Return": "returned", "Pickup_Cancelled": "cancelled", "Lost": "lost",
}  # fmt: skip


class Pathao:
    """One merchant's connection: keeps the access token, never repeats a booking."""

    name = "pathao"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._peer = Peer("pathao", settings.pathao, slots=10, threshold=20, reset_s=2.0)
        self._token: str | None = None
        self._token_until = 0.0
        self._granting = asyncio.Lock()

    async def book(self, parcel: Parcel) -> Booking:
        """See `Courier`."""
        weight = max(500, min(10_000, parcel.weight_grams))
        data = await self._call("POST", "/orders", {
            "store_id": self._settings.pathao_store_id, "merchant_order_id": parcel.reference,
            "recipient_name": parcel.recipient_name, "recipient_phone": parcel.recipient_phone,
            "recipient_address": parcel.address, "delivery_type": 48, "item_type": 2, "item_quantity": parcel.quantity,
            "item_weight": weight / 1000, "item_description": parcel.description, "amount_to_collect": parcel.collect_taka,
        })  # fmt: skip
        try:
            return Booking(str(data["consignment_id"]), from_taka(data["delivery_fee"]))
        except (KeyError, ValueError) as error:
            raise CourierSilent from error

    async def track(self, consignment_id: str) -> Sighting:
        """See `Courier`."""
        data = await self._call("GET", f"/orders/{consignment_id}/info")
        try:
            slug, updated = str(data["order_status_slug"]), str(data["updated_at"])
            collected = data.get("collected_amount")
            return Sighting(
                event_id=f"info:{consignment_id}:{slug}:{updated}", raw_event=slug, state=SLUGS.get(slug),
                consignment_id=consignment_id, reference=data.get("merchant_order_id"),
                occurred_at=datetime.fromisoformat(updated).replace(tzinfo=DHAKA),
                collected_poisha=None if collected is None else from_taka(collected),
            )  # fmt: skip
        except (KeyError, ValueError) as error:
            raise CourierSilent from error

    async def cancel(self, consignment_id: str) -> None:
        """Pathao has no call for it: the merchant rings them up."""
        raise CannotCancel(consignment_id=consignment_id)

    def verify(self, headers: Mapping[str, str]) -> None:
        """The signature header is the secret itself; compared in constant time."""
        given = headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), self._settings.pathao_webhook_secret.encode()):
            raise BadSignature

    def read_webhook(self, body: Mapping[str, Any]) -> Sighting | None:
        """An event has no id of its own: parcel, event and time together are one."""
        event, consignment = str(body.get("event", "")), str(body.get("consignment_id") or "")
        if not event.startswith("order.") or not consignment:
            return None
        told_at = str(body.get("timestamp") or body.get("updated_at") or "")
        occurred_at = datetime.fromisoformat(told_at)
        if occurred_at.tzinfo is None:
            occurred_at = occurred_at.replace(tzinfo=DHAKA)
        digest = hashlib.sha256(f"{consignment}|{event}|{told_at}".encode()).hexdigest()
        return Sighting(
            event_id=digest[:32], raw_event=event, state=STATES.get(event), consignment_id=consignment,
            reference=body.get("merchant_order_id"), occurred_at=occurred_at,
            collected_poisha=_taka(body.get("collected_amount")), delivery_fee_poisha=_taka(body.get("delivery_fee")),
            reason=str(body["reason"])[:200] if body.get("reason") else None,
        )  # fmt: skip

    async def remittances(self, after: str) -> Sequence[Remittance]:
        """See `Courier`; a position is the instant of the last invoice read, in milliseconds."""
        data = await self._call("GET", f"/merchant/invoices?after={int(after or 0)}")
        try:
            return [_remittance(document) for document in data["data"]]
        except (KeyError, TypeError, ValueError) as error:
            raise CourierSilent from error

    async def price(self, *, weight_grams: int) -> int:
        """See `Courier`."""
        body = {"store_id": self._settings.pathao_store_id, "item_type": 2, "delivery_type": 48, "recipient_city": 1,
                "recipient_zone": 1, "item_weight": max(500, min(10_000, weight_grams)) / 1000}  # fmt: skip
        data = await self._call("POST", "/merchant/price-plan", body)
        return from_taka(data["final_price"])

    async def close(self) -> None:
        """Close its connections."""
        await self._peer.close()

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        for _ in range(2):
            status, answer = await self._ask(method, path, body, {"authorization": f"Bearer {await self._grant()}"})
            if status != 401:
                return _checked(status, answer)
            # The token ended early: the request was refused before it was acted on, so it may be sent again.
            self._token = None
        raise CourierSilent

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        headers |= {"accept": "application/json", "content-type": "application/json"}
        content = None if body is None else orjson.dumps(body)
        try:
            response = await self._peer.ask(
                method, BASE + path, content=content, deadline_s=self._settings.provider_timeout_s, headers=headers
            )
            answer = orjson.loads(response.content)
        except (PeerUnavailable, orjson.JSONDecodeError) as error:
            raise CourierSilent from error
        if not isinstance(answer, dict):
            raise CourierSilent
        return response.status_code, answer

    async def _grant(self) -> str:
        async with self._granting:
            if self._token is None or time.monotonic() > self._token_until:
                settings = self._settings
                status, answer = await self._ask("POST", "/issue-token", {
                    "client_id": settings.pathao_client_id, "client_secret": settings.pathao_client_secret,
                    "grant_type": "password", "username": settings.pathao_username, "password": settings.pathao_password,
                }, {})  # fmt: skip
                if status != 200 or "access_token" not in answer:
                    raise CourierSilent
                self._token = str(answer["access_token"])
                self._token_until = time.monotonic() + max(60, int(answer.get("expires_in", 3600)) - TOKEN_SLACK_S)
            return self._token


def _checked(status: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Data of an answer that the courier says is a success; only its plain "no" is a refusal."""
    if status >= 500 or status in {408, 429}:
        raise CourierSilent
    if status >= 400 or answer.get("type") == "error":
        errors = answer.get("errors") or {}
        raise CourierRefused(
            str(answer.get("code", status)), "; ".join(f"{name}: {text}" for name, text in errors.items())
        )
    data = answer.get("data")
    if not isinstance(data, dict):
        raise CourierSilent
    return data


def _taka(amount: Any) -> int | None:
    return None if amount is None else from_taka(amount)


def _remittance(document: Mapping[str, Any]) -> Remittance:
    return Remittance(
        invoice_id=str(document["invoice_id"]),
        paid_at=datetime.fromisoformat(document["paid_at"]).replace(tzinfo=DHAKA),
        paid_poisha=from_taka(document["paid_amount"]),
        lines=tuple(
            RemittedLine(
                str(line["consignment_id"]), line.get("merchant_order_id"), from_taka(line["collected_amount"]),
                from_taka(line["delivery_fee"]), from_taka(line["cod_fee"]),
            )
            for line in document["lines"]
        ),
        position=str(document["created_ms"]),
    )  # fmt: skip
