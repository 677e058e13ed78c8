"""Events of returns, version 1: return.requested, return.approved, …, dispute.opened, …, dispute.overdue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.outbox import NewEvent


def case_moved(kind: str, case: Mapping[str, Any], state: str, *, at: datetime, worth_poisha: int = 0) -> NewEvent:
    """A return or a dispute has a new state."""
    return NewEvent(
        topic=kind,
        aggregate_id=case["id"],
        event_type=f"{kind}.{state}",
        payload={
            f"{kind}_id": str(case["id"]),
            "order_id": str(case["order_id"]),
            "buyer_id": str(case["buyer_id"]),
            "seller_id": str(case["seller_id"]),
            "worth_poisha": worth_poisha,
            "occurred_at": at.isoformat(),
        },
    )
