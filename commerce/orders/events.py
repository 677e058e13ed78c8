"""Events of orders, version 1. Built from rows and results here so that every writer sends the same shape."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from foundation.outbox import NewEvent


def order_moved(order: Mapping[str, Any], to_status: str, *, at: datetime, reason: str | None) -> NewEvent:
    """order.shipped | order.delivered | order.refused | order.cancelled | order.released, from a locked order row."""
    event_type = {"placed": "order.released"}.get(to_status, f"order.{to_status}")
    return NewEvent(
        topic="order",
        aggregate_id=order["id"],
        event_type=event_type,
        payload={
            "order_id": str(order["id"]),
            "group_id": str(order["group_id"]),
            "buyer_id": str(order["buyer_id"]),
            "seller_id": str(order["seller_id"]),
            "payment_method": order["payment_method"],
            "district_code": order["district_code"],
            "device_index": order["device_index"],
            "phone_index": order["phone_index"],
            "total_poisha": order["total_poisha"],
            "occurred_at": at.isoformat(),
            "reason": reason,
        },
    )


def line_cancelled(
    order: Mapping[str, Any], line_no: int, *, quantity: int, worth_poisha: int, at: datetime
) -> NewEvent:
    """order.line_cancelled: a part of an order will not be sent."""
    return NewEvent(
        topic="order",
        aggregate_id=order["id"],
        event_type="order.line_cancelled",
        payload={
            "order_id": str(order["id"]),
            "group_id": str(order["group_id"]),
            "buyer_id": str(order["buyer_id"]),
            "seller_id": str(order["seller_id"]),
            "line_no": line_no,
            "quantity": quantity,
            "worth_poisha": worth_poisha,
            "occurred_at": at.isoformat(),
        },
    )


def escrow_released(order: Mapping[str, Any], by: str, *, total_poisha: int, at: datetime) -> NewEvent:
    """order.released_to_seller: the money of a delivered order is the seller's."""
    return NewEvent(
        topic="order",
        aggregate_id=order["id"],
        event_type="order.released_to_seller",
        payload={
            "order_id": str(order["id"]),
            "seller_id": str(order["seller_id"]),
            "by": by,
            "total_poisha": total_poisha,
            "occurred_at": at.isoformat(),
        },
    )
