"""Events of payments, version 1: payment.captured, payment.declined, payment.unknown, refund.completed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.outbox import NewEvent


def attempt_resolved(
    attempt: Mapping[str, Any], state: str, *, at: datetime, payer_index: str | None, reason: str | None
) -> NewEvent:
    """Event of an attempt's new state."""
    return NewEvent(
        topic="payment",
        aggregate_id=attempt["id"],
        event_type=f"payment.{state}",
        payload={
            "attempt_id": str(attempt["id"]),
            "group_id": str(attempt["group_id"]),
            "buyer_id": str(attempt["buyer_id"]),
            "provider": attempt["provider"],
            "amount_poisha": attempt["amount_poisha"],
            "payer_index": payer_index or attempt["payer_index"],
            "device_index": attempt["device_index"],
            "occurred_at": at.isoformat(),
            "reason": reason,
        },
    )


def refund_completed(refund: Mapping[str, Any], provider_refund_id: str, *, at: datetime) -> NewEvent:
    """The buyer has the money of an order back."""
    return NewEvent(
        topic="refund",
        aggregate_id=refund["id"],
        event_type="refund.completed",
        payload={
            "refund_id": str(refund["id"]),
            "attempt_id": str(refund["attempt_id"]),
            "order_id": str(refund["order_id"]),
            "amount_poisha": refund["amount_poisha"],
            "provider_refund_id": provider_refund_id,
            "occurred_at": at.isoformat(),
        },
    )
