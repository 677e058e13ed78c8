"""Events of shipping, version 1: shipment.booked, shipment.delivered, …, order.promise_breached, remittance.imported."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation.outbox import NewEvent


def shipment_moved(shipment: Mapping[str, Any], state: str, *, at: datetime) -> NewEvent:
    """A parcel has a new state."""
    return NewEvent(
        topic="shipment",
        aggregate_id=shipment["id"],
        event_type=f"shipment.{state}",
        payload={
            "shipment_id": str(shipment["id"]),
            "order_id": str(shipment["order_id"]),
            "seller_id": str(shipment["seller_id"]),
            "courier": shipment["courier"],
            "state": state,
            "occurred_at": at.isoformat(),
        },
    )


def promise_breached(clock: Mapping[str, Any]) -> NewEvent:
    """An order was not handed over, or not delivered, by the promised instant."""
    return NewEvent(
        topic="order",
        aggregate_id=clock["order_id"],
        event_type="order.promise_breached",
        payload={
            "order_id": str(clock["order_id"]),
            "kind": clock["kind"],
            "due_at": clock["due_at"].isoformat(),
            "is_legal": clock["is_legal"],
        },
    )


def remittance_imported(remittance_id: UUID, courier: str, *, paid_poisha: int, breaks: int) -> NewEvent:
    """A courier has paid cash out."""
    return NewEvent(
        topic="remittance",
        aggregate_id=remittance_id,
        event_type="remittance.imported",
        payload={
            "remittance_id": str(remittance_id), "courier": courier, "paid_poisha": paid_poisha, "breaks": breaks,
        },
    )  # fmt: skip
