"""Webhooks as pure decisions: Standard Webhooks signatures, who hears of an event and what, when to try again."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

PREFIX = "whsec_"
SECRET_BYTES = 32
# Seconds after each failed try; then the delivery has failed for good (it can be replayed).
PAUSES_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
GIVE_UP_ENDPOINT_AFTER = 50
GONE = 410

EVENT_TYPES = (
    "order.placed", "order.released", "order.on_hold", "order.shipped", "order.delivered", "order.refused",
    "order.cancelled", "inventory.stock_low", "inventory.stock_recovered", "return.requested", "return.withdrawn", "return.lapsed",
    "return.refunded", "dispute.opened", "dispute.for_buyer", "dispute.for_seller",
)  # fmt: skip
TEST_EVENT = "webhook.test"
# What of an order's event a seller may know: nothing that tells who or where the buyer is, no free text.
ORDER_FIELDS = ("order_id", "group_id", "payment_method", "total_poisha", "occurred_at")
CASE_FIELDS = ("order_id", "worth_poisha", "occurred_at")
STOCK_FIELDS = ("offer_id", "available", "threshold")

STATES: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"delivered", "failed", "pending"}),
    "delivered": frozenset(),
    "failed": frozenset(),
}


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Signature of Standard Webhooks: "v1," and base64 of HMAC-SHA256 over "id.timestamp.body".

    Raises:
        ValueError: the secret is not base64 (with or without its prefix).
    """
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signed_headers(secrets: Sequence[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Headers of a delivery; one signature a secret, so that a receiver may change over in its own time."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in secrets),
        "content-type": "application/json",
        "user-agent": "GetIt-Webhooks/1",
    }


def payloads_of(event_type: str, payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each seller may know of an event: seller id → data. Stock events name no seller: the offer's owner is looked up ("")."""
    if event_type == "order.placed":
        return {
            str(order["seller_id"]): {
                "order_id": order["order_id"], "group_id": payload["group_id"], "number": payload["number"],
                "payment_method": payload["payment_method"], "total_poisha": order["total_poisha"],
                "occurred_at": payload["placed_at"],
            }
            for order in payload["orders"]
        }  # fmt: skip
    if event_type.startswith("order."):
        return {str(payload["seller_id"]): {name: payload.get(name) for name in ORDER_FIELDS}}
    subject = event_type.partition(".")[0]
    if subject in {"return", "dispute"}:
        known = {name: payload.get(name) for name in (f"{subject}_id", *CASE_FIELDS)}
        return {str(payload["seller_id"]): known}
    return {"": {name: payload.get(name) for name in STOCK_FIELDS}}


def is_success(status_code: int | None) -> bool:
    """Whether the receiver has taken a delivery. A redirect is a refusal: it is not followed."""
    return status_code is not None and 200 <= status_code < 300


def pause_s(tries: int, draw: float) -> float | None:
    """Seconds before the next try after `tries` failures, spread by a draw from [0, 1); None when it was the last."""
    if tries > len(PAUSES_S):
        return None
    return PAUSES_S[tries - 1] * (0.9 + draw * 0.2)
