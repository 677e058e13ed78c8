"""Events of payouts, version 1: payout.paid, payout.failed, payout.returned."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.outbox import NewEvent


def item_moved(item: Mapping[str, Any], state: str, *, at: datetime, failure: str | None = None) -> NewEvent:
    """A payout has come to an end, or came back after it."""
    return NewEvent(
        topic="payout",
        aggregate_id=item["id"],
        event_type=f"payout.{state}",
        payload={
            "payout_id": str(item["id"]),
            "seller_id": str(item["seller_id"]),
            "amount_poisha": item["amount_poisha"],
            "failure": failure,
            "occurred_at": at.isoformat(),
        },
    )
